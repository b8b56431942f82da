using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Catalog;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// A definition as Elsa's server writes it when it saves (Elsa contract): what Studio leaves out or sends as null is filled in from the
/// catalog, paths follow the tree, nothing unknown is lost. Writing it again changes nothing.
/// </summary>
public static class NormalForm
{
    private const string RootPath = "Workflow1";

    /// <summary>Members of a definition that Elsa knows; others belong to whoever wrote them.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "$schema", "id", "definitionId", "name", "description", "createdAt", "version", "toolVersion", "variables", "inputs", "outputs",
        "outcomes", "customProperties", "isReadonly", "isSystem", "isLatest", "isPublished", "options", "root", "links", "tenantId",
        "providerName", "materializerName", "materializerContext", "usableAsActivity", "isMaterializerAvailable", "stringData",
        "originalSource", "binaryData"
    };

    /// <summary>Members of an activity that stand after its inputs and outputs, in Elsa's order.</summary>
    private static readonly string[] Tail =
        ["id", "nodeId", "name", "type", "version", "customProperties", "metadata", "activities", "variables", "connections"];

    private static readonly Dictionary<Type, string> TypeNames = new()
    {
        [typeof(string)] = "String",
        [typeof(bool)] = "Boolean",
        [typeof(int)] = "Int32",
        [typeof(long)] = "Int64",
        [typeof(double)] = "Double",
        [typeof(decimal)] = "Decimal",
        [typeof(TimeSpan)] = "TimeSpan",
        [typeof(DateTimeOffset)] = "DateTimeOffset",
        [typeof(JsonObject)] = "ObjectDictionary"
    };

    /// <summary>Elsa's name of the type of an input or output; <c>Object</c> where it has none of its own.</summary>
    public static string TypeName(Type type) => TypeNames.GetValueOrDefault(type, type.IsEnum ? "String" : "Object");

    /// <summary>A copy in normal form. Ids and marks of the version row are left as they are.</summary>
    public static JsonObject Of(JsonObject definition, ActivityCatalog catalog)
    {
        var document = definition.DeepClone().AsObject();
        document.Remove("links");
        foreach (var name in (string[])["variables", "inputs", "outputs", "outcomes"])
            if (document[name] is not JsonArray)
                document[name] = new JsonArray();
        foreach (var name in (string[])["customProperties", "options"])
            if (document[name] is not JsonObject)
                document[name] = new JsonObject();
        foreach (var name in (string[])["name", "description", "toolVersion"])
            if (document[name] is null)
                document.Remove(name);
            else if (name != "toolVersion" && document[name] is JsonValue text && text.TryGetValue<string>(out var padded))
                document[name] = padded.Trim();

        var options = document["options"]!.AsObject();
        DropNulls(options);
        options.TryAdd("autoUpdateConsumingWorkflows", false);
        foreach (var variable in document["variables"]!.AsArray().OfType<JsonObject>())
            Variable(variable);
        foreach (var argument in document["inputs"]!.AsArray().Concat(document["outputs"]!.AsArray()).OfType<JsonObject>())
        {
            DropNulls(argument);
            DropFalse(argument, "isArray");
        }
        if (document["root"] is JsonObject root)
            Activity(root, RootPath, catalog);
        return document;
    }

    /// <summary>
    /// Puts back what Studio cannot carry: members of the definition and of its inputs, outputs and variables that its models do not know.
    /// </summary>
    public static void CarryOver(JsonObject document, JsonObject former)
    {
        foreach (var (name, value) in former)
            if (!Known.Contains(name) && !document.ContainsKey(name))
                document[name] = value?.DeepClone();
        foreach (var (list, known) in ((string, string[])[])
        [
            ("inputs", ["uiHint", "storageDriverType", "type", "isArray", "name", "displayName", "description", "category"]),
            ("outputs", ["type", "isArray", "name", "displayName", "description", "category"]),
            ("variables", ["id", "name", "typeName", "isArray", "value", "storageDriverTypeName"])
        ])
        {
            foreach (var item in Objects(document[list]))
                if (Objects(former[list]).FirstOrDefault(f => f["name"] is JsonValue name && JsonNode.DeepEquals(name, item["name"])) is { } was)
                    foreach (var (name, value) in was)
                        if (!known.Contains(name) && !item.ContainsKey(name))
                            item[name] = value?.DeepClone();
        }
    }

    /// <summary>
    /// The same content in the order of a former one, new things last: Studio moves the activity it edits to the end, and a text diff of two
    /// exports is to show what changed and nothing else.
    /// </summary>
    public static JsonNode? Align(JsonNode? now, JsonNode? former)
    {
        switch (now, former)
        {
            case (JsonObject members, JsonObject was):
                var aligned = new JsonObject();
                foreach (var name in was.Select(p => p.Key).Where(members.ContainsKey).Concat(members.Select(p => p.Key).Where(k => !was.ContainsKey(k))))
                    aligned[name] = Align(members[name], was.ContainsKey(name) ? was[name] : null);
                return aligned;
            case (JsonArray items, JsonArray was) when items.All(i => Key(i) is not null):
                var before = was.Where(w => Key(w) is not null).DistinctBy(Key).ToDictionary(w => Key(w)!, w => w);
                var order = before.Keys.Select((key, index) => (key, index)).ToDictionary(p => p.key, p => p.index);
                return new JsonArray(
                [
                    .. items.OrderBy(i => order.GetValueOrDefault(Key(i)!, int.MaxValue)).Select(i => Align(i, before.GetValueOrDefault(Key(i)!)))
                ]);
            default:
                return now?.DeepClone();
        }
    }

    /// <summary>All activities below (and including) a root, as written.</summary>
    public static IEnumerable<JsonObject> Activities(JsonObject root)
    {
        yield return root;
        foreach (var (_, value) in root)
            foreach (var child in value is JsonArray items ? items.OfType<JsonObject>() : value is JsonObject one ? [one] : (IEnumerable<JsonObject>)[])
                if (child["id"] is JsonValue && child["type"] is JsonValue)
                    foreach (var below in Activities(child))
                        yield return below;
    }

    private static string? Key(JsonNode? item) => item is not JsonObject o ? null
        : o["id"] is JsonValue id ? id.ToString()
        : o["source"] is JsonObject from && o["target"] is JsonObject to ? $"{from["activity"]}\n{from["port"]}\n{to["activity"]}\n{to["port"]}"
        : o["name"] is JsonValue name ? name.ToString()
        : null;

    private static void Activity(JsonObject activity, string parentPath, ActivityCatalog catalog)
    {
        var id = activity["id"] is JsonValue own ? own.ToString() : "";
        var path = $"{parentPath}:{id}";
        activity["nodeId"] = path;
        if (activity["name"] is null)
            activity.Remove("name");
        if (activity["version"] is null)
            activity["version"] = 1;
        // What is the newest version of a workflow that is used is for whoever looks, and would be another content with each of its versions.
        foreach (var newest in (string[])["latestAvailablePublishedVersion", "latestAvailablePublishedVersionId"])
            activity.Remove(newest);
        if (activity["metadata"] is not JsonObject)
            activity["metadata"] = new JsonObject();
        if (activity["customProperties"] is not JsonObject)
            activity["customProperties"] = new JsonObject();
        Position(activity["metadata"]!["designer"]);

        var descriptor = activity["type"] is JsonValue type && type.TryGetValue<string>(out var name) ? catalog.Find(name) : null;
        var custom = activity["customProperties"]!.AsObject();
        if (descriptor?.ClrType.Name == "Flowchart")
            custom.TryAdd("notFoundConnections", new JsonArray());
        custom.TryAdd("canStartWorkflow", false);
        custom.TryAdd("runAsynchronously", false);
        if (descriptor is not null)
            Bindings(activity, descriptor);
        if (descriptor?.IsContainer == true)
            Children(activity, descriptor);

        foreach (var port in descriptor?.EmbeddedPorts ?? [])
            if (activity[JsonNamingPolicy.CamelCase.ConvertName(port.Name)] is JsonObject child)
                Activity(child, path, catalog);
        foreach (var child in Objects(activity["activities"]))
            Activity(child, path, catalog);
        if (descriptor?.ClrType == typeof(StateMachine))
            foreach (var child in StateMachine.ActivitiesIn(activity))
                Activity(child, path, catalog);
        Arrange(activity);
    }

    private static void Bindings(JsonObject activity, ActivityDescriptor descriptor)
    {
        foreach (var input in descriptor.Inputs)
        {
            activity.TryAdd(input.JsonName, null);
            if (activity[input.JsonName] is not JsonObject value)
                continue;
            if (input.IsWrapped)
                Binding(value, input.ValueType);
            else
                Slim(value);
        }
        foreach (var output in descriptor.Outputs)
        {
            activity.TryAdd(output.JsonName, null);
            if (activity[output.JsonName] is JsonObject value)
                Binding(value, output.ValueType);
        }
    }

    private static void Children(JsonObject activity, ActivityDescriptor descriptor)
    {
        foreach (var list in descriptor.ClrType.Name == "Flowchart" ? (string[])["activities", "variables", "connections"] : ["activities", "variables"])
            if (activity[list] is not JsonArray)
                activity[list] = new JsonArray();
        foreach (var variable in Objects(activity["variables"]))
            Variable(variable);
        foreach (var connection in Objects(activity["connections"]))
        {
            DropNulls(connection);
            connection.TryAdd("vertices", new JsonArray());
        }
    }

    private static void Binding(JsonObject value, Type type)
    {
        if (!value.ContainsKey("expression") && !value.ContainsKey("memoryReference") && !value.ContainsKey("typeName"))
            return;
        if (value["typeName"] is null)
        {
            value.Remove("typeName");
            value.Insert(0, "typeName", TypeName(type));
        }
        foreach (var name in (string[])["expression", "memoryReference"])
            if (value.ContainsKey(name) && value[name] is null)
                value.Remove(name);
            else if (value[name] is JsonObject inner)
                DropNulls(inner);
    }

    // A variable of the definition keeps isArray, one named by an activity does not (Elsa contract).
    private static void Slim(JsonObject variable)
    {
        Variable(variable);
        DropFalse(variable, "isArray");
    }

    // Studio keeps the initial value as text, whatever the type; .NET writes its booleans "True".
    private static void Variable(JsonObject variable)
    {
        DropNulls(variable);
        if (variable["value"] is JsonValue value && value.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            variable["value"] = value.ToJsonString();
        else if (variable["typeName"]?.ToString() == "Boolean" && variable["value"]?.ToString() is "True" or "False")
            variable["value"] = variable["value"]!.ToString().ToLowerInvariant();
    }

    // 100 and 100.0 are the same place.
    private static void Position(JsonNode? designer)
    {
        if (designer is not JsonObject || designer["position"] is not JsonObject position)
            return;
        foreach (var axis in (string[])["x", "y"])
            if (position[axis] is JsonValue value && value.GetValueKind() == JsonValueKind.Number
                && double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var at) && double.IsFinite(at))
                position[axis] = at;
    }

    private static void Arrange(JsonObject activity)
    {
        foreach (var name in Tail)
        {
            if (!activity.Remove(name, out var value))
                continue;
            activity.Add(name, value);
        }
    }

    private static void DropNulls(JsonObject members)
    {
        foreach (var name in members.Where(m => m.Value is null).Select(m => m.Key).ToArray())
            members.Remove(name);
    }

    private static void DropFalse(JsonObject members, string name)
    {
        if (members[name] is JsonValue value && value.GetValueKind() == JsonValueKind.False)
            members.Remove(name);
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node is JsonArray array ? array.OfType<JsonObject>() : [];
}
