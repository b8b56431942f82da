using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Human;

/// <summary>
/// Reads a ladder as definitions write it: <c>[{at, to: [...], action, when?, every?, max?, anyTime?}]</c> (design.md §4), where <c>at</c> is a
/// share of the standard (<c>80%</c>), working time since the clock began (<c>PT4M</c>), or time before or after the due instant
/// (<c>-PT4M</c>, <c>+PT5M</c>). Or each rung as the line that a person ticks in the designer:
/// <c>100% supervisor,role:X reassign notStarted every PT5M max 3 anyTime</c>.
/// </summary>
public static class EscalationLadder
{
    /// <summary>Repetitions of a rung that says how often but not how many times.</summary>
    private const int DefaultRepetitions = 3;

    /// <summary>
    /// Assignee at 80 %, supervisor at 100 %, Kepala Biro Umum at 200 %. Stands for a missing or empty ladder: no step is without alarm.
    /// </summary>
    public static IReadOnlyList<EscalationRung> Default { get; } =
    [
        new() { Percent = 80, To = ["assignee"] },
        new() { Percent = 100, To = ["supervisor"] },
        new() { Percent = 200, To = ["role:UNIT_PPID_HEAD"] }
    ];

    /// <summary>The rungs, or the default ladder; <paramref name="problem"/> says in Indonesian what is wrong, null: nothing.</summary>
    public static IReadOnlyList<EscalationRung> Read(JsonNode? value, out string? problem)
    {
        var rungs = ReadWritten(value, out problem);
        return problem is null && rungs.Count == 0 ? Default : [.. rungs.Select(r => r.Rung)];
    }

    /// <summary>The rungs, each with what was written; none for a missing or empty ladder.</summary>
    internal static IReadOnlyList<(EscalationRung Rung, JsonObject Written)> ReadWritten(JsonNode? value, out string? problem)
    {
        problem = null;
        if (!TryArray(value, out var array))
        {
            problem = "tangga eskalasi bukan daftar";
            return [];
        }

        var rungs = new List<(EscalationRung, JsonObject)>();
        foreach (var item in array ?? [])
        {
            if ((item is JsonValue ? FromLine(ValueConverter.ToText(item)) : item as JsonObject) is not { } rung)
            {
                problem = "anak tangga eskalasi bukan objek";
                return [];
            }

            if ((problem = ReadRung(rung, out var read)) is not null)
                return [];
            rungs.Add((read!, rung));
        }

        return rungs;
    }

    /// <summary>A rung as one line; null: it holds what a line cannot say.</summary>
    public static string? ToLine(JsonObject rung)
    {
        if (rung.Any(member => member.Key is not ("at" or "to" or "action" or "when" or "every" or "max" or "anyTime")))
            return null;
        var to = rung["to"] is JsonArray list ? list.Select(ValueConverter.ToText).ToArray() : [ValueConverter.ToText(rung["to"])];
        var at = ValueConverter.ToText(rung["at"]);
        if (at is null || to.Length == 0 || to.Append(at).Any(word => string.IsNullOrEmpty(word) || word.Any(c => char.IsWhiteSpace(c) || c == ',')))
            return null;
        var words = new List<string> { at, string.Join(',', to) };
        if (ValueConverter.ToText(rung["action"]) is { } action and not "notify")
            words.Add(action);
        if (ValueConverter.ToText(rung["when"]) is { } when)
            words.Add(when);
        if (ValueConverter.ToText(rung["every"]) is { } every)
            words.AddRange(["every", every]);
        if (ValueConverter.ToText(rung["max"]) is { } max)
            words.AddRange(["max", max]);
        if (rung["anyTime"] is { } anyTime)
        {
            // Only "true" has a word.
            if (ValueConverter.Plain(anyTime) is not true)
                return null;
            words.Add("anyTime");
        }
        return string.Join(' ', words);
    }

    /// <summary>The rung that a line says; null: not such a line. Whether the rung makes sense is <see cref="Read"/>'s to say.</summary>
    public static JsonObject? FromLine(string? line)
    {
        var words = (line ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
            return null;
        var rung = new JsonObject
        {
            ["at"] = words[0],
            ["to"] = new JsonArray([.. words[1].Split(',').Select(to => (JsonNode)to)]),
            ["action"] = "notify"
        };
        for (var i = 2; i < words.Length; i++)
        {
            switch (words[i])
            {
                case "notStarted" or "notFinished":
                    rung["when"] = words[i];
                    break;
                case "anyTime":
                    rung["anyTime"] = true;
                    break;
                case "every" when i + 1 < words.Length:
                    rung["every"] = words[++i];
                    break;
                case "max" when i + 1 < words.Length && int.TryParse(words[i + 1], CultureInfo.InvariantCulture, out var max):
                    rung["max"] = max;
                    i++;
                    break;
                case var action when i == 2:
                    rung["action"] = action;
                    break;
                default:
                    return null;
            }
        }
        return rung;
    }

    /// <summary>The rungs of a ladder as lines, as far as they can be said so; <paramref name="value"/> may be an input with its expression.</summary>
    public static IEnumerable<string> LinesOf(JsonNode? value)
    {
        if (value is JsonObject input)
            value = (input["expression"] as JsonObject)?["value"];
        if (!TryArray(value, out var rungs))
            yield break;
        foreach (var rung in rungs ?? [])
            if ((rung is JsonObject o ? ToLine(o) : ValueConverter.ToText(rung)) is { } line && FromLine(line) is { } read && ReadRung(read, out _) is null)
                yield return line;
    }

    private static bool TryArray(JsonNode? value, out JsonArray? array)
    {
        array = value as JsonArray;
        if (value is null or JsonArray)
            return true;
        if (ValueConverter.Plain(value) is not string text)
            return false;
        if (string.IsNullOrWhiteSpace(text))
            return true;
        try
        {
            array = JsonNode.Parse(text, null, new JsonDocumentOptions { MaxDepth = 16 }) as JsonArray;
            return array is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string? ReadRung(JsonObject rung, out EscalationRung? read)
    {
        read = null;
        var at = ValueConverter.ToText(rung["at"]);
        int? percent = null;
        TimeSpan? after = null;
        TimeSpan? fromDue = null;
        if (at is [.. var share, '%'] && int.TryParse(share, NumberStyles.None, CultureInfo.InvariantCulture, out var p) && p is > 0 and <= 10_000)
            percent = p;
        else if (at is ['P', ..] && Duration.TryParseWorkingTime(at, out var span) && span > TimeSpan.Zero)
            after = span;
        else if (at is [('-' or '+') and var sign, 'P', ..] && Duration.TryParseWorkingTime(at[1..], out span) && span > TimeSpan.Zero)
            fromDue = sign == '-' ? -span : span;
        else
            return "\"at\" harus berupa persen (80%), waktu kerja sejak awal (PT4M), sebelum batas waktu (-PT4M) atau sesudahnya (+PT5M)";

        var to = rung["to"] switch
        {
            JsonArray list => list.Select(ValueConverter.ToText).ToArray(),
            JsonValue one => [ValueConverter.ToText(one)],
            _ => []
        };
        if (to.Length == 0 || to.Any(addressee => RungAddressee.TryParse(addressee) is null))
            return "\"to\" harus menyebut assignee, supervisor, supervisor^2, supervisor:role:…, role:…, officer:… atau mailbox:…";

        var action = EscalationAction.Notify;
        if (rung["action"] is not null && !Enum.TryParse(ValueConverter.ToText(rung["action"]), ignoreCase: true, out action))
            return "\"action\" harus notify, reassign, addHelper atau banner";

        var when = RungCondition.NotFinished;
        switch (ValueConverter.ToText(rung["when"]))
        {
            case null or "notFinished":
                break;
            case "notStarted":
                when = RungCondition.NotStarted;
                break;
            default:
                return "\"when\" harus notStarted atau notFinished";
        }

        TimeSpan? every = null;
        if (rung["every"] is { } repeat)
        {
            if (!Duration.TryParseWorkingTime(repeat, out var period) || period <= TimeSpan.Zero)
                return "\"every\" harus berupa waktu kerja (PT5M)";
            every = period;
        }

        var max = every is null ? 1 : DefaultRepetitions;
        if (rung["max"] is { } limit)
        {
            if (ValueConverter.Plain(limit) is not long count || count is < 1 or > 100)
                return "\"max\" harus bilangan antara 1 dan 100";
            max = (int)count;
        }

        var anyTime = false;
        if (rung["anyTime"] is { } always)
        {
            if (ValueConverter.Plain(always) is not bool flag)
                return "\"anyTime\" harus true atau false";
            anyTime = flag;
        }

        read = new EscalationRung
        {
            Percent = percent,
            After = after,
            FromDue = fromDue,
            To = to!,
            Action = action,
            When = when,
            Every = every,
            Max = max,
            AnyTime = anyTime
        };
        return null;
    }
}
