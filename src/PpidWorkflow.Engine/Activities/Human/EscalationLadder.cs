using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Human;

/// <summary>
/// Reads a ladder as definitions write it: <c>[{at: "80%" | "PT4M", to: [...], action, every?, max?}]</c> (design.md §4).
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
        problem = null;
        if (!TryArray(value, out var array))
        {
            problem = "tangga eskalasi bukan daftar";
            return [];
        }

        if (array is null or { Count: 0 })
            return Default;
        var rungs = new List<EscalationRung>();
        foreach (var item in array)
        {
            if (item is not JsonObject rung)
            {
                problem = "anak tangga eskalasi bukan objek";
                return [];
            }

            if ((problem = ReadRung(rung, out var read)) is not null)
                return [];
            rungs.Add(read!);
        }

        return rungs;
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
        if (at is [.. var share, '%'] && int.TryParse(share, out var p) && p is > 0 and <= 10_000)
            percent = p;
        else if (at is ['P', ..] && Duration.TryParseWorkingTime(at, out var span) && span > TimeSpan.Zero)
            after = span;
        else
            return "\"at\" harus berupa persen (80%) atau waktu kerja (PT4M)";

        var to = rung["to"] switch
        {
            JsonArray list => list.Select(ValueConverter.ToText).ToArray(),
            JsonValue one => [ValueConverter.ToText(one)],
            _ => []
        };
        if (to.Length == 0 || !to.All(IsAddressee))
            return "\"to\" harus menyebut assignee, supervisor, role:… atau mailbox:…";

        var action = EscalationAction.Notify;
        if (rung["action"] is not null && !Enum.TryParse(ValueConverter.ToText(rung["action"]), ignoreCase: true, out action))
            return "\"action\" harus notify, reassign, addHelper atau banner";

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

        read = new EscalationRung { Percent = percent, After = after, To = to!, Action = action, Every = every, Max = max };
        return null;
    }

    private static bool IsAddressee(string? to) =>
        to is "assignee" or "supervisor"
        || (to?.StartsWith("role:", StringComparison.Ordinal) == true && to.Length > 5)
        || (to?.StartsWith("mailbox:", StringComparison.Ordinal) == true && to.IndexOf('@') is > 8 and var at && at < to.Length - 1);
}
