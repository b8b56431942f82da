using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tasks;

/// <summary>Makes the views of cases: the steps walked and still to come, the dossier, the history.</summary>
public sealed class CaseReader(PpidDbContext db, TaskReader tasks, DefinitionLibrary library, OfficerDirectory directory, TimeProvider time)
{
    // As the audit names the service itself.
    private const string Service = "system";

    public async Task<IReadOnlyList<CaseSummary>> SummariesAsync(IReadOnlyList<Case> cases, CancellationToken cancellation)
    {
        if (cases.Count == 0)
            return [];
        var ids = cases.Select(c => c.Id).ToList();
        var open = await db.WorkItems.AsNoTracking().Include(w => w.Clock).Include(w => w.Assignee)
            .Where(w => ids.Contains(w.CaseId) && w.Closure == WorkItemClosure.Open).ToListAsync(cancellation);
        var names = new Dictionary<(Guid, string), string>();
        foreach (var item in open.Where(w => w.Assignee is not null && !names.ContainsKey((w.AssigneeId!.Value, w.Role))))
            names[(item.AssigneeId!.Value, item.Role)] = (await tasks.AssigneeAsync(item, cancellation))!.Printed;
        return [.. cases.Select(c =>
        {
            var current = open.Where(w => w.CaseId == c.Id).MinBy(w => w.ReceivedAt);
            return new CaseSummary(
                c.Id, c.Number, c.Title, Wire(c.State), c.CreatedAt, c.ClosedAt, current?.StepLabel, current?.Assignee is { } holder ? names[(holder.Id, current.Role)] : null, current?.Clock!.DueAt);
        })];
    }

    public async Task<CaseView> ViewAsync(Actor actor, Case record, CancellationToken cancellation)
    {
        // In the commit that creates it all there is lies in memory.
        var isNew = db.HasNone<Case>(record.Id);
        if (!isNew)
            await HotQueries.ListAsync(HotQueries.Of(db).CaseItems(db, record.Id), cancellation);
        // By their ids, which ascend though the machine's clock be set back.
        var items = db.WorkItems.Local.Where(w => w.CaseId == record.Id).OrderBy(w => w.Id).ToList();
        // In the commit that creates it, it is not to be read yet.
        var version = db.Instances.Local.FirstOrDefault(i => i.Id == record.InstanceId)?.DefinitionVersionId
            ?? await db.Instances.AsNoTracking().Where(i => i.Id == record.InstanceId).Select(i => i.DefinitionVersionId).SingleAsync(cancellation);
        var workflow = await library.PinnedAsync(version, cancellation);
        var mayOpen = await tasks.MayOpenFilesAsync(actor, record.Id, cancellation);
        var values = JsonSerializer.Deserialize<Dictionary<string, string>>(record.Fields)!;
        var location = mayOpen && !isNew ? await db.StorageLocations.AsNoTracking().SingleOrDefaultAsync(l => l.CaseId == record.Id, cancellation) : null;
        var steps = await StepsAsync(record, items, workflow, cancellation);
        var events = await EventsAsync(record.Id, steps, cancellation);
        // In the commit that creates it the record of it is not written yet.
        var creator = events.FirstOrDefault(e => e.Action == "case-created") is { } created ? CapacityOf(created)
            : actor.Id == record.CreatedById && workflow.SopSteps.Count > 0 ? actor.ActingIn(workflow.SopSteps[0].PerformerRole)?.Title : null;
        return new CaseView
        {
            Id = record.Id,
            Number = record.Number,
            Title = record.Title,
            Fields = workflow.Definition.Inputs.ToDictionary(i => i.Name, i => values.GetValueOrDefault(i.Name)),
            FieldTexts = [.. CaseForm.Of(workflow.Definition).Fields.Select(f => Field(f, values.GetValueOrDefault(f.Name)))],
            DefinitionId = record.DefinitionId,
            DefinitionVersion = record.DefinitionVersion,
            DefinitionName = workflow.Definition.Name ?? record.DefinitionId,
            State = Wire(record.State),
            CreatedBy = OfficerDirectory.Printed((await directory.GetAsync(record.CreatedById, cancellation)).DisplayName, creator),
            CreatedAt = record.CreatedAt,
            ClosedAt = record.ClosedAt,
            Steps = steps,
            Times = Times(steps),
            Files = mayOpen ? await tasks.FilesAsync(record.Id, cancellation) : [],
            HardcopyItems = mayOpen ? await tasks.HardcopyAsync(record.Id, cancellation) : [],
            Location = location is null
                ? null
                : new LocationView(location.Building, location.Cabinet, location.Shelf, location.Box, location.Folder, location.Text),
            MissingMedia = mayOpen && !isNew
                ? await db.MissingMedia.Where(m => m.CaseId == record.Id).Select(m => new MissingMediumView(m.Medium, m.Reason)).ToListAsync(cancellation)
                : [],
            Events = events,
            JournalRemovedAt = record.ClosedAt is null
                ? null
                : await db.Instances.Where(i => i.Id == record.InstanceId).Select(i => i.JournalRemovedAt).SingleOrDefaultAsync(cancellation),
            MayOpenFiles = mayOpen,
            OpenIncidents = isNew ? 0 : await db.Incidents.CountAsync(i => i.InstanceId == record.InstanceId && i.ResolvedAt == null, cancellation)
        };
    }

    private static string? CapacityOf(CaseEventView entry) => CapacityOf(entry.Data);

    private static string? CapacityOf(JsonElement data) => data.TryGetProperty("capacity", out var capacity) ? capacity.GetString() : null;

    private static CaseFieldView Field(CaseField field, string? value) =>
        new(field.Name, field.Label, value, field.Options.FirstOrDefault(o => o.Value == value)?.Text ?? value);

    private static string Wire(CaseState state) => state.ToString().ToLowerInvariant();

    // Walked visits in their order, then the rows of the SOP behind the last one.
    private async Task<IReadOnlyList<VisitView>> StepsAsync(
        Case record, List<WorkItem> items, CompiledWorkflow workflow, CancellationToken cancellation)
    {
        var now = time.Now();
        var events = db.HasNone<ClockEvent>(record.Id) ? [] : await HotQueries.ListAsync(HotQueries.Of(db).CaseEvents(db, record.Id), cancellation);
        var fires = db.HasNone<FireRecord>(record.Id) ? [] : await HotQueries.ListAsync(HotQueries.Of(db).CaseFires(db, record.Id), cancellation);
        var visits = new List<VisitView>();
        foreach (var item in items)
        {
            var own = events.FindAll(e => e.ClockId == item.ClockId);
            var (waiting, processing) = tasks.Spent(item, own, now);
            visits.Add(new VisitView
            {
                TaskId = item.Id,
                Step = TaskReader.Step(item, StepDesk.TaskOf(item)),
                State = TaskReader.Wire(tasks.StateOf(item, now)),
                Assignee = await tasks.AssigneeAsync(item, cancellation),
                ReceivedAt = item.ReceivedAt,
                StartedAt = item.StartedAt,
                CompletedAt = item.ClosedAt,
                DueAt = item.IsOpen ? item.Clock!.DueAt : item.DueAt,
                Provisional = tasks.IsProvisional(item),
                WaitingMinutes = waiting,
                ProcessingMinutes = processing,
                PausedMinutes = tasks.PausedMinutes(item, own, now),
                Pauses = await tasks.PausesAsync(item, own, now, cancellation),
                ActualStart = TaskReader.ActualStart(item),
                ActualCompletion = TaskReader.ActualCompletion(item),
                Alerts = TaskReader.Alerts(item, fires),
                LateMinutes = LateMinutes(item, now),
                Credits = await tasks.CreditsAsync(item, own, cancellation),
                Note = item.Note,
                DelayReason = item.DelayReason,
                DelayCause = item.DelayCause,
                ReturnReason = item.ReturnReason,
                DueMoves = TaskReader.DueMoves(item, own)
            });
        }
        if (record.State is CaseState.Running or CaseState.Faulted)
        {
            var reached = workflow.SopSteps.ToList().FindIndex(s => s.ActivityId == items.LastOrDefault()?.ActivityId);
            visits.AddRange(workflow.SopSteps.Skip(reached + 1).Select(s => new VisitView { Step = Pending(s), State = "pending" }));
        }
        return visits;
    }

    // 5a and 5b are late by one clock: only the later of a row's parts counts for its lateness.
    private static CaseTimes Times(IReadOnlyList<VisitView> steps)
    {
        var counted = steps.Where(s => s.State is not ("cancelled" or "pending")).ToList();
        return new CaseTimes(
            Math.Round(counted.Sum(s => s.WaitingMinutes), 2), Math.Round(counted.Sum(s => s.ProcessingMinutes), 2),
            Math.Round(counted.Sum(s => s.PausedMinutes), 2),
            Math.Round(counted.Where((s, i) => i == counted.Count - 1 || s.Step.Part != "a" || counted[i + 1].Step.Part != "b").Sum(s => s.LateMinutes), 2));
    }

    // Nobody is late with what was taken from him.
    private double LateMinutes(WorkItem item, DateTimeOffset now)
    {
        if (item.Closure == WorkItemClosure.Cancelled)
            return 0;
        var consumed = item.ConsumedMs ?? (item.IsOpen ? -tasks.RemainingMinutes(item, now) * 60_000 + item.Clock!.BudgetMs : 0) ?? 0;
        return Math.Round(Math.Max(0, consumed - item.Clock!.BudgetMs) / 60_000, 2);
    }

    private static StepView Pending(SopStepOutline step) => new()
    {
        Number = step.Number,
        Act = TaskReader.ActOf(step.Act),
        ActivityId = step.ActivityId,
        Description = step.Description,
        RequiredInput = step.RequiredInput,
        Output = step.Output,
        Remarks = step.Remarks,
        StandardMinutes = step.StandardTime.TotalMinutes
    };

    private async Task<IReadOnlyList<CaseEventView>> EventsAsync(Guid caseId, IReadOnlyList<VisitView> steps, CancellationToken cancellation)
    {
        var chain = AuditTrail.ChainOf(caseId);
        var records = db.HasNone<AuditRecord>(caseId) ? [] : await HotQueries.ListAsync(HotQueries.Of(db).ChainRecords(db, chain), cancellation);
        // Performers are known from the steps; only who did something else is asked for.
        var names = new Dictionary<string, string>();
        foreach (var performer in steps.Select(s => s.Assignee).OfType<PersonView>())
            names[performer.UserName] = performer.DisplayName;
        foreach (var (user, name) in await directory.NamesAsync(
            records.Select(r => r.Actor).Where(actor => actor != Service && !names.ContainsKey(actor)), cancellation))
            names[user] = name;
        return [.. records.Select(r =>
        {
            var data = JsonSerializer.Deserialize<JsonElement>(r.Data);
            return new CaseEventView(r.At, r.Actor, r.Action, data)
            {
                ActorName = r.Actor == Service ? null : OfficerDirectory.Printed(names.GetValueOrDefault(r.Actor, r.Actor), CapacityOf(data))
            };
        })];
    }
}
