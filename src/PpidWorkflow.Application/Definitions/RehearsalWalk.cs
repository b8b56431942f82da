using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// Takes one case through a <see cref="RehearsalOffice"/>: officers act as the path says and while the office is open, the clock jumps to
/// whatever comes next, and every act, mail and alarm becomes a row.
/// </summary>
internal sealed class RehearsalWalk(RehearsalOffice office, RehearsalPath path, int steps, CancellationToken cancellation)
{
    /// <summary>Acts in all, whatever the definition.</summary>
    private const int MostActsEver = 2_000;

    /// <summary>Jumps of the clock for one act: the rungs of a long ladder.</summary>
    private const int HopsPerAct = 10;

    /// <summary>
    /// More acts than an SOP of so many steps takes where each step is sent back once, as far as to the first: two for each step on the way.
    /// </summary>
    private readonly int _mostActs = Math.Min(MostActsEver, 40 + 2 * steps * Math.Min(steps, 100) + 8 * steps);

    private static readonly TimeSpan Horizon = TimeSpan.FromDays(800);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly List<RehearsalRow> _rows = [];
    private readonly HashSet<(string ActivityId, string Part)> _sentBack = [];
    private readonly DateTimeOffset _begin = office.Now;
    private int _mails;
    private int _acts;

    private enum Act
    {
        Start,
        Complete,
        SendBack
    }

    public IReadOnlyList<RehearsalRow> Rows => _rows;

    /// <param name="opener">Who opens the case.</param>
    /// <param name="inputs">Values of its fields.</param>
    public async Task<(RehearsalEnd End, string? Detail)> RunAsync(Actor opener, IReadOnlyDictionary<string, JsonElement> inputs)
    {
        var opened = await office.AskAsync<CaseRegister, Result<CaseView>>(r => r.CreateAsync(opener, new NewCase(null, inputs), cancellation));
        if (!opened.Succeeded)
            return (RehearsalEnd.Refused, opened.Problems[0].Code);
        Add(opener.DisplayName, RehearsalEvent.CaseOpened);
        for (var hop = 0; hop < _mostActs * HopsPerAct && _acts < _mostActs; hop++)
        {
            cancellation.ThrowIfCancellationRequested();
            // What is due fires first: who acts at the very instant finds the alarm rung.
            var alarm = await office.FireAsync(cancellation);
            await CollectMailAsync();
            var (state, fault) = await StateAsync(opened.Value.Id);
            if (state == CaseState.Faulted)
            {
                Add("–", RehearsalEvent.CaseFaulted);
                return (RehearsalEnd.Faulted, fault);
            }
            if (state != CaseState.Running)
            {
                Add("–", RehearsalEvent.CaseClosed);
                return (RehearsalEnd.Finished, null);
            }

            var plans = await PlansAsync(opened.Value.Id);
            if (plans.FirstOrDefault(p => p.At <= office.Now) is { Item: not null } due)
            {
                if (await ActAsync(due.Item, due.Act) is { } refused)
                    return (RehearsalEnd.Refused, refused.Code);
                await CollectMailAsync();
                continue;
            }
            var next = plans.Select(p => (DateTimeOffset?)p.At).Append(alarm).Min();
            if (next is not { } at)
                return (RehearsalEnd.Waits, null);
            if (at - _begin > Horizon)
                break;
            office.WaitUntil(at);
        }
        return (RehearsalEnd.NeverEnds, null);
    }

    private Task<(CaseState State, string? Fault)> StateAsync(Guid caseId) => office.AskAsync<PpidDbContext, (CaseState, string?)>(async db =>
    {
        var record = await db.Cases.AsNoTracking().SingleAsync(c => c.Id == caseId, cancellation);
        var incident = record.State == CaseState.Faulted
            ? await db.Incidents.AsNoTracking().Where(i => i.InstanceId == record.InstanceId && i.ResolvedAt == null).OrderBy(i => i.At)
                .FirstOrDefaultAsync(cancellation)
            : null;
        return (record.State, incident is null ? null : $"{incident.ActivityId}: {incident.Message}");
    });

    // What the performers of the open items will do next, the earliest first; nothing where they wait for the ladder.
    private async Task<List<(WorkItem Item, Act Act, DateTimeOffset At)>> PlansAsync(Guid caseId)
    {
        var (items, fires) = await office.AskAsync<PpidDbContext, (List<WorkItem>, ILookup<Guid, DateTimeOffset>)>(async db =>
        {
            var open = await db.WorkItems.AsNoTracking().Include(w => w.Clock).Where(w => w.CaseId == caseId && w.Closure == WorkItemClosure.Open)
                .OrderBy(w => w.ReceivedAt).ThenBy(w => w.Id).ToListAsync(cancellation);
            var clocks = open.Select(w => w.ClockId).ToList();
            var fired = await db.FireRecords.AsNoTracking().Where(f => clocks.Contains(f.ClockId)).Select(f => new { f.ClockId, f.FiredAt })
                .ToListAsync(cancellation);
            return (open, fired.ToLookup(f => f.ClockId, f => f.FiredAt));
        });
        return [.. items.Select(item => (item, Plan: Plan(item, fires[item.ClockId]))).Where(p => p.Plan is not null)
            .Select(p => (p.item, p.Plan!.Value.Act, p.Plan.Value.At)).OrderBy(p => p.At)];
    }

    private (Act Act, DateTimeOffset At)? Plan(WorkItem item, IEnumerable<DateTimeOffset> fired)
    {
        var clock = item.Clock!;
        if (path == RehearsalPath.Overdue && clock.NextFireAt is not null)
            return null;
        if (path == RehearsalPath.Overdue && fired.Append(item.ReceivedAt).Max() is var last && (clock.State != ClockState.NotBegun || last > item.ReceivedAt))
            return (clock.State == ClockState.NotBegun ? Act.Start : Act.Complete, WhenOpen(last, Minute));
        var standard = ClockKeeper.Standard(clock);
        var left = standard.Budget
            - (clock.State == ClockState.NotBegun ? TimeSpan.Zero : standard.ConsumedAt(office.Calendar.Current, item.ReceivedAt));
        if (left < Minute && standard.Budget >= Minute)
            left = Minute;
        var pause = Shorter(Minute, left / 4);
        if (item.StartedAt is not { } started)
            return (Act.Start, WhenOpen(item.ReceivedAt, pause));

        // Half of what is left, in whole minutes: well within the standard, and before the first rung of an ordinary ladder.
        var half = TimeSpan.FromMinutes(Math.Floor(left.TotalMinutes / 2)) is var whole && whole > pause ? whole : left / 2;
        var at = clock.MeasuredFrom == MeasuredFrom.Started ? WhenOpen(started, half) : WhenOpen(item.ReceivedAt, half);
        return (IsToBeSentBack(item) ? Act.SendBack : Act.Complete, at);
    }

    private bool IsToBeSentBack(WorkItem item) =>
        path == RehearsalPath.Returned && StepDesk.TaskOf(item).Returnable && !_sentBack.Contains((item.ActivityId, item.StepPart));

    // Nobody works after hours.
    private DateTimeOffset WhenOpen(DateTimeOffset from, TimeSpan working)
    {
        var calendar = office.Calendar.Current;
        return ClockKeeper.Whole(calendar.NextOpening(calendar.Add(from, working)));
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task<Problem?> ActAsync(WorkItem item, Act act)
    {
        _acts++;
        if (await PerformerAsync(item) is not { } actor)
            return Problem.Conflict("assign-to-not-assignable");
        var answers = act == Act.Complete ? await AnswersAsync(item) : null;
        var result = await office.AskAsync<TaskInbox, Result<TaskView>>(inbox => act switch
        {
            Act.Start => inbox.StartAsync(actor, item.Id, item.Revision, cancellation: cancellation),
            Act.SendBack => inbox.ReturnAsync(actor, item.Id, item.Revision, "Latihan: dikembalikan satu kali.", cancellation: cancellation),
            _ => inbox.CompleteAsync(actor, item.Id, answers!, cancellation)
        });
        if (!result.Succeeded)
            return result.Problems[0];
        if (act == Act.SendBack)
            _sentBack.Add((item.ActivityId, item.StepPart));
        var late = act == Act.Start ? null : await LatenessAsync(item.Id);
        Add(actor.DisplayName, act switch
        {
            Act.Start => RehearsalEvent.Started,
            Act.SendBack => RehearsalEvent.SentBack,
            _ => late is null ? RehearsalEvent.Completed : RehearsalEvent.CompletedLate
        }, item.StepLabel, late: late);
        return null;
    }

    // Whoever has it, else the first of those who may take it.
    private async Task<Actor?> PerformerAsync(WorkItem item)
    {
        if (item.AssigneeId is { } assignee)
            return office.Actors[assignee];
        return await HoldersAsync(item.Role) is [var first, ..] ? office.Actors[first.Id] : null;
    }

    /// <summary>The least that each act wants; hardcopies instead of files, so that no vault is needed.</summary>
    private async Task<Completion> AnswersAsync(WorkItem item)
    {
        var completion = new Completion
        {
            Revision = item.Revision,
            DelayReason = path == RehearsalPath.Overdue ? "Latihan: diselesaikan terlambat." : null
        };
        var task = StepDesk.TaskOf(item);
        return task.Act switch
        {
            SopAct.Assign => completion with { AssignTo = (await HoldersAsync(task.RecipientRole ?? "")) is [var first, ..] ? first.UserName : null },
            SopAct.Prepare => completion with
            {
                Fields = new CompletionFields { HardcopyItems = [new NewHardcopyItem("Berkas latihan", 1, "asli")] }
            },
            SopAct.Document => completion with
            {
                Fields = new CompletionFields
                {
                    Location = new LocationView(null, "Lemari latihan", null, null, null, null),
                    MissingMedia = [new MissingMediumView("softcopy", "Latihan")]
                }
            },
            _ => completion
        };
    }

    private Task<IReadOnlyList<Officer>> HoldersAsync(string role) =>
        office.AskAsync<OfficerDirectory, IReadOnlyList<Officer>>(d => d.HoldersOfAsync(role, cancellation));

    private Task<double?> LatenessAsync(Guid itemId) => office.AskAsync<PpidDbContext, double?>(async db =>
    {
        var item = await db.WorkItems.AsNoTracking().Include(w => w.Clock).SingleAsync(w => w.Id == itemId, cancellation);
        return item.ConsumedMs - item.Clock!.BudgetMs is { } late and > 0 ? Math.Round(late / 60_000.0, 2) : null;
    });

    // Mails are rows of the outbox and stay there: nothing sends them.
    private async Task CollectMailAsync()
    {
        var fresh = await office.AskAsync<PpidDbContext, List<(OutboxMessage Mail, WorkItem? Item)>>(async db =>
        {
            var mails = await db.Outbox.AsNoTracking().OrderBy(m => m.CreatedAt).ThenBy(m => m.Id).Skip(_mails).ToListAsync(cancellation);
            var ids = mails.Select(m => m.WorkItemId).ToList();
            var items = await db.WorkItems.AsNoTracking().Include(w => w.Clock).Where(w => ids.Contains(w.Id))
                .ToDictionaryAsync(w => w.Id, cancellation);
            return [.. mails.Select(m => (m, m.WorkItemId is { } id ? items.GetValueOrDefault(id) : null))];
        });
        _mails += fresh.Count;
        foreach (var (mail, item) in fresh)
        {
            var what = mail.Template switch
            {
                "task" when mail.FireRecordId is not null => RehearsalEvent.HandedOverMail,
                "task" => RehearsalEvent.TaskMail,
                "reassigned" => RehearsalEvent.ReassignedMail,
                "helper" => RehearsalEvent.HelperMail,
                "helped" => RehearsalEvent.HelpedMail,
                "returned" => RehearsalEvent.ReturnMail,
                "not-started" => RehearsalEvent.NotStartedMail,
                "warning" => RehearsalEvent.WarningMail,
                "overdue" => RehearsalEvent.OverdueMail,
                "escalation" => RehearsalEvent.EscalationMail,
                "documented" => RehearsalEvent.DocumentedMail,
                _ => RehearsalEvent.OtherMail
            };
            var isRung = mail.FireRecordId is not null;
            Add(
                mail.ToName, what, item?.StepLabel, isRung ? PercentOf(mail) : null,
                what is RehearsalEvent.TaskMail or RehearsalEvent.ReturnMail || isRung ? item?.Clock?.DueAt : null);
            if (isRung && await office.AskAsync<PpidDbContext, bool>(db => db.AlertBanners.AnyAsync(
                b => b.FireRecordId == mail.FireRecordId && b.OfficerId == mail.OfficerId, cancellation)))
                Add(mail.ToName, RehearsalEvent.Banner, item?.StepLabel);
        }
    }

    private static int? PercentOf(OutboxMessage mail)
    {
        using var model = JsonDocument.Parse(mail.Model);
        return model.RootElement.TryGetProperty("percent", out var percent) && percent.TryGetInt32(out var value) ? value : null;
    }

    private void Add(
        string who, RehearsalEvent what, string? step = null, int? percent = null, DateTimeOffset? due = null, double? late = null) => _rows.Add(new RehearsalRow
        {
            At = office.Now,
            LocalTime = office.Calendar.Time.DateAndTime(office.Now),
            WorkingMinutes = Math.Round(office.Calendar.Current.Between(_begin, office.Now).TotalMinutes, 2),
            Step = step,
            Who = who,
            What = what,
            Percent = percent,
            LateMinutes = late,
            DueAt = due,
            DueLocalTime = due is { } at ? office.Calendar.Time.DateAndTime(at) : null
        });
}
