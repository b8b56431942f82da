namespace PpidWorkflow.Application.TimeStandards;

/// <summary>A banner that a rung raised on the pages of one officer; shown until he acknowledges it or the step is done.</summary>
public sealed class AlertBanner
{
    public required Guid FireRecordId { get; init; }
    public required Guid OfficerId { get; init; }
    public required Guid ClockId { get; init; }
    public StepClock? Clock { get; init; }
}

/// <summary>That an officer has taken note of an alert. Append-only; one a fire record and officer.</summary>
public sealed class AlertAcknowledgement
{
    public required Guid FireRecordId { get; init; }
    public required Guid OfficerId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
