using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Expressions;

/// <summary>Values take the types that variables, inputs and outputs declare, by Elsa's rules (its ObjectConverter); what does not fit is named.</summary>
public class ConversionTests
{
    [Theory]
    [InlineData("Int32", "'12'", "12")]
    [InlineData("Int32", "12.0", "12")]
    [InlineData("Int32", "3.7", "4")]
    [InlineData("Int64", "'9007199254740993'", "9007199254740993")]
    [InlineData("Double", "'1.5'", "1.5")]
    [InlineData("Decimal", "'0.10'", "0.10")]
    [InlineData("Boolean", "'true'", "true")]
    [InlineData("Boolean", "'True'", "true")]
    [InlineData("Boolean", "1", "true")]
    [InlineData("String", "5", "\"5\"")]
    [InlineData("String", "true", "\"True\"")]
    [InlineData("String", "{'a':1}", "\"{\\\"a\\\":1}\"")]
    [InlineData("Guid", "'6F9619FF8B86D011B42D00C04FC964FF'", "\"6f9619ff-8b86-d011-b42d-00c04fc964ff\"")]
    [InlineData("TimeSpan", "'PT90S'", "\"00:01:30\"")]
    [InlineData("DateTime", "'2026-11-24T10:00:00Z'", "\"2026-11-24T10:00:00Z\"")]
    [InlineData("DateTime", "'2026-11-24T10:00:00+07:00'", "\"2026-11-24T03:00:00Z\"")]
    [InlineData("DateTimeOffset", "'2026-11-24T10:00:00+07:00'", "\"2026-11-24T10:00:00+07:00\"")]
    [InlineData("DateTimeOffset", "'2026-11-24 10:00'", "\"2026-11-24T10:00:00+00:00\"")]
    [InlineData("DateOnly", "'2026-11-24'", "\"2026-11-24\"")]
    [InlineData("DateOnly", "'2026-11-24T23:30:00+07:00'", "\"2026-11-24\"")]
    [InlineData("TimeOnly", "'08:30'", "\"08:30:00\"")]
    [InlineData("JsonObject", "'{\"a\":1}'", "{\"a\":1}")]
    [InlineData("Object", "'[1]'", "\"[1]\"")]
    [InlineData("Int32", "''", "null")]
    [InlineData("Int32[]", "['1',2.0]", "[1,2]")]
    [InlineData("Int32[]", "'[1,2]'", "[1,2]")]
    [InlineData("List<String>", "[1,true,null]", "[\"1\",\"True\",null]")]
    [InlineData("DateOnly[]", "['2026-11-24T00:00:00Z']", "[\"2026-11-24\"]")]
    [InlineData("Object", "{'_type':'ObjectMap','a':1,'b':{'_type':'X','c':2}}", "{\"a\":1,\"b\":{\"c\":2}}")]
    [InlineData("Object", "{'_type':'System.Object[]','_items':[1,{'_type':'Y','d':3}]}", "[1,{\"d\":3}]")]
    [InlineData("Object", "{'_type':'List<String>','$values':['x']}", "[\"x\"]")]
    [InlineData("Object", "{'_type':'JsonObject','_island':'{\"e\":4}'}", "{\"e\":4}")]
    [InlineData("Int32[]", "{'_type':'Int32[]','_items':['1']}", "[1]")]
    [InlineData("Object", "{'type':'plain','_type':7}", "{\"type\":\"plain\",\"_type\":7}")]
    public void A_value_takes_the_declared_type(string type, string value, string json) =>
        Assert.Equal(json, TypeAliases.Coerce(Read(value), type, false)?.ToJsonString(ValueConverter.Json) ?? "null");

    [Theory]
    [InlineData("Int32", "'twelve'")]
    [InlineData("Int32", "'12.5'")]
    [InlineData("Int32", "3000000000")]
    [InlineData("Byte", "-1")]
    [InlineData("Boolean", "'maybe'")]
    [InlineData("Guid", "'x'")]
    [InlineData("DateTime", "'tomorrow'")]
    [InlineData("DateTime", "'10:00'")]
    [InlineData("DateTimeOffset", "'1/2'")]
    [InlineData("DateTimeOffset", "'10:00 -0700'")]
    [InlineData("DateOnly", "'1/2'")]
    [InlineData("DateOnly", "'2026-02-30'")]
    [InlineData("TimeOnly", "'25:00'")]
    [InlineData("TimeSpan", "5")]
    [InlineData("JsonObject", "[1]")]
    [InlineData("Int32[]", "['x']")]
    [InlineData("Int32[]", "7")]
    public void What_does_not_fit_is_a_fault_with_a_name_and_not_a_silent_zero(string type, string value)
    {
        var fault = Assert.Throws<ActivityFaultException>(() => TypeAliases.Coerce(Read(value), type, false));

        Assert.Equal("value-conversion", fault.Code);
        Assert.DoesNotContain("twelve", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'WaitAll'", SwitchMode.MatchFirst, false)]
    [InlineData("'matchany'", SwitchMode.MatchAny, true)]
    [InlineData("1", SwitchMode.MatchAny, true)]
    public void A_choice_is_written_as_name_or_number(string value, SwitchMode mode, bool fits)
    {
        if (fits)
            Assert.Equal(mode, ValueConverter.To<SwitchMode>(Read(value)));
        else
            Assert.Throws<ActivityFaultException>(() => ValueConverter.To<SwitchMode>(Read(value)));
    }

    [Theory]
    [InlineData("Int32", "'17'", "getInput('N') + 1", "18")]
    [InlineData("Boolean", "'false'", "getN() ? 'yes' : 'no'", "no")]
    [InlineData("Int32[]", "'[1,2]'", "getN().length", "2")]
    [InlineData("DateOnly", "'2026-11-02'", "getN()", "2026-11-02")]
    [InlineData("DateTimeOffset", "'2026-11-02T08:00:00+07:00'", "getN()", "2026-11-02T08:00:00+07:00")]
    [InlineData("Object", "{'_type':'ObjectMap','a':[1]}", "toJson(getN())", "{\"a\":[1]}")]
    public async Task Inputs_have_their_types_from_the_first_activity_on(string type, string value, string code, string line)
    {
        var run = await new EngineHarness(Definition(
            $$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js(code)}} }""", inputs: $"[{{'name':'N','type':'{type}'}}]")).StartAsync(("n", Read(value)));

        Assert.Equal([line], run.Lines);
    }

    [Fact]
    public async Task An_input_of_the_wrong_type_is_an_incident_that_names_it_and_does_not_repeat_it()
    {
        var run = await new EngineHarness(Definition(Write("never"), inputs: "[{'name':'Jumlah','type':'Int32'}]")).StartAsync(("jumlah", "rahasia"));

        run.ShouldBeFaulted();
        var incident = Assert.Single(run.State.Incidents);
        Assert.Equal(("input-type", "Workflow1"), (incident.Code, incident.ActivityId));
        Assert.Contains("Jumlah", incident.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("rahasia", incident.Message, StringComparison.Ordinal);
        Assert.Empty(run.Lines);
    }

    [Fact]
    public async Task Outputs_have_their_types()
    {
        static WorkflowDefinition With(string value) => Parse(
            $$"""{"id":"v1","definitionId":"d1","version":1,"outputs":[{"name":"Sum","type":"Int32"}],"root":{"type":"Elsa.SetOutput","id":"x","outputName":"Sum","outputValue":"{{value}}"} }""");

        Assert.Equal("17", (await new EngineHarness(With("17")).StartAsync()).State.Output["Sum"]!.ToJsonString());
        Assert.Equal("value-conversion", Assert.Single((await new EngineHarness(With("many")).StartAsync()).State.Incidents).Code);
    }

    [Fact]
    public async Task What_resumes_a_bookmark_may_come_as_a_bag()
    {
        var run = await new EngineHarness(Definition(Activities.Proofs.Parts.Seq(
            Activities.Proofs.Parts.Wait(), Activities.Proofs.Parts.Say("toJson(getOutputFrom('e'))")))).StartAsync();
        await run.ResumeAsync("e", new JsonObject { ["_type"] = "ObjectMap", ["list"] = new JsonObject { ["_type"] = "System.Object[]", ["_items"] = new JsonArray(1, 2) } });

        Assert.Equal(["""{"list":[1,2]}"""], run.Lines);
    }

    [Theory]
    [InlineData("getCustomer().name", "Ani")]
    [InlineData("setCustomer({name:'Budi'}); getCustomer().name", "Budi")]
    [InlineData("getCustomer().items.length", "2")]
    [InlineData("setcustomer = 1; getVariable('Customer').name", "Ani")]
    [InlineData("getOrderId()", "7")]
    [InlineData("setOrderId('8'); getOrderId() + 1", "9")]
    public async Task Variables_have_getters_and_setters_of_their_names(string code, string line)
    {
        var run = await new EngineHarness(Definition(
            $$"""{"type":"Elsa.WriteLine","id":"w","text":{{Js(code)}} }""",
            "[{'id':'1','name':'Customer','typeName':'Object','value':{'name':'Ani','items':[1,2]}},{'id':'2','name':'orderId','typeName':'Int32','value':7}]")).StartAsync();

        Assert.Equal([line], run.Lines);
    }

    [Fact]
    public async Task Warming_up_runs_both_languages_without_a_fault() => Assert.Equal(["3-6", "4"], await WorkflowCompiler.WarmUpAsync());

    private static JsonNode? Read(string json) => JsonNode.Parse(json.Contains("{\"", StringComparison.Ordinal)
        ? "\"" + json[1..^1].Replace("\"", "\\\"", StringComparison.Ordinal) + "\"" is var text && json[0] == '\'' ? text : Quoted(json) : json.Replace('\'', '"'));

    // A bag whose island is JSON in JSON.
    private static string Quoted(string json)
    {
        var island = json.IndexOf("'{\"", StringComparison.Ordinal);
        var end = json.IndexOf("}'", island, StringComparison.Ordinal);
        return json[..island].Replace('\'', '"') + "\"" + json[(island + 1)..(end + 1)].Replace("\"", "\\\"", StringComparison.Ordinal) + "\"" + json[(end + 2)..];
    }
}
