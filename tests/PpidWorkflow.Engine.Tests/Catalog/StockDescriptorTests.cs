using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Expressions;
using PpidWorkflow.Engine.Flowcharts;

namespace PpidWorkflow.Engine.Tests.Catalog;

/// <summary>Our catalog beside the one that stock Elsa gave (tests/Shared/elsa/descriptors-all.json).</summary>
public class StockDescriptorTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, JsonObject> Stock = JsonNode.Parse(Fixtures.Bytes("descriptors-all.json"))!["items"]!.AsArray()
        .ToDictionary(i => (string)i!["typeName"]!, i => i!.AsObject());

    private static readonly Dictionary<Type, string> TypeNames = new()
    {
        [typeof(string)] = "String",
        [typeof(bool)] = "Boolean",
        [typeof(int)] = "Int32",
        [typeof(object)] = "Object",
        [typeof(TimeSpan)] = "TimeSpan",
        [typeof(DateTimeOffset)] = "DateTimeOffset",
        [typeof(string[])] = "List<String>",
        [typeof(JsonObject)] = "ObjectDictionary",
        [typeof(FlowJoinMode)] = "FlowJoinMode",
        [typeof(Variable)] = "UnregisteredClrType:Elsa.Workflows.Memory.Variable, Elsa.Workflows.Core",
        [typeof(SwitchMode)] = "UnregisteredClrType:Elsa.Workflows.SwitchMode, Elsa.Workflows.Core",
        [typeof(ForkJoinMode)] = "UnregisteredClrType:Elsa.Workflows.ForkJoinMode, Elsa.Workflows.Core"
    };

    public static TheoryData<string> Supported { get; } = new(Stock.Keys.Where(t => ActivityCatalog.Default.Find(t) is not null).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Supported))]
    public void A_supported_activity_is_described_as_Elsa_describes_it(string type)
    {
        var (stock, ours) = (Stock[type], ActivityCatalog.Default.Find(type)!);

        Assert.Equal((string?)stock["kind"], ours.Kind.ToString());
        Assert.Equal((string?)stock["category"], ours.Category);
        Assert.Equal(
            ((bool)stock["isContainer"]!, (bool)stock["isStart"]!, (bool)stock["isTerminal"]!, (bool)stock["isBrowsable"]!),
            (ours.IsContainer, ours.IsStart, ours.IsTerminal, ours.IsBrowsable));
        Assert.Equal(
            stock["inputs"]!.AsArray().Select(i => ((string?)i!["name"], TypeOf(type, i), (bool)i["isWrapped"]!)).Order(),
            ours.Inputs.Select(i => ((string?)i.Name, TypeOf(type, i), i.IsWrapped)).Order());
        Assert.Equal(
            stock["outputs"]!.AsArray().Select(o => ((string)o!["name"]!, (string)o["typeName"]!)).Order(),
            ours.Outputs.Select(o => (o.Name, o.Attribute.TypeName ?? TypeNames[o.ValueType])).Order());
        // Elsa names the port of a flowchart's start, and neither reads nor writes it in a definition (StartOfAFlowchartTests).
        Assert.Equal(
            stock["ports"]!.AsArray().Select(p => $"{p!["type"]} {p["name"]}").Where(p => p != "Embedded Start").Order(StringComparer.Ordinal),
            ours.EmbeddedPorts.Select(p => $"Embedded {p.Name}").Concat(ours.Outcomes is ["Done"] ? [] : ours.Outcomes.Select(o => $"Flow {o}"))
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void Editors_choices_and_defaults_are_Elsa_s(string type)
    {
        foreach (var input in ActivityCatalog.Default.Find(type)!.Inputs)
        {
            var stock = Stock[type]["inputs"]!.AsArray().Single(i => (string?)i!["name"] == input.Name)!;
            var choices = stock["uiSpecifications"]?["dropdown"]?["selectList"]?["items"]?.AsArray().Select(i => (string?)i!["value"]) ?? [];
            Assert.Equal(choices, input.Attribute.Options);
            if (input.Attribute.Options.Length > 0 || !Relabelled.Contains($"{type}.{input.Name}"))
                Assert.Equal(($"{type}.{input.Name}", (string?)stock["uiHint"]), ($"{type}.{input.Name}", input.Attribute.UIHint));
            if (input.Attribute.DefaultValue is { } value)
                Assert.Equal(stock["defaultValue"]?.ToString(), value is string text ? text : JsonSerializer.Serialize(value is Enum ? value.ToString() : value).Trim('"'));
        }
    }

    [Fact]
    public void Every_activity_of_stock_Elsa_is_supported_or_refused_with_a_reason()
    {
        // SubFlow is a workflow of the recorded server, not a type of Elsa's.
        var rest = Stock.Keys.Where(t => ActivityCatalog.Default.Find(t) is null && t != "SubFlow").Order(StringComparer.Ordinal).ToList();
        foreach (var type in rest)
            output.WriteLine($"{type}: {RefusedActivities.Find(type)?.Code} ({RefusedActivities.Find(type)?.Reason})");

        Assert.All(rest, type => Assert.NotEmpty(RefusedActivities.Find(type)?.Reason ?? ""));
        Assert.Equal(
            [
                "Elsa.Inline", "Elsa.NotFoundActivity", "Elsa.RunCSharp",
                "Elsa.Workflow", "Elsa.Workflows.Activities.DynamicActivity",
                "Elsa.Workflows.Management.Activities.HostMethod.HostMethodActivity",
                "Elsa.Workflows.Management.Activities.WorkflowDefinitionActivity.WorkflowDefinitionActivity"
            ],
            rest);
    }

    [Fact]
    public void A_refused_activity_is_refused_by_name_and_with_its_reason()
    {
        foreach (var type in Stock.Keys.Where(t => RefusedActivities.Find(t) is not null))
        {
            var problem = Assert.Single(new WorkflowCompiler().Validate(Fixtures.Definition(Fixtures.Of(type, "x"))), p => p.ActivityId == "x");
            Assert.Equal(RefusedActivities.Find(type)!.Code, problem.Code);
            Assert.Contains(RefusedActivities.Find(type)!.Reason, problem.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Editors that differ: a person types JSON where Elsa offers a list that only its own server could fill.</summary>
    private static readonly HashSet<string> Relabelled = ["Elsa.RunTask.Payload", "Elsa.Complete.Outcomes"];

    // Lists and cases are one CLR type here; what they hold is the activity's to say.
    private static string TypeOf(string activity, JsonNode? stock)
    {
        var name = (string)stock!["typeName"]!;
        return name.Contains("SwitchCase", StringComparison.Ordinal) ? "cases" : (activity, name) is ("Elsa.ForEach", "List<Object>") or ("Elsa.ParallelForEach", "Object") ? "items" : name;
    }

    private static string TypeOf(string activity, InputDescriptor ours) =>
        ours.ValueType == typeof(IReadOnlyList<SwitchCase>) ? "cases"
        : ours.ValueType == typeof(JsonArray) && activity.EndsWith("ForEach", StringComparison.Ordinal) ? "items"
        : ours.Attribute.TypeName ?? TypeNames[ours.ValueType];
}
