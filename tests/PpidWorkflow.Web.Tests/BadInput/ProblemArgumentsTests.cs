using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PpidWorkflow.Web.Tests.BadInput;

/// <summary>Every refusal written down in the sources has its sentence in both languages, with as many places as it gives values.</summary>
public sealed partial class ProblemArgumentsTests
{
    [Theory]
    [InlineData("Problems.resx")]
    [InlineData("Problems.en.resx")]
    public void Each_refusal_fills_the_places_of_its_sentence(string file)
    {
        var sentences = XDocument.Load(Path.Combine(Sources, "PpidWorkflow.Web", "Resources", file)).Root!.Elements("data")
            .ToDictionary(entry => entry.Attribute("name")!.Value, entry => entry.Element("value")!.Value);

        var wrong = Uses().Where(use => !sentences.TryGetValue(use.Code, out var sentence)
            || (use.Arguments is { } given
                && given != Placeholder().Matches(sentence).Select(p => int.Parse(p.Groups[1].ValueSpan, null) + 1).DefaultIfEmpty(0)
                .Max()))
            .Select(use => $"{use.Code} with {use.Arguments} values in {use.File}");

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_sources_refuse_in_more_than_a_hundred_places() => Assert.InRange(Uses().Count, 100, 10_000);

    private static string Sources => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "..", "src"));

    // Null arguments: not to be told from the text alone.
    private static List<(string Code, int? Arguments, string File)> Uses()
    {
        var uses = new List<(string, int?, string)>();
        foreach (var file in Directory.EnumerateFiles(Sources, "*.*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f) is ".cs" or ".razor"))
        {
            if (file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                continue;
            var text = File.ReadAllText(file);
            foreach (Match use in Use().Matches(text))
            {
                var (arguments, end) = Split(text, use.Index + use.Length);
                if (arguments.Count == 0 || Code().Match(arguments[0]) is not { Success: true } code)
                    continue;
                int? given = use.Groups[1].Value switch
                {
                    "Problem.Conflict" => arguments.Count - 1,
                    "Problem.Invalid" => arguments.Count - 2,
                    "new Problem" => Initializer().Match(text[end..]) is { Success: true } list
                        ? Split(text, end + list.Length).Arguments.Count : 0,
                    _ => 0
                };
                uses.Add((code.Groups[1].Value, given, Path.GetFileName(file)));
            }
        }
        return uses;
    }

    // The arguments from here to the closing bracket, apart; strings and inner brackets are passed over.
    private static (List<string> Arguments, int End) Split(string text, int from)
    {
        var arguments = new List<string>();
        var (depth, start, inString) = (0, from, false);
        for (var i = from; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '"' && text[i - 1] != '\\')
                inString = !inString;
            if (inString)
                continue;
            if (c is ')' or ']' or '}' && depth-- == 0)
            {
                if (text[start..i].Trim() is { Length: > 0 } last)
                    arguments.Add(last);
                return (arguments, i + 1);
            }
            if (c is '(' or '[' or '{')
                depth++;
            if (c == ',' && depth == 0)
            {
                arguments.Add(text[start..i].Trim());
                start = i + 1;
            }
        }
        return (arguments, text.Length);
    }

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"\b(Problem\.(?:NotFound|Forbidden|Conflict|Invalid)|new Problem)\(")]
    private static partial Regex Use();

    [GeneratedRegex("^\"([a-z0-9-]+)\"$")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\s*\{\s*Arguments\s*=\s*\[")]
    private static partial Regex Initializer();

    [GeneratedRegex(@"\{(\d)\}")]
    private static partial Regex Placeholder();
}
