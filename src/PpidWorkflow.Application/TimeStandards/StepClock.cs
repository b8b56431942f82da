using System.Text.Json;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.TimeStandards;

public enum ClockState
{
    /// <summary>Measured from started, and nobody has.</summary>
    NotBegun,
    Running,
    Paused,
    Closed
}

/// <summary>
/// The clock of one visit of a step: budget, consumed, running since (design.md §2.5). <see cref="DueAt"/> and <see cref="NextFireAt"/> are
/// caches, rewritten in the same commit as what they derive from and compared by <c>verify</c>.
/// </summary>
public sealed class StepClock
{
    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }
    public required Guid InstanceId { get; init; }
    public required string ActivityId { get; init; }

    /// <summary>Execution of the activity and visit within it; together they name the visit.</summary>
    public required string ActivityInstanceId { get; init; }
    public required int Visit { get; init; }
    public required string StepNumber { get; init; }

    /// <summary>The standard: working time, milliseconds.</summary>
    public required long BudgetMs { get; init; }

    /// <summary>
    /// Working time charged before <see cref="RunningSince"/>, milliseconds: less what outages gave back, so below zero where they gave back
    /// time after it.
    /// </summary>
    public long ConsumedMs { get; set; }

    /// <summary>
    /// Working time that outages gave back, milliseconds; the sum of the clock's credits. Of a step measured from its start also waiting, which
    /// <see cref="ConsumedMs"/> does not know.
    /// </summary>
    public long CreditedMs { get; set; }

    /// <summary>UTC; null unless running.</summary>
    public DateTimeOffset? RunningSince { get; set; }

    public ClockState State { get; set; }
    public MeasuredFrom MeasuredFrom { get; init; }

    /// <summary>The ladder of the version, JSON.</summary>
    public required string Escalation { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When the visit's first act was begun, UTC; null: not yet. Rungs for a step not started are silent from then on.</summary>
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>Earliest instant at which consumed equals budget; null while paused or not begun.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>Next rung's instant; null: paused, closed or the ladder is exhausted. One not begun has its rungs for a step not started.</summary>
    public DateTimeOffset? NextFireAt { get; set; }

    /// <summary>Earliest rung below 100 %: from here on the step is at risk. Null while paused or not begun.</summary>
    public DateTimeOffset? AtRiskAt { get; set; }

    /// <summary>Since when it is paused, UTC; null: it is not.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>How often this pause was told of by mail.</summary>
    public int PauseReminders { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }
}

/// <summary>What happened to a clock. Append-only.</summary>
public sealed class ClockEvent
{
    public required Guid Id { get; init; }
    public required Guid ClockId { get; init; }
    public required Guid CaseId { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>When it really happened, where that was entered later (UTC); <see cref="Reason"/> says why. Null: at <see cref="At"/>.</summary>
    public DateTimeOffset? ActualAt { get; init; }

    /// <summary>received, started, paused, resumed, closed, reopened, rederived, reminded, pause-reminded, credited, backdated (to the hand-over on paper).</summary>
    public required string Kind { get; init; }
    public string? ActorUserName { get; init; }

    /// <summary>In what capacity, as printed: "Plh. Kepala Biro Umum"; null: in his own.</summary>
    public string? Capacity { get; init; }
    public string? Reason { get; init; }
    public DateTimeOffset? DueBefore { get; init; }
    public DateTimeOffset? DueAfter { get; init; }

    /// <summary>Of a credit: the outage, the stretch given back, and the working time, milliseconds; below zero: taken back.</summary>
    public Guid? OutageId { get; init; }
    public DateTimeOffset? CreditFrom { get; init; }
    public DateTimeOffset? CreditTo { get; init; }
    public long CreditMs { get; init; }
}

/// <summary>A rung that fired. Inserting it is the claim: unique by clock, rung and repetition (design.md §2.3).</summary>
public sealed class FireRecord
{
    public required Guid Id { get; init; }
    public required Guid ClockId { get; init; }
    public required Guid CaseId { get; init; }

    /// <summary>Index in the ladder, from 0.</summary>
    public required int Rung { get; init; }

    /// <summary>From 1.</summary>
    public required int Repetition { get; init; }

    /// <summary>When it was due, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>When it fired, UTC; never before <see cref="DueAt"/>.</summary>
    public required DateTimeOffset FiredAt { get; init; }

    /// <summary>Addresses told, JSON array; one outbox row each.</summary>
    public string Addressees { get; set; } = "[]";

    /// <summary>What the rung was to do besides telling.</summary>
    public EscalationAction Action { get; init; }

    /// <summary>To whom the task went, or who was added as a helper; null: nobody, because there was nothing to do or nobody who could.</summary>
    public Guid? OfficerId { get; set; }

    /// <summary>Who had the task before it was reassigned; null: nobody had claimed it.</summary>
    public Guid? FormerOfficerId { get; set; }

    /// <summary>One of its mails goes to another address, by hand.</summary>
    /// <param name="from">As it stands in <see cref="Addressees"/>; where it does not, nothing changes.</param>
    /// <param name="to">Instead.</param>
    public void Readdress(string from, string to)
    {
        var addressees = JsonSerializer.Deserialize<List<string>>(Addressees)!;
        if (addressees.IndexOf(from) is >= 0 and var at)
            addressees[at] = to;
        Addressees = JsonSerializer.Serialize(addressees);
    }
}
