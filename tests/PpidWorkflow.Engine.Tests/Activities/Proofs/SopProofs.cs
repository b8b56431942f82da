using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Activities.Human;
using static PpidWorkflow.Engine.Tests.Activities.Proofs.Parts;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Proofs;

/// <summary>The steps of the SOP. What they say must be literal, so their fault is an answer that they do not know.</summary>
internal static class SopProofs
{
    public static readonly Dictionary<string, ActivityProof> All = new[]
    {
        "Ppid.SopStep", "Ppid.AssignOfficer", "Ppid.PrepareDossier", "Ppid.ReportReadiness", "Ppid.HandOver", "Ppid.DocumentDossier"
    }.ToDictionary(type => type, Proof);

    private static ActivityProof Proof(string type)
    {
        var step = SopFlow.Step(type, "x", "R", "Q", "5", ",'completedBy':{'typeName':'String','memoryReference':{'id':'v'}}");
        return new ActivityProof
        {
            Main = new(FlowJson("x->a x:Returned->never", step, Write("a"), Write("never")), "a") { Input = Answer("Done") },
            Fault = new(FlowJson("x->a", step, Write("a")), "unknown-outcome", Mends: false) { Input = Answer("Perhaps") },
            Wait = new(Seq(step, Wait(), Say("getV()")), "petugas") { Input = Answer("Done") }
        };
    }

    private static JsonObject Answer(string outcome) => new SopTaskResult { Outcome = outcome, CompletedBy = "petugas", AssignedTo = "petugas" }.ToJson();
}
