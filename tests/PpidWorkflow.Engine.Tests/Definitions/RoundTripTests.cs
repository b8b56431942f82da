using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Definitions;

public class RoundTripTests
{
    [Theory]
    [MemberData(nameof(ValidationTests.AllFixtures), MemberType = typeof(ValidationTests))]
    public void Reading_and_writing_keeps_everything_and_is_stable(string path)
    {
        var once = DefinitionWriter.Write(Read(path));
        var twice = DefinitionWriter.Write(DefinitionReader.Read(once));

        Assert.Equal(once, twice);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Bytes(path)), JsonNode.Parse(once)));
    }

    /// <summary>
    /// What Studio and Elsa wrote, with members that nobody knows put in anywhere: read and written it says the same, compiles to the same
    /// problems, and hashes to the same content when written once more.
    /// </summary>
    [Property(MaxTest = 60)]
    public void Members_that_nobody_knows_are_carried_wherever_they_stand(int file, int[] places, string? text, double number)
    {
        var paths = ValidationTests.AllFixtures.Select(row => row.Data).ToList();
        var document = JsonNode.Parse(Bytes(paths[(file & int.MaxValue) % paths.Count]))!.AsObject();
        var count = 0;
        foreach (var place in (places ?? []).Take(12))
        {
            var objects = Objects(document).ToList();
            objects[(place & int.MaxValue) % objects.Count][$"x-unknown-{count++}"] = (place % 5) switch
            {
                0 => JsonValue.Create(text),
                1 => double.IsFinite(number) ? JsonValue.Create(number) : null,
                2 => new JsonArray(1, null, new JsonObject { ["deep"] = text }),
                3 => new JsonObject { ["_type"] = "ObjectMap", ["ü"] = true },
                _ => null
            };
        }
        var asked = document.ToJsonString();

        var definition = DefinitionReader.Read(Encoding.UTF8.GetBytes(asked));
        var once = DefinitionWriter.Write(definition);
        var again = DefinitionReader.Read(once);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(asked), JsonNode.Parse(once)));
        Assert.Equal(once, DefinitionWriter.Write(again));
        Assert.Equal(DefinitionWriter.ContentHash(definition), DefinitionWriter.ContentHash(again));
        Assert.Equal(new WorkflowCompiler().Validate(definition), new WorkflowCompiler().Validate(again));
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(m => Objects(m.Value)).Prepend(members),
        JsonArray items => items.SelectMany(Objects),
        _ => []
    };

    [Fact]
    public void Unknown_properties_and_plain_letters_survive()
    {
        var definition = Parse("""{"zeta":{"a":[1.50,null]},"root":{"type":"Elsa.WriteLine","id":"w","bağ":"é → “x” <b>"},"alpha":1,"name":"n"}""");

        var text = Encoding.UTF8.GetString(DefinitionWriter.Write(definition));

        Assert.StartsWith("{\n  \"name\": \"n\",\n  \"root\": {\n    \"type\"", text, StringComparison.Ordinal);
        Assert.Contains("\"bağ\": \"é → “x” <b>\"", text, StringComparison.Ordinal);
        Assert.Contains("1.50", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Studio_s_envelope_is_opened() =>
        Assert.Equal("w", (string?)Parse("""{"model":{"name":"n","root":{"type":"Elsa.WriteLine","id":"w"}},"publish":null}""").Root["id"]);

    [Fact]
    public void The_hash_sees_what_a_definition_means_and_nothing_else()
    {
        var hash = DefinitionWriter.ContentHash(Flow("a->b", Write("a"), Write("b")));

        Assert.Equal(hash, DefinitionWriter.ContentHash(Flow("a->b", Write("b"), Write("a"))));
        Assert.Equal(hash, DefinitionWriter.ContentHash(Flow("a->b", Write("a"), Write("b")).WithIdentity("other", "d9", 7, true, true, DateTimeOffset.UnixEpoch)));
        Assert.NotEqual(hash, DefinitionWriter.ContentHash(Flow("b->a", Write("a"), Write("b"))));
        Assert.NotEqual(hash, DefinitionWriter.ContentHash(Flow("a->b", Write("a"), Of("Elsa.WriteLine", "b", "'text':'other'"))));
        Assert.Matches("^[0-9a-f]{64}$", hash);
    }

    [Theory]
    [InlineData("'version':1,'metadata':{},'customProperties':{'canStartWorkflow':false}", true)]
    [InlineData("'nodeId':'Workflow1:x:a','result':null", true)]
    [InlineData("'metadata':{'designer':{'size':{'width':3,'height':4}}}", true)]
    [InlineData("'metadata':{'designer':{'position':{'x':3,'y':4}}}", false)]
    [InlineData("'version':2", false)]
    [InlineData("'customProperties':{'canStartWorkflow':true}", false)]
    [InlineData("'unknown':false", false)]
    public void What_a_server_fills_in_means_nothing(string members, bool isSame) => Assert.Equal(
        isSame,
        DefinitionWriter.ContentHash(Flow("a->b", Write("a"), Of("Elsa.Finish", "b")))
            == DefinitionWriter.ContentHash(Flow("a->b", Write("a"), Of("Elsa.Finish", "b", members))));

    [Fact]
    public void The_type_name_of_an_input_follows_from_the_catalog_and_does_not_count()
    {
        static string Hash(string text) => DefinitionWriter.ContentHash(Flow("a->b", Of("Elsa.WriteLine", "a", text), Write("b")));

        Assert.Equal(
            Hash("'text':{'typeName':'String','expression':{'type':'Literal','value':'x'}}"), Hash("'text':{'expression':{'type':'Literal','value':'x'},'memoryReference':null}"));
        Assert.NotEqual(
            Hash("'text':{'expression':{'type':'Literal','value':'x'}}"), Hash("'text':{'expression':{'type':'JavaScript','value':'x'}}"));
    }

    [Fact]
    public void A_new_identity_changes_the_row_and_not_the_content()
    {
        var definition = Flow("a->b", Write("a"), Write("b"));

        var copy = definition.WithIdentity("v2", "d2", 2, isLatest: true, isPublished: false);

        Assert.Equal(("v2", "d2", 2, true, false), (copy.Id, copy.DefinitionId, copy.Version, copy.IsLatest, copy.IsPublished));
        Assert.Equal("v1", definition.Id);
    }
}
