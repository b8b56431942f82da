using System.Globalization;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// What an administrator tells of outages: one that no heartbeat shows, and that one was none. Others may not, and what is not over yet, or
/// annulled already, changes nothing.
/// </summary>
internal sealed class Reports(Simulation sim, Dice dice)
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const string Why = "Listrik padam";

    public void Begin()
    {
        for (var day = sim.Now - 7 * Hour; day < sim.End; day += 24 * Hour)
        {
            At(day, 14, ReportAsync);
            At(day, 7, AnnulAsync);
        }

        void At(long day, int percent, Func<Task> happens)
        {
            if (dice.Chance(percent))
                sim.Plan(day + dice.Between(8 * Hour, 18 * Hour), happens);
        }
    }

    private async Task ReportAsync()
    {
        if (!sim.Office.IsUp)
            return;
        // Mostly of this day or the one before, now and then of last week; in whole minutes, as people write them.
        var to = sim.Clock - dice.Pick<Func<long>>((4, () => dice.Between(0, 3 * Hour)), (3, () => dice.Between(0, 30 * Hour)), (1, () => dice.Between(0, 8 * 24 * Hour)))();
        to -= to % Minute;
        var from = to - dice.Pick<Func<long>>((4, () => dice.Between(1, 40)), (3, () => dice.Between(30, 360)), (1, () => dice.Between(360, 2000)))() * Minute;
        var form = new OutageForm { From = Written(from), To = Written(to), Reason = Why };
        if (dice.Chance(20))
            await RefusedAsync("report what is not over", Staff.Admin, (d, a) => d.ReportAsync(a, form with { To = Written(sim.Clock + 2 * Minute) }));
        if (dice.Chance(20))
            await RefusedAsync("report an outage", Staff.Head, (d, a) => d.ReportAsync(a, form));
        var actor = sim.Office.Actors[Staff.Admin];
        var done = await sim.Life.DoAsync<OutageDesk, OutageView>(d => d.ReportAsync(actor, form));
        sim.Life.Expect(done, $"{Staff.Admin} reports an outage");
        if (OfficeLife.IsDone(done))
            sim.Model.Report(from, to, sim.Clock);
        sim.Tell($"{Staff.Admin} reports an outage from {Inspector.Text(from)} to {Inspector.Text(to)} ({done})");
        sim.Count("outages reported", OfficeLife.IsDone(done) ? 1 : 0);
    }

    private async Task AnnulAsync()
    {
        var over = sim.Model.Outages.Where(o => o is { IsAnnulled: false, To: not null } && o.From > sim.Clock - 10 * 24 * Hour).ToList();
        if (!sim.Office.IsUp || over.Count == 0)
            return;
        var outage = dice.Pick(over);
        if (dice.Chance(20))
            await RefusedAsync("annul an outage", Staff.Manager, (d, a) => d.AnnulAsync(a, outage.Id, Why));
        var actor = sim.Office.Actors[Staff.Admin];
        var done = await sim.Life.DoAsync<OutageDesk, OutageView>(d => d.AnnulAsync(actor, outage.Id, "Ternyata tidak padam"));
        sim.Life.Expect(done, $"{Staff.Admin} annuls an outage");
        if (OfficeLife.IsDone(done))
        {
            sim.Model.Annul(outage, sim.Clock);
            if (sim.Office.IsUp && dice.Chance(30))
            {
                sim.Office.Mirror.Follow();
                await RefusedAsync("annul it again", Staff.Admin, (d, a) => d.AnnulAsync(a, outage.Id, Why));
            }
        }
        sim.Tell($"{Staff.Admin} annuls the outage ({outage.Kind}) of {Inspector.Text(outage.From)} ({done})");
        sim.Count("outages annulled", OfficeLife.IsDone(done) ? 1 : 0);
    }

    private async Task RefusedAsync(string what, string by, Func<OutageDesk, Actor, Task<Result<OutageView>>> act)
    {
        var result = await sim.Office.AskAsync<OutageDesk, Result<OutageView>>(d => act(d, sim.Office.Actors[by]));
        if (result.Succeeded || sim.Office.Mirror.Follow().Count > 0)
            sim.Fail($"{by} was allowed to {what}, or it changed something");
        sim.Count("refused tries");
    }

    private static string Written(long instant) =>
        DateTimeOffset.FromUnixTimeMilliseconds(instant).ToOffset(TimeSpan.FromHours(7)).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);
}
