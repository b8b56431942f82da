using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using PpidWorkflow.Application;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>
/// What every call of the API does alike: who acts, the body under limits of size and depth and strict in its types, the Idempotency-Key,
/// and refusals as problems. Handlers name only the Application method.
/// </summary>
public sealed class ApiCall(CurrentActor current, Idempotency idempotency, IHttpContextAccessor http)
{
    /// <summary>Largest JSON body, bytes.</summary>
    public const int LargestBody = 1024 * 1024;

    public const int LargestPage = 200;

    /// <summary>Names and values in one body: ten times what the longest list of papers takes.</summary>
    private const int MostTokens = 20_000;
    private const int DefaultPage = 50;
    private const int LongestKey = 100;
    private const string KeyHeader = "Idempotency-Key";

    /// <summary>
    /// Unknown properties pass, so that newer callers may speak to an older service; wrong types and repeated properties do not.
    /// </summary>
    public static JsonSerializerOptions Json { get; } = Strict(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public HttpContext Context => http.HttpContext!;

    public static JsonSerializerOptions Strict(JsonSerializerOptions options)
    {
        options.NumberHandling = JsonNumberHandling.Strict;
        options.MaxDepth = 16;
        options.AllowDuplicateProperties = false;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        return options;
    }

    public Task<Actor> ActorAsync() => current.RequireAsync();

    /// <summary>Reads something for the actor.</summary>
    public async Task<IResult> ReadAsync<T>(Func<Actor, Task<Result<T>>> read, Func<T, object>? shape = null) =>
        Answer(await read(await ActorAsync()), value => TypedResults.Ok(shape is null ? value : shape(value)));

    /// <summary>Changes something: body, idempotency and answer.</summary>
    public async Task<IResult> ChangeAsync<TBody, T>(Func<Actor, TBody, Task<Result<T>>> change, Func<T, IResult>? answer = null)
        where TBody : class
    {
        var actor = await ActorAsync();
        var body = await BodyAsync<TBody>();
        if (!body.Succeeded)
            return new ProblemAnswer(body.Problems);
        if (AskOnce(actor, Convert.ToHexStringLower(SHA256.HashData(body.Value.Raw.Span))) is { } refused)
            return new ProblemAnswer([refused]);
        ReachAfterAnswer();
        return Answer(await change(actor, body.Value.Value), answer ?? (value => TypedResults.Ok(value)));
    }

    /// <summary>Takes note of the Idempotency-Key, if one is given; a problem if it cannot be one.</summary>
    public Problem? AskOnce(Actor actor, string bodyHash)
    {
        if (!Context.Request.Headers.TryGetValue(KeyHeader, out var given))
            return null;
        var key = given.ToString();
        if (key.Length is 0 or > LongestKey || given.Count > 1 || key.Any(c => c is < ' ' or > '~'))
            return Problem.Invalid("idempotency-key-invalid", KeyHeader, LongestKey);
        // The path as routed, not as typed: /API/v1/… is the same route.
        idempotency.Ask(actor.Id, $"{Context.Request.Method} {Context.Request.Path.Value!.TrimEnd('/').ToLowerInvariant()}", key, bodyHash);
        return null;
    }

    /// <summary>Where the kill tests end the process between answer and whatever follows it.</summary>
    public void ReachAfterAnswer() => Context.Response.OnCompleted(() =>
    {
        CrashPoints.Reach("after-answer");
        return Task.CompletedTask;
    });

    public static IResult Answer<T>(Result<T> result, Func<T, IResult> answer) =>
        result.Succeeded ? answer(result.Value) : new ProblemAnswer(result.Problems);

    /// <summary>The whole body and what it says. An empty one says nothing: fields missing are then named one by one.</summary>
    public async Task<Result<(ReadOnlyMemory<byte> Raw, TBody Value)>> BodyAsync<TBody>() where TBody : class
    {
        ReadOnlyMemory<byte> raw;
        try
        {
            if (await RawBodyAsync() is not { } whole)
                return TooLarge();
            raw = whole;
        }
        catch (BadHttpRequestException broken)
        {
            // The caller's failure and no failure of the service: not for the log.
            return broken.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge() : Malformed();
        }
        try
        {
            if (HasTooManyTokens(raw.Span))
                return Malformed();
            var value = JsonSerializer.Deserialize<TBody>(raw.Length == 0 ? "{}"u8 : raw.Span, Json);
            return value is null || raw.Span.IndexOf("\\u0000"u8) >= 0 ? Malformed() : (raw, value);
        }
        catch (JsonException wrong)
        {
            var field = wrong.Path is { Length: > 2 } path ? path[2..] : null;
            return field is null || !IsJsonObject(raw) ? Malformed() : Problem.Invalid("wrong-type", field);
        }
    }

    /// <summary><c>pageSize</c> as given, 50 by default; problems are answered by the caller.</summary>
    public static Result<int> PageSize(string? given) =>
        given is null ? DefaultPage
        : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is >= 1 and <= LargestPage ? size
        : Problem.Invalid("page-size-invalid", "pageSize", LargestPage);

    private static Problem TooLarge() => new("body-too-large", ProblemKind.TooLarge);

    private static Problem Malformed() => new("malformed-request", ProblemKind.Malformed);

    /// <summary>Null: longer than <see cref="LargestBody"/>.</summary>
    private async Task<ReadOnlyMemory<byte>?> RawBodyAsync()
    {
        if (Context.Request.ContentLength > LargestBody)
            return null;
        var buffer = new ArrayBufferWriter<byte>((int)Math.Max(256, Context.Request.ContentLength ?? 0) + 1);
        while (true)
        {
            var read = await Context.Request.Body.ReadAsync(buffer.GetMemory(256), Context.RequestAborted);
            if (read == 0)
                return buffer.WrittenMemory;
            buffer.Advance(read);
            if (buffer.WrittenCount > LargestBody)
                return null;
        }
    }

    private static bool HasTooManyTokens(ReadOnlySpan<byte> raw)
    {
        var reader = new Utf8JsonReader(raw, new JsonReaderOptions { MaxDepth = Json.MaxDepth });
        for (var tokens = 0; raw.Length > 0 && reader.Read(); tokens++)
        {
            if (tokens == MostTokens)
                return true;
        }
        return false;
    }

    // Tells a wrong type (whose field can be named) from text that is no JSON at all.
    private static bool IsJsonObject(ReadOnlyMemory<byte> raw)
    {
        try
        {
            using var document = JsonDocument.Parse(raw,
                new JsonDocumentOptions { MaxDepth = Json.MaxDepth, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
