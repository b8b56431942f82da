using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Tasks;

/// <summary>What became of an offer.</summary>
public enum TransferState
{
    /// <summary>Neither taken nor declined; live only while the item is open and still with who is away.</summary>
    Offered,
    Accepted,
    Declined,

    /// <summary>Overtaken: he is back, another substitute was named, or the item went its own way.</summary>
    Lapsed
}

/// <summary>
/// An open work item of somebody who is away, offered to whoever stands in for him. It moves only when that one accepts, or a supervisor does
/// for him: work that somebody has begun is not taken from him by a calendar.
/// </summary>
public sealed class TransferOffer
{
    public required Guid Id { get; init; }
    public required Guid WorkItemId { get; init; }
    public WorkItem? WorkItem { get; init; }

    /// <summary>Who is away.</summary>
    public required Guid FromId { get; init; }
    public Officer? From { get; init; }

    /// <summary>To whom it is offered; null: nobody stands in, his supervisors decide.</summary>
    public Guid? ToId { get; init; }
    public Officer? To { get; init; }

    /// <summary>Because of which absence or appointment; one of them.</summary>
    public Guid? AbsenceId { get; init; }
    public Guid? AppointmentId { get; init; }
    public required DateTimeOffset OfferedAt { get; init; }
    public TransferState State { get; set; }
    public DateTimeOffset? DecidedAt { get; set; }
    public Guid? DecidedById { get; set; }
    public string? Reason { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }
}

/// <summary>An offer as pages and API show one: case number and step, nothing of what the case is about.</summary>
/// <param name="To">Null: nobody stands in.</param>
/// <param name="AwayUntil">When who is away is back, UTC; null: a vacant post, or unknown.</param>
/// <param name="Actions">accept, decline: what the reader may do.</param>
public sealed record TransferOfferView(
    Guid Id, int Revision, Guid TaskId, string CaseNumber, string Step, string StepName, PersonView From, PersonView? To, DateTimeOffset OfferedAt,
    DateTimeOffset? DueAt, DateTimeOffset? AwayUntil, IReadOnlyList<string> Actions);

/// <summary>What accepting all did.</summary>
/// <param name="Accepted">How many tasks moved.</param>
public sealed record TransfersAccepted(int Accepted);

/// <summary>A task that somebody did, or does, in the stead of who was away.</summary>
/// <param name="State">As a task's.</param>
public sealed record TakenOverView(Guid TaskId, string CaseNumber, string Step, string StepName, PersonView By, string State);
