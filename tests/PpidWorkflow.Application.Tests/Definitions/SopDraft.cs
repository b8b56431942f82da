using System.Text;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tests.Definitions;

/// <summary>The delivered SOP, to be changed as an author would.</summary>
internal sealed class SopDraft
{
    private readonly JsonObject _document = JsonNode.Parse(File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "workflows", "pendokumentasian-informasi-dikecualikan", "definition.json")))!.AsObject();

    public JsonObject Sop => _document["customProperties"]!["sop"]!.AsObject();

    public JsonObject Document => _document;

    private JsonArray Activities => _document["root"]!["activities"]!.AsArray();

    private JsonArray Connections => _document["root"]!["connections"]!.AsArray();

    public SopDraft Set(string step, string input, JsonNode? value)
    {
        Activity(step)[input] = new JsonObject
        {
            ["typeName"] = "Object",
            ["expression"] = new JsonObject { ["type"] = input == "escalation" ? "Object" : "Literal", ["value"] = value }
        };
        return this;
    }

    /// <summary>A ladder, JSON with single quotes.</summary>
    public SopDraft Ladder(string step, string rungs) => Set(step, "escalation", rungs.Replace('\'', '"'));

    /// <summary>Adds an activity, JSON with single quotes.</summary>
    public SopDraft Add(string activity)
    {
        Activities.Add(JsonNode.Parse(activity.Replace('\'', '"')));
        return this;
    }

    /// <summary>An arrow, <c>Step4:Done->Step5</c>.</summary>
    public SopDraft Connect(string arrow)
    {
        var ends = arrow.Split("->");
        var source = ends[0].Split(':');
        Connections.Add(new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = source[0], ["port"] = source[1] },
            ["target"] = new JsonObject { ["activity"] = ends[1], ["port"] = "In" }
        });
        return this;
    }

    public SopDraft Disconnect(string source, string port)
    {
        foreach (var connection in Connections.Where(c =>
            c!["source"]!["activity"]!.GetValue<string>() == source && c["source"]!["port"]!.GetValue<string>() == port).ToList())
            Connections.Remove(connection);
        return this;
    }

    /// <summary>Six steps, step 2 of 20 minutes: the revision of the story.</summary>
    public static SopDraft OfSixSteps() => new SopDraft().Set("Step2", "standardTime", "PT20M").Disconnect("Step4", "Done")
        .Add(
            "{'type':'Ppid.SopStep','id':'Step4a','name':'Step4a','number':'4a','description':'Memeriksa kelengkapan berkas',"
            + "'performerRole':'DOCUMENTATION_OFFICER','standardTime':10,'metadata':{'displayText':'4a. Memeriksa berkas'}}")
        .Connect("Step4:Done->Step4a").Connect("Step4a:Done->Step5").Connect("Step4a:Returned->Step4");

    public WorkflowDefinition Read() => DefinitionReader.Read(Encoding.UTF8.GetBytes(_document.ToJsonString()));

    private JsonObject Activity(string id) => Activities.Single(a => a!["id"]!.GetValue<string>() == id)!.AsObject();
}
