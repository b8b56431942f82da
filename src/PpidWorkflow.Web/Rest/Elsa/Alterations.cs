using System.Text.Json.Nodes;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Web.Rest.Ppid;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>
/// Alterations of trials: a variable changed, the trial cancelled; and the retry of incidents, of cases as well. Anything else is refused by
/// name before anything is done. A plan is carried out at once; what became of it is in the audit chain.
/// </summary>
internal static class Alterations
{
    private static readonly string[] Supported = ["ModifyVariable", "Cancel"];

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
    }

    public sealed record RunBody(List<JsonObject>? Alterations, List<string>? WorkflowInstanceIds);

    public sealed record SubmitBody(List<JsonObject>? Alterations, Filter? Filter);

    public sealed record RetryBody(List<string>? WorkflowInstanceIds, List<string>? ActivityIds);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/alterations/dry-run", DryRunAsync);
        api.MapPost("/alterations/run", RunAsync);
        api.MapPost("/alterations/submit", SubmitAsync);
        api.MapGet("/alterations/{id}", GetAsync);
        api.MapPost("/alterations/workflows/retry", RetryAsync);
    }

    private static async Task<IResult> DryRunAsync(ApiCall call, InstanceReader reader, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<Filter>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        return Instances.Answer(await SelectAsync(body.Value.Value, reader, cancellation), ids =>
            ElsaApi.Ok(new { WorkflowInstanceIds = ids.Select(InstanceShapes.Id) }));
    }

    private static async Task<IResult> RunAsync(ApiCall call, InstanceReader reader, TrialDesk trials, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<RunBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        if (TooMany(body.Value.Value.WorkflowInstanceIds) is { } tooMany)
            return ElsaApi.Refuse(tooMany);
        var keys = (body.Value.Value.WorkflowInstanceIds ?? []).Select(id => Guid.TryParse(id, out var key) ? key : Guid.Empty).Distinct().ToList();
        return Instances.Answer(
            await ApplyAsync(await call.ActorAsync(), body.Value.Value.Alterations ?? [], keys, reader, trials, cancellation),
            results => ElsaApi.Ok(new { Results = results.Select(Shape) }));
    }

    private static async Task<IResult> SubmitAsync(
        ApiCall call, InstanceReader reader, TrialDesk trials, AlterationPlans plans, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<SubmitBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var alterations = body.Value.Value.Alterations ?? [];
        var selected = await SelectAsync(body.Value.Value.Filter ?? new Filter(), reader, cancellation);
        if (!selected.Succeeded)
            return ElsaApi.Refuse(selected.Problems);
        var actor = await call.ActorAsync();
        var results = await ApplyAsync(actor, alterations, selected.Value, reader, trials, cancellation);
        if (!results.Succeeded)
            return ElsaApi.Refuse(results.Problems);
        return Instances.Answer(
            await plans.RecordAsync(actor, [.. alterations.Select(TypeOf)], [.. results.Value.Select(r => (r.Id, r.Refused is null))], cancellation),
            plan => ElsaApi.Ok(new { PlanId = InstanceShapes.Id(plan) }));
    }

    private static async Task<IResult> GetAsync(string id, AlterationPlans plans, CancellationToken cancellation)
    {
        if (!Guid.TryParse(id, out var key) || await plans.FindAsync(key, cancellation) is not { } plan)
            return ElsaApi.Missing;
        return ElsaApi.Ok(new
        {
            Plan = new
            {
                Id = id,
                Alterations = plan.Types.Select(type => new { Type = type }),
                WorkflowInstanceFilter = new { WorkflowInstanceIds = plan.Jobs.Select(j => InstanceShapes.Id(j.InstanceId)) },
                Status = "Completed",
                CreatedAt = plan.At,
                StartedAt = plan.At,
                CompletedAt = plan.At
            },
            Jobs = plan.Jobs.Select(job => new
            {
                Id = $"{id}-{InstanceShapes.Id(job.InstanceId)}",
                PlanId = id,
                WorkflowInstanceId = InstanceShapes.Id(job.InstanceId),
                Status = job.Succeeded ? "Completed" : "Failed",
                Log = Array.Empty<object>(),
                CreatedAt = plan.At,
                StartedAt = plan.At,
                CompletedAt = plan.At
            })
        });
    }

    private static async Task<IResult> RetryAsync(ApiCall call, InstanceReader reader, IncidentDesk incidents, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<RetryBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var actor = await call.ActorAsync();
        if (!actor.Is(Roles.SopManager) && !actor.Is(Roles.Admin))
            return ElsaApi.Refuse(Problem.Forbidden("forbidden"));
        if (TooMany(body.Value.Value.WorkflowInstanceIds) is { } tooMany)
            return ElsaApi.Refuse(tooMany);
        var results = new List<(Guid Id, Problem? Refused)>();
        foreach (var id in body.Value.Value.WorkflowInstanceIds ?? [])
        {
            var open = Guid.TryParse(id, out var key) ? await reader.OpenIncidentsAsync(key, body.Value.Value.ActivityIds, cancellation) : [];
            var refused = open.Count == 0 ? Problem.Conflict("incident-not-open") : null;
            foreach (var incident in open)
            {
                var retried = await incidents.RetryAsync(actor, incident, cancellation);
                refused ??= retried.Succeeded ? null : retried.Problems[0];
            }
            results.Add((key, refused));
        }
        return ElsaApi.Ok(new { Results = results.Select(Shape) });
    }

    private static async Task<Result<IReadOnlyList<(Guid Id, Problem? Refused)>>> ApplyAsync(
        Actor actor, List<JsonObject> alterations, IReadOnlyList<Guid> ids, InstanceReader reader, TrialDesk trials, CancellationToken cancellation)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("forbidden");
        if (alterations.Find(a => !Supported.Contains(TypeOf(a))) is { } unknown)
            return Problem.Invalid("alteration-not-supported", "alterations", Shown(TypeOf(unknown)), string.Join(", ", Supported));
        if (alterations.Exists(a => TypeOf(a) == "ModifyVariable" && string.IsNullOrEmpty(Text(a["variableId"]))))
            return Problem.Invalid("field-required", "variableId");
        if ((await reader.IdsAsync(new InstanceQuery { Ids = ids, IsTrial = false, Take = 1 }, cancellation)).Count > 0)
            return Problem.Conflict("instance-of-case");
        var results = new List<(Guid, Problem?)>();
        foreach (var id in ids)
        {
            Problem? refused = null;
            var variables = alterations.Where(a => TypeOf(a) == "ModifyVariable").Select(a => (Text(a["variableId"])!, a["value"])).ToList();
            if (variables.Count > 0)
                refused = Refusal(await trials.SetVariablesAsync(actor, id, variables, cancellation));
            if (refused is null && alterations.Exists(a => TypeOf(a) == "Cancel"))
                refused = Refusal(await trials.CancelAsync(actor, id, cancellation));
            results.Add((id, refused));
        }
        return results;
    }

    // Only trials are ever altered, so only trials are found.
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
        var isEmpty = string.IsNullOrWhiteSpace(filter.SearchTerm) && filter.HasIncidents is null && filter.TimestampFilters is null or { Count: 0 }
            && ((List<string>?[])[filter.WorkflowInstanceIds, filter.CorrelationIds, filter.DefinitionIds, filter.DefinitionVersionIds, filter.Statuses, filter.SubStatuses])
                .All(list => list is null or { Count: 0 });
        if (isEmpty && !filter.EmptyFilterSelectsAll)
            return Array.Empty<Guid>();
        return await reader.IdsAsync(query.Value with
        {
            IsTrial = true,
            Ids = Keys(filter.WorkflowInstanceIds),
            CorrelationIds = filter.CorrelationIds,
            DefinitionVersionIds = Keys(filter.DefinitionVersionIds)
        }, cancellation);

        static List<Guid>? Keys(List<string>? ids) =>
            ids is null or { Count: 0 } ? null : [.. ids.Select(id => Guid.TryParse(id, out var key) ? key : Guid.Empty)];
    }

    private static object Shape((Guid Id, Problem? Refused) result) => new
    {
        WorkflowInstanceId = InstanceShapes.Id(result.Id),
        Log = new
        {
            LogEntries = result.Refused is null
                ? []
                : new object[] { new { Message = Resources.Problems.Sentence(result.Refused), LogLevel = "Error", EventName = result.Refused.Code } }
        },
        WorkflowHasScheduledWork = false,
        IsSuccessful = result.Refused is null
    };

    /// <summary>Each takes a commit of its own.</summary>
    private static Problem? TooMany(List<string>? ids) =>
        ids?.Count > InstanceQuery.LargestPage ? Problem.Invalid("too-many-items", "workflowInstanceIds", InstanceQuery.LargestPage) : null;

    private static Problem? Refusal(Result<Guid> result) => result.Succeeded ? null : result.Problems[0];

    private static string TypeOf(JsonObject alteration) => Text(alteration["type"]) ?? "";

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string Shown(string type) => type.Length > 60 ? type[..60] : type;
}
