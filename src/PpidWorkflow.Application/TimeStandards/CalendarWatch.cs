using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// Keeps clocks and calendar together: seeds the rows once, notices at start that the office's hours are other ones than those under which
/// the open clocks were derived (another <c>Office:Calendar</c> or zone), follows changes made on another node, and derives the open clocks
/// anew in one commit; closed steps keep their instants.
/// </summary>
public sealed class CalendarWatch(
    PpidDbContext db, Committer committer, Rederivation rederivation, OfficeCalendar office, AuditTrail audit, Identifiers identifiers, TimeProvider time)
{
    /// <summary>Name of the fact that says under which hours the open clocks were derived.</summary>
    internal const string Fact = "calendar";

    /// <summary>Name of the fact that says in which zone they were.</summary>
    private const string ZoneFact = "calendar-zone";

    /// <summary>Name of the fact that says why the rows were changed last, behind the revision that came of it.</summary>
    private const string ChangeFact = "calendar-change";

    private const string GeneralReason = "Kalender kantor berubah";

    /// <summary>At start. How many clocks' instants moved; null: the hours are the same as before.</summary>
    /// <exception cref="InvalidDataException">The rows are no calendar: somebody changed them by hand.</exception>
    public async Task<int?> ApplyAsync(CancellationToken cancellation = default)
    {
        await SeedAsync(cancellation);
        await office.RefreshAsync(db, cancellation);
        office.SettledRevision = office.Revision;
        var result = await committer.RunManyAsync<int>(async () =>
        {
            var known = (await db.ServiceFacts.AsNoTracking().SingleOrDefaultAsync(f => f.Name == Fact, cancellation))?.Value;
            var reason = Reason(known, await NoteAsync(db, ZoneFact, office.Current.Zone.Id, cancellation));
            if (!await NoteAsync(db, office.Fingerprint, cancellation))
                return -1;
            var moved = await RederiveAsync(reason, cancellation);
            audit.Add(AuditTrail.Administration, "system", "calendar-changed", new JsonObject { ["reason"] = reason, ["moved"] = moved });
            return moved;
        }, cancellation);
        return result.Value is var count and >= 0 ? count : null;
    }

    /// <summary>
    /// Takes over a change made on another node; one query where there is none. Clocks that this node wrote under the old calendar
    /// meanwhile are derived anew. Says how many moved.
    /// </summary>
    public async Task<int> FollowAsync(CancellationToken cancellation)
    {
        await office.RefreshAsync(db, cancellation);
        var revision = office.Revision;
        if (revision == office.SettledRevision)
            return 0;
        var reason = await ChangeAsync(revision, cancellation) ?? GeneralReason;
        var result = await committer.RunManyAsync<int>(async () => await RederiveAsync(reason, cancellation), cancellation);
        if (result.Succeeded)
            office.SettledRevision = revision;
        return result.Succeeded ? result.Value : 0;
    }

    // What of the configuration moved the dates; rows are changed by their desk, with a reason of its own.
    private string Reason(string? fingerprint, string? zoneBefore)
    {
        var reasons = new List<string>();
        if (zoneBefore is not null && zoneBefore != office.Current.Zone.Id)
            reasons.Add($"zona waktu kantor diubah dari {zoneBefore} ke {office.Current.Zone.Id}");
        if (fingerprint?.Split(' ')[0] is { } mode && office.Fingerprint.Split(' ')[0] is var wanted && mode != wanted)
            reasons.Add($"kalender kantor diubah dari {mode} ke {wanted}");
        var reason = string.Join("; ", reasons);
        return reason.Length == 0 ? GeneralReason : char.ToUpperInvariant(reason[0]) + reason[1..];
    }

    private async Task<int> RederiveAsync(string reason, CancellationToken cancellation) => (await rederivation.RunAsync(
        null, office.Current, reason, null, time.Now(), 0, committer.WriteSoFarAsync, cancellation)).Moved;

    /// <summary>Writes down why the rows are as they are, for the nodes that follow.</summary>
    internal static Task NoteChangeAsync(PpidDbContext db, int revision, string note, CancellationToken cancellation) =>
        NoteAsync(db, ChangeFact, $"{revision} {note}", cancellation);

    // Null: more than one change has passed since this node looked, or the note is of another one.
    private async Task<string?> ChangeAsync(int revision, CancellationToken cancellation)
    {
        var note = (await db.ServiceFacts.AsNoTracking().SingleOrDefaultAsync(f => f.Name == ChangeFact, cancellation))?.Value;
        return revision == office.SettledRevision + 1 && note?.StartsWith($"{revision} ", StringComparison.Ordinal) == true
            ? note[(note.IndexOf(' ', StringComparison.Ordinal) + 1)..]
            : null;
    }

    /// <summary>Writes down under which hours the clocks are derived; false: they were before.</summary>
    internal static async Task<bool> NoteAsync(PpidDbContext db, string fingerprint, CancellationToken cancellation) =>
        await NoteAsync(db, Fact, fingerprint, cancellation) != fingerprint;

    // What stood there before; null: nothing.
    private static async Task<string?> NoteAsync(PpidDbContext db, string name, string value, CancellationToken cancellation)
    {
        var known = await db.ServiceFacts.SingleOrDefaultAsync(f => f.Name == name, cancellation);
        var before = known?.Value;
        if (known is null)
            db.ServiceFacts.Add(new ServiceFact { Name = name, Value = value });
        else if (before != value)
            known.Value = value;
        return before;
    }

    // Once for a database: the hours and the year's list as delivered (domain.md §4), to be confirmed by an administrator.
    private async Task SeedAsync(CancellationToken cancellation)
    {
        if (await db.CalendarStates.AnyAsync(cancellation))
            return;
        await committer.RunAsync<bool>(async () =>
        {
            if (await db.CalendarStates.AnyAsync(cancellation))
                return Problem.Conflict("stale-revision");
            var (data, now) = (CalendarData.Kalteng(), time.Now());
            db.CalendarStates.Add(new CalendarState { Id = CalendarState.TheOnly, Revision = 1, ChangedAt = now, ChangedBy = "system" });
            db.HoursRegimes.AddRange(data.Regimes.Select(regime => new HoursRegime
            {
                Id = identifiers.Next(),
                Name = regime.Name,
                Kind = regime.Kind,
                From = regime.From,
                Until = regime.Until,
                Windows = CalendarData.WriteWindows(regime.Windows),
                Source = regime.Source,
                Remark = regime.Remark,
                ChangedAt = now,
                ChangedBy = "system"
            }));
            db.ClosedDays.AddRange(data.Holidays.Select(holiday => new ClosedDay
            {
                Id = identifiers.Next(),
                Date = holiday.Date,
                Name = holiday.Name,
                Kind = holiday.Kind,
                Source = holiday.Source,
                ChangedAt = now,
                ChangedBy = "system"
            }));
            audit.Add(AuditTrail.Administration, "system", "calendar-seeded", new JsonObject
            {
                ["regimes"] = data.Regimes.Count,
                ["closedDays"] = data.Holidays.Count
            });
            return true;
        }, cancellation);
    }
}
