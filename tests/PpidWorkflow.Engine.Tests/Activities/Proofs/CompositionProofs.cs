using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Engine.Tests.Activities.Proofs.Parts;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Proofs;

/// <summary>Activities that start instances: the host's answer is the input with which their bookmark is resumed.</summary>
internal static class CompositionProofs
{
    private const string Child = "'workflowDefinitionId':'anak'";

    public static Dictionary<string, ActivityProof> All { get; } = new()
    {
        ["Elsa.ExecuteWorkflow"] = new ActivityProof
        {
            Main = new Scenario(Seq(Of("Elsa.ExecuteWorkflow", "x", Child), Say("let r = getOutputFrom('x', 'Result'); return r.SubStatus + ' ' + r.Output.n")), "Finished 7")
            {
                Input = Finished()
            },
            Fault = new FaultScenario(Seq(Of("Elsa.ExecuteWorkflow", "x", $"'workflowDefinitionId':{Broken("'anak'")}"), Write("w")), "script-error", Lines: ["w"])
            {
                Input = Finished()
            },
            Own = Own("Elsa.ExecuteWorkflow"),
            Wait = new Scenario(Seq(Of("Elsa.ExecuteWorkflow", "x", Child + ",'waitForCompletion':true"), Write("w")), "w") { Input = Finished() }
        },
        ["Elsa.DispatchWorkflow"] = new ActivityProof
        {
            Main = new Scenario(Seq(Of("Elsa.DispatchWorkflow", "x", Child), Say("getOutputFrom('x', 'Result').n")), "7") { Input = Finished() },
            Fault = new FaultScenario(Seq(Of("Elsa.DispatchWorkflow", "x", $"'workflowDefinitionId':{Broken("'anak'")}"), Write("w")), "script-error", Lines: ["w"])
            {
                Input = Finished()
            },
            Own = Own("Elsa.DispatchWorkflow"),
            Wait = new Scenario(Seq(Of("Elsa.DispatchWorkflow", "x", Child + ",'waitForCompletion':true"), Write("w")), "w") { Input = Finished() }
        },
        ["Elsa.BulkDispatchWorkflows"] = new ActivityProof
        {
            Main = new Scenario(Seq(Bulk(Say("'anak ' + getWorkflowOutput().n", "c")), Write("w")), "anak 7", "w") { Input = Finished() },
            Fault = new FaultScenario(Seq(Bulk(Bad("anak"))), "script-error", At: "bad", Lines: ["anak"]) { Input = Finished() },
            Own =
            [
                .. Own("Elsa.BulkDispatchWorkflows", $",'items':{Js("[1]")}"),
                new(Seq(Of("Elsa.BulkDispatchWorkflows", "x", $"{Child},'items':{Until("7", "[1]")}"), Write("w")), "not-a-collection", Lines: ["w"]) { Input = Finished() },
                new(Seq(Of("Elsa.BulkDispatchWorkflows", "x", $"{Child},'items':{Until("Array(1001).fill(1)", "[1]")}"), Write("w")), "too-many-items", Lines: ["w"]) { Input = Finished() }
            ],
            Wait = new Scenario(Seq(Bulk(Seq2(Wait(), Say("getChildInstanceId()", "c"))), Write("w")), "c1", "w") { Input = Finished() }
        }
    };

    /// <summary>No workflow named; an input that is no object; a child that could not be started, and is after the retry.</summary>
    private static FaultScenario[] Own(string type, string more = "") =>
    [
        new(Seq(Of(type, "x", $"'workflowDefinitionId':{Until("null", "'anak'")}{more}"), Write("w")), "missing-input", Lines: ["w"]) { Input = Finished() },
        new(Seq(Of(type, "x", $"{Child},'input':{Until("7", "({ n: 1 })")}{more}"), Write("w")), "value-conversion", Lines: ["w"]) { Input = Finished() },
        new(Seq(Of(type, "x", $"{Child}{more}"), Write("w")), "child-not-found", Lines: ["w"])
        {
            Input = ChildAnswers.ToInput([new ChildAnswer { ErrorCode = "child-not-found", Error = "Tidak ada versi yang berlaku." }]),
            InputAfter = Finished()
        }
    ];

    private static string Bulk(string completed) => Of("Elsa.BulkDispatchWorkflows", "x", $"{Child},'items':{Js("[1]")},'childCompleted':")[..^1] + completed + "}";

    private static string Seq2(params string[] activities) => Named("s2", activities);

    private static JsonObject Finished() => ChildAnswers.ToInput(
    [
        new ChildAnswer
        {
            InstanceId = "c1",
            Status = WorkflowStatus.Finished,
            SubStatus = WorkflowSubStatus.Finished,
            Output = new Dictionary<string, JsonNode?> { ["n"] = 7 }
        }
    ]);
}
