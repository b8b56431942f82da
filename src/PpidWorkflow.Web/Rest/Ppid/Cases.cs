using System.Text.Json;
using System.Text.Json.Serialization;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>Cases: opened, listed, shown.</summary>
internal static class Cases
{
    /// <summary>
    /// A new case. Besides <c>definitionId</c> (which may be left out where one definition only can be started) the properties are the
    /// inputs
    /// that the definition declares: title, exemptionBasis, determinationNumber, determinationDate …
    /// </summary>
    public sealed record CaseBody
    {
        public string? DefinitionId { get; init; }

        [JsonExtensionData]
        public Dictionary<string, JsonElement> Inputs { get; init; } = [];
    }

    public sealed record CreatedCase(Guid Id, string Number, string DefinitionId, int DefinitionVersion, string State);

    public static void Map(RouteGroupBuilder cases)
    {
        cases.MapPost("", CreateAsync).Accepts<CaseBody>("application/json")
            .Answers<CreatedCase>("Opens a case", StatusCodes.Status201Created);
        cases.MapGet("", ListAsync)
            .Answers<Page<CaseSummary>>("Lists cases: ?q= searches number and title, ?state= running, documented, cancelled, faulted");
        cases.MapGet("/{id:guid}", GetAsync).Answers<CaseView>("A case with steps, files and events");
    }

    private static Task<IResult> CreateAsync(ApiCall call, CaseRegister register, CancellationToken cancellation) =>
        call.ChangeAsync<CaseBody, CaseView>(
            async (actor, body) => body.Inputs.FirstOrDefault(input => !IsText(input.Value)) is { Key: { } unreadable }
                ? Problem.Invalid("wrong-type", unreadable)
                : await register.CreateAsync(actor, new NewCase(body.DefinitionId, body.Inputs), cancellation),
            view => TypedResults.Created(
                $"{PpidApi.Root}/cases/{view.Id}",
                new CreatedCase(view.Id, view.Number, view.DefinitionId, view.DefinitionVersion, view.State)));

    private static Task<IResult> ListAsync(
        ApiCall call, CaseRegister register, CancellationToken cancellation, string? q = null, string? state = null, string? after = null,
        string? pageSize = null) =>
        call.ReadAsync(async actor => ApiCall.PageSize(pageSize) is { Succeeded: true } size
            ? await register.ListAsync(actor, new CaseQuery(q, state, after, size.Value), cancellation)
            : ApiCall.PageSize(pageSize).As<Page<CaseSummary>>());

    private static Task<IResult> GetAsync(Guid id, ApiCall call, CaseRegister register, CancellationToken cancellation) =>
        call.ReadAsync(actor => register.GetAsync(actor, id, cancellation));

    // A lone surrogate is valid JSON and no text: reading it would throw where nobody expects it.
    private static bool IsText(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);
        try
        {
            return value.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
