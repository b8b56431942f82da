using PpidWorkflow.Application.People;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tasks;

/// <summary>What an act changes in an item: who has it, when it began, how it ended. Always within the commit in hand.</summary>
public sealed partial class TaskInbox
{
    private async Task TakeAsync(Actor actor, WorkItem item, CancellationToken cancellation)
    {
        item.AssigneeId ??= actor.Id;
        // Whoever is stood in for gets the next step of the role again once he is back. A helper takes nothing over.
        if (item.AssigneeId == actor.Id)
        {
            item.InSteadOfId ??= actor.ActingIn(item.Role)?.ForOfficerId;
            item.AppointmentId = actor.ActingIn(item.Role)?.AppointmentId;
        }
        await steps.RememberPlayerAsync(item.CaseId, item.Role, item.InSteadOfId ?? item.AssigneeId.Value, cancellation);
    }

    private async Task StartAsync(
        WorkItem item, Actor actor, DateTimeOffset now, DateTimeOffset? actual, string? reason, CancellationToken cancellation)
    {
        if (actual is { } at)
            await credits.PartAsync(item.Clock!, at, actor.UserName, now, cancellation);
        item.StartedAt = now;
        item.ActualStartedAt = actual;
        item.ActualStartReason = actual is null ? null : reason;
        if (actual < item.ReceivedAt && item.HandedOverAt is { } handedOver)
            await clocks.BackdateAsync(item.Clock!, handedOver, actor.UserName, now, reason, cancellation);
    }

    // Outages between an actual start and its entry were waiting when they were credited, and are of the standard now.
    private async Task BeginAsync(
        StepClock clock, Actor actor, DateTimeOffset now, DateTimeOffset? actual, string? reason, CancellationToken cancellation)
    {
        var waited = clock.State == ClockState.NotBegun;
        await clocks.BeginAsync(clock, actor.UserName, now, actual, reason, cancellation);
        if (waited && actual is { } at)
            await credits.BeginAsync(clock, at, actor.UserName, now, cancellation);
    }

    private async Task CloseAsync(
        WorkItem item, Actor actor, WorkItemClosure closure, DateTimeOffset now, CancellationToken cancellation, DateTimeOffset? actual = null,
        string? reason = null)
    {
        var counted = actual ?? now;
        if (item.StartedAt is null)
        {
            await StartAsync(item, actor, now, actual, reason, cancellation);
            if (item.Clock!.State == ClockState.NotBegun)
                await BeginAsync(item.Clock, actor, now, actual, reason, cancellation);
            else
                await clocks.MarkStartedAsync(item.Clock, counted, cancellation);
        }
        if (actual is { } end)
            await credits.PartAsync(item.Clock!, end, actor.UserName, now, cancellation);
        var started = item.ActualStartedAt ?? item.StartedAt;
        var received = item.WaitedSince(started);
        var events = await clocks.EventsAsync(item.ClockId, cancellation);
        (item.ConsumedMs, item.DueAt) = clocks.ChargedAt(
            item.Clock!, counted, actual is null ? 0 : OutageCredits.CreditedSince(item.Clock!, events, counted));
        (item.WaitingMs, item.ProcessingMs) = clocks.Spent(received, started, counted, events);
        item.PausedMs = pauses.PausedMs(events, received, counted);
        item.Closure = closure;
        item.ClosedAt = now;
        item.ActualClosedAt = actual;
        item.ActualCloseReason = actual is null ? null : reason;
        item.ClosedById = actor.Id;
        item.Capacity = await reader.CapacityAsync(actor, item, cancellation);
        item.AppointmentId = actor.ActingIn(item.Role)?.AppointmentId;
    }

    /// <summary>Gives an open item to somebody else within the commit in hand; its clock goes on.</summary>
    /// <param name="by">Name of who gives it, as printed.</param>
    /// <param name="told">False: he takes it himself, and knows.</param>
    internal async Task MoveAsync(WorkItem item, Officer to, Officer? inSteadOf, string by, CancellationToken cancellation, bool told = true)
    {
        var former = item.AssigneeId is { } had && had != to.Id ? await directory.NameInAsync(had, item.Role, cancellation) : null;
        item.AssigneeId = to.Id;
        item.Assignee = null;
        item.InSteadOfId = inSteadOf?.Id;
        item.AppointmentId = (await directory.ActingInAsync(to.Id, item.Role, cancellation))?.Id;
        await steps.RememberPlayerAsync(item.CaseId, item.Role, inSteadOf?.Id ?? to.Id, cancellation);
        if (!told)
            return;
        mail.Given(await SlugAsync(item, cancellation), item, to, former, by, inSteadOf, await directory.TitleAsync(to.Id, item.Role, cancellation));
    }

    /// <summary>An item of an acting officer whose appointment has ended: to somebody of the post, or to all of them.</summary>
    /// <param name="former">Who acted; the mails say that his appointment is over.</param>
    /// <param name="to">Null: to all of <paramref name="told"/>, the first of whom to claim it has it.</param>
    internal async Task ReturnToPostAsync(
        WorkItem item, Officer former, Officer? to, Officer? inSteadOf, IReadOnlyList<Officer> told, CancellationToken cancellation)
    {
        if (to is not null)
            await MoveAsync(item, to, inSteadOf, former.DisplayName, cancellation, told: false);
        else
            (item.AssigneeId, item.Assignee, item.InSteadOfId, item.AppointmentId) = (null, null, null, null);
        var slug = await SlugAsync(item, cancellation);
        foreach (var reader in to is not null ? [to] : told)
        {
            mail.Task("task", slug, item.Case!, item, StepDesk.TaskOf(item), item.Clock!, reader, former.DisplayName, isPool: to is null, inSteadOf,
                await directory.TitleAsync(reader.Id, item.Role, cancellation), isHandedBack: true);
        }
    }
}
