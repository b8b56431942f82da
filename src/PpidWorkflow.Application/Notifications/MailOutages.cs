using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// Sees by the sweeps that no mail could leave: from the server's first failure until a mail goes out again. A step whose task mail waited is
/// credited the time in which its performer could not know of it. Within the commit of the mail's outcome.
/// </summary>
public sealed class MailOutages(
    PpidDbContext db, OutageCredits credits, ServicePulse pulse, OutboxPace pace, AuditTrail audit, Identifiers identifiers, TimeProvider time)
{
    /// <summary>Notes what a delivery says of the server. One read where the server is known to be well and the mail was not held up.</summary>
    /// <param name="began">When the delivery was tried; a server that answers nothing is away from here on.</param>
    /// <param name="wasHeldUp">The mail had been put off before.</param>
    /// <returns>An outage ended: the mails that it had held up are due.</returns>
    public async Task<bool> ObserveAsync(OutboxMessage message, DeliveryVerdict verdict, DateTimeOffset began, bool wasHeldUp, CancellationToken cancellation)
    {
        if (verdict == DeliveryVerdict.Unreachable)
            await BeginAsync(began, cancellation);
        return verdict == DeliveryVerdict.Sent && await EndAsync(message, wasHeldUp, cancellation);
    }

    private async Task BeginAsync(DateTimeOffset began, CancellationToken cancellation)
    {
        pulse.MailDoubtful = true;
        if (await db.Outages.AnyAsync(o => o.UniqueKey == Outage.OpenMailKey, cancellation))
            return;
        var outage = new Outage
        {
            Id = identifiers.Next(),
            UniqueKey = Outage.OpenMailKey,
            Kind = OutageKind.Mail,
            From = began,
            DetectedAt = time.Now(),
            DetectedBy = pulse.NodeId
        };
        db.Outages.Add(outage);
        audit.Add(AuditTrail.Administration, "system", "outage-observed", new JsonObject
        {
            ["id"] = outage.Id,
            ["kind"] = "mail",
            ["from"] = outage.From
        });
    }

    private async Task<bool> EndAsync(OutboxMessage message, bool wasHeldUp, CancellationToken cancellation)
    {
        if (!wasHeldUp && !pulse.MailDoubtful)
            return false;
        var (now, ended) = (time.Now(), false);
        if (await db.Outages.SingleOrDefaultAsync(o => o.UniqueKey == Outage.OpenMailKey, cancellation) is { } outage)
        {
            outage.To = now > outage.From ? now : outage.From.AddMilliseconds(1);
            outage.UniqueKey = $"mail:{outage.Id:n}";
            outage.Revision++;
            ended = true;
            await BringForwardAsync(message, now, cancellation);
            audit.Add(AuditTrail.Administration, "system", "outage-ended", new JsonObject
            {
                ["id"] = outage.Id,
                ["from"] = outage.From,
                ["to"] = outage.To
            });
        }
        pulse.MailDoubtful = false;
        if (wasHeldUp && message is { WorkItemId: { } item, Template: "task" or "returned" })
        {
            var clocks = await db.StepClocks.Where(c => db.WorkItems.Any(w => w.Id == item && w.ClockId == c.Id)).ToListAsync(cancellation);
            await credits.SettleAsync(clocks, now, cancellation);
        }
        return ended;
    }

    // The server is back, and nobody is to wait for a next try that was set while it was away. What it had answered to a mail itself keeps its
    // own waiting, and so does what waits for the morning.
    private async Task BringForwardAsync(OutboxMessage message, DateTimeOffset now, CancellationToken cancellation)
    {
        var reasons = pace.Reasons;
        await db.Outbox
            .Where(m => m.Id != message.Id && m.State == OutboxState.Pending && m.NextAttemptAt > now && (m.LeasedUntil == null || m.LeasedUntil <= now)
                && m.LastError != null && m.LastError != NightRest.Waits && (m.Attempts == 0 || reasons.Contains(m.LastError)))
            .ExecuteUpdateAsync(m => m.SetProperty(x => x.NextAttemptAt, now), cancellation);
    }
}
