using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PpidWorkflow.Web.Tests.Pages;

/// <summary>The administrators' guide says what the pages say: its labels, and the list that it offers as an example.</summary>
public partial class GuideTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(SourceFolder(), "../../.."));
    private static readonly string Guide = File.ReadAllText(Path.Combine(Root, "docs/panduan-admin.md"));

    [Fact]
    public void What_is_printed_bold_stands_on_a_page()
    {
        var words = XDocument.Load(Path.Combine(Root, "src/PpidWorkflow.Web/Resources/Text.resx")).Root!.Elements("data")
            .Select(data => (string)data.Element("value")!).Where(text => Placeholder().Replace(text, "").Trim().Length > 2)
            .Select(text => new Regex($"^{string.Join(".+", Placeholder().Split(text).Select(Regex.Escape))}$")).ToList();

        var labels = Bold().Matches(Guide).Select(match => Spaces().Replace(match.Groups["label"].Value, " ")).Distinct().ToList();

        Assert.True(labels.Count > 80);
        Assert.DoesNotContain(labels, label => !words.Exists(text => text.IsMatch(label)));
    }

    [Fact]
    public async Task The_example_of_a_years_list_is_taken_and_is_a_list()
    {
        await using var service = new TestService();
        using var admin = await service.ApiClientAsync("admin");

        using var imported = await admin.PostAsJsonAsync("/api/v1/calendar/import", new { csv = Example().Match(Guide).Groups["csv"].Value });

        var outcome = await imported.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(Enumerable.Repeat("added", 6), outcome.GetProperty("edits").EnumerateArray().Select(edit => edit.GetProperty("act").GetString()));
        Assert.True((await admin.GetFromJsonAsync<JsonElement>("/api/v1/calendar/year?year=2027")).GetProperty("hasList").GetBoolean());
    }

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\*\*(?<label>[^*]+)\*\*")]
    private static partial Regex Bold();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"```csv\n(?<csv>[^`]+)```")]
    private static partial Regex Example();

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
