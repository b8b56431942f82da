using System.Text.Json.Serialization;
using System.Xml;

namespace PpidWorkflow.Engine.Activities.Human;

/// <summary>What a rung does besides telling its addressees.</summary>
public enum EscalationAction
{
    Notify,

    /// <summary>The task goes to the first of the addressees who can take it.</summary>
    Reassign,

    /// <summary>The first of the addressees who can is added: he sees the task and may do what its performer may.</summary>
    AddHelper,

    /// <summary>Besides the mail, a banner on every page of the addressees, until acknowledged or the step is done.</summary>
    Banner
}

/// <summary>What must not have happened yet for a rung to fire.</summary>
public enum RungCondition
{
    NotFinished,

    /// <summary>Silent once somebody has begun the step.</summary>
    NotStarted
}

/// <summary>
/// One rung of the ladder: at a share of the standard, after a working time, or before or after the due instant, somebody is told. Exactly one
/// of <see cref="Percent"/>, <see cref="After"/> and <see cref="FromDue"/> is set. Spans are working time unless <see cref="AnyTime"/> says
/// otherwise.
/// </summary>
public sealed record EscalationRung
{
    /// <summary>Percent of the standard (80 = at 80 %), or null.</summary>
    public int? Percent { get; init; }

    /// <summary>Working time after the clock began, or null.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>
    /// Before (negative) or after (positive) the instant at which the standard is used up, or null. After it: plain time with
    /// <see cref="AnyTime"/>.
    /// </summary>
    public TimeSpan? FromDue { get; init; }

    /// <summary>
    /// <c>assignee</c>, <c>supervisor</c>, <c>supervisor^2</c>, <c>supervisor:role:X</c>, <c>role:X</c>, <c>officer:name</c> or
    /// <c>mailbox:a@b</c> (<see cref="RungAddressee"/>); resolved when the rung fires.
    /// </summary>
    public required IReadOnlyList<string> To { get; init; }

    public EscalationAction Action { get; init; }

    /// <summary>Left out where it says the usual, so that payloads stay as small as they were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RungCondition When { get; init; }

    /// <summary>Time between repetitions, working time or with <see cref="AnyTime"/> plain time; null: fires once.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>How often the rung fires at most, the first time included.</summary>
    public int Max { get; init; } = 1;

    /// <summary>Also outside working hours: repetitions and time after the due instant are then plain time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AnyTime { get; init; }

    /// <summary>As definitions write it: <c>80%</c>, <c>PT4M</c>, <c>-PT4M</c>, <c>+PT5M</c>.</summary>
    [JsonIgnore]
    public string At => this switch
    {
        { Percent: { } percent } => $"{percent}%",
        { After: { } after } => XmlConvert.ToString(after),
        { FromDue: { } span } => (span > TimeSpan.Zero ? "+" : "") + XmlConvert.ToString(span),
        _ => ""
    };
}
