using System.Globalization;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tests.Sop;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// What befalls the office: the service stops or dies, the mail server is away or refuses somebody, the calendar is changed under open
/// steps, the machine's clock is set, and a revision comes into force.
/// </summary>
internal sealed class Misfortunes(Simulation sim, Dice dice)
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;

    private readonly List<string> _regimes = [];
    private int _names;

    public void Begin()
    {
        for (var day = sim.Now - 7 * Hour; day < sim.End; day += 24 * Hour)
        {
            At(day, 12, Stop);
            At(day, 12, () => MailBusy(dice.Pick(Staff.All).Address, dice.Between(10 * Minute, 3 * Hour)));
            At(day, 12, () => MailAway(dice.Between(3 * Minute, 4 * Hour)));
            At(day, 5, () => MailUnknown(dice.Pick(Staff.All).Address, dice.Between(10 * Minute, 2 * Hour)));
            At(day, 22, ChangeCalendarAsync);
            At(day, 8, SetClock);
        }
        sim.Plan(sim.Now + dice.Between(3, 12) * 24 * Hour + dice.Between(0, 9 * Hour), ProposeAsync);

        void At(long day, int percent, Func<Task> happens)
        {
            if (dice.Chance(percent))
                sim.Plan(day + dice.Between(7 * Hour, 17 * Hour), happens);
        }
    }

    /// <summary>The process may die of an act: before its commit, after it, or at any statement.</summary>
    public void EndangerAct()
    {
        var fate = sim.Office.Fate;
        switch (dice.Below(150))
        {
            case 0:
                fate.DieBeforeCommit();
                break;
            case 1:
                fate.DieAfterCommit();
                break;
            case 2:
                fate.DieAtStatement((int)dice.Between(1, 25));
                break;
        }
    }

    /// <summary>Or of its sweeps: while rungs fire, or with a mail in its hands.</summary>
    public void EndangerSweep(bool isRinging)
    {
        if (isRinging && dice.Chance(3))
        {
            if (dice.Chance(50))
                sim.Office.Fate.DieBeforeCommit();
            else
                sim.Office.Fate.DieAfterCommit();
        }
        else if (dice.Below(150) == 0 && sim.Office.Mirror.PendingMails.Count > 0)
        {
            sim.Office.MailServer.Danger = (sim.Office.Fate, dice.Chance(50));
        }
    }

    public void PlanRestart() => sim.Plan(
        sim.Now + dice.Pick<Func<long>>((5, () => dice.Between(1, 20_000)), (4, () => dice.Between(Minute, Hour)), (1, () => dice.Between(Hour, 16 * Hour)))(),
        RestartAsync);

    /// <summary>All that is broken at the end.</summary>
    public void Mend()
    {
        (sim.Office.MailServer.IsAway, sim.Office.MailServer.Busy, sim.Office.MailServer.Unknown, sim.Office.MailServer.Danger) = (false, null, null, null);
    }

    private async Task RestartAsync()
    {
        if (sim.Office.IsUp)
            return;
        await sim.StartProcessAsync();
        sim.Tell("the service starts");
        sim.Count("restarts");
    }

    private Task Stop()
    {
        if (!sim.Office.IsUp)
            return Task.CompletedTask;
        sim.Office.Stop();
        sim.Tell("the service is stopped");
        PlanRestart();
        return Task.CompletedTask;
    }

    private Task MailAway(long length)
    {
        sim.Office.MailServer.IsAway = true;
        sim.Tell("the mail server is away");
        sim.Count("mail server away");
        return Later(length, () => sim.Office.MailServer.IsAway = false, "the mail server is back");
    }

    private Task MailBusy(string address, long length)
    {
        sim.Office.MailServer.Busy = address;
        sim.Tell($"4xx for {address}");
        sim.Count("recipients put off");
        return Later(length, () => sim.Office.MailServer.Busy = null, "4xx for nobody");
    }

    private Task MailUnknown(string address, long length)
    {
        sim.Office.MailServer.Unknown = address;
        sim.Tell($"5xx for {address}");
        sim.Count("recipients refused");
        return Later(length, () => sim.Office.MailServer.Unknown = null, "5xx for nobody");
    }

    private Task Later(long length, Action ends, string told)
    {
        sim.Plan(sim.Now + length, () =>
        {
            ends();
            sim.Tell(told);
            return Task.CompletedTask;
        });
        return Task.CompletedTask;
    }

    private Task SetClock()
    {
        // Mostly as a time server sets it; now and then by an hour, as after a wrong zone.
        sim.Skew = dice.Pick((4, 0L), (3, dice.Between(-90_000, -1)), (3, dice.Between(1, 90_000)), (1, -3_600_000), (1, 3_600_000));
        sim.Tell($"the machine's clock is set: {sim.Skew} ms");
        sim.Count("clock jumps");
        return Task.CompletedTask;
    }

    private async Task ChangeCalendarAsync()
    {
        if (!sim.Office.IsUp)
            return;
        var hours = sim.Model.Hours;
        var today = WorkHours.DateOf(sim.Now);
        var date = today.AddDays((int)dice.Between(-3, 12));
        var near = hours.Closed.Keys.Where(d => d >= today.AddDays(-6) && d <= today.AddDays(30)).Order().ToList();
        await dice.Pick<Func<Task>>(
            (hours.Closed.ContainsKey(date) ? 0 : 5, () => AddDayAsync(date)),
            (near.Count > 0 ? 4 : 0, () => WithdrawDayAsync(dice.Pick(near))),
            (2, () => AddRegimeAsync(date)),
            (_regimes.Count > 0 ? 2 : 0, () => WithdrawRegimeAsync(dice.Pick(_regimes))))();
    }

    private Task AddDayAsync(DateOnly date)
    {
        var name = $"Libur setempat {++_names}";
        return CalendarAsync(
            $"closes {date:yyyy-MM-dd}",
            (desk, actor, ask) => desk.AddDayAsync(actor, new ClosedDayForm { Date = Wire(date), Name = name, Kind = "localClosing", Reason = "Surat edaran" }, ask),
            () => sim.Model.Hours.Closed[date] = name);
    }

    private Task WithdrawDayAsync(DateOnly date)
    {
        var id = IdOf("ClosedDays", "Date", Wire(date));
        return CalendarAsync(
            $"opens {date:yyyy-MM-dd} again", (desk, actor, ask) => desk.WithdrawDayAsync(actor, id, "Dibatalkan", ask), () => sim.Model.Hours.Closed.Remove(date));
    }

    private Task AddRegimeAsync(DateOnly from)
    {
        var until = from.AddDays((int)dice.Between(0, 9));
        if (sim.Model.Hours.Regimes.Exists(r => r.Until is not null && r.From <= until && from <= r.Until))
            return Task.CompletedTask;
        var name = $"Jam khusus {++_names}";
        var windows = dice.Pick(
            (1, "08:00-12:00, 12:30-15:00"), (1, "09:00-11:00,11:00-14:15"), (1, "07:00-18:00"), (1, "00:00-06:00, 20:00-24:00"));
        var week = Enum.GetValues<DayOfWeek>().Skip(1).Take((int)dice.Between(3, 5)).ToDictionary(d => d.ToString().ToLowerInvariant(), _ => (string?)windows);
        return CalendarAsync(
            $"sets hours {windows} from {from:yyyy-MM-dd} to {until:yyyy-MM-dd}",
            (desk, actor, ask) => desk.AddRegimeAsync(
                actor, new RegimeForm { Name = name, Kind = "office", From = Wire(from), Until = Wire(until), Windows = week, Reason = "Surat edaran" }, ask),
            () =>
            {
                _regimes.Add(name);
                sim.Model.Hours.Regimes.Add(new HoursOfWeek(name, from, until, week.ToDictionary(
                    d => Enum.Parse<DayOfWeek>(d.Key, ignoreCase: true),
                    d => d.Value!.Split(',', StringSplitOptions.TrimEntries).Select(HoursOfWeek.Window).ToArray())));
            });
    }

    private Task WithdrawRegimeAsync(string name)
    {
        var id = IdOf("HoursRegimes", "Name", name);
        return CalendarAsync(
            $"withdraws {name}", (desk, actor, ask) => desk.WithdrawRegimeAsync(actor, id, "Dibatalkan", ask),
            () =>
            {
                _regimes.Remove(name);
                sim.Model.Hours.Regimes.RemoveAll(r => r.Name == name);
            });
    }

    // Looked at first, as an administrator does, which must change nothing; then done.
    private async Task CalendarAsync(string what, Func<CalendarDesk, Actor, CalendarAsk, Task<Result<CalendarOutcome>>> act, Action applied)
    {
        var actor = sim.Office.Actors[Staff.Admin];
        if (dice.Chance(50))
        {
            var preview = await sim.Office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => act(d, actor, new CalendarAsk(Preview: true)));
            if (!preview.Succeeded || preview.Value.Applied || sim.Office.Mirror.Follow().Count > 0)
                sim.Fail($"a preview of a changed calendar ({what}) was refused, or changed something");
        }
        EndangerAct();
        var commits = sim.Office.Fate.Commits;
        var refused = "";
        var lives = await sim.SurvivesAsync(async () =>
        {
            var result = await sim.Office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => act(d, actor, new CalendarAsk()));
            refused = result.Succeeded ? "" : result.Problems[0].Code;
            return true;
        });
        if (refused.Length > 0)
            sim.Fail($"{what}: refused ({refused})");
        if (lives || sim.Office.Fate.Commits > commits)
        {
            applied();
            sim.Model.CalendarChanged(sim.Clock);
        }
        sim.Tell($"{Staff.Admin} {what}{(lives ? "" : " (unheard)")}");
        sim.Count("calendar changes");
    }

    private async Task ProposeAsync()
    {
        if (!sim.Office.IsUp)
        {
            sim.Plan(sim.Now + Hour, ProposeAsync);
            return;
        }
        var proposed = await sim.Office.AskAsync<RevisionDesk, Result<DefinitionVersion>>(d => d.ProposeAsync(
            sim.Office.Actors[Staff.Manager], SopFolder.Slug, 2, new ProposalDetails("Penyesuaian waktu baku langkah 2")));
        if (!proposed.Succeeded)
            sim.Fail($"the revision was not taken as proposed: {proposed.Problems[0]}");
        sim.Tell("the revision is proposed");
        sim.Plan(sim.Now + dice.Between(Hour, 30 * Hour), () => ApproveAsync(proposed.Value.ContentHash));
    }

    private async Task ApproveAsync(string hash)
    {
        if (!sim.Office.IsUp)
        {
            sim.Plan(sim.Now + Hour, () => ApproveAsync(hash));
            return;
        }
        var effective = sim.Clock + dice.Between(Minute, 40 * Hour);
        var approved = await sim.Office.AskAsync<RevisionDesk, Result<DefinitionVersion>>(d => d.ApproveAsync(
            sim.Office.Actors[Staff.Head], SopFolder.Slug, 2, hash, DateTimeOffset.FromUnixTimeMilliseconds(effective)));
        if (!approved.Succeeded)
            sim.Fail($"the revision was not approved: {approved.Problems[0]}");
        sim.Effective = effective;
        sim.Tell($"the revision is approved, in force from {Inspector.Text(effective)}");
        sim.Count("revisions");
        sim.Plan(effective - sim.Skew, () => Task.CompletedTask);
    }

    private Guid IdOf(string table, string column, string value)
    {
        using var command = sim.Office.Connection.CreateCommand();
#pragma warning disable CA2100 // names of this file
        command.CommandText = $"SELECT Id FROM {table} WHERE {column} = $value AND WithdrawnAt IS NULL";
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$value", value);
        return Guid.Parse((string)command.ExecuteScalar()!);
    }

    private static string Wire(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
