using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.People;

/// <summary>What an officer has chosen, as pages and API show it.</summary>
/// <param name="Digest">The morning digest.</param>
/// <param name="DigestAt">"07:30" in the office's zone; null: as the day's hours begin.</param>
/// <param name="Weekly">The weekly summary.</param>
/// <param name="EarlyWarnings">Alerts before the standard is used up.</param>
/// <param name="Language">id or en, of mails.</param>
/// <param name="QuietFrom">Begin of the quiet hours, "18:00"; null: none.</param>
/// <param name="QuietUntil">Their end, "07:00", the next day where it is earlier.</param>
/// <param name="Revision">Send it back with a change; a stale one is refused.</param>
public sealed record PreferenceView(
    bool Digest, string? DigestAt, bool Weekly, bool EarlyWarnings, string Language, string? QuietFrom, string? QuietUntil, int Revision);

/// <summary>A change: what is left out goes back to its default.</summary>
public sealed record PreferenceForm(
    bool? Digest = null, string? DigestAt = null, bool? Weekly = null, bool? EarlyWarnings = null, string? Language = null,
    string? QuietFrom = null, string? QuietUntil = null, int? Revision = null);

/// <summary>Every officer keeps his own preferences; pages and API call the same methods.</summary>
public sealed class PreferenceDesk(PpidDbContext db, Committer committer, PreferenceBook book, AuditTrail audit, TimeProvider time)
{
    /// <summary>The actor's own.</summary>
    public async Task<Result<PreferenceView>> GetAsync(Actor actor, CancellationToken cancellation = default) =>
        View(await db.OfficerPreferences.AsNoTracking().SingleOrDefaultAsync(p => p.OfficerId == actor.Id, cancellation)
            ?? new OfficerPreference { OfficerId = actor.Id });

    /// <summary>Replaces the actor's own; all that is wrong is told at once.</summary>
    public Task<Result<PreferenceView>> SetAsync(Actor actor, PreferenceForm form, CancellationToken cancellation = default)
    {
        OfficerPreference? stored = null;
        return committer.RunThenAsync<PreferenceView>(async () =>
        {
            var problems = new List<Problem>();
            var digestAt = Clock(form.DigestAt, "digestAt", problems);
            var from = Clock(form.QuietFrom, "quietFrom", problems);
            var until = Clock(form.QuietUntil, "quietUntil", problems);
            if (problems.Count == 0 && from is null != until is null)
                problems.Add(Problem.Invalid("quiet-hours-half", from is null ? "quietFrom" : "quietUntil"));
            else if (from is not null && from == until)
                problems.Add(Problem.Invalid("quiet-hours-empty", "quietUntil"));
            if ((form.Language ?? OfficerPreference.Indonesian) is not (OfficerPreference.Indonesian or OfficerPreference.English))
                problems.Add(Problem.Invalid("language-unknown", "language"));
            if (problems.Count > 0)
                return Result<PreferenceView>.Refused(problems);
            var row = await db.OfficerPreferences.SingleOrDefaultAsync(p => p.OfficerId == actor.Id, cancellation);
            if (form.Revision is { } expected && expected != (row?.Revision ?? 0))
                return Problem.Conflict("stale-revision");
            if (row is null)
                db.OfficerPreferences.Add(row = new OfficerPreference { OfficerId = actor.Id });
            row.Digest = form.Digest ?? true;
            row.DigestAt = digestAt;
            row.Weekly = form.Weekly ?? true;
            row.EarlyWarnings = form.EarlyWarnings ?? true;
            row.Language = form.Language ?? OfficerPreference.Indonesian;
            (row.QuietFrom, row.QuietUntil) = (from, until);
            row.ChangedAt = time.Now();
            row.Revision++;
            audit.Add(AuditTrail.Administration, actor.UserName, "preferences-changed", new JsonObject
            {
                ["officerId"] = actor.Id,
                ["digest"] = row.Digest,
                ["weekly"] = row.Weekly,
                ["earlyWarnings"] = row.EarlyWarnings,
                ["quietHours"] = row.QuietFrom is not null
            });
            stored = row;
            return View(row);
        }, () => book.Changed(stored!), cancellation);
    }

    private static PreferenceView View(OfficerPreference row) => new(
        row.Digest, Clock(row.DigestAt), row.Weekly, row.EarlyWarnings, row.Language, Clock(row.QuietFrom), Clock(row.QuietUntil), row.Revision);

    private static string? Clock(TimeOnly? time) => time?.ToString("HH:mm", CultureInfo.InvariantCulture);

    // "07:30", and "07.30" as the office writes it.
    private static TimeOnly? Clock(string? text, string field, List<Problem> problems)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        if (TimeOnly.TryParseExact(text.Trim().Replace('.', ':'), ["HH:mm", "H:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return new TimeOnly(time.Hour, time.Minute);
        problems.Add(Problem.Invalid("time-of-day-invalid", field));
        return null;
    }
}
