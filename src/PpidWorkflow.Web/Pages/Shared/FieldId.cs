using PpidWorkflow.Application;

namespace PpidWorkflow.Web.Pages.Shared;

/// <summary>Ids of fields from their wire names, so that a problem finds its field on whatever page shows it.</summary>
internal static class FieldId
{
    /// <summary>"fields.hardcopyItems[0].description" becomes "field-hardcopyItems": groups have one id.</summary>
    public static string Of(string wireName) => "field-" + Group(wireName);

    public static Problem? For(this IReadOnlyList<Problem> problems, string wireName) =>
        problems.FirstOrDefault(problem => problem.Field is { } field && Group(field) == wireName);

    private static string Group(string wireName)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["fields.", "inputs."])
        {
            if (wireName.StartsWith(prefix, StringComparison.Ordinal))
                wireName = wireName[prefix.Length..];
        }
        var end = wireName.AsSpan().IndexOfAny('[', '.');
        return end < 0 ? wireName : wireName[..end];
    }
}
