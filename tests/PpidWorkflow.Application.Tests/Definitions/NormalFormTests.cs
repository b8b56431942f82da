using System.Text;
using System.Text.Json.Nodes;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Tests.Sop;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tests.Definitions;

public sealed class NormalFormTests
{
    private static readonly JsonObject Sop = JsonNode.Parse(SopFolder.Definition.GetRawText())!.AsObject();

    [Fact]
    public void Writing_it_again_changes_nothing_and_the_meaning_stays()
    {
        var once = Of(Sop);

        Assert.Equal(once.ToJsonString(), Of(once).ToJsonString());
        Assert.Equal(Hash(Sop), Hash(once));
        Assert.DoesNotContain(new WorkflowCompiler().Validate(Read(once)), p => p.Severity == ProblemSeverity.Error);
    }

    [Fact]
    public void What_a_designer_leaves_out_is_filled_in_from_the_catalog()
    {
        var flow = Flow(
            """{"id":"a","type":"Elsa.SetVariable","variable":{"id":"v","name":"V","typeName":"Int32","isArray":false,"value":null},"own":1}""",
            """{"id":"b","type":"Elsa.WriteLine","text":{"typeName":null,"expression":{"type":"Literal","value":"x"},"memoryReference":null}}""",
            """{"id":"c","type":"Elsa.WriteLine","metadata":{"designer":{"position":{"x":100.0,"y":-0.5}}}}""");

        var root = Of(flow)["root"]!;
        var (a, b, c) = (root["activities"]![0]!, root["activities"]![1]!, root["activities"]![2]!);

        Assert.Equal("""{"id":"v","name":"V","typeName":"Int32"}""", a["variable"]!.ToJsonString());
        Assert.Equal(1, a["own"]!.GetValue<int>());
        Assert.Equal("""{"typeName":"String","expression":{"type":"Literal","value":"x"}}""", b["text"]!.ToJsonString());
        Assert.Equal("Workflow1:f:b", b["nodeId"]!.GetValue<string>());
        Assert.Equal(["text", "id", "nodeId", "type", "version", "customProperties", "metadata"], b.AsObject().Select(p => p.Key));
        Assert.True(c.AsObject().ContainsKey("text") && c["text"] is null);
        Assert.Equal("""{"x":100,"y":-0.5}""", c["metadata"]!["designer"]!["position"]!.ToJsonString());
        Assert.Equal("""{"notFoundConnections":[],"canStartWorkflow":false,"runAsynchronously":false}""", root["customProperties"]!.ToJsonString());
    }

    [Fact]
    public void What_stands_in_the_states_and_transitions_of_a_state_machine_is_filled_in_too()
    {
        var flow = Flow("""
            {"id":"m","type":"Elsa.StateMachine","initialState":"A","states":[{"name":"A","entry":{"id":"a","type":"Elsa.WriteLine"},"own":1},{"name":"B"}],
             "transitions":[{"from":"A","to":"B","trigger":{"id":"t","type":"Elsa.Sequence","activities":[{"id":"e","type":"Elsa.Event"}]},"condition":{"expression":{"type":"Literal","value":true}}}]}
            """);

        var once = Of(flow);

        Assert.Equal(once.ToJsonString(), Of(once).ToJsonString());
        var machine = once["root"]!["activities"]![0]!;
        Assert.Equal("Workflow1:f:m:a", (string?)machine["states"]![0]!["entry"]!["nodeId"]);
        Assert.Equal(1, (int?)machine["states"]![0]!["own"]);
        Assert.Equal("Workflow1:f:m:t:e", (string?)machine["transitions"]![0]!["trigger"]!["activities"]![0]!["nodeId"]);
        Assert.Equal("""{"expression":{"type":"Literal","value":true}}""", machine["transitions"]![0]!["condition"]!.ToJsonString());
    }

    [Fact]
    public void Initial_values_of_variables_are_text_as_Studio_keeps_them()
    {
        var flow = Flow();
        flow["variables"] = JsonNode.Parse(
            """[{"id":"1","name":"a","typeName":"Int32","value":3},{"id":"2","name":"b","typeName":"Boolean","value":"True"},{"id":"3","name":"c","typeName":"String","value":"True"}]""");

        Assert.Equal(["3", "true", "True"], Of(flow)["variables"]!.AsArray().Select(v => v!["value"]!.GetValue<string>()));
    }

    [Fact]
    public void What_did_not_change_keeps_its_place()
    {
        var former = Of(Flow(Line("a"), Line("b"), Line("c")));
        var posted = Of(Flow(Line("d"), Line("c"), Line("b"), Line("a")));

        var aligned = NormalForm.Align(posted, former)!;

        Assert.Equal(["a", "b", "c", "d"], aligned["root"]!["activities"]!.AsArray().Select(x => x!["id"]!.GetValue<string>()));
        Assert.Equal(Hash(posted), Hash(aligned.AsObject()));
    }

    [Fact]
    public void What_Studio_cannot_carry_is_put_back_but_what_it_changed_is_not()
    {
        var former = Of(Sop);
        former["ours"] = "kept";
        var posted = Of(Sop);
        var title = posted["inputs"]![0]!.AsObject();
        title.Remove("isRequired");
        title.Remove("customProperties");
        title["displayName"] = "Judul lain";
        posted["inputs"]!.AsArray().RemoveAt(1);

        NormalForm.CarryOver(posted, former);

        Assert.Equal("kept", posted["ours"]!.GetValue<string>());
        Assert.True(title["isRequired"]!.GetValue<bool>());
        Assert.Equal(300, title["customProperties"]!["maxLength"]!.GetValue<int>());
        Assert.Equal("Judul lain", title["displayName"]!.GetValue<string>());
        Assert.Equal(Sop["inputs"]!.AsArray().Count - 1, posted["inputs"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("""{"id":"f","type":"Elsa.Flowchart","activities":null,"connections":"none","variables":7}""")]
    [InlineData("""{"id":7,"type":8,"customProperties":[],"metadata":"x"}""")]
    [InlineData("""{"id":"f","type":"Elsa.Flowchart","activities":[1,null,"x",[],{"id":null,"type":"Elsa.WriteLine","text":[]}],"connections":[null,{"vertices":3}]}""")]
    [InlineData("""{"id":"f","type":"Elsa.If","then":"x","else":[{}],"condition":{"expression":7}}""")]
    public void Nonsense_is_left_to_those_who_refuse_it(string root)
    {
        var flow = Flow();
        flow["root"] = JsonNode.Parse(root);
        flow["inputs"] = JsonNode.Parse("""[1, null, {"name": {}, "isArray": "x"}]""");
        flow["options"] = "x";

        var once = Of(flow);
        NormalForm.CarryOver(once, Of(Sop));

        Assert.Equal(once.ToJsonString(), NormalForm.Align(once, once)!.ToJsonString());
    }

    private static JsonObject Of(JsonObject definition) => NormalForm.Of(definition, ActivityCatalog.Default);

    private static WorkflowDefinition Read(JsonObject definition) => DefinitionReader.Read(Encoding.UTF8.GetBytes(definition.ToJsonString()));

    private static string Hash(JsonObject definition) => DefinitionWriter.ContentHash(Read(definition));

    private static string Line(string id) => $$"""{"id":"{{id}}","type":"Elsa.WriteLine"}""";

    private static JsonObject Flow(params string[] activities) => JsonNode.Parse(
        $$$"""{"name":"x","root":{"id":"f","type":"Elsa.Flowchart","activities":[{{{string.Join(',', activities)}}}],"connections":[]}}""")!.AsObject();
}
