using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Metadata;
using PpidWorkflow.Application;
using PpidWorkflow.Web.Resources;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>A refusal as RFC 9457 writes it.</summary>
/// <param name="Type"><c>/problems/{code}</c>, stable.</param>
/// <param name="Title">Names the kind of answer.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What is wrong and what helps, in the caller's language.</param>
/// <param name="Code">For programs.</param>
/// <param name="Errors">Sentences by field (wire name), where fields are at fault.</param>
/// <param name="Codes">Codes by field, likewise.</param>
public sealed record ProblemBody(
    string Type, string Title, int Status, string Detail, string Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string[]>? Errors = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string[]>? Codes = null);

/// <summary>Answers with problems, never with what caused them: no exception text, no path, no content.</summary>
public sealed class ProblemAnswer(IReadOnlyList<Problem> problems, int? status = null) : IResult, IEndpointMetadataProvider
{
    public const string MediaType = "application/problem+json";
    private const int RetryAfterSeconds = 5;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        foreach (var answer in (int[])[400, 401, 403, 404, 409, 413, 415, 422, 503])
            builder.Metadata.Add(new ProducesResponseTypeMetadata(answer, typeof(ProblemBody), [MediaType]));
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = Body(problems, status ?? StatusOf(problems[0]));
        httpContext.Response.StatusCode = body.Status;
        if (body.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests)
            httpContext.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return httpContext.Response.WriteAsJsonAsync(body, options: null, contentType: MediaType, httpContext.RequestAborted);
    }

    /// <summary>For answers that the framework gives by status alone.</summary>
    public static ProblemAnswer Of(int status) => new(
        [
            new Problem(status switch
            {
                StatusCodes.Status401Unauthorized => "unauthenticated",
                StatusCodes.Status403Forbidden => "forbidden",
                StatusCodes.Status404NotFound => "route-not-found",
                StatusCodes.Status405MethodNotAllowed => "method-not-allowed",
                StatusCodes.Status413PayloadTooLarge => "body-too-large",
                StatusCodes.Status415UnsupportedMediaType => "unsupported-media-type",
                StatusCodes.Status429TooManyRequests => "too-many-requests",
                StatusCodes.Status503ServiceUnavailable => "store-unavailable",
                >= 400 and < 500 => "malformed-request",
                _ => "unexpected"
            }, ProblemKind.Malformed)
        ], status);

    private static ProblemBody Body(IReadOnlyList<Problem> problems, int status)
    {
        var byField = problems.Where(p => p.Field is not null).ToLookup(p => p.Field!);
        return new ProblemBody(
            $"/problems/{problems[0].Code}", Problems.Title(status), status, Problems.Sentence(problems[0]), problems[0].Code,
            byField.Count == 0 ? null : byField.ToDictionary(f => f.Key, f => f.Select(Problems.Sentence).ToArray()),
            byField.Count == 0 ? null : byField.ToDictionary(f => f.Key, f => f.Select(p => p.Code).ToArray()));
    }

    private static int StatusOf(Problem problem) => problem.Code switch
    {
        "unauthenticated" or "sign-in-failed" or "locked-out" => StatusCodes.Status401Unauthorized,
        "too-many-requests" => StatusCodes.Status429TooManyRequests,
        _ => problem.Kind switch
        {
            ProblemKind.Malformed => StatusCodes.Status400BadRequest,
            ProblemKind.Forbidden => StatusCodes.Status403Forbidden,
            ProblemKind.NotFound => StatusCodes.Status404NotFound,
            ProblemKind.Conflict => StatusCodes.Status409Conflict,
            ProblemKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
            ProblemKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status422UnprocessableEntity
        }
    };
}
