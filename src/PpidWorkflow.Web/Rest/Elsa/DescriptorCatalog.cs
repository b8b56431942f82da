using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Expressions;
using PpidWorkflow.Engine.Flowcharts;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>A choice in a list: what people read, and what is written down.</summary>
internal sealed record Choice(string Text, string Value);

/// <summary>What an office may choose from: its roles, the rungs that its definitions hold, and the workflows that are activities.</summary>
internal sealed record Choices(IReadOnlyList<Choice> Roles, IReadOnlyList<string> Rungs, IReadOnlyList<UsableWorkflow> Workflows)
{
    public bool Same(Choices other) => Roles.SequenceEqual(other.Roles) && Rungs.SequenceEqual(other.Rungs)
        && Workflows.Select(w => (w.VersionId, w.IsInForce)).SequenceEqual(other.Workflows.Select(w => (w.VersionId, w.IsInForce)));
}

/// <summary>
/// The engine's activities as Elsa describes them (Elsa contract: descriptors/activities). What an office may choose (its roles) is filled in;
/// the answer is made and compressed once per set of roles, since Studio asks for it after every save.
/// </summary>
internal sealed class DescriptorCatalog(ActivityCatalog catalog)
{
    private const string Percent = " % waktu baku: ";

    /// <summary>Rungs that an office usually wants, in the order of time; a definition's own ones are added where it is edited.</summary>
    private static readonly string[] UsualRungs =
    [
        "50% assignee", "50% assignee notStarted", "80% assignee", "80% supervisor", "80% supervisor notStarted", "-PT4M assignee", "100% assignee", "100% supervisor",
        "+PT5M assignee every PT5M max 3", "150% supervisor", "200% supervisor", "200% supervisor^2", "200% role:UNIT_PPID_HEAD", "300% role:UNIT_PPID_HEAD"
    ];

    private static readonly string[] DefaultRungs = ["80% assignee", "100% supervisor", "200% role:UNIT_PPID_HEAD"];

    private static readonly Dictionary<Type, string> TypeNames = new()
    {
        [typeof(string)] = "String",
        [typeof(bool)] = "Boolean",
        [typeof(int)] = "Int32",
        [typeof(long)] = "Int64",
        [typeof(TimeSpan)] = "TimeSpan",
        [typeof(DateTimeOffset)] = "DateTimeOffset",
        [typeof(JsonObject)] = "ObjectDictionary",
        [typeof(JsonArray)] = "Object",
        [typeof(JsonNode)] = "Object",
        [typeof(object)] = "Object",
        [typeof(string[])] = "List<String>"
    };

    private volatile Rendered? _rendered;

    /// <summary>All descriptors, ready to be sent.</summary>
    public sealed record Rendered(Choices Choices, string ETag, byte[] Plain, byte[] Brotli, byte[] GZip);

    public Rendered All(Choices choices)
    {
        if (_rendered is { } known && known.Choices.Same(choices))
            return known;
        var items = new JsonArray(
            [.. catalog.Descriptors.Select(d => (JsonNode)Describe(d, choices)), .. choices.Workflows.Select(w => w.Descriptor.DeepClone())]);
        var plain = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["items"] = items, ["count"] = items.Count }, ElsaApi.Json);
        return _rendered = new Rendered(
            choices, $"\"{Convert.ToHexStringLower(SHA256.HashData(plain))[..16]}\"", plain,
            Compress(plain, stream => new BrotliStream(stream, CompressionLevel.Optimal)),
            Compress(plain, stream => new GZipStream(stream, CompressionLevel.Optimal)));
    }

    /// <summary>Null: no such activity.</summary>
    public JsonObject? One(string typeName, Choices choices) =>
        catalog.Find(typeName) is { } descriptor ? Describe(descriptor, choices)
        : choices.Workflows.Where(w => w.TypeName == typeName).MaxBy(w => w.IsInForce) is { } used ? used.Descriptor.DeepClone().AsObject()
        : null;

    /// <summary>
    /// Choices of one input as Studio asks for them when an activity is selected: the usual ones and what the activity holds now, so that
    /// nothing is dropped by looking at it. Null: no such input.
    /// </summary>
    /// <param name="context">The activity's inputs by their wire names.</param>
    public JsonObject? Options(string typeName, string propertyName, JsonObject? context, Choices choices) =>
        catalog.Find(typeName)?.Inputs.FirstOrDefault(i => i.Name.Equals(propertyName, StringComparison.OrdinalIgnoreCase)) is { } input
            ? Specifications(input, choices, context?[input.JsonName])
            : null;

    private static JsonObject Describe(ActivityDescriptor descriptor, Choices choices)
    {
        // Elsa's name for a type that its own map does not know: nothing is ever loaded by it.
        var clrType = $"UnregisteredClrType:{descriptor.ClrType.FullName}, {descriptor.ClrType.Assembly.GetName().Name}";
        return new JsonObject
        {
            ["typeName"] = descriptor.TypeName,
            ["clrType"] = clrType,
            ["namespace"] = descriptor.Namespace,
            ["name"] = descriptor.Name,
            ["version"] = 1,
            ["category"] = descriptor.Category,
            ["displayName"] = descriptor.DisplayName,
            ["description"] = descriptor.Description,
            ["inputs"] = new JsonArray([.. descriptor.Inputs.Select(i => (JsonNode)Describe(i, choices))]),
            ["outputs"] = new JsonArray([.. descriptor.Outputs.Select(o => (JsonNode)Describe(o))]),
            ["kind"] = descriptor.Kind.ToString(),
            ["runAsynchronously"] = false,
            ["ports"] = Ports(descriptor),
            ["customProperties"] = new JsonObject { ["Type"] = clrType },
            ["constructionProperties"] = new JsonObject(),
            ["isContainer"] = descriptor.IsContainer,
            ["isBrowsable"] = descriptor.IsBrowsable,
            ["isStart"] = descriptor.IsStart,
            ["isTerminal"] = descriptor.IsTerminal
        };
    }

    private static JsonObject Describe(InputDescriptor input, Choices choices)
    {
        var attribute = input.Attribute;
        var described = new JsonObject { ["isWrapped"] = input.IsWrapped, ["uiHint"] = attribute.UIHint };
        if (attribute.OptionsFrom == "ladder")
            described["defaultValue"] = new JsonArray([.. DefaultRungs.Select(rung => (JsonNode)rung)]);
        else if (attribute.DefaultValue is Enum word)
            described["defaultValue"] = attribute.Options.FirstOrDefault(o => o.Equals(word.ToString(), StringComparison.OrdinalIgnoreCase)) ?? word.ToString();
        else if (attribute.DefaultValue is { } value)
            described["defaultValue"] = JsonSerializer.SerializeToNode(value, ElsaApi.Json);
        if (attribute.UIHint is "outcome-picker" or "checklist")
            described["defaultSyntax"] = "Object";
        else if (attribute.UIHint == "code-editor")
            described["defaultSyntax"] = "JavaScript";
        described["isReadOnly"] = false;
        described["isSensitive"] = false;
        described["autoEvaluate"] = attribute.AutoEvaluate;
        var specifications = Specifications(input, choices, null);
        described["uiSpecifications"] = specifications;
        described["name"] = input.Name;
        described["typeName"] = attribute.TypeName ?? TypeName(input.ValueType);
        described["displayName"] = attribute.DisplayName ?? input.Name;
        if (attribute.Description is { } description)
            described["description"] = description;
        if (attribute.Category is { } category)
            described["category"] = category;
        described["order"] = attribute.Order;
        described["isBrowsable"] = true;
        described["isSerializable"] = true;
        described["isSynthetic"] = false;
        return described;
    }

    private static JsonObject Describe(OutputDescriptor output)
    {
        var described = new JsonObject
        {
            ["name"] = output.Name,
            ["typeName"] = output.Attribute.TypeName ?? TypeName(output.ValueType),
            ["displayName"] = output.Attribute.DisplayName ?? output.Name
        };
        if (output.Attribute.Description is { } description)
            described["description"] = description;
        described["order"] = 0;
        described["isBrowsable"] = true;
        described["isSynthetic"] = false;
        return described;
    }

    // Studio itself draws the port "Done" where none is named; a flowchart has a hidden one for where it begins (Elsa contract).
    private static JsonArray Ports(ActivityDescriptor descriptor)
    {
        var ports = (descriptor.ClrType == typeof(Flowchart) ? ["Start"] : descriptor.EmbeddedPorts.Select(p => p.Name)).Select(name => (Name: name, Type: "Embedded"))
            .Concat(descriptor.Outcomes is ["Done"] ? [] : descriptor.Outcomes.Select(name => (Name: name, Type: "Flow")));
        return new JsonArray(
        [
            .. ports.Select(p => (JsonNode)new JsonObject
            {
                ["name"] = p.Name,
                ["displayName"] = p.Name switch
                {
                    "Done" => "Selesai",
                    "Returned" => "Dikembalikan",
                    "True" => "Ya",
                    "False" => "Tidak",
                    "Then" => "Maka",
                    "Else" => "Selain itu",
                    _ => p.Name
                },
                ["type"] = p.Type,
                ["isBrowsable"] = p.Name != "Start"
            })
        ]);
    }

    private static JsonObject Specifications(InputDescriptor input, Choices choices, JsonNode? current) =>
        input.Attribute.OptionsFrom switch
        {
            "roles" => Dropdown([new Choice("(tidak ada)", ""), .. choices.Roles]),
            "ladder" => Ladder(choices, current),
            _ when input.Attribute.UIHint == "code-editor" => new JsonObject { ["code-editor"] = new JsonObject { ["language"] = "javascript" } },
            _ when input.Attribute.Options.Length > 0 => Dropdown(
                [
                    .. input.Attribute.Options.Select((value, i) =>
                        new Choice(input.Attribute.OptionTexts.Length > i ? input.Attribute.OptionTexts[i] : value, value))
                ]),
            _ => []
        };

    private static JsonObject Dropdown(IEnumerable<Choice> choices) =>
        new() { ["dropdown"] = new JsonObject { ["selectList"] = new JsonObject { ["items"] = Items(choices) } } };

    // The rungs of every definition are among the choices, since a rung that is not would be dropped by the next tick. Studio's own way of asking
    // for the choices of the activity that is selected ("Refresh") asks without end in 3.8.2, or for the first one of a type only.
    private static JsonObject Ladder(Choices choices, JsonNode? current)
    {
        var rungs = UsualRungs.Union(choices.Rungs).Union(EscalationLadder.LinesOf(current)).Select((rung, i) => (rung, i)).OrderBy(r => At(r.rung)).ThenBy(r => r.i);
        return new JsonObject
        {
            ["checklist"] = new JsonObject
            {
                ["checkList"] = new JsonObject { ["items"] = Items(rungs.Select(r => new Choice(Words(r.rung, choices.Roles), r.rung))), ["isFlagsEnum"] = false }
            }
        };
    }

    private static JsonArray Items(IEnumerable<Choice> choices) =>
        new([.. choices.Select(c => (JsonNode)new JsonObject { ["text"] = c.Text, ["value"] = c.Value })]);

    private static double At(string rung) =>
        rung.Split(' ')[0] is [.. var share, '%'] && double.TryParse(share, System.Globalization.CultureInfo.InvariantCulture, out var percent)
            ? percent : double.MaxValue;

    /// <summary>"100 % waktu baku: atasan" of <c>100% supervisor</c>.</summary>
    private static string Words(string line, IReadOnlyList<Choice> roles)
    {
        var rung = EscalationLadder.FromLine(line)!;
        var at = rung["at"]!.GetValue<string>();
        var minutes = Duration.TryParseWorkingTime(at is [('-' or '+'), ..] ? at[1..] : at, out var span) ? $"{span.TotalMinutes:0.##}" : null;
        var anyTime = rung["anyTime"] is not null;
        var when = at.EndsWith('%') ? at[..^1] + Percent
            : minutes is null ? at + ": "
            : at[0] switch
            {
                '-' => $"{minutes} menit kerja sebelum batas waktu: ",
                '+' => $"{minutes} menit{(anyTime ? "" : " kerja")} setelah batas waktu: ",
                _ => $"setelah {minutes} menit kerja: "
            };
        var to = string.Join(" dan ", rung["to"]!.AsArray().Select(t => Words(RungAddressee.TryParse(t!.GetValue<string>()), roles) ?? t.GetValue<string>()));
        var what = rung["action"]!.GetValue<string>() switch
        {
            "notify" => "",
            "reassign" => ", tugas dialihkan",
            "addHelper" => ", ditambahkan sebagai pembantu",
            "banner" => ", peringatan di layar",
            var other => $", {other}"
        };
        var again = Duration.TryParseWorkingTime(rung["every"], out var every) ? $", diulang tiap {every.TotalMinutes:0.##} menit" : "";
        var condition = rung["when"]?.GetValue<string>() == "notStarted" ? ", hanya bila belum dimulai" : "";
        return when + to + what + condition + again + (rung["max"] is { } max ? $", paling banyak {max} kali" : "") + (anyTime ? ", juga di luar jam kerja" : "");
    }

    private static string? Words(RungAddressee? to, IReadOnlyList<Choice> roles)
    {
        var whom = to?.Kind switch
        {
            null => null,
            RungAddresseeKind.Assignee => "pelaksana",
            RungAddresseeKind.Role => roles.FirstOrDefault(r => r.Value == to.Name)?.Text ?? to.Name,
            _ => to.Name
        };
        return to?.Level switch
        {
            null or 0 => whom,
            1 => $"atasan {whom}",
            var level => $"atasan tingkat {level} {whom}"
        };
    }

    private static string TypeName(Type type) =>
        TypeNames.TryGetValue(type, out var name) ? name
        : type.IsEnum ? type.Name
        : $"UnregisteredClrType:{type.FullName}, {type.Assembly.GetName().Name}";

    private static byte[] Compress(byte[] plain, Func<Stream, Stream> wrap)
    {
        using var target = new MemoryStream();
        using (var stream = wrap(target))
            stream.Write(plain);
        return target.ToArray();
    }
}
