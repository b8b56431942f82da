using System.Text;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Liquid as authors and Elsa write it, in the words that Scriban's reader of Liquid knows. That one cannot read negative numbers as arguments of a
/// filter (<c>slice: -2, 2</c>), the tags <c>echo</c> and <c>liquid</c> and comments within a tag or before the first <c>when</c>, prints nothing for
/// <c>increment</c> and <c>decrement</c>, knows no members in <c>cycle</c>, and wants a <c>when</c> in each <c>case</c> and each tag in one line. What is not understood stays as it is: Scriban says what is wrong with it. Lines keep their numbers.
/// </summary>
internal static class LiquidSource
{
    /// <summary>Filters that stand for <c>increment</c>, <c>decrement</c> and <c>cycle</c>.</summary>
    public const string Up = "counted_up", Down = "counted_down", Cycle = "cycled";

    /// <summary>What the <c>when</c> asks for that a <c>case</c> without one is given; <see cref="LiquidTree"/> leaves it out.</summary>
    public const string Never = "\u0001never";

    /// <summary>Scriban knows arguments by their place only.</summary>
    private static readonly (string Liquid, string Scriban)[] Rewordings =
        [("startswith ", "startsWith "), ("endswith ", "endsWith "), ("<>", "!="), ("allow_false:", "")];

    /// <summary>Scriban would take any other word for an output.</summary>
    private static readonly string[] Words =
    [
        "#", "assign", "break", "capture", "case", "comment", "continue", "cycle", "decrement", "echo", "else", "elsif", "endcapture", "endcase", "endcomment",
        "endfor", "endif", "endraw", "endtablerow", "endunless", "for", "if", "increment", "liquid", "raw", "tablerow", "unless", "when"
    ];

    /// <exception cref="ExpressionSyntaxException">There is a tag that Liquid does not know, or that reaches beyond the template (<c>include</c>).</exception>
    public static string ForScriban(string template) => Write(template, firstLine: 1, isInLiquid: false);

    private static string Write(string template, int firstLine, bool isInLiquid)
    {
        var text = new StringBuilder(template.Length);
        var (at, isBeforeWhen) = (0, false);
        while (Tag.Next(template, at) is { } tag)
        {
            text.Append(template, at, tag.Start - at);
            at = tag.End;
            if (tag.IsOutput)
            {
                text.Append(Said(tag, tag.Content));
                continue;
            }
            var word = tag.Word;
            if (!Words.Contains(word))
                throw new ExpressionSyntaxException($"Templat tidak dapat dibaca: tidak ada tag '{word[..Math.Min(word.Length, 40)]}' (baris {LineOf(tag)}).");
            if (word is "raw" or "comment" && EndOf(template, tag, word) is { } end)
            {
                at = end.End;
                text.Append(word == "raw" ? template[tag.Start..at]
                    : isBeforeWhen ? Breaks(template[tag.Start..at])
                    : Nothing(tag, template[tag.End..at], end));
                continue;
            }
            if (word == "#" && isBeforeWhen)
            {
                text.Append(Breaks(tag.Content));
                continue;
            }
            var isFirstWhen = isBeforeWhen;
            if (isBeforeWhen && word is ("else" or "endcase"))
                text.Append("{% when '").Append(Never).Append("' %}");
            isBeforeWhen = word == "case";
            var before = tag.Content.Length - tag.Content.TrimStart().Length;
            var rest = tag.Content[..before] + tag.Content[(before + word.Length)..];
            text.Append(word switch
            {
                "#" => Nothing(tag, rest, tag),
                "echo" => Said(tag, rest),
                "increment" or "decrement" when IsName(rest.Trim()) => tag.AsOutput($"'{rest.Trim()}' | {(word == "increment" ? Up : Down)}", Breaks(rest)),
                "cycle" => Said(tag, Cycled(rest)),
                "liquid" when !isInLiquid => Write(Lines(tag, rest), LineOf(tag), isInLiquid: true),
                _ => Told(tag, word, isFirstWhen && word == "when")
            });
        }
        return text.Append(template, at, template.Length - at).ToString();

        int LineOf(Tag tag) => firstLine + template.AsSpan(0, tag.Start).Count('\n');
    }

    private static string Told(Tag tag, string word, bool isFirstWhen)
    {
        var told = InOneLine(Reworded(tag.Content, isFiltered: word is "for" or "tablerow"));
        var breaks = Breaks(tag.Content)[Breaks(told).Length..];
        return isFirstWhen ? breaks + tag.With(told, "") : tag.With(told, breaks);
    }

    /// <summary>What stands before a colon is the row's name.</summary>
    private static string Cycled(string content)
    {
        for (var i = 0; i < content.Length; i += content[i] is '\'' or '"' ? Quoted(content, i) : 1)
            if (content[i] == ':')
                return $"{content[..i]} | {Cycle}: {content[(i + 1)..]}";
        return $"'' | {Cycle}: {content}";
    }

    private static string Said(Tag tag, string content)
    {
        var said = InOneLine(Reworded(content));
        return tag.AsOutput(said, Breaks(content)[Breaks(said).Length..]);
    }

    /// <summary>
    /// A comment: its lines without what they say. Scriban's own does not trim the blanks behind it. Between <c>case</c> and the first <c>when</c>, where
    /// nothing is printed, it goes altogether.
    /// </summary>
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

    /// <summary>An argument that is a number with a sign is put into brackets, and some words are written otherwise.</summary>
    /// <param name="content">What stands in a tag.</param>
    /// <param name="isFiltered">Whether arguments begin at once; else they do behind the first <c>|</c>.</param>
    private static string Reworded(string content, bool isFiltered = false)
    {
        var text = new StringBuilder(content.Length + 8);
        var before = ' ';
        for (var i = 0; i < content.Length; i++)
        {
            var letter = content[i];
            var length = letter is '\'' or '"' ? Quoted(content, i) : 1;
            if (isFiltered && before is ':' or ',' && letter == '-' && NumberAt(content, i + 1) is > 0 and var digits)
            {
                text.Append('(').Append(content, i, 1 + digits).Append(')');
                length = 1 + digits;
            }
            else if ((letter == '<' || i > 0 && (char.IsWhiteSpace(content[i - 1]) || content[i - 1] == ',')) && RewordingAt(content, i) is { Liquid: { } word } known)
            {
                text.Append(known.Scriban);
                length = word.Length;
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

    /// <summary>Without ends of lines but those within quotes.</summary>
    private static string InOneLine(string content)
    {
        if (!content.Contains('\n', StringComparison.Ordinal))
            return content;
        var text = new StringBuilder(content.Length);
        for (var i = 0; i < content.Length; i++)
        {
            var length = content[i] is '\'' or '"' ? Quoted(content, i) : 1;
            text.Append(length == 1 && content[i] == '\n' ? " " : content.AsSpan(i, length));
            i += length - 1;
        }
        return text.ToString();
    }

    private static (string Liquid, string Scriban) RewordingAt(string content, int start) =>
        Rewordings.FirstOrDefault(o => content.AsSpan(start).StartsWith(o.Liquid, StringComparison.Ordinal));

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
    private static int Quoted(string content, int start) => EndOfText(content, start) is >= 0 and var end ? end - start + 1 : content.Length - start;

    /// <summary>Where the text in quotes that begins there ends; -1: it does not. A quote behind a stroke does not end it.</summary>
    private static int EndOfText(string content, int start)
    {
        for (var i = start + 1; i < content.Length; i++)
            if (content[i] == '\\')
                i++;
            else if (content[i] == content[start])
                return i;
        return -1;
    }

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
        public string Word
        {
            get
            {
                var content = Content.AsSpan().TrimStart();
                if (content is ['#', ..])
                    return "#";
                var length = 0;
                while (length < content.Length && (char.IsAsciiLetterOrDigit(content[length]) || content[length] == '_'))
                    length++;
                return content[..length].ToString();
            }
        }

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
                if (!isComment && template[i] is '\'' or '"' && EndOfText(template, i) is >= 0 and var end)
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

        /// <param name="content">What it says in one line.</param>
        /// <param name="breaks">Lines that it took and takes no longer.</param>
        public string With(string content, string breaks) =>
            (breaks.Length == 0 ? Open : $"{Open} if false %}}{breaks}{{% endif %}}{{%") + content + Close;

        /// <inheritdoc cref="With"/>
        public string AsOutput(string content, string breaks) =>
            (breaks.Length == 0 ? Open.Replace('%', '{') : $"{Open.Replace("{{", "{%", StringComparison.Ordinal)} if false %}}{breaks}{{% endif %}}{{{{")
            + $" {content} " + Close.Replace('%', '}');
    }
}
