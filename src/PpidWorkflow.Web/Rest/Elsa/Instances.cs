using System.Globalization;
using System.Text.Json.Nodes;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Web.Rest.Ppid;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>
/// Workflow instances: list, read, variables, cancel, delete. Case instances are only looked at; what changes anything is for trials, and for
/// SOP managers.
/// </summary>
internal static class Instances
{
    private const int DefaultPage = 100;

    public sealed record TimestampBody(string? Column, string? Operator, DateTimeOffset? Timestamp);

    /// <summary>Conditions as Studio sends them.</summary>
    public sealed record ListBody
    {
        public int? Page { get; init; }
        public int? PageSize { get; init; }
        public string? SearchTerm { get; init; }
        public string? DefinitionId { get; init; }
        public List<string>? DefinitionIds { get; init; }
        public string? CorrelationId { get; init; }
        public int? Version { get; init; }
        public bool? HasIncidents { get; init; }
        public bool? IsSystem { get; init; }
        public string? Status { get; init; }
        public List<string>? Statuses { get; init; }
        public string? SubStatus { get; init; }
        public List<string>? SubStatuses { get; init; }
        public string? OrderBy { get; init; }
        public string? OrderDirection { get; init; }
        public List<TimestampBody>? TimestampFilters { get; init; }
    }

    public sealed record BulkBody
    {
        public List<string>? Ids { get; init; }
        public string? DefinitionVersionId { get; init; }
        public string? DefinitionId { get; init; }
    }

    public sealed record VariableBody(string? Id, JsonNode? Value);

    public sealed record VariablesBody(List<VariableBody>? Variables);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/workflow-instances", ListByBodyAsync);
        api.MapGet("/workflow-instances", ListByQueryAsync);
        api.MapGet("/workflow-instances/{id}", GetAsync);
        api.MapGet("/workflow-instances/{id}/execution-state", GetExecutionStateAsync);
        api.MapGet("/workflow-instances/{id}/variables", GetVariablesAsync);
        api.MapPost("/workflow-instances/{id}/variables", SetVariablesAsync);
        api.MapDelete("/workflow-instances/{id}", DeleteAsync);
        api.MapPost("/cancel/workflow-instances/{id}", CancelAsync);
        api.MapPost("/bulk-actions/cancel/workflow-instances", BulkCancelAsync);
        api.MapPost("/bulk-actions/delete/workflow-instances/by-id", BulkDeleteAsync);
        InstanceJournal.Map(api);
        InstanceRuns.Map(api);
        InstanceTransfer.Map(api);
        Alterations.Map(api);
    }

    /// <summary>Answers with an instance; 404 where there is none of that id.</summary>
    public static async Task<IResult> WithAsync(
        ApiCall call, InstanceReader reader, string? id, Func<Actor, InstanceView, Task<IResult>> answer, CancellationToken cancellation)
    {
        var actor = await call.ActorAsync();
        return Guid.TryParse(id, out var key) && await reader.FindAsync(actor, key, cancellation) is { } view ? await answer(actor, view) : NotFound();
    }

    /// <summary>Changes an instance; 404 where there is none of that id.</summary>
    public static async Task<IResult> ChangeAsync<T>(ApiCall call, string id, Func<Actor, Guid, Task<Result<T>>> change, Func<T, IResult> answer)
    {
        var actor = await call.ActorAsync();
        return Guid.TryParse(id, out var key) ? Answer(await change(actor, key), answer) : NotFound();
    }

    public static IResult Answer<T>(Result<T> result, Func<T, IResult> answer) => result.Succeeded ? answer(result.Value)
        : result.Problems[0].Code == "instance-not-found" ? NotFound()
        : ElsaApi.Refuse(result.Problems);

    public static IResult NotFound() => ElsaApi.Missing;

    /// <summary>What an instance list's conditions ask for; every value that cannot be read is refused by name.</summary>
    public static Result<InstanceQuery> Query(ListBody body)
    {
        var size = body.PageSize ?? DefaultPage;
        if (size is < 1 or > InstanceQuery.LargestPage)
            return Problem.Invalid("page-size-invalid", "pageSize", InstanceQuery.LargestPage);
        if (body.Page is < 0 or > 1_000_000)
            return Problem.Invalid("filter-invalid", "page", "0…1000000");
        var statuses = Words<WorkflowStatus>([body.Status, .. body.Statuses ?? []], "statuses");
        // Elsa's newest status; nothing here is ever interrupted.
        string?[] wanted = [body.SubStatus, .. body.SubStatuses ?? []];
        var subStatuses = Words<WorkflowSubStatus>(wanted.Where(s => s != "Interrupted"), "subStatuses");
        var order = Words<InstanceOrder>([body.OrderBy is "UpdatedAt" or "LastExecuted" ? nameof(InstanceOrder.LastExecuted) : body.OrderBy], "orderBy");
        if (Array.Find<IReadOnlyList<Problem>>([statuses.Problems, subStatuses.Problems, order.Problems], p => p.Count > 0) is { } problems)
            return Result<InstanceQuery>.Refused(problems);
        if (body.OrderDirection is { Length: > 0 } and not ("Ascending" or "Descending"))
            return Problem.Invalid("filter-invalid", "orderDirection", "Ascending, Descending");
        var by = order.Value.Count > 0 ? order.Value[0] : InstanceOrder.Created;
        var instants = new List<InstantFilter>();
        foreach (var filter in body.TimestampFilters ?? [])
        {
            var comparison = Words<InstantComparison>([filter.Operator ?? nameof(InstantComparison.Is)], "timestampFilters");
            if (!comparison.Succeeded || filter.Timestamp is not { } instant
                || !InstanceReader.InstantColumns.Contains(filter.Column, StringComparer.OrdinalIgnoreCase))
                return Problem.Invalid("filter-invalid", "timestampFilters", string.Join(", ", InstanceReader.InstantColumns));
            instants.Add(new InstantFilter(filter.Column!, comparison.Value[0], instant));
        }
        return new InstanceQuery
        {
            Search = body.SearchTerm,
            Ids = subStatuses.Value.Count == 0 && wanted.Contains("Interrupted") ? [] : null,
            DefinitionIds = [.. ((string?[])[body.DefinitionId, .. body.DefinitionIds ?? []]).Where(d => !string.IsNullOrEmpty(d)).Cast<string>()],
            CorrelationIds = string.IsNullOrEmpty(body.CorrelationId) ? null : [body.CorrelationId],
            Version = body.Version,
            HasIncidents = body.HasIncidents,
            IsSystem = body.IsSystem,
            Statuses = statuses.Value,
            SubStatuses = subStatuses.Value,
            Instants = instants,
            Order = by,
            Ascending = body.OrderDirection is { Length: > 0 } direction ? direction == "Ascending" : by == InstanceOrder.Name,
            Skip = (body.Page ?? 0) * size,
            Take = size
        };
    }

    private static async Task<IResult> ListByBodyAsync(ApiCall call, InstanceReader reader, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<ListBody>();
        return body.Succeeded ? await ListAsync(call, reader, body.Value.Value, cancellation) : ElsaApi.Refuse(body.Problems);
    }

    private static Task<IResult> ListByQueryAsync(ApiCall call, InstanceReader reader, CancellationToken cancellation)
    {
        var query = call.Context.Request.Query;
        foreach (var name in (string[])["page", "pageSize", "version"])
        {
            if (query[name] is [{ Length: > 0 } text] && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                return Task.FromResult(ElsaApi.Refuse([Problem.Invalid("wrong-type", name)]));
        }
        return ListAsync(call, reader, new ListBody
        {
            Page = Number("page"),
            PageSize = Number("pageSize"),
            SearchTerm = query["searchTerm"],
            DefinitionId = query["definitionId"],
            DefinitionIds = [.. query["definitionIds"].OfType<string>()],
            CorrelationId = query["correlationId"],
            Version = Number("version"),
            HasIncidents = Flag("hasIncidents"),
            IsSystem = Flag("isSystem"),
            Status = query["status"],
            Statuses = [.. query["statuses"].OfType<string>()],
            SubStatus = query["subStatus"],
            SubStatuses = [.. query["subStatuses"].OfType<string>()],
            OrderBy = query["orderBy"],
            OrderDirection = query["orderDirection"]
        }, cancellation);

        int? Number(string name) => int.TryParse(query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        bool? Flag(string name) => bool.TryParse(query[name], out var flag) ? flag : null;
    }

    private static async Task<IResult> ListAsync(ApiCall call, InstanceReader reader, ListBody body, CancellationToken cancellation)
    {
        var query = Query(body);
        if (!query.Succeeded)
            return ElsaApi.Refuse(query.Problems);
        var actor = await call.ActorAsync();
        var (items, total) = await reader.ListAsync(actor, query.Value, cancellation);
        return ElsaApi.Ok(new { Items = items.Select(i => InstanceShapes.Summary(i, actor)), TotalCount = total });
    }

    private static Task<IResult> GetAsync(string id, ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
        WithAsync(call, reader, id, async (actor, view) =>
            ElsaApi.Ok(InstanceShapes.Instance(view, await reader.RunsAsync(view, cancellation), actor)), cancellation);

    private static Task<IResult> GetExecutionStateAsync(string id, ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
        WithAsync(call, reader, id, (_, view) =>
            Task.FromResult(ElsaApi.Ok(new { view.Row.Status, view.Row.SubStatus, view.Row.UpdatedAt })), cancellation);

    private static Task<IResult> GetVariablesAsync(string id, ApiCall call, InstanceReader reader, CancellationToken cancellation) =>
        WithAsync(call, reader, id, (_, view) => Task.FromResult(Variables(view)), cancellation);

    private static IResult Variables(InstanceView view) =>
        ElsaApi.Ok(new { Items = InstanceShapes.Variables(view), Count = view.Workflow.Definition.Variables.Count });

    private static async Task<IResult> SetVariablesAsync(string id, ApiCall call, TrialDesk trials, InstanceReader reader, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<VariablesBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var values = body.Value.Value.Variables ?? [];
        if (values.Count == 0 || values.Any(v => string.IsNullOrEmpty(v.Id)))
            return ElsaApi.Refuse([Problem.Invalid("field-required", "variables")]);
        var actor = await call.ActorAsync();
        if (!Guid.TryParse(id, out var key))
            return NotFound();
        var changed = await trials.SetVariablesAsync(actor, key, [.. values.Select(v => (v.Id!, v.Value))], cancellation);
        var view = changed.Succeeded ? await reader.FindAsync(actor, key, cancellation) : null;
        return Answer(changed, _ => view is null ? NotFound() : Variables(view));
    }

    private static Task<IResult> DeleteAsync(string id, ApiCall call, TrialDesk trials, CancellationToken cancellation) =>
        ChangeAsync(call, id, (actor, key) => trials.RemoveAsync(actor, key, cancellation), _ => TypedResults.NoContent());

    private static Task<IResult> CancelAsync(string id, ApiCall call, TrialDesk trials, CancellationToken cancellation) =>
        ChangeAsync(call, id, (actor, key) => trials.CancelAsync(actor, key, cancellation), _ => TypedResults.Ok());

    private static async Task<IResult> BulkCancelAsync(ApiCall call, TrialDesk trials, InstanceReader reader, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<BulkBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var asked = body.Value.Value;
        if (asked is { Ids: null, DefinitionId: null, DefinitionVersionId: null })
            return ElsaApi.Refuse([Problem.Invalid("field-required", "ids")]);
        // By definition: its trials that run; its cases are none of this.
        var trialsOf = asked.Ids is null ? await reader.IdsAsync(new InstanceQuery
        {
            IsTrial = true,
            DefinitionIds = asked.DefinitionId is { } definition ? [definition] : null,
            DefinitionVersionIds = asked.DefinitionVersionId is null ? null : Guid.TryParse(asked.DefinitionVersionId, out var version) ? [version] : [Guid.Empty],
            Statuses = [WorkflowStatus.Running],
            Take = InstanceQuery.LargestPage
        }, cancellation) : null;
        return await EachAsync(
            call, reader, trialsOf?.Select(InstanceShapes.Id).ToList() ?? asked.Ids!, (actor, key) => trials.CancelAsync(actor, key, cancellation),
            count => new { Cancelled = count }, cancellation);
    }

    private static async Task<IResult> BulkDeleteAsync(ApiCall call, TrialDesk trials, InstanceReader reader, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<BulkBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        return await EachAsync(
            call, reader, body.Value.Value.Ids ?? [], (actor, key) => trials.RemoveAsync(actor, key, cancellation), count => new { Deleted = count },
            cancellation);
    }

    /// <summary>One after another, each in its own commit; a case among them, and nothing is done. Ids that are gone are passed over.</summary>
    private static async Task<IResult> EachAsync(
        ApiCall call, InstanceReader reader, List<string> ids, Func<Actor, Guid, Task<Result<Guid>>> change, Func<int, object> answer,
        CancellationToken cancellation)
    {
        var actor = await call.ActorAsync();
        if (!actor.Is(Roles.SopManager))
            return ElsaApi.Refuse([Problem.Forbidden("forbidden")]);
        if (ids.Count > InstanceQuery.LargestPage)
            return ElsaApi.Refuse([Problem.Invalid("too-many-items", "ids", InstanceQuery.LargestPage)]);
        var keys = ids.Select(id => Guid.TryParse(id, out var key) ? key : Guid.Empty).Distinct().ToList();
        if ((await reader.IdsAsync(new InstanceQuery { Ids = keys, OfCases = true, Take = 1 }, cancellation)).Count > 0)
            return ElsaApi.Refuse([Problem.Conflict("instance-of-case")]);
        var done = 0;
        foreach (var key in keys)
        {
            var result = await change(actor, key);
            if (result.Succeeded)
                done++;
            else if (result.Problems[0].Kind != ProblemKind.NotFound)
                return ElsaApi.Refuse(result.Problems);
        }
        return ElsaApi.Ok(answer(done));
    }

    private static Result<IReadOnlyList<T>> Words<T>(IEnumerable<string?> given, string field) where T : struct, Enum
    {
        var words = new List<T>();
        foreach (var word in given.Where(w => !string.IsNullOrEmpty(w)))
        {
            if (!Enum.GetNames<T>().Contains(word, StringComparer.OrdinalIgnoreCase))
                return Problem.Invalid("filter-invalid", field, string.Join(", ", Enum.GetNames<T>()));
            words.Add(Enum.Parse<T>(word!, ignoreCase: true));
        }
        return words;
    }
}
