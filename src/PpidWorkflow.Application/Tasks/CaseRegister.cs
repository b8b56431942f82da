using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Observability;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tasks;

/// <summary>A definition from which the actor may open a case, with the fields that a new case wants.</summary>
public sealed record StartableDefinition(string DefinitionId, int Version, string Name, IReadOnlyList<CaseField> Fields);

/// <summary>Cases: opened by a holder of step 1's role, listed, shown.</summary>
public sealed class CaseRegister(
    PpidDbContext db, Committer committer, DefinitionLibrary library, WorkflowRuntime runtime, CaseReader reader, SeenCases seen, StepDesk steps, AuditTrail audit,
    OfficeCalendar office, Identifiers identifiers, TimeProvider time)
{
    private static readonly string[] States = ["running", "documented", "cancelled", "faulted"];

    /// <summary>Cases that are looked at one by one for a search; of a word that more have, a page is found from the newest on.</summary>
    private const int MostCandidates = 1000;

    /// <summary>Definitions in force whose first step the actor may perform.</summary>
    public async Task<IReadOnlyList<StartableDefinition>> StartableAsync(Actor actor, CancellationToken cancellation = default) =>
        [.. (await library.InForceAsync(cancellation)).Where(d => MayStart(actor, d.Workflow))
            .Select(d => new StartableDefinition(d.Version.DefinitionId, d.Version.Version, d.Version.Name, CaseForm.Of(d.Workflow.Definition).Fields))];

    /// <summary>Opens a case on the version in force; its creator gets step 1.</summary>
    public async Task<Result<CaseView>> CreateAsync(Actor actor, NewCase request, CancellationToken cancellation = default) =>
        // Numbers have no gap, so every opening changes the year's counter.
        await committer.RunInRowAsync<CaseView>("case-number", async () =>
        {
            var inForce = (await library.InForceAsync(cancellation)).Where(d => d.Workflow.SopSteps.Count > 0).ToList();
            if (request.DefinitionId is { } wanted)
                inForce = [.. inForce.Where(d => d.Version.DefinitionId == wanted)];
            if (inForce.Count == 0)
                return Problem.Invalid("definition-not-found", "definitionId");
            if (inForce.Count > 1)
                return Problem.Invalid("definition-required", "definitionId");
            var (version, workflow) = inForce[0];
            if (!MayStart(actor, workflow))
                return Problem.Forbidden("role-cannot-start-case");

            var now = time.Now();
            var form = CaseForm.Of(workflow.Definition);
            var (values, problems) = form.Check(request.Inputs, office.Time.Today(now));
            if (problems.Count > 0)
                return Result<CaseView>.Refused(problems);
            var key = form.KeyOf(values);
            // The office's year, not UTC's: a case of 1 January 00:30 WIB belongs to the new year.
            var year = office.Time.Year(now);
            var (isTaken, sequence) = await NextNumberAsync(year, version.DefinitionId, key, cancellation);
            if (isTaken)
                return Problem.Conflict("determination-already-registered");

            var id = identifiers.Next();
            var record = new Case
            {
                Id = id,
                Number = form.Number(year, sequence),
                Year = year,
                SequenceNo = sequence,
                Title = values.GetValueOrDefault(form.TitleInput, ""),
                Fields = JsonSerializer.Serialize(values),
                UniqueKey = key,
                DefinitionId = version.DefinitionId,
                DefinitionVersion = version.Version,
                InstanceId = id,
                CreatedById = actor.Id,
                CreatedAt = now
            };
            db.Cases.Add(record);
            db.RememberNew(record);
            db.AuditChains.Add(AuditTrail.Begun(AuditTrail.ChainOf(id)));
            db.Happened.Add(() => Metrics.Opened(record.DefinitionId));
            var facts = new JsonObject { ["number"] = record.Number, ["definitionVersion"] = version.Version };
            if (actor.ActingIn(workflow.SopSteps[0].PerformerRole) is { } acting)
                facts["capacity"] = acting.Title;
            audit.Add(AuditTrail.ChainOf(id), actor.UserName, "case-created", facts);
            await steps.RememberPlayerAsync(id, workflow.SopSteps[0].PerformerRole, actor.Id, cancellation);
            await runtime.StartAsync(
                version, record, values.ToDictionary(v => v.Key, v => (JsonNode?)JsonValue.Create(v.Value)),
                new OpeningCause(actor.UserName, actor.NameIn(workflow.SopSteps[0].PerformerRole)), cancellation);
            return await reader.ViewAsync(actor, record, cancellation);
        }, cancellation);

    /// <summary>Newest first.</summary>
    public async Task<Result<Page<CaseSummary>>> ListAsync(Actor actor, CaseQuery query, CancellationToken cancellation = default)
    {
        if (query.PageSize is < 1 or > 200)
            return Problem.Invalid("page-size-invalid", "pageSize", 200);
        if (query.State is { Length: > 0 } && !States.Contains(query.State))
            return Problem.Invalid("unknown-state-filter", "state", string.Join(", ", States));
        var after = query.After is { Length: > 0 } text ? Cursor.Parse(text) : null;
        if (query.After is { Length: > 0 } && after is null)
            return Problem.Invalid("cursor-invalid", "after");
        if (query.Search?.Contains('\0') == true)
            return Problem.Invalid("text-not-storable", "q");

        var (cases, isFew) = await WantedAsync(query, cancellation);
        var isAll = string.IsNullOrEmpty(query.State) && string.IsNullOrWhiteSpace(query.Search);
        var page = actor.SeesAllCases || isFew
            ? await Newest(cases.VisibleTo(db, actor), after).Take(query.PageSize + 1).ToListAsync(cancellation)
            : await OwnAsync(actor, isAll ? null : cases, after, query.PageSize + 1, cancellation);
        var shown = page.Take(query.PageSize).ToList();
        return new Page<CaseSummary>(
            await reader.SummariesAsync(shown, cancellation),
            page.Count > query.PageSize ? new Cursor(shown[^1].CreatedAt, shown[^1].Id).ToString() : null);
    }

    // What is asked for, whoever asks, and whether that is little beside all cases: then each is looked at whether he may see it.
    private async Task<(IQueryable<Case> Cases, bool IsFew)> WantedAsync(CaseQuery query, CancellationToken cancellation)
    {
        var (cases, isFew) = (db.Cases.AsNoTracking(), false);
        if (query.State is { Length: > 0 } wanted)
        {
            var state = Enum.Parse<CaseState>(wanted, ignoreCase: true);
            cases = cases.Where(c => c.State == state);
            isFew = state != CaseState.Documented;
        }
        if (!string.IsNullOrWhiteSpace(query.Search))
        {
            if (await CaseSearch.CandidatesAsync(db, query.Search.Trim(), MostCandidates, cancellation) is { } candidates)
            {
                cases = cases.Where(c => EF.Parameter(candidates).Contains(c.Id));
                isFew = true;
            }
            var pattern = $"%{query.Search.Trim().Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";
            cases = cases.Where(c => EF.Functions.Like(PpidDbContext.Lower(c.Number), PpidDbContext.Lower(pattern), @"\")
                || EF.Functions.Like(PpidDbContext.Lower(c.Title), PpidDbContext.Lower(pattern), @"\"));
        }
        return (cases, isFew);
    }

    private static IQueryable<Case> Newest(IQueryable<Case> cases, Cursor? after)
    {
        // The first condition is what an index can be entered by.
        if (after is { } from)
            cases = cases.Where(c => c.CreatedAt <= from.At && (c.CreatedAt < from.At || c.Id < from.Id));
        return cases.OrderByDescending(c => c.CreatedAt).ThenByDescending(c => c.Id);
    }

    private async Task<List<Case>> OwnAsync(Actor actor, IQueryable<Case>? among, Cursor? after, int count, CancellationToken cancellation)
    {
        var ids = (await seen.NewestAsync(actor, among, after, count, cancellation)).ConvertAll(k => k.Id);
        if (ids.Count == 0)
            return [];
        var found = await db.Cases.AsNoTracking().Where(c => ids.Contains(c.Id)).ToDictionaryAsync(c => c.Id, cancellation);
        return ids.ConvertAll(id => found[id]);
    }

    public async Task<Result<CaseView>> GetAsync(Actor actor, Guid id, CancellationToken cancellation = default) =>
        await db.Cases.AsNoTracking().VisibleTo(db, actor).SingleOrDefaultAsync(c => c.Id == id, cancellation) is { } record
            ? await reader.ViewAsync(actor, record, cancellation)
            : Problem.NotFound("case-not-found");

    private static bool MayStart(Actor actor, CompiledWorkflow workflow) =>
        workflow.SopSteps.Count > 0 && actor.Is(workflow.SopSteps[0].PerformerRole);

    private async Task<(bool IsTaken, int Number)> NextNumberAsync(int year, string definitionId, string? key, CancellationToken cancellation)
    {
        // No case has an empty key.
        var row = await HotQueries.Of(db).Number(db, year, definitionId, key ?? "", cancellation);
        if (row?.IsTaken ?? await db.Cases.AnyAsync(c => c.DefinitionId == definitionId && c.UniqueKey == key && key != null, cancellation))
            return (true, 0);
        var sequence = row?.Sequence ?? db.CaseNumberSequences.Add(new CaseNumberSequence { Year = year }).Entity;
        sequence.Last++;
        sequence.Revision++;
        return (false, sequence.Last);
    }
}
