using System.Text;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Liquid as authors and Elsa write it, in the words that Scriban's reader of Liquid knows. That one cannot read negative numbers as arguments of a
/// filter (<c>slice: -2, 2</c>), the tags <c>echo</c> and <c>liquid</c> and comments within a tag, and prints nothing for <c>increment</c> and
/// <c>decrement</c>. What is not understood stays as it is: Scriban says what is wrong with it. Lines keep their numbers.
/// </summary>
internal static class LiquidSource
{
    /// <summary>Filters that stand for <c>increment</c> and <c>decrement</c>.</summary>
    public const string Up = "counted_up", Down = "counted_down";

    public static string ForScriban(string template) => Write(template, isInLiquid: false);

    private static string Write(string template, bool isInLiquid)
    {
        var text = new StringBuilder(template.Length);
        var at = 0;
        while (Tag.Next(template, at) is { } tag)
        {
            text.Append(template, at, tag.Start - at);
            at = tag.End;
            if (tag.IsOutput)
            {
                text.Append(tag.With(WithNegatives(tag.Content)));
                continue;
            }
            var word = tag.Word;
            if (word is "raw" or "comment" && EndOf(template, tag, word) is { } end)
            {
                at = end.End;
                text.Append(word == "raw" ? template[tag.Start..at] : Nothing(tag, template[tag.End..at], end));
                continue;
            }
            var before = tag.Content.Length - tag.Content.TrimStart().Length;
            var rest = tag.Content[..before] + tag.Content[(before + word.Length)..];
            text.Append(word switch
            {
                "#" => Nothing(tag, rest, tag),
                "echo" => tag.AsOutput(WithNegatives(rest.Trim()), Breaks(rest)[Breaks(rest.Trim()).Length..]),
                "increment" or "decrement" when IsName(rest.Trim()) => tag.AsOutput($"'{rest.Trim()}' | {(word == "increment" ? Up : Down)}", Breaks(rest)),
                "liquid" when !isInLiquid => Write(Lines(tag, rest), isInLiquid: true),
                _ => tag.With(WithNegatives(tag.Content))
            });
        }
        return text.Append(template, at, template.Length - at).ToString();
    }

    /// <summary>A comment: its lines without what they say. Scriban's own does not trim the blanks behind it.</summary>
    private static string Nothing(Tag begin, string said, Tag end) => $"{begin.Open} if false %}}{Breaks(said)}{{% endif {end.Close}";

    private static string Breaks(string text) => new('\n', text.Count(c => c == '\n'));

    /// <summary>Each line of a <c>liquid</c> tag as a tag of its own; the ends of lines between them are trimmed.</summary>
    private static string Lines(Tag tag, string lines)
    {
        var all = lines.Split('\n');
        var (text, breaks) = (new StringBuilder(), 0);
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i].Trim() is { Length: > 0 } line && line[0] != '#')
            {
                if (text.Length > 0)
                    text.Append(" -%}").Append('\n', breaks).Append("{%- ");
                else
                    text.Append(breaks == 0 ? $"{tag.Open} " : $"{tag.Open} if false %}}{new string('\n', breaks)}{{% endif %}}{{% ");
                text.Append(line);
                breaks = 0;
            }
            if (i < all.Length - 1)
                breaks++;
        }
        if (text.Length == 0)
            return Nothing(tag, lines, tag);
        return text.Append(breaks == 0 ? $" {tag.Close}" : $" %}}{{% if false %}}{new string('\n', breaks)}{{% endif {tag.Close}").ToString();
    }

    /// <summary>Behind the first <c>|</c> a number with a sign is put into brackets.</summary>
    private static string WithNegatives(string content)
    {
        if (!content.Contains('|', StringComparison.Ordinal) || !content.Contains('-', StringComparison.Ordinal))
            return content;
        var text = new StringBuilder(content.Length + 8);
        var (isFiltered, before) = (false, ' ');
        for (var i = 0; i < content.Length; i++)
        {
            var letter = content[i];
            var length = letter is '\'' or '"' ? Quoted(content, i) : 1;
            if (isFiltered && before is ':' or ',' && letter == '-' && NumberAt(content, i + 1) is > 0 and var digits)
            {
                text.Append('(').Append(content, i, 1 + digits).Append(')');
                length = 1 + digits;
            }
            else
            {
                text.Append(content, i, length);
            }
            isFiltered |= letter == '|';
            before = char.IsWhiteSpace(letter) ? before : letter;
            i += length - 1;
        }
        return text.ToString();
    }

    /// <summary>Letters of the number that begins there; 0: none does.</summary>
    private static int NumberAt(string content, int start)
    {
        var end = start;
        while (end < content.Length && char.IsAsciiDigit(content[end]))
            end++;
        if (end > start && end + 1 < content.Length && content[end] == '.' && char.IsAsciiDigit(content[end + 1]))
            for (end++; end < content.Length && char.IsAsciiDigit(content[end]);)
                end++;
        return end - start;
    }

    /// <summary>Letters of the text in quotes that begins there, up to the end of what it stands in where it does not end.</summary>
    private static int Quoted(string content, int start) =>
        content.IndexOf(content[start], start + 1) is >= 0 and var end ? end - start + 1 : content.Length - start;

    /// <summary>A counter may do without a name.</summary>
    private static bool IsName(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>The tag that ends what must not be read; null: it does not end.</summary>
    private static Tag? EndOf(string template, Tag begin, string word)
    {
        for (var at = begin.End; template.IndexOf("{%", at, StringComparison.Ordinal) is >= 0 and var start; at = start + 2)
            if (template.AsSpan(start + 2).TrimStart('-').TrimStart().StartsWith("end" + word, StringComparison.Ordinal)
                && Tag.At(template, start) is { } tag && tag.Content.AsSpan().Trim().SequenceEqual("end" + word))
                return tag;
        return null;
    }

    /// <summary>What stands between <c>{{</c> and <c>}}</c>, or <c>{%</c> and <c>%}</c>, with the strokes that trim blanks.</summary>
    private sealed record Tag(int Start, int End, bool IsOutput, string Open, string Content, string Close)
    {
        /// <summary>What kind of tag it is; a comment's sign needs no blank after it.</summary>
        public string Word => Content.TrimStart() is not { Length: > 0 } content ? "" : content[0] == '#' ? "#" : content.Split((char[]?)null, 2)[0];

        public static Tag? Next(string template, int at)
        {
            for (; template.IndexOf('{', at) is >= 0 and var start && start + 1 < template.Length; at = start + 1)
                if (template[start + 1] is '{' or '%')
                    return At(template, start);
            return null;
        }

        /// <summary>Null: it does not end.</summary>
        public static Tag? At(string template, int start)
        {
            var isOutput = template[start + 1] == '{';
            var inner = start + 2;
            if (inner < template.Length && template[inner] == '-')
                inner++;
            var (isComment, isLiquid) = isOutput ? (false, false) : KindOf(template, inner);
            for (var i = inner; i + 1 < template.Length; i++)
            {
                if (isLiquid && template[i] == '\n')
                    isComment = BeginsComment(template, i);
                if (!isComment && template[i] is '\'' or '"' && template.IndexOf(template[i], i + 1) is >= 0 and var end)
                    i = end;
                else if (template[i] == (isOutput ? '}' : '%') && template[i + 1] == '}')
                {
                    var last = i > inner && template[i - 1] == '-' ? i - 1 : i;
                    return new Tag(start, i + 2, isOutput, template[start..inner], template[inner..last], template[last..(i + 2)]);
                }
            }
            return null;
        }

        /// <summary>Quotes mean nothing in a comment: that is a tag that begins with its sign, and such a line of a <c>liquid</c> tag.</summary>
        private static (bool IsComment, bool IsLiquid) KindOf(string template, int inner)
        {
            const string liquid = "liquid";
            var content = template.AsSpan(inner).TrimStart();
            if (!content.StartsWith(liquid, StringComparison.Ordinal))
                return (content is ['#', ..], false);
            content = content[liquid.Length..];
            return content is [var next, ..] && char.IsWhiteSpace(next) ? (content.TrimStart() is ['#', ..], true) : (false, false);
        }

        private static bool BeginsComment(string template, int lineEnd) => template.AsSpan(lineEnd + 1).TrimStart(" \t\r") is ['#', ..];

        public string With(string content) => Open + content + Close;

        public string AsOutput(string content, string breaks) =>
            (breaks.Length == 0 ? Open.Replace('%', '{') : $"{Open} if false %}}{breaks}{{% endif %}}{{{{") + $" {content} " + Close.Replace('%', '}');
    }
}
