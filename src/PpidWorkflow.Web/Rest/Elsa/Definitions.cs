using System.Globalization;
using System.Text.Json.Nodes;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Web.Resources;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>Workflow definitions: list, read, save, publish (which proposes), versions; files are in <see cref="DefinitionFiles"/>.</summary>
internal static class Definitions
{
    private const int LargestPage = 1000;
    private const int MostIds = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        var definitions = api.MapGroup("/workflow-definitions");
        definitions.MapGet("", ListAsync);
        definitions.MapPost("", SaveAsync);
        definitions.MapGet("/by-id/{id}", ByIdAsync);
        definitions.MapGet("/by-definition-id/{definitionId}", ByDefinitionIdAsync);
        definitions.MapGet("/{definitionId}", ByDefinitionIdAsync);
        definitions.MapGet("/many-by-id", ManyByIdAsync);
        definitions.MapGet("/query/count", async (DefinitionList list, CancellationToken cancellation) =>
            ElsaApi.Ok(new { count = await list.CountAsync(cancellation) }));
        definitions.MapGet("/validation/is-name-unique", async (DefinitionList list, CancellationToken cancellation, string? name = null, string? definitionId = null) =>
            ElsaApi.Ok(new { isUnique = await list.IsNameUniqueAsync(name ?? "", definitionId, cancellation) }));
        definitions.MapGet("/subgraph/{id}", SubgraphAsync);
        definitions.MapGet("/subgraph/segments/{id}", SegmentsAsync);
        definitions.MapGet("/{definitionId}/consumers", ConsumersAsync);
        definitions.MapGet("/{definitionId}/versions", VersionsAsync);
        definitions.MapPost("/{definitionId}/publish", PublishAsync);
        definitions.MapPost("/{definitionId}/retract", RetractAsync);
        definitions.MapPost("/{definitionId}/revert/{version:int}", RevertAsync);
        definitions.MapPost("/{definitionId}/update-references", UpdateReferencesAsync);
        definitions.MapDelete("/{definitionId}", DeleteAsync);
        definitions.MapDelete("/{definitionId}/version/{version:int}", DeleteVersionAsync);
        api.MapDelete("/workflow-definition-versions/{id}", DeleteByIdAsync);

        var bulk = api.MapGroup("/bulk-actions");
        bulk.MapPost("/delete/workflow-definitions/by-definition-id", (HttpContext http, CurrentActor current, DraftDesk drafts) =>
            BulkAsync(http, current, "definitionIds", async (actor, ids) => Count(await drafts.DeleteAsync(actor, ids, http.RequestAborted))));
        bulk.MapPost("/delete/workflow-definitions/by-id", (HttpContext http, CurrentActor current, DraftDesk drafts) =>
            BulkAsync(http, current, "ids", async (actor, ids) => Count(await drafts.DeleteVersionsAsync(actor, Guids(ids), http.RequestAborted))));
        bulk.MapPost("/publish/workflow-definitions/by-definition-ids", (HttpContext http, CurrentActor current, DraftDesk drafts) =>
            BulkAsync(http, current, "definitionIds", async (actor, ids) => Published(await drafts.PublishManyAsync(actor, ids, http.RequestAborted))));
        bulk.MapPost("/retract/workflow-definitions/by-definition-ids", (HttpContext http, CurrentActor current, DraftDesk drafts) =>
            BulkAsync(http, current, "definitionIds", async (actor, ids) => Retracted(await drafts.RetractManyAsync(actor, ids, http.RequestAborted))));
        DefinitionFiles.Map(definitions, bulk);
    }

    /// <summary>Null: not an id of a version.</summary>
    internal static Guid? VersionId(string? id) => Guid.TryParse(id, out var guid) ? guid : null;

    /// <summary>A definition's version as a query names it; nothing: <paramref name="otherwise"/>. Null: cannot be read.</summary>
    internal static VersionChoice? Choice(string? versionOptions, VersionChoice otherwise) =>
        string.IsNullOrWhiteSpace(versionOptions) ? otherwise : VersionChoice.Parse(versionOptions.Trim());

    internal static IResult NoSuchChoice() => ElsaApi.Refuse(new Problem("version-options-invalid", ProblemKind.Malformed, "versionOptions"));

    internal static IResult Malformed() => ElsaApi.Refuse(new Problem("malformed-request", ProblemKind.Malformed));

    private static async Task<IResult> ListAsync(HttpRequest request, CurrentActor current, DefinitionList list, DefinitionModel model, CancellationToken cancellation)
    {
        var query = request.Query;
        if (Choice(query["versionOptions"], VersionChoice.All) is not { } versions)
            return NoSuchChoice();
        if (!Number(query["page"], 0, out var page) || !Number(query["pageSize"], null, out var size) || query["definitionIds"].Count > MostIds
            || query["ids"].Count > MostIds)
            return Malformed();
        if (!Word<DefinitionOrder>(query["orderBy"], out var named) || !Word<Direction>(query["orderDirection"], out var direction))
            return Malformed();
        var actor = await current.RequireAsync();
        var order = named ?? DefinitionOrder.Name;
        var descending = direction is null ? order != DefinitionOrder.Name : direction == Direction.Descending;
        var isElsewhere = bool.TryParse(query["isSystem"], out var isSystem) && isSystem
            || query["materializer"] is [{ Length: > 0 } materializer] && !materializer.Equals("Json", StringComparison.OrdinalIgnoreCase);
        var (items, total) = isElsewhere ? ([], 0) : await list.ListAsync(
            new DefinitionQuery(
                [.. query["definitionIds"].OfType<string>()], query.ContainsKey("ids") ? Guids(query["ids"].OfType<string>()) : null, versions,
                query["searchTerm"], order, descending, page ?? 0, size is { } wanted and > 0 ? Math.Min(wanted, LargestPage) : null),
            cancellation);
        return ElsaApi.Ok(new JsonObject
        {
            ["items"] = await model.SummariesAsync(actor, items, cancellation),
            ["totalCount"] = total,
            ["links"] = DefinitionModel.ListLinks(actor)
        });
    }

    private static async Task<IResult> SaveAsync(
        HttpContext http, CurrentActor current, DraftDesk drafts, DefinitionList list, DefinitionModel model, CancellationToken cancellation)
    {
        var actor = await current.RequireAsync();
        if (!actor.Is(Roles.SopManager))
            return ElsaApi.Refuse(Problem.Forbidden("forbidden"));
        var body = await DefinitionFiles.ReadBodyAsync(http);
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        var (definition, publish) = body.Value;
        var saved = await drafts.SaveDraftAsync(actor, definition, publish, cancellation);
        return saved.Succeeded ? ElsaApi.Ok(await SavedAsync(actor, saved.Value, list, model, cancellation)) : ElsaApi.Refuse(saved.Problems);
    }

    private static async Task<IResult> ByIdAsync(
        string id, CurrentActor current, DefinitionList list, DefinitionModel model, CancellationToken cancellation) =>
        await FindAsync(id, list, cancellation) is { } view
            ? ElsaApi.Ok(await model.WholeAsync(await current.RequireAsync(), view, cancellation)) : ElsaApi.Missing;

    private static async Task<IResult> ByDefinitionIdAsync(
        string definitionId, CurrentActor current, DefinitionList list, DefinitionModel model, CancellationToken cancellation, string? versionOptions = null) =>
        Choice(versionOptions, VersionChoice.Latest) is not { } choice ? NoSuchChoice()
        : await list.FindAsync(definitionId, choice, cancellation) is { } view
            ? ElsaApi.Ok(await model.WholeAsync(await current.RequireAsync(), view, cancellation)) : ElsaApi.Missing;

    private static async Task<IResult> ManyByIdAsync(
        HttpRequest request, CurrentActor current, DefinitionList list, DefinitionModel model, CancellationToken cancellation)
    {
        if (request.Query["ids"].Count > MostIds)
            return Malformed();
        var views = await list.FindAsync(Guids(request.Query["ids"].OfType<string>()), cancellation);
        return ElsaApi.Ok(new JsonObject
        {
            ["items"] = new JsonArray([.. await model.WholeAsync(await current.RequireAsync(), views, cancellation)]),
            ["count"] = views.Count
        });
    }

    private static async Task<IResult> SubgraphAsync(
        string id, DefinitionList list, DefinitionModel model, CancellationToken cancellation, string? parentNodeId = null)
    {
        if (await FindAsync(id, list, cancellation) is not { } view)
            return ElsaApi.Missing;
        var graph = new DefinitionGraph(view, model.Content(view.Version), model.Catalog, model.Library);
        return ElsaApi.Ok((graph.Find(parentNodeId ?? "") ?? graph.Root).ToJson());
    }

    private static async Task<IResult> SegmentsAsync(
        string id, DefinitionList list, DefinitionModel model, CancellationToken cancellation, string? childNodeId = null)
    {
        if (await FindAsync(id, list, cancellation) is not { } view)
            return ElsaApi.Missing;
        if (string.IsNullOrEmpty(childNodeId))
            return TypedResults.Ok();
        var graph = new DefinitionGraph(view, model.Content(view.Version), model.Catalog, model.Library);
        return graph.Find(childNodeId) is { } node ? ElsaApi.Ok(DefinitionGraph.Segments(node)) : Malformed();
    }

    private static async Task<IResult> ConsumersAsync(string definitionId, DefinitionList list, WorkflowConsumers consumers, CancellationToken cancellation) =>
        await list.FindAsync(definitionId, VersionChoice.Latest, cancellation) is null ? ElsaApi.Missing
            : ElsaApi.Ok(new JsonObject { ["consumingWorkflowDefinitionIds"] = Texts(await consumers.OfAsync(definitionId, cancellation)) });

    private static async Task<IResult> UpdateReferencesAsync(
        string definitionId, CurrentActor current, DefinitionList list, WorkflowConsumers consumers, CancellationToken cancellation)
    {
        var actor = await current.RequireAsync();
        if (actor.Is(Roles.SopManager) && await list.FindAsync(definitionId, VersionChoice.Latest, cancellation) is null)
            return ElsaApi.Missing;
        var updated = await consumers.UpdateAsync(actor, definitionId, cancellation);
        return updated.Succeeded ? ElsaApi.Ok(new JsonObject { ["affectedWorkflows"] = Texts(updated.Value) }) : ElsaApi.Refuse(updated.Problems);
    }

    private static async Task<IResult> VersionsAsync(
        string definitionId, CurrentActor current, DefinitionList list, DefinitionModel model, CancellationToken cancellation)
    {
        var (items, _) = await list.ListAsync(
            new DefinitionQuery([definitionId], null, VersionChoice.All, Order: DefinitionOrder.Version, Descending: true), cancellation);
        return items.Count == 0 ? ElsaApi.Missing
            : ElsaApi.Ok(new JsonArray([.. await model.WholeAsync(await current.RequireAsync(), items, cancellation)]));
    }

    private static async Task<IResult> PublishAsync(
        string definitionId, CurrentActor current, DraftDesk drafts, DefinitionList list, DefinitionModel model, CancellationToken cancellation)
    {
        var actor = await current.RequireAsync();
        var answer = await drafts.PublishAsync(actor, definitionId, cancellation);
        return answer.Succeeded ? ElsaApi.Ok(await SavedAsync(actor, answer.Value, list, model, cancellation)) : Refuse(answer.Problems);
    }

    private static async Task<IResult> RetractAsync(
        string definitionId, CurrentActor current, DraftDesk drafts, DefinitionList list, DefinitionModel model, CancellationToken cancellation)
    {
        var actor = await current.RequireAsync();
        var answer = await drafts.RetractAsync(actor, definitionId, cancellation);
        return answer.Succeeded
            ? ElsaApi.Ok(await model.WholeAsync(actor, (await list.FindAsync([answer.Value.Id], cancellation))[0], cancellation))
            : Refuse(answer.Problems);
    }

    private static async Task<IResult> RevertAsync(
        string definitionId, int version, HttpResponse response, CurrentActor current, DraftDesk drafts, DefinitionList list, CancellationToken cancellation)
    {
        var answer = await drafts.RevertAsync(await current.RequireAsync(), definitionId, version, cancellation);
        if (!answer.Succeeded)
            return Refuse(answer.Problems);
        var view = (await list.FindAsync([answer.Value.Version.Id], cancellation))[0];
        response.Headers.Location = $"{ElsaApi.Root}/workflow-definitions/by-id/{DefinitionModel.Id(view.Version.Id)}";
        return ElsaApi.Ok(DefinitionModel.Summary(view), answer.Value.Changed ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> DeleteAsync(string definitionId, CurrentActor current, DraftDesk drafts, CancellationToken cancellation) =>
        Gone(await drafts.DeleteAsync(await current.RequireAsync(), [definitionId], cancellation));

    private static async Task<IResult> DeleteByIdAsync(string id, CurrentActor current, DraftDesk drafts, CancellationToken cancellation) =>
        Gone(await drafts.DeleteVersionsAsync(await current.RequireAsync(), Guids([id]), cancellation));

    private static async Task<IResult> DeleteVersionAsync(
        string definitionId, int version, CurrentActor current, DraftDesk drafts, DefinitionList list, CancellationToken cancellation) =>
        await list.FindAsync(definitionId, new VersionChoice(null, version), cancellation) is { } view
            ? Gone(await drafts.DeleteVersionsAsync(await current.RequireAsync(), [view.Version.Id], cancellation)) : ElsaApi.Missing;

    private static async Task<IResult> BulkAsync(
        HttpContext http, CurrentActor current, string property, Func<Actor, IReadOnlyList<string>, Task<Result<JsonObject>>> act)
    {
        var actor = await current.RequireAsync();
        if (!actor.Is(Roles.SopManager))
            return ElsaApi.Refuse(Problem.Forbidden("forbidden"));
        if (await DefinitionFiles.ReadIdsAsync(http, property) is not { } ids || ids.Count > MostIds)
            return Malformed();
        var answer = await act(actor, ids);
        return answer.Succeeded ? ElsaApi.Ok(answer.Value) : ElsaApi.Refuse(answer.Problems);
    }

    private static Result<JsonObject> Count(Result<int> deleted) =>
        deleted.Succeeded ? new JsonObject { ["deleted"] = deleted.Value } : deleted.As<JsonObject>();

    private static Result<JsonObject> Published(Result<BulkProposed> answer)
    {
        if (!answer.Succeeded)
            return answer.As<JsonObject>();
        var (proposed, already, missing, failed, messages) = answer.Value;
        return new JsonObject
        {
            ["published"] = Texts(proposed),
            ["alreadyPublished"] = Texts(already),
            ["notFound"] = Texts(missing),
            ["skipped"] = new JsonArray(),
            ["updatedConsumers"] = new JsonArray(),
            ["failed"] = Texts(failed),
            ["warnings"] = new JsonObject(messages.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Key, Texts(m.Value.Select(Problems.Sentence)))))
        };
    }

    private static Result<JsonObject> Retracted(Result<BulkWithdrawn> answer) => !answer.Succeeded ? answer.As<JsonObject>() : new JsonObject
    {
        ["retracted"] = Texts(answer.Value.Withdrawn),
        ["alreadyRetracted"] = new JsonArray(),
        ["skipped"] = Texts(answer.Value.InForce),
        ["notPublished"] = Texts(answer.Value.NotProposed),
        ["notFound"] = Texts(answer.Value.NotFound)
    };

    private static async Task<JsonObject> SavedAsync(
        Actor actor, DraftSaved saved, DefinitionList list, DefinitionModel model, CancellationToken cancellation) => new()
        {
            ["workflowDefinition"] = await model.WholeAsync(actor, (await list.FindAsync([saved.Version.Id], cancellation))[0], cancellation),
            ["alreadyPublished"] = saved.AlreadyPublished,
            ["consumingWorkflowCount"] = 0,
            ["validationErrors"] = Texts(saved.Problems.Select(p => p.Message))
        };

    private static async Task<DefinitionView?> FindAsync(string id, DefinitionList list, CancellationToken cancellation) =>
        VersionId(id) is not { } guid ? null
        : (await list.FindAsync([guid], cancellation)).SingleOrDefault() ?? await list.OfTrialAsync(guid, cancellation);

    private static IResult Gone(Result<int> deleted) =>
        !deleted.Succeeded ? ElsaApi.Refuse(deleted.Problems) : deleted.Value == 0 ? ElsaApi.Missing : TypedResults.NoContent();

    private static IResult Refuse(IReadOnlyList<Problem> problems) =>
        problems[0].Code == "definition-not-found" ? ElsaApi.Missing : ElsaApi.Refuse(problems);

    private static List<Guid> Guids(IEnumerable<string> ids) => [.. ids.Select(VersionId).OfType<Guid>()];

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => JsonValue.Create(t))]);

    private static bool Number(string? text, int? otherwise, out int? number)
    {
        number = otherwise;
        if (string.IsNullOrEmpty(text))
            return true;
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var read) && read <= 1_000_000;
        number = read;
        return isNumber;
    }

    /// <summary>False: a word that is none of them; nothing given is null.</summary>
    private static bool Word<T>(string? text, out T? word) where T : struct, Enum
    {
        word = null;
        if (string.IsNullOrEmpty(text))
            return true;
        if (!Enum.TryParse<T>(text, ignoreCase: true, out var read) || !char.IsAsciiLetter(text[0]))
            return false;
        word = read;
        return true;
    }

    private enum Direction
    {
        Ascending,
        Descending
    }
}
