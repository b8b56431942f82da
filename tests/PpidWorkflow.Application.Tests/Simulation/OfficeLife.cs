using System.Text;
using System.Text.Json;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// What people do: they open cases and take their steps, quickly, late, at the very instant, at night; send back, take back, pause, hand over,
/// and now and then try what is not theirs to do, which must change nothing.
/// </summary>
internal sealed class OfficeLife(Simulation sim, Dice dice)
{
    private const long Second = 1_000;
    private const long Minute = 60 * Second;
    private const long Hour = 60 * Minute;

    private readonly Dictionary<ModelCase, int> _plans = [];
    private readonly HashSet<ModelCase> _again = [];
    private int _determination;

    /// <summary>New cases, day by day; in a quiet office one a week.</summary>
    public void Begin(Pace pace)
    {
        for (var monday = sim.Now - 7 * Hour; pace == Pace.Quiet && monday < sim.End - 24 * 2 * Hour; monday += 7 * 24 * Hour)
            Plan(monday + 24 * Hour * dice.Between(0, 4));
        if (pace == Pace.Quiet)
            return;
        for (var midnight = sim.Now - 7 * Hour; midnight < sim.End; midnight += 24 * Hour)
        {
            var works = sim.Model.Hours.Worked(midnight, midnight + 24 * Hour) > 0;
            for (var left = works ? dice.Pick((3, 0), (5, 1), (4, 2), (1, 4)) : dice.Pick((9, 0), (1, 1)); left > 0; left--)
                Plan(midnight);
        }

        void Plan(long midnight) => sim.Plan(midnight + dice.Between(7 * Hour, 17 * Hour), () => OpenAsync($"188.44/{++_determination}/2026"));
    }

    /// <summary>After each event: the next act of every case that it touched.</summary>
    public void PlanNext()
    {
        foreach (var record in sim.Model.Touched.Concat(_again).Distinct().ToList())
        {
            var plan = _plans[record] = _plans.GetValueOrDefault(record) + 1;
            if (record.Open is { } item)
                sim.Plan(Moment(item), () => ActAsync(item), () => plan != _plans[record]);
        }
        _again.Clear();
    }

    private async Task OpenAsync(string determination)
    {
        if (!sim.Office.IsUp)
        {
            sim.Plan(sim.Now + dice.Between(5 * Minute, Hour), () => OpenAsync(determination));
            return;
        }
        // Who is at home opens cases as well, if nobody else can.
        var holders = sim.Model.HoldersOf(Roles.InformationHead);
        var there = holders.Where(h => !sim.Model.IsAbsent(h.UserName)).ToList();
        var by = dice.Pick(there.Count > 0 ? there : holders).UserName;
        var inputs = new Dictionary<string, object?>
        {
            ["title"] = "Laporan hasil pemeriksaan internal",
            ["exemptionBasis"] = "j",
            ["determinationNumber"] = determination,
            ["determinationDate"] = "2026-10-05"
        };
        var actor = await sim.ActorAsync(by);
        var done = await DoAsync<CaseRegister, CaseView>(r => r.CreateAsync(
            actor, new NewCase(null, inputs.ToDictionary(i => i.Key, i => JsonSerializer.SerializeToElement(i.Value)))));
        if (done == "determination-already-registered" && sim.Model.Cases.Count > 0)
        {
            // The first try had been stored before the process died: the register says so instead of opening it twice.
            MustChangeNothing("a repeated opening");
            return;
        }
        Expect(done, $"{by} opens {determination}");
        if (IsDone(done))
            sim.Model.OpenCase(by, sim.Clock);
        if (done is Lost or DoneUnheard)
            sim.Plan(sim.Now + dice.Between(5 * Minute, 3 * Hour), () => OpenAsync(determination));
        sim.Tell($"{by} opens case {sim.Model.Cases.Count} ({done})");
        sim.Count("cases opened", IsDone(done) ? 1 : 0);
    }

    private async Task ActAsync(ModelItem item)
    {
        _again.Add(item.Case);
        if (!sim.Office.IsUp)
            return;
        if (sim.Model.Offers.Find(o => o.Item == item && o.StandsAt(sim.Clock)) is { } offer && dice.Chance(60) && await sim.Absentees.DecideAsync(offer))
            return;
        var performer = Performer(item);
        if (performer is null)
            return;
        if (sim.Model.IsAbsent(performer) && !dice.Chance(8))
        {
            if (item.Clock.State == ClockIs.Paused && dice.Chance(30))
                await ResumeAsync(item);
            else if (item.Clock.State != ClockIs.Paused && dice.Chance(50) && await ReassignAsync(item))
                sim.Count("handed over for an absence");
            return;
        }
        var helps = item.Assignee is not null && item.Assignee != performer;
        var (pooled, begun) = (item.Assignee is null && !item.Helpers.Contains(performer), item.StartedAt is not null);
        var colleagues = sim.Model.HoldersOf(item.Step.Role).Count > 1;
        if (item.Clock.State == ClockIs.Paused)
        {
            await dice.Pick<Func<Task>>((7, () => ResumeAsync(item)), (1, () => CommentAsync(item, performer)), (2, () => TryAsync(item, performer)))();
            return;
        }
        await dice.Pick<Func<Task>>(
            (begun ? 0 : 30, () => StartAsync(item, performer)),
            (begun ? 55 : 28, () => CompleteAsync(item, performer)),
            (pooled ? 35 : 0, () => ClaimAsync(item, performer)),
            (item.Assignee == performer && !begun && colleagues ? 6 : 0, () => ReleaseAsync(item, performer)),
            (item.Step.BackTo is null ? 0 : 7, () => ReturnAsync(item, performer)),
            (item.Case.LastCompleted is { } last && sim.Model.MayTakeBack(last) ? 8 : 0, () => TakeBackAsync(item.Case.LastCompleted!)),
            (7, () => PauseAsync(item)),
            (colleagues ? 5 : 0, async () => await ReassignAsync(item)),
            (3, () => CommentAsync(item, performer)),
            (4, () => RemindAsync(item)),
            (item.Step.Act == "prepare" && !helps ? 6 : 0, () => UploadAsync(item, performer)),
            (6, () => TryAsync(item, performer)))();
    }

    // Who turns to it now: whoever has it, one of those who may take it (of whom somebody is there), or a helper. Null: nobody may for the moment.
    private string? Performer(ModelItem item)
    {
        if (item.Helpers.Count > 0 && dice.Chance(35))
            return dice.Pick(item.Helpers.Order(StringComparer.Ordinal).ToList());
        var able = sim.Model.PerformersOf(item).Select(p => p.UserName).Where(p => sim.Model.MayPerform(p, item)).ToList();
        var there = able.Where(p => !sim.Model.IsAbsent(p)).ToList();
        return able.Count == 0 ? null : dice.Pick(there.Count > 0 ? there : able);
    }

    private Task StartAsync(ModelItem item, string by)
    {
        var really = Really(item);
        return InboxAsync(
            Told("starts", really), by, item, (i, actor) => i.StartAsync(actor, item.Id, Revision(item), ActualOf(really)),
            () => sim.Model.Start(item, by, sim.Clock, really));
    }

    private Task ClaimAsync(ModelItem item, string by) => InboxAsync(
        "claims", by, item, (i, actor) => i.ClaimAsync(actor, item.Id, Revision(item)), () => sim.Model.Claim(item, by));

    private Task ReleaseAsync(ModelItem item, string by) => InboxAsync(
        "releases", by, item, (i, actor) => i.ReleaseAsync(actor, item.Id, Revision(item)), () => sim.Model.Release(item, by));

    private Task CompleteAsync(ModelItem item, string by)
    {
        var assignTo = item.Step.AssignsRole is { } role ? dice.Pick(sim.Model.HoldersOf(role)).UserName : null;
        var really = Really(item);
        var late = item.Clock.ConsumedAt(sim.Model.Hours, really ?? sim.Clock) > item.Step.Budget;
        sim.Count("late completions", late ? 1 : 0);
        return InboxAsync(
            Told("completes", really), by, item, (i, actor) => i.CompleteAsync(actor, item.Id, Answers(item, assignTo, late, really)),
            () => sim.Model.Complete(item, by, assignTo, sim.Clock, really));
    }

    private Task ReturnAsync(ModelItem item, string by)
    {
        var really = Really(item);
        return InboxAsync(
            Told("returns", really), by, item, (i, actor) => i.ReturnAsync(actor, item.Id, Revision(item), "Berkas belum lengkap", ActualOf(really)),
            () => sim.Model.Return(item, by, sim.Clock, really));
    }

    // Paper first, entry later: when it was really done, as far back as what came before it allows. Null: now, as usual.
    private long? Really(ModelItem item)
    {
        var earliest = item.Earliest;
        if (earliest >= sim.Clock || !dice.Chance(18))
            return null;
        return dice.Pick<Func<long>>(
            (3, () => dice.Between(earliest, sim.Clock)), (3, () => Math.Max(earliest, sim.Clock - dice.Between(0, 40 * Minute))), (1, () => earliest))();
    }

    private string Told(string act, long? really)
    {
        sim.Count("entered later", really is null ? 0 : 1);
        return really is null ? act : $"{act} (really at {Inspector.Text(really)})";
    }

    private static ActualTime? ActualOf(long? really) => really is { } at ? new ActualTime(DateTimeOffset.FromUnixTimeMilliseconds(at), Paper) : null;

    private Task TakeBackAsync(ModelItem item) => InboxAsync(
        "takes back", item.ClosedBy!, item, (i, actor) => i.TakeBackAsync(actor, item.Id, Revision(item)),
        () => sim.Model.TakeBack(item, item.ClosedBy!, sim.Clock));

    private Task PauseAsync(ModelItem item)
    {
        if (item.Clock.State != ClockIs.Running)
            return Task.CompletedTask;
        var by = SupervisorOf(item);
        return InboxAsync(
            "pauses", by, item, (i, actor) => i.PauseAsync(actor, item.Id, Revision(item), "Menunggu jawaban unit lain"),
            () => sim.Model.Pause(item, sim.Clock));
    }

    private Task ResumeAsync(ModelItem item)
    {
        var by = SupervisorOf(item);
        return InboxAsync("resumes", by, item, (i, actor) => i.ResumeAsync(actor, item.Id, Revision(item), null), () => sim.Model.Resume(item, by, sim.Clock));
    }

    private async Task<bool> ReassignAsync(ModelItem item)
    {
        var others = sim.Model.Candidates(item.Step.Role).Where(c => c.Who != item.Assignee && !sim.Model.IsAbsent(c.Who)).ToList();
        if (others.Count == 0)
            return false;
        var (by, (to, inSteadOf)) = (SupervisorOf(item), dice.Pick(others));
        await InboxAsync(
            $"gives {to}", by, item, (i, actor) => i.ReassignAsync(actor, item.Id, Revision(item), to, "Sedang cuti"),
            () => sim.Model.Reassign(item, by, to, inSteadOf));
        return true;
    }

    private Task CommentAsync(ModelItem item, string by) => InboxAsync(
        "comments on", by, item, (i, actor) => i.CommentAsync(actor, item.Id, "Mohon diperiksa kembali."), () => { });

    // Not oftener than every five minutes, whoever asks: else nothing happens.
    private async Task RemindAsync(ModelItem item)
    {
        var by = SupervisorOf(item);
        var recently = item.Clock.Reminded.Exists(at => at > sim.Clock - 5 * Minute && at >= item.ReceivedAt);
        var actor = await sim.ActorAsync(by);
        var done = await DoAsync<TaskReminder, TaskView>(r => r.RemindAsync(actor, item.Id, Revision(item), null), isSafe: recently);
        if (recently && done == "reminded-recently")
            MustChangeNothing("a reminder too soon");
        else if (recently)
            sim.Fail($"{by} reminded of {item} again too soon ({done})");
        else
            Expect(done, $"{by} reminds of {item}");
        if (IsDone(done))
            sim.Model.Remind(item, sim.Clock);
        sim.Tell($"{by} reminds of {item} ({done})");
        sim.Count("reminds", IsDone(done) ? 1 : 0);
    }

    private async Task UploadAsync(ModelItem item, string by)
    {
        var actor = await sim.ActorAsync(by);
        var done = await DoAsync<DossierVault, FileView>(async v =>
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes($"berkas {item.Case.Number}"));
            return await v.AddAsync(actor, item.Id, "berkas.pdf", "application/pdf", content);
        });
        Expect(done, $"{by} uploads a file for {item}");
        item.Case.HasFile |= IsDone(done);
        sim.Tell($"{by} uploads a file for {item} ({done})");
        sim.Count("files uploaded", IsDone(done) ? 1 : 0);
    }

    // What is not one's to do, or not any more: a refusal, and not a row differs.
    private async Task TryAsync(ModelItem item, string performer)
    {
        var (what, by, act) = dice.Pick<(string, string, Func<TaskInbox, Actor, Task<Result<TaskView>>>)>(
            (2, ("complete on a stale page", performer, (i, a) => i.CompleteAsync(a, item.Id, Answers(item, null, false) with { Revision = Revision(item) - 1 }))),
            (sim.Model.Supervises("petugas.dokumentasi", item) ? 0 : 2, ("pause", "petugas.dokumentasi", (i, a) => i.PauseAsync(a, item.Id, Revision(item), "Ingin istirahat"))),
            (2, ("complete", "auditor", (i, a) => i.CompleteAsync(a, item.Id, Answers(item, null, false)))),
            (1, ("complete in the future", performer, (i, a) => i.CompleteAsync(a, item.Id, Answers(item, null, false, sim.Clock + Minute)))),
            (1, ("complete before it was received", performer, (i, a) => i.CompleteAsync(a, item.Id, Answers(item, null, false, item.Earliest - Minute)))),
            (1, ("start", "pengelola.sop", (i, a) => i.StartAsync(a, item.Id, Revision(item)))),
            (item.Clock.State == ClockIs.Paused && sim.Model.Supervises(performer, item) ? 0 : 1, ("resume without a pause or a right", performer, (i, a) => i.ResumeAsync(a, item.Id, Revision(item), null))),
            (item.Clock.State == ClockIs.Paused ? 4 : 0, ("start though it is paused", performer, (i, a) => i.StartAsync(a, item.Id, Revision(item)))),
            (item.Step.AssignsRole is null ? 0 : 2, ("assign to nobody", performer, (i, a) => i.CompleteAsync(a, item.Id, Answers(item, null, false)))),
            (item.Step.BackTo is null ? 2 : 0, ("return what nobody handed over", performer, (i, a) => i.ReturnAsync(a, item.Id, Revision(item), "Tidak jadi"))));
        var actor = await sim.ActorAsync(by);
        var done = await DoAsync<TaskInbox, TaskView>(i => act(i, actor), isSafe: true);
        if (done == Done)
            sim.Fail($"{by} was allowed to {what}: {item}");
        MustChangeNothing($"{by}'s try to {what}");
        sim.Tell($"{by} tries to {what}: {item} ({done})");
        sim.Count("refused tries");
    }

    private async Task InboxAsync(string act, string by, ModelItem item, Func<TaskInbox, Actor, Task<Result<TaskView>>> call, Action applied)
    {
        var actor = await sim.ActorAsync(by);
        var done = await DoAsync<TaskInbox, TaskView>(i => call(i, actor));
        Expect(done, $"{by} {act} {item}");
        if (IsDone(done))
            applied();
        sim.Tell($"{by} {act} {item} ({done})");
        sim.Count(act.StartsWith("gives", StringComparison.Ordinal) ? "gives" : act.Split(" (")[0], IsDone(done) ? 1 : 0);
    }

    private const string Paper = "Dicatat di kertas dahulu";
    private const string Done = "done", DoneUnheard = "done, unheard", Lost = "lost";

    public static bool IsDone(string outcome) => outcome is Done or DoneUnheard;

    /// <returns>done; lost, or done without an answer, where the process died of it; else the code of the refusal.</returns>
    public async Task<string> DoAsync<TService, T>(Func<TService, Task<Result<T>>> act, bool isSafe = false) where TService : notnull
    {
        var commits = sim.Office.Fate.Commits;
        if (!isSafe)
            sim.Misfortunes.EndangerAct();
        var outcome = Lost;
        var lives = await sim.SurvivesAsync(async () =>
        {
            var result = await sim.Office.AskAsync(act);
            outcome = result.Succeeded ? Done : result.Problems[0].Code;
            return true;
        });
        return lives ? outcome : sim.Office.Fate.Commits > commits ? DoneUnheard : Lost;
    }

    public void Expect(string done, string what)
    {
        if (!IsDone(done) && done != Lost)
            sim.Fail($"{what}: refused ({done})");
    }

    private void MustChangeNothing(string what)
    {
        if (sim.Office.Mirror.Follow() is { Count: > 0 } changed)
            sim.Fail($"{what} changed {string.Join(", ", changed)}");
    }

    private int Revision(ModelItem item) => sim.Office.Mirror.Items[item.Id].Revision;

    // One of those who answer for it, and is there; a call to the beach reaches them all the same where nobody is.
    private string SupervisorOf(ModelItem item)
    {
        var able = Staff.OfTheSop.Where(s => sim.Model.Supervises(s.UserName, item)).Select(s => s.UserName).ToList();
        var there = able.Where(s => !sim.Model.IsAbsent(s)).ToList();
        return dice.Pick(there.Count > 0 ? there : able);
    }

    private Completion Answers(ModelItem item, string? assignTo, bool late, long? really = null) => new()
    {
        Revision = Revision(item),
        AssignTo = assignTo,
        ActualAt = ActualOf(really)?.At,
        ActualReason = ActualOf(really)?.Reason,
        DelayReason = late ? "Menunggu berkas dari unit lain" : null,
        Fields = item.Step.Act switch
        {
            "prepare" => new CompletionFields { HardcopyItems = [new NewHardcopyItem("Laporan, satu jilid", 1, "asli")] },
            "document" => new CompletionFields
            {
                Location = new LocationView("Gedung B", "Lemari 2", null, "A", null, null),
                MissingMedia = item.Case.HasFile ? null : [new MissingMediumView("softcopy", "Belum dipindai")]
            },
            _ => null
        }
    };

    // When somebody next turns to the step, real time.
    private long Moment(ModelItem item)
    {
        var (hours, clock, budget) = (sim.Model.Hours, sim.Clock, item.Step.Budget);
        var (due, _, next) = item.Clock.Instants(hours);
        // Nobody looks at the desk of who is away every few minutes.
        if (item.Assignee is { } assignee && sim.Model.IsAbsent(assignee) && dice.Chance(70))
            return sim.Now + dice.Between(30 * Minute, 8 * Hour);
        var at = dice.Pick<Func<long>>(
            (48, () => hours.After(clock, dice.Between(budget / 20, budget / 2))),
            (16, () => hours.After(clock, dice.Between(budget / 2, budget * 3))),
            (7, () => hours.After(clock, dice.Between(Hour, 6 * Hour))),
            (due > clock ? 5 : 0, () => due!.Value),
            (next > clock ? 5 : 0, () => next!.Value),
            (10, () => clock + dice.Between(Second, 10 * Minute)),
            (4, () => clock + dice.Between(3 * Hour, 20 * Hour)))() - sim.Skew;
        return Math.Max(sim.Now + 1, at);
    }
}
