using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// Notices at start that the office's hours are other ones than those under which the open clocks were derived (another
/// <c>Office:Calendar</c>, zone or calendar file), and derives them anew in one commit; closed steps keep their instants.
/// </summary>
public sealed class CalendarWatch(PpidDbContext db, Committer committer, ClockKeeper clocks, OfficeCalendar office, AuditTrail audit, TimeProvider time)
{
    private const string Fact = "calendar";

    /// <summary>How many clocks' instants moved; null: the hours are the same as before.</summary>
    public async Task<int?> ApplyAsync(CancellationToken cancellation = default)
    {
        var result = await committer.RunAsync<int>(async () =>
        {
            var known = await db.ServiceFacts.SingleOrDefaultAsync(f => f.Name == Fact, cancellation);
            if (known?.Value == office.Fingerprint)
                return -1;
            if (known is null)
                db.ServiceFacts.Add(new ServiceFact { Name = Fact, Value = office.Fingerprint });
            else
                known.Value = office.Fingerprint;
            var moved = await clocks.RederiveAllAsync("Kalender kantor berubah", time.Now(), cancellation);
            audit.Add(AuditTrail.Administration, "system", "calendar-changed", new JsonObject { ["moved"] = moved });
            return moved;
        }, cancellation);
        return result.Value is var moved and >= 0 ? moved : null;
    }
}
