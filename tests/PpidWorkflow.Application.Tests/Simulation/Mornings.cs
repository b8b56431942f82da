using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// The job that tells people in the morning how their work stands, and once a week what was done. It looks every minute; here it looks at the
/// instants that matter, and at some that do not.
/// </summary>
internal sealed class Mornings(Simulation sim, Dice dice)
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;

    private List<string>? _byId;

    /// <summary>In a quiet office on one day of eight: each look costs a commit a person. On the other days the job is away.</summary>
    public void Begin(Pace pace)
    {
        for (var day = sim.Now - 7 * Hour; day < sim.End; day += 24 * Hour)
        {
            if (pace == Pace.Quiet && !dice.Chance(12))
                continue;
            sim.Plan(day + dice.Pick((1, 7 * Hour + 30 * Minute), (3, 7 * Hour + dice.Between(0, 2 * Hour))), LookAsync);
            sim.Plan(day + dice.Between(8 * Hour, 17 * Hour), LookAsync);
        }
    }

    private async Task LookAsync()
    {
        if (!sim.Office.IsUp)
            return;
        _byId ??= [.. Staff.All.Select(s => s.UserName).OrderBy(name => sim.Office.Actors[name].Id.ToString(), StringComparer.OrdinalIgnoreCase)];
        var due = sim.Model.DigestsDue().OrderBy(_byId.IndexOf).ToList();
        if (due.Count > 0)
            sim.Misfortunes.EndangerAct();
        var commits = sim.Office.Fate.Commits;
        await sim.SurvivesAsync(() => sim.Office.AskAsync<DigestDesk, int>(d => d.RunAsync()));
        // Each of them is a commit: if the process died between two of them, the rest are told by the next one.
        var told = due.Take(sim.Office.Fate.Commits - commits).ToList();
        told.ForEach(sim.Model.Digest);
        sim.Tell($"digests are due for {due.Count}, {told.Count} looked at");
        sim.Count("digests looked at", told.Count);
        sim.Count("digests", sim.Model.Mails.Count(m => m.Template == "digest"));
        sim.Count("weekly summaries", sim.Model.Mails.Count(m => m.Template == "weekly"));
    }
}
