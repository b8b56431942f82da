using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Expressions;
using PpidWorkflow.Engine.Flowcharts;
using static PpidWorkflow.Engine.Definitions.DefinitionReader;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>
/// Builds the tree of activity objects of a definition, once per version, and notes every problem it meets on the way instead of stopping
/// at the first: an author wants the whole list. What cannot be built is left out; the compiler refuses the result then. Of what is stored
/// nothing is refused: what cannot be built keeps its place and faults when it is run.
/// </summary>
internal sealed partial class ActivityFactory(
    ActivityCatalog catalog, IReadOnlyDictionary<string, IExpressionEvaluator> evaluators, IWorkflowLibrary library, bool isStored = false)
{
    private const int MaxNesting = 16;

    /// <summary>So that the searches of validation, quadratic at worst, stay within a second.</summary>
    private const int MaxActivities = 2_000;
    private const int MaxConnections = 5_000;

    /// <summary>Letters of a box's text in a message.</summary>
    private const int LongestLabel = 100;

    private int _connections;
    private int _refused;

    /// <summary>All activities by id, once <see cref="Build"/> has run; of activities with the same id the first.</summary>
    public Dictionary<string, ActivityNode> Nodes { get; } = new(StringComparer.Ordinal);

    public List<DefinitionProblem> Problems { get; } = [];

    /// <summary>Expressions in the order of reading, for the checks that need the finished tree.</summary>
    public List<(ActivityNode Node, string InputName, Expression Expression)> Expressions { get; } = [];

    public List<(ActivityNode Node, Output Output)> BoundOutputs { get; } = [];

    public ActivityNode Build(WorkflowDefinition definition)
    {
        var workflow = new Workflow { Id = Workflow.RootId, Type = "Elsa.Workflow", Definition = definition };
        var node = new ActivityNode(workflow, null, definition.Variables);
        Nodes.Add(workflow.Id, node);
        ReadLogPersistence(node, definition.CustomProperties);
        workflow.Root = Create(definition.Root, node, 1);
        return node;
    }

    private IActivity? Create(JsonObject source, ActivityNode parent, int depth)
    {
        var ownId = Text(source, "id");
        // Ids are unique within a definition, and a workflow may be used as an activity more than once.
        var id = ownId is { Length: > 0 } ? parent.Prefix + ownId : ownId;
        var type = Text(source, "type") ?? "";
        if (depth > MaxNesting && !isStored)
            return Refuse("nesting-too-deep", id, $"Aktivitas bersarang lebih dari {MaxNesting} tingkat.");
        if (Nodes.Count >= MaxActivities && !isStored)
            return _refused++ > 0
                ? null
                : Refuse("too-many-activities", null, $"Definisi memuat lebih dari {MaxActivities} aktivitas.");
        if (Text(source, "workflowDefinitionId") is { Length: > 0 } used && catalog.Find(type) is null)
            return CreateWorkflow(source, id, type, used, parent, depth);
        if (catalog.Find(type) is not { } descriptor)
            return isStored ? Missing(source, id, type, parent)
                : RefusedActivities.Find(type) is { } refused
                ? Refuse(refused.Code, id, $"Aktivitas {Label(id, source)} berjenis \"{type}\", yang {refused.Reason}.")
                : Refuse(RefusedActivities.Unknown, id, $"Aktivitas {Label(id, source)} berjenis \"{type}\", yang tidak dikenal.");
        if (string.IsNullOrEmpty(id))
            return Refuse("missing-activity-id", null, $"Sebuah aktivitas berjenis \"{type}\" tidak punya pengenal (id).");

        var activity = (IActivity)Activator.CreateInstance(descriptor.ClrType)!;
        (activity.Id, activity.Type, activity.Name) = (id, type, Text(source, "name"));
        activity.CustomProperties = source["customProperties"] as JsonObject ?? [];
        var node = new ActivityNode(activity, parent, Variables(source["variables"]), ownId) { DisplayText = DisplayText(source) };
        if (!Nodes.TryAdd(id, node))
            Refuse("duplicate-activity-id", id, $"Pengenal \"{id}\" dipakai oleh lebih dari satu aktivitas.");
        ReadLogPersistence(node, activity.CustomProperties);

        foreach (var input in descriptor.Inputs)
            Bind(node, input, source[input.JsonName], depth);
        foreach (var output in descriptor.Outputs)
            Bind(node, output, source[output.JsonName]);
        foreach (var port in descriptor.EmbeddedPorts)
            if (source[JsonNamingPolicy.CamelCase.ConvertName(port.Name)] is JsonObject child)
                port.SetValue(activity, Create(child, node, depth + 1));
        (activity as IReadsDefinition)?.Read(source, new Parts(this, node, depth));
        if (activity is Container container)
            container.Activities = [.. Objects(source["activities"]).Select(child => Create(child, node, depth + 1)).OfType<IActivity>()];
        if (activity is Flowchart flowchart)
        {
            var written = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
            foreach (var child in Objects(source["activities"]))
                if (Text(child, "id") is { } childId)
                    written.TryAdd(childId, child);
            var built = flowchart.Activities.Select(a => a.Id).ToHashSet();
            var prefix = node.Prefix;
            flowchart.Connections =
            [
                .. Objects(source["connections"]).Select(c => ReadConnection(c, flowchart, written)).OfType<Connection>()
                    .Select(c => prefix.Length == 0 ? c : c with { Source = prefix + c.Source, Target = prefix + c.Target })
                    .Where(c => built.Contains(c.Source) && built.Contains(c.Target))
            ];
            WarnOfStart(source, flowchart, node);
        }

        Prepare(node);
        return activity;
    }

    /// <summary>
    /// Elsa's flowchart has a <c>start</c> for workflows written in code; in a definition it is neither read nor written since 3.0. An author who
    /// wrote one is told where the flow begins instead.
    /// </summary>
    private void WarnOfStart(JsonObject source, Flowchart flowchart, ActivityNode node)
    {
        var named = Text(source, "start") ?? (source["start"] is JsonObject activity ? Text(activity, "id") : null);
        if (named is { Length: > 0 } && node.Prefix.Length == 0 && flowchart.StartActivity is { } begin && begin.Id != named)
            Problems.Add(new DefinitionProblem("start-not-used", node.Activity.Id,
                $"Bagan {Label(node)} menyebut \"start\", yang tidak dibaca dari definisi: alurnya dimulai dari {Label(Nodes[begin.Id])}.",
                ProblemSeverity.Warning));
    }

    private MissingActivity? Missing(JsonObject source, string? id, string type, ActivityNode parent)
    {
        if (string.IsNullOrEmpty(id))
            return null;
        var activity = new MissingActivity { Id = id, Type = type, Name = Text(source, "name") };
        Nodes.TryAdd(id, new ActivityNode(activity, parent, [], Text(source, "id")) { DisplayText = DisplayText(source) });
        return activity;
    }

    private void ReadLogPersistence(ActivityNode node, JsonObject customProperties) => node.LogPersistence = LogPersistence.Read(
        customProperties, (type, value) => Compile(node, "Log Persistence", type, value), strategy => Refuse(
            "unknown-log-persistence", node.Parent is null ? null : node.Activity.Id,
            $"{Label(node)}: cara mencatat \"{(strategy.Length > LongestLabel ? strategy[..LongestLabel] : strategy)}\" tidak dikenal: pilih Inherit, Include, Exclude atau Configuration."));

    private sealed class Parts(ActivityFactory factory, ActivityNode node, int depth) : IActivityParts
    {
        public string Label => ActivityFactory.Label(node);

        public IActivity? Child(JsonNode? source) => source is JsonObject child ? factory.Create(child, node, depth + 1) : null;

        public Expression? Expression(string name, JsonNode? wrapped) => wrapped is JsonObject { Count: > 0 } input
            ? input["expression"] is JsonObject expression ? factory.Compile(node, name, Text(expression, "type") ?? "Literal", expression["value"])
                : input.ContainsKey("typeName") ? null : factory.Compile(node, name, "Object", input)
            : wrapped is null or JsonObject ? null : factory.Compile(node, name, "Literal", wrapped);

        public void Refuse(string code, string message) => factory.Refuse(code, node.Activity.Id, message);

        public void Warn(string code, string message) => factory.Problems.Add(new DefinitionProblem(code, node.Activity.Id, message, ProblemSeverity.Warning));
    }

    private void Prepare(ActivityNode node)
    {
        try
        {
            (node.Activity as IPrepared)?.Prepare();
        }
        catch (ExpressionSyntaxException e)
        {
            Refuse("expression-syntax-error", node.Activity.Id, $"{Label(node)}: {e.Message}");
        }
    }

    private void Bind(ActivityNode node, InputDescriptor descriptor, JsonNode? value, int depth)
    {
        if (value is null)
            return;
        if (descriptor.IsWrapped)
            BindWrapped(node, descriptor, value);
        else if (descriptor.ValueType == typeof(Variable) && value is JsonObject variable)
            descriptor.Property.SetValue(
                node.Activity, new Variable { Id = Text(variable, "id") ?? "", Name = Text(variable, "name") ?? "" });
        else if (descriptor.ValueType == typeof(IReadOnlyList<SwitchCase>))
            descriptor.Property.SetValue(node.Activity, Objects(value).Select(@case => ReadCase(node, descriptor, @case, depth)).ToArray());
        else if (descriptor.ValueType.IsEnum)
            BindChoice(node, descriptor, value);
    }

    private SwitchCase ReadCase(ActivityNode node, InputDescriptor descriptor, JsonObject source, int depth)
    {
        var condition = source["condition"] as JsonObject;
        return new SwitchCase(
            Text(source, "label") ?? "",
            Compile(node, descriptor.Name, condition is null ? "Literal" : Text(condition, "type") ?? "Literal", condition?["value"]),
            source["activity"] is JsonObject child ? Create(child, node, depth + 1) : null);
    }

    private void BindChoice(ActivityNode node, InputDescriptor descriptor, JsonNode value)
    {
        try
        {
            descriptor.Property.SetValue(node.Activity, ValueConverter.To(value, descriptor.ValueType));
        }
        catch (Execution.ActivityFaultException)
        {
            Refuse("invalid-choice", node.Activity.Id, $"{descriptor.Name} pada {Label(node)}: pilihan itu tidak ada.");
        }
    }

    private void BindWrapped(ActivityNode node, InputDescriptor descriptor, JsonNode value)
    {
        var wrapped = value as JsonObject;
        var expression = wrapped?["expression"] as JsonObject;
        if (wrapped is not null && wrapped.ContainsKey("typeName") && expression is null)
            return;
        var type = expression is null ? "Literal" : Text(expression, "type") ?? "Literal";
        var content = expression is null ? value : expression["value"];
        if (content is null && type == "Literal")
            return;
        if (Compile(node, descriptor.Name, type, content) is not { } read)
            return;
        var input = (Input)Activator.CreateInstance(typeof(Input<>).MakeGenericType(descriptor.ValueType))!;
        (input.Expression, input.Name) = (read, descriptor.Name);
        descriptor.Property.SetValue(node.Activity, input);
    }

    private Expression? Compile(ActivityNode node, string inputName, string type, JsonNode? content)
    {
        if (!evaluators.TryGetValue(type, out var evaluator))
        {
            return Unusable("unknown-expression-type", $"{inputName} pada {Label(node)}: bahasa ekspresi \"{type}\" tidak dikenal.");
        }

        try
        {
            var read = new Expression(type, content, evaluator, evaluator.Compile(content));
            Expressions.Add((node, inputName, read));
            return read;
        }
        catch (ExpressionSyntaxException e)
        {
            return Unusable("expression-syntax-error", $"{inputName} pada {Label(node)}: {e.Message}");
        }

        Expression? Unusable(string code, string message)
        {
            Refuse(code, node.Activity.Id, message);
            return isStored ? new Expression(type, content, new UnusableEvaluator(type, code, message), null) : null;
        }
    }

    /// <summary>An output exists even where it is bound to nothing: other expressions may ask for it.</summary>
    private void Bind(ActivityNode node, OutputDescriptor descriptor, JsonNode? value)
    {
        var output = (Output)Activator.CreateInstance(descriptor.Property.PropertyType)!;
        output.Name = descriptor.Name;
        output.VariableId = (value as JsonObject)?["memoryReference"] is JsonObject reference ? Text(reference, "id") : null;
        descriptor.Property.SetValue(node.Activity, output);
        if (output.VariableId is not null)
            BoundOutputs.Add((node, output));
    }

    /// <summary>Connections of an activity that was refused are dropped without a word: the author has been told of the activity.</summary>
    private Connection? ReadConnection(JsonObject source, Flowchart flowchart, Dictionary<string, JsonObject> written)
    {
        if (++_connections > MaxConnections && !isStored)
            return _connections > MaxConnections + 1
                ? null
                : Refuse<Connection>("too-many-connections", flowchart.Id, $"Definisi memuat lebih dari {MaxConnections} sambungan.");
        var from = source["source"] as JsonObject ?? [];
        var to = source["target"] as JsonObject ?? [];
        var connection = new Connection(
            Text(from, "activity") ?? "", Text(from, "port") ?? "Done", Text(to, "activity") ?? "");
        return (written.GetValueOrDefault(connection.Source), written.GetValueOrDefault(connection.Target)) switch
        {
            (not null, not null) => connection,
            ({ } known, null) => Refuse<Connection>(
                "dangling-connection", connection.Source,
                $"Sambungan dari {Label(connection.Source, known)} menuju \"{connection.Target}\", yang tidak ada di bagan itu."),
            (null, { } known) => Refuse<Connection>(
                "dangling-connection", connection.Target,
                $"Sambungan ke {Label(connection.Target, known)} berasal dari \"{connection.Source}\", yang tidak ada di bagan itu."),
            _ => Refuse<Connection>(
                "dangling-connection", flowchart.Id,
                $"Sambungan \"{connection.Source}\" → \"{connection.Target}\" menyebut dua aktivitas yang tidak ada di bagan itu.")
        };
    }

    private IActivity? Refuse(string code, string? activityId, string message) => Refuse<IActivity>(code, activityId, message);

    private T? Refuse<T>(string code, string? activityId, string message) where T : class
    {
        Problems.Add(new DefinitionProblem(code, activityId, message));
        return null;
    }

    /// <summary>An activity as its author knows it: the text on its box, else its name; with the id where that says something else.</summary>
    internal static string Label(ActivityNode node) => Label(node.Activity.Id, node.DisplayText ?? node.Activity.Name);

    private static string Label(string? id, JsonObject source) => Label(id, DisplayText(source) ?? Text(source, "name"));

    private static string Label(string? id, string? text) =>
        string.IsNullOrWhiteSpace(text) ? $"\"{id ?? "tanpa nama"}\"" : text == id || id is null ? $"\"{text}\"" : $"\"{text}\" ({id})";

    private static string? DisplayText(JsonObject source) =>
        source["metadata"] is JsonObject metadata && Text(metadata, "displayText")?.Trim() is { Length: > 0 } text
            ? text.Length > LongestLabel ? text[..LongestLabel] + "…" : text
            : null;
}
