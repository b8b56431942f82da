using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics;
using PpidWorkflow.Application;
using PpidWorkflow.Web.Rest.Ppid;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>
/// The REST contract of Elsa Studio 3.8.2 (recorded traffic: tests/Shared/elsa), one file a resource. Shapes and casing are Elsa's; answers
/// come from our own state.
/// </summary>
public static class ElsaApi
{
    /// <summary>Where Studio's elements are told to find the API (<c>remote-endpoint</c>).</summary>
    public const string Root = "/elsa/api";

    /// <summary>camelCase, enums as strings, nulls left out (Elsa contract).</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() }
    };

    /// <summary>Services of the API and of the hub, which speaks the same JSON.</summary>
    public static void AddElsaApi(this IServiceCollection services)
    {
        services.AddSignalR().AddJsonProtocol(json => json.PayloadSerializerOptions = Json);
        services.AddSingleton<InstanceWatch>();
    }

    /// <summary>Every endpoint asks for <see cref="Access.Studio"/>; what changes anything asks for the right of an SOP manager besides.</summary>
    public static void MapElsaApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup(Root).RequireAuthorization(Access.Studio).DisableAntiforgery();
        Descriptors.Map(api);
        Definitions.Map(api);
        Instances.Map(api);
    }

    /// <summary>An answer in Elsa's JSON.</summary>
    public static IResult Ok(object? value, int status = StatusCodes.Status200OK) => TypedResults.Json(value, Json, statusCode: status);

    /// <summary>A refusal. Studio shows what it finds under <c>errors</c>; the rest is as in our own API (RFC 9457).</summary>
    public static IResult Refuse(params IReadOnlyList<Problem> problems) =>
        new ProblemAnswer([.. problems.Select(p => p.Field is null ? p with { Field = GeneralErrors } : p)]);

    /// <summary>404 with an empty body: what Studio expects of an unknown id.</summary>
    public static IResult Missing { get; } = new EmptyNotFound();

    private const string GeneralErrors = "generalErrors";

    private sealed class EmptyNotFound : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            if (httpContext.Features.Get<IStatusCodePagesFeature>() is { } general)
                general.Enabled = false;
            httpContext.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
    }
}
