using System.Text.Json.Nodes;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Alterations;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Web.Rest.Ppid;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>
/// Alterations as Elsa's clients send them, and the retry of incidents. Beyond Elsa: an order takes a <c>reason</c>, and a dry run that brings the
/// alterations along says of each instance what they would do. Cases and runs are altered where they are named, never by a condition.
/// </summary>
internal static class Alterations
{
    public sealed record Filter
    {
        public bool EmptyFilterSelectsAll { get; init; }
        public List<string>? WorkflowInstanceIds { get; init; }
        public List<string>? CorrelationIds { get; init; }
        public List<string>? DefinitionIds { get; init; }
        public List<string>? DefinitionVersionIds { get; init; }
        public string? SearchTerm { get; init; }
        public bool? HasIncidents { get; init; }
        public bool? IsSystem { get; init; }
        public List<string>? Statuses { get; init; }
        public List<string>? SubStatuses { get; init; }
        public List<Instances.TimestampBody>? TimestampFilters { get; init; }
        public List<string>? Names { get; init; }
        public List<JsonObject>? ActivityFilters { get; init; }

        /// <summary>Of a dry run: what would be done; null: only the choice is asked for.</summary>
        public List<JsonObject?>? Alterations { get; init; }
    }

    public sealed record RunBody(List<JsonObject?>? Alterations, List<string>? WorkflowInstanceIds, string? Reason);

    public sealed record SubmitBody(string? Id, List<JsonObject?>? Alterations, Filter? Filter, string? Reason);

    public sealed record RetryBody(List<string>? WorkflowInstanceIds, List<string>? ActivityIds);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/alterations/dry-run", DryRunAsync);
        api.MapPost("/alterations/run", RunAsync);
        api.MapPost("/alterations/submit", SubmitAsync);
        api.MapGet("/alterations/{id}", GetAsync);
        api.MapPost("/alterations/workflows/retry", RetryByBodyAsync);
        api.MapGet("/alterations/workflows/retry", RetryByQueryAsync);
    }

    private static async Task<IResult> DryRunAsync(ApiCall call, InstanceReader reader, AlterationDesk desk, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<Filter>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var selected = await SelectAsync(body.Value.Value, reader, cancellation);
        if (!selected.Succeeded || body.Value.Value.Alterations is not { } alterations)
            return Instances.Answer(selected, ids => ElsaApi.Ok(new { WorkflowInstanceIds = ids.Select(InstanceShapes.Id) }));
        var tried = await desk.DryRunAsync(await call.ActorAsync(), new AlterationOrder(alterations, selected.Value), cancellation);
        return Instances.Answer(tried, outcomes => ElsaApi.Ok(new
        {
            WorkflowInstanceIds = selected.Value.Select(InstanceShapes.Id),
            Results = outcomes.Select(Shape)
        }));
    }

    private static async Task<IResult> RunAsync(ApiCall call, AlterationDesk desk, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<RunBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var asked = body.Value.Value;
        var order = new AlterationOrder(asked.Alterations ?? [], Keys(asked.WorkflowInstanceIds) ?? [], asked.Reason);
        var plan = await desk.SubmitAsync(await call.ActorAsync(), order, cancellation);
        if (!plan.Succeeded)
            return ElsaApi.Refuse(plan.Problems);
        var done = await desk.FindAsync(plan.Value, cancellation);
        return ElsaApi.Ok(new { Results = done!.Jobs.Select(Shape), PlanId = InstanceShapes.Id(plan.Value) });
    }

    private static async Task<IResult> SubmitAsync(ApiCall call, InstanceReader reader, AlterationDesk desk, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<SubmitBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var asked = body.Value.Value;
        Guid? known = Guid.TryParse(asked.Id, out var given) && given != Guid.Empty ? given : null;
        if (known is null && !string.IsNullOrEmpty(asked.Id))
            return ElsaApi.Refuse(Problem.Invalid("wrong-type", "id"));
        var selected = await SelectAsync(asked.Filter ?? new Filter(), reader, cancellation);
        if (!selected.Succeeded)
            return ElsaApi.Refuse(selected.Problems);
        var order = new AlterationOrder(asked.Alterations ?? [], selected.Value, asked.Reason, known);
        return Instances.Answer(
            await desk.SubmitAsync(await call.ActorAsync(), order, cancellation), plan => ElsaApi.Ok(new { PlanId = InstanceShapes.Id(plan) }));
    }

    private static async Task<IResult> GetAsync(string id, AlterationDesk desk, CancellationToken cancellation)
    {
        if (!Guid.TryParse(id, out var key) || await desk.FindAsync(key, cancellation) is not { } plan)
            return ElsaApi.Missing;
        return ElsaApi.Ok(new
        {
            Plan = new
            {
                Id = InstanceShapes.Id(key),
                Alterations = Shown(plan.Row),
                WorkflowInstanceFilter = new { WorkflowInstanceIds = plan.Jobs.Select(j => InstanceShapes.Id(j.InstanceId)) },
                Status = plan.Row.CompletedAt is null ? "Running" : "Completed",
                plan.Row.CreatedAt,
                StartedAt = plan.Row.CreatedAt,
                plan.Row.CompletedAt,
                plan.Row.Reason,
                OrderedBy = plan.Row.OrderedByName
            },
            Jobs = plan.Jobs.Select(job => new
            {
                Id = InstanceShapes.Id(job.Id),
                PlanId = InstanceShapes.Id(key),
                WorkflowInstanceId = InstanceShapes.Id(job.InstanceId),
                Status = job.State.ToString(),
                Log = job.Log.Select(note => Entry(note, job)),
                job.CreatedAt,
                StartedAt = job.DoneAt,
                CompletedAt = job.DoneAt
            })
        });
    }

    private static async Task<IResult> RetryByBodyAsync(ApiCall call, InstanceReader reader, IncidentDesk incidents, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<RetryBody>();
        return body.Succeeded ? await RetryAsync(body.Value.Value, call, reader, incidents, cancellation) : ElsaApi.Refuse(body.Problems);
    }

    /// <summary>
    /// Elsa takes a retry by GET, too, with the ids as repeated parameters. Asked twice, the second finds nothing that failed: no proxy that repeats a
    /// GET does anything twice, and without a bearer token nothing is done at all.
    /// </summary>
    private static Task<IResult> RetryByQueryAsync(ApiCall call, InstanceReader reader, IncidentDesk incidents, CancellationToken cancellation) =>
        RetryAsync(new RetryBody(Repeated(call, "workflowInstanceIds"), Repeated(call, "activityIds")), call, reader, incidents, cancellation);

    // Not bound as parameters: the generated endpoint of two lists that may be missing answered every request with 404.
    private static List<string> Repeated(ApiCall call, string parameter) => [.. call.Context.Request.Query[parameter].OfType<string>()];

    private static async Task<IResult> RetryAsync(
        RetryBody asked, ApiCall call, InstanceReader reader, IncidentDesk incidents, CancellationToken cancellation)
    {
        var actor = await call.ActorAsync();
        if (!actor.Is(Roles.SopManager) && !actor.Is(Roles.Admin))
            return ElsaApi.Refuse(Problem.Forbidden("forbidden"));
        var keys = Keys(asked.WorkflowInstanceIds) ?? [];
        // Each takes a commit of its own.
        if (keys.Count > InstanceQuery.LargestPage)
            return ElsaApi.Refuse(Problem.Invalid("too-many-items", "workflowInstanceIds", InstanceQuery.LargestPage));
        var known = await reader.RevisionsAsync(keys, cancellation);
        var results = new List<AlterationOutcome>();
        foreach (var key in keys)
        {
            var open = await reader.OpenIncidentsAsync(key, asked.ActivityIds, cancellation);
            var refused = !known.ContainsKey(key) ? Problem.NotFound("instance-not-found")
                : open.Count == 0 ? Problem.Conflict("incident-not-open") : null;
            foreach (var incident in open)
            {
                var retried = await incidents.RetryAsync(actor, incident, cancellation);
                refused ??= retried.Succeeded ? null : retried.Problems[0];
            }
            results.Add(new AlterationOutcome(
                Guid.Empty, key, refused is null ? AlterationJobState.Completed : AlterationJobState.Failed,
                refused is null ? [] : [AlterationNote.Of(refused)], call.Context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(), null));
        }
        return ElsaApi.Ok(new { Results = results.Select(Shape) });
    }

    private static async Task<Result<IReadOnlyList<Guid>>> SelectAsync(Filter filter, InstanceReader reader, CancellationToken cancellation)
    {
        // A condition that is not understood would leave more selected than was meant.
        if (filter.Names is { Count: > 0 } || filter.ActivityFilters is { Count: > 0 })
            return Problem.Invalid("filter-invalid", filter.Names is { Count: > 0 } ? "names" : "activityFilters", "workflowInstanceIds, definitionIds, statuses");
        var query = Instances.Query(new Instances.ListBody
        {
            SearchTerm = filter.SearchTerm,
            DefinitionIds = filter.DefinitionIds,
            HasIncidents = filter.HasIncidents,
            IsSystem = filter.IsSystem,
            Statuses = filter.Statuses,
            SubStatuses = filter.SubStatuses,
            TimestampFilters = filter.TimestampFilters,
            PageSize = InstanceQuery.LargestPage
        });
        if (!query.Succeeded)
            return query.As<IReadOnlyList<Guid>>();
        var isUnconditional = string.IsNullOrWhiteSpace(filter.SearchTerm) && filter.HasIncidents is null && filter.TimestampFilters is null or { Count: 0 }
            && ((List<string>?[])[filter.CorrelationIds, filter.DefinitionIds, filter.DefinitionVersionIds, filter.Statuses, filter.SubStatuses])
                .All(list => list is null or { Count: 0 });
        // Named and nothing else: all of them, whatever they are; one that there is not is refused by whoever is asked to alter it.
        if (isUnconditional && Keys(filter.WorkflowInstanceIds) is { } named)
            return named;
        if (isUnconditional && !filter.EmptyFilterSelectsAll)
            return Array.Empty<Guid>();
        return await reader.IdsAsync(query.Value with
        {
            IsTrial = true,
            Ids = Keys(filter.WorkflowInstanceIds),
            CorrelationIds = filter.CorrelationIds,
            DefinitionVersionIds = Keys(filter.DefinitionVersionIds)
        }, cancellation);
    }

    /// <summary>What cannot be an id is one that there is not.</summary>
    private static List<Guid>? Keys(List<string>? ids) =>
        ids is null or { Count: 0 } ? null : [.. ids.Select(id => Guid.TryParse(id, out var key) ? key : Guid.Empty).Distinct()];

    private static object Shape(AlterationOutcome outcome) => new
    {
        WorkflowInstanceId = InstanceShapes.Id(outcome.InstanceId),
        Log = new { LogEntries = outcome.Log.Select(note => Entry(note, outcome)) },
        WorkflowHasScheduledWork = false,
        IsSuccessful = outcome.State == AlterationJobState.Completed
    };

    private static object Entry(AlterationNote note, AlterationOutcome outcome) => new
    {
        Message = Resources.Problems.Sentence(note.Code, [.. note.Arguments]),
        LogLevel = note.Refuses ? "Error" : "Information",
        Timestamp = outcome.DoneAt ?? outcome.CreatedAt,
        EventName = note.Code
    };

    /// <summary>Values of a case's variables may be what is in its dossier.</summary>
    private static JsonArray Shown(AlterationPlanRow plan)
    {
        var all = JsonNode.Parse(plan.Alterations)!.AsArray();
        if (plan.OfCases)
        {
            foreach (var alteration in all.OfType<JsonObject>())
                alteration.Remove("value");
        }
        return all;
    }
}
