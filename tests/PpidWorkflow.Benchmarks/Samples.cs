using System.Text;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Benchmarks;

/// <summary>What is run: the delivered SOP, and definitions of a given size.</summary>
internal static class Samples
{
    public static IReadOnlyDictionary<string, JsonNode?> CaseInput { get; } = new Dictionary<string, JsonNode?>
    {
        ["title"] = "Laporan hasil pemeriksaan internal",
        ["exemptionBasis"] = "j",
        ["determinationNumber"] = "188.44/1/2026",
        ["determinationDate"] = "2026-11-02"
    };

    public static byte[] DeliveredSop() =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "workflows", "pendokumentasian-informasi-dikecualikan", "definition.json"));

    /// <summary>A sequence of so many empty sequences: activities that begin and end and do nothing.</summary>
    public static byte[] Sequence(int activities) => Encoding.UTF8.GetBytes(Of("urut", "root", string.Join(',',
        Enumerable.Range(1, activities).Select(i => $$"""{"type":"Elsa.Sequence","version":1,"id":"a{{i}}","nodeId":"root:a{{i}}","activities":[]}"""))));

    /// <summary>The same, one after another along the connections of a flowchart.</summary>
    public static byte[] Flowchart(int activities)
    {
        var boxes = string.Join(',', Enumerable.Range(1, activities).Select(i => $$"""{"type":"Elsa.Sequence","version":1,"id":"a{{i}}","activities":[]}"""));
        var arrows = string.Join(',', Enumerable.Range(1, activities - 1)
            .Select(i => $$$"""{"source":{"activity":"a{{{i}}}","port":"Done"},"target":{"activity":"a{{{i + 1}}}","port":"In"}}"""));
        return Encoding.UTF8.GetBytes($$$"""
            {"definitionId":"bagan","name":"bagan","version":1,"root":{"type":"Elsa.Flowchart","version":1,"id":"root","activities":[{{{boxes}}}],"connections":[{{{arrows}}}]}}
            """);
    }

    /// <summary>The same with one expression in JavaScript, its result kept in a variable.</summary>
    public static byte[] Script() => Encoding.UTF8.GetBytes(Of("skrip", "root",
        """
        {"type":"Elsa.SetVariable","version":1,"id":"a1","nodeId":"root:a1","variable":{"id":"v1","name":"jumlah","typeName":"Object"},
         "value":{"typeName":"Object","expression":{"type":"JavaScript","value":"[1, 2, 3].map(n => n * getInput('n')).reduce((a, b) => a + b)"}}}
        """));

    private static string Of(string id, string root, string activities) =>
        $$$"""
        {"definitionId":"{{{id}}}","name":"{{{id}}}","version":1,"inputs":[{"name":"n","type":"Int32"}],
         "variables":[{"id":"v1","name":"jumlah","typeName":"Object","isArray":false,"storageDriverTypeName":"WorkflowInstanceStorageDriver"}],
         "root":{"type":"Elsa.Sequence","version":1,"id":"{{{root}}}","nodeId":"{{{root}}}","activities":[{{{activities}}}]}}
        """;
}
