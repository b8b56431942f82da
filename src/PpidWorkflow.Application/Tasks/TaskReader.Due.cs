using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Tasks;

/// <summary>Why an item's due instant is where it is: what its standard is counted from, what lies between, what moved it.</summary>
public sealed partial class TaskReader
{
    /// <summary>
    /// How far closed time is told, from the instant on from which a standard is counted: a standard of years, or one that is due at the end of
    /// time, would be told day by day.
    /// </summary>
    public static readonly TimeSpan Explained = TimeSpan.FromDays(31);

    /// <summary>How changed calendars and outages moved the due instant while the item was open, in order.</summary>
    /// <param name="events">What happened to the item's clock. 5a and 5b share one: each shows what moved while it was open.</param>
    internal static IReadOnlyList<DueMoveView> DueMoves(WorkItem item, IEnumerable<ClockEvent> events) =>
        [.. events.Where(e => e.Kind is "rederived" or "credited" && e.DueBefore != e.DueAfter
                && e.At >= item.ReceivedAt && (item.ClosedAt is not { } closed || e.At <= closed)).OrderBy(e => e.At).ThenBy(e => e.Id)
            .Select(e => new DueMoveView(e.At, e.DueBefore, e.DueAfter, e.Reason, e.ActorUserName))];

    /// <summary>From when on the standard of an open item is counted, UTC; null while nothing is due: paused, not begun, closed.</summary>
    private static DateTimeOffset? CountedFrom(WorkItem item) =>
        item is not { IsOpen: true, Clock: { DueAt: not null } clock } ? null
        : clock.MeasuredFrom == MeasuredFrom.Started ? item.ActualStartedAt ?? clock.StartedAt
        // 5b goes on with what 5a has begun; what was begun on paper is counted from the hand-over.
        : ReceivedAt(item) is var received && received < clock.ReceivedAt ? received : clock.ReceivedAt;

    /// <summary>Closed time until the due instant, of the first <see cref="Explained"/>.</summary>
    private IReadOnlyList<ClosedSpan> ClosedUntilDue(WorkItem item) =>
        CountedFrom(item) is not { } from || item.Clock!.DueAt is not { } due ? []
        : office.Current.Explain(from, due - from > Explained ? from + Explained : due);
}
