using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

namespace PpidWorkflow.Web.Tests.BadInput;

/// <summary>
/// A row of the table: what is sent, and what the service must answer. <c>{names}</c> in path and body are those of
/// <see cref="RefusalOffice"/>.
/// </summary>
/// <param name="Name">Says what is wrong with the input.</param>
/// <param name="As">User name; null: no token.</param>
/// <param name="Code">Problem code of the answer as a whole.</param>
/// <param name="Sentence">Part of the Indonesian sentence.</param>
/// <param name="Field">Wire name of a field that must be named with this code.</param>
public sealed partial record Refusal(
    string Name, string? As, string Method, string Path, string? Body, int Status, string Code, string Sentence, string? Field = null)
{
    /// <summary>Instead of <see cref="Body"/>, where that is no JSON.</summary>
    public Func<RefusalOffice, HttpContent>? Content { get; init; }

    /// <summary>Media type of <see cref="Body"/>.</summary>
    public string MediaType { get; init; } = "application/json";

    public (string Name, string Value)? Header { get; init; }

    public HttpRequestMessage Request(RefusalOffice office)
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), Fill(Path, office));
        if (Content is not null)
            request.Content = Content(office);
        else if (Body is not null)
            request.Content = Bytes(Fill(Body, office));
        // What is refused by its length is refused before it is sent.
        if (request.Content?.Headers.ContentLength is > 500_000)
            request.Headers.ExpectContinue = true;
        if (Header is { } header)
            request.Headers.TryAddWithoutValidation(header.Name, Fill(header.Value, office));
        return request;
    }

    private ByteArrayContent Bytes(string text) =>
        new(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = new MediaTypeHeaderValue(MediaType) } };

    private static string Fill(string template, RefusalOffice office) =>
        Placeholder().Replace(template, name => office.Names.TryGetValue(name.Groups[1].Value, out var value) ? value : name.Value);

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
