using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PpidWorkflow.Web.Tests.Rest;

public sealed partial class ProblemSentenceTests
{
    [Fact]
    public void Every_code_in_the_sources_has_a_sentence_in_both_languages()
    {
        var sources = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "..", "src"));
        var codes = Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(sources, "*.razor", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => Code().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).ToHashSet();

        var indonesian = Sentences(Path.Combine(sources, "PpidWorkflow.Web", "Resources", "Problems.resx"));
        var english = Sentences(Path.Combine(sources, "PpidWorkflow.Web", "Resources", "Problems.en.resx"));

        Assert.Contains("stale-revision", codes);
        Assert.Equal([], codes.Except(indonesian.Keys));
        Assert.Equal(indonesian.Keys.Order(), english.Keys.Order());
        foreach (var (code, sentence) in indonesian)
            Assert.Equal(Placeholder().Count(sentence), Placeholder().Count(english[code]));
    }

    private static Dictionary<string, string> Sentences(string path) => XDocument.Load(path).Root!.Elements("data")
        .ToDictionary(entry => entry.Attribute("name")!.Value, entry => entry.Element("value")!.Value);

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"(?:Problem\.(?:NotFound|Forbidden|Conflict|Invalid)|new Problem)\(\s*""([a-z0-9-]+)""")]
    private static partial Regex Code();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Placeholder();
}
