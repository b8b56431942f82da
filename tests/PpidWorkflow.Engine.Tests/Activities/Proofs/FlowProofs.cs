using static PpidWorkflow.Engine.Tests.Activities.Proofs.Parts;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Proofs;

/// <summary>Flowcharts and what branches in them.</summary>
internal static class FlowProofs
{
    private const string NothingToFail = "takes no input and does nothing that could fail";
    private static readonly string S = Of("Elsa.Start", "s");

    public static readonly Dictionary<string, ActivityProof> All = new()
    {
        ["Elsa.Flowchart"] = new()
        {
            Main = new(Of("Elsa.Flowchart", "x", Body("a->b", Write("a"), Write("b"))), "a", "b"),
            Fault = new(Of("Elsa.Flowchart", "x", Body("a->bad bad->b", Write("a"), Bad("mended"), Write("b"))), "script-error", "bad", Lines: ["a", "mended", "b"]),
            Wait = new(Of("Elsa.Flowchart", "x", Body("a->e e->b", Write("a"), Wait(), Write("b"))), "a", "b")
        },
        ["Elsa.Start"] = new()
        {
            Main = new(FlowJson("x->a", Write("a"), Of("Elsa.Start", "x")), "a"),
            CannotFault = NothingToFail,
            Wait = new(FlowJson("x->e e->a a->d d:True->x d:False->z", Of("Elsa.Start", "x"), Wait(), Say("setV((getV() ?? 0) + 1); getV()", "a"),
                Of("Elsa.FlowDecision", "d", $"'condition':{Js("getV() < 2")}"), Write("z")), "1", "2", "z")
        },
        ["Elsa.End"] = new()
        {
            Main = new(FlowJson("a->x", Write("a"), Of("Elsa.End", "x")), "a"),
            CannotFault = NothingToFail,
            Wait = new(FlowJson("s->e s->never never->b e->x", S, Wait(), Wait("never"), Write("b"), Of("Elsa.End", "x")))
        },
        ["Elsa.FlowNode"] = new()
        {
            Main = new(Of("Elsa.FlowNode", "x", $"'body':{Write("a")}"), "a"),
            Fault = new(Of("Elsa.FlowNode", "x", $"'body':{Bad("a")}"), "script-error", "bad", Lines: ["a"]),
            Wait = new(Of("Elsa.FlowNode", "x", $"'body':{Seq(Wait(), Write("a"))}"), "a")
        },
        ["Elsa.FlowDecision"] = new()
        {
            Main = new(FlowJson("x:True->a x:False->b", Of("Elsa.FlowDecision", "x", "'condition':true"), Write("a"), Write("b")), "a"),
            Fault = new(FlowJson("x:True->a x:False->b", Of("Elsa.FlowDecision", "x", $"'condition':{Broken("false")}"), Write("a"), Write("b")), "script-error", Lines: ["b"]),
            Wait = new(FlowJson("e->x x:True->a x:False->b", Wait(), Of("Elsa.FlowDecision", "x", $"'condition':{Js("getOutputFrom('e').yes")}"), Write("a"), Write("b")), "a")
            {
                Input = new() { ["yes"] = true }
            }
        },
        ["Elsa.FlowSwitch"] = new()
        {
            Main = new(FlowJson("x:A->a x:B->b x:Default->z",
                Of("Elsa.FlowSwitch", "x", $"'mode':'MatchAny','cases':[{Case("A", "true")},{Case("B", "true")}]"), Write("a"), Write("b"), Write("z")), "a", "b"),
            Fault = new(FlowJson("x:A->a x:Default->z", Of("Elsa.FlowSwitch", "x", $"'cases':[{CaseBroken("A")}]"), Write("a"), Write("z")), "script-error", Lines: ["a"]),
            Own =
            [
                new(FlowJson("x:A->a x:Default->z", Of("Elsa.FlowSwitch", "x", $"'cases':[{Case("A", "getCorrelationId() == null ? 'perhaps' : true")}]"), Write("a"), Write("z")),
                    "value-conversion", Lines: ["a"]),
                new(FlowJson("x:A->a", Of("Elsa.FlowSwitch", "x", $"'mode':{Until("'MatchNone'", "'MatchAny'")},'cases':[{Case("A", "true")}]"), Write("a")), "value-conversion", Lines: ["a"])
            ],
            Wait = new(FlowJson("e->x x:A->a x:Default->z", Wait(),
                Of("Elsa.FlowSwitch", "x", $"'mode':'MatchFirst','cases':[{Case("A", "getOutputFrom('e').k == 2")}]"), Write("a"), Write("z")), "a")
            {
                Input = new() { ["k"] = 2 }
            }
        },
        ["Elsa.FlowFork"] = new()
        {
            Main = new(FlowJson("x:A->a x:B->b", Of("Elsa.FlowFork", "x", "'branches':['A','B']"), Write("a"), Write("b")), "a", "b"),
            Fault = new(FlowJson("x:A->a x:B->b", Of("Elsa.FlowFork", "x", $"'branches':{Broken("['B']")}"), Write("a"), Write("b")), "script-error", Lines: ["b"]),
            Wait = new(FlowJson("x:A->e1 x:B->e2 e1->a e2->b a->j b->j j->z", Of("Elsa.FlowFork", "x", "'branches':['A','B']"), Wait("e1"), Wait("e2"), Write("a"), Write("b"),
                Of("Elsa.FlowJoin", "j", "'mode':'WaitAll'"), Write("z")), "a", "b", "z")
        },
        ["Elsa.FlowJoin"] = new()
        {
            Main = new(FlowJson("s->a s->b a->x b->x x->z", S, Write("a"), Write("b"), Of("Elsa.FlowJoin", "x", "'mode':'WaitAll'"), Write("z")), "a", "b", "z"),
            // The mode is asked for by the flowchart, before the join runs.
            Fault = new(FlowJson("s->a a->x x->z", S, Write("a"), Of("Elsa.FlowJoin", "x", $"'mode':{Broken("'WaitAny'")}"), Write("z")), "script-error", "F", Lines: ["a", "z"]),
            Wait = new(FlowJson("s->e1 s->e2 e1->x e2->x x->z", S, Wait("e1"), Wait("e2"), Of("Elsa.FlowJoin", "x", "'mode':'WaitAllActive'"), Write("z")), "z")
        },
        ["Elsa.Fork"] = new()
        {
            Main = new(Of("Elsa.Fork", "x", $"'joinMode':'WaitAll','branches':[{Write("a")},{Write("b")}]"), "a", "b"),
            Fault = new(Of("Elsa.Fork", "x", $"'joinMode':'WaitAll','branches':[{Bad("a")},{Write("b")}]"), "script-error", "bad", Lines: ["b", "a"]),
            Wait = new(Seq(Of("Elsa.Fork", "x", $"'joinMode':'WaitAny','branches':[{Named("q1", Wait("e1"), Write("a"))},{Named("q2", Wait("e2"), Write("b"))}]"), Write("z")), "a", "z")
        },
        ["Elsa.Parallel"] = new()
        {
            Main = new(Of("Elsa.Parallel", "x", $"'activities':[{Write("a")},{Write("b")}]"), "a", "b"),
            Fault = new(Of("Elsa.Parallel", "x", $"'activities':[{Bad("a")},{Write("b")}]"), "script-error", "bad", Lines: ["b", "a"]),
            Wait = new(Seq(Of("Elsa.Parallel", "x", $"'activities':[{Named("q1", Wait("e1"), Write("a"))},{Named("q2", Wait("e2"), Write("b"))}]"), Write("z")), "a", "b", "z")
        },
        ["Elsa.If"] = new()
        {
            Main = new(Of("Elsa.If", "x", $"'condition':false,'then':{Write("a")},'else':{Write("b")}"), "b"),
            Fault = new(Of("Elsa.If", "x", $"'condition':{Broken("true")},'then':{Write("a")},'else':{Write("b")}"), "script-error", Lines: ["a"]),
            Wait = new(Seq(Of("Elsa.If", "x", $"'condition':true,'then':{Named("q", Wait(), Write("a"))}"), Say("getResultFromX()")), "a", "True")
        },
        ["Elsa.Switch"] = new()
        {
            Main = new(Of("Elsa.Switch", "x", $"'mode':'MatchAny','cases':[{Case("A", "true", Write("a"))},{Case("B", "true", Write("b"))}],'default':{Write("z")}"), "a", "b"),
            Fault = new(Of("Elsa.Switch", "x", $"'cases':[{CaseBroken("A", Write("a"))}],'default':{Write("z")}"), "script-error", Lines: ["a"]),
            Own =
            [
                new(Of("Elsa.Switch", "x", $"'cases':[{Case("A", "getCorrelationId() == null ? [1] : false", Write("a"))}],'default':{Write("z")}"), "value-conversion", Lines: ["z"]),
                new(Of("Elsa.Switch", "x", $"'mode':{Until("7", "'MatchFirst'")},'cases':[{Case("A", "true", Write("a"))}]"), "value-conversion", Lines: ["a"])
            ],
            Wait = new(Seq(Of("Elsa.Switch", "x",
                $"'mode':'MatchAny','cases':[{Case("A", "true", Named("q1", Wait("e1"), Write("a")))},{Case("B", "true", Wait("e2"))}]"), Write("z")), "a", "z")
        },
        ["Elsa.Sequence"] = new()
        {
            Main = new(Of("Elsa.Sequence", "x", $"'activities':[{Write("a")},{Write("b")}]"), "a", "b"),
            Fault = new(Of("Elsa.Sequence", "x", $"'activities':[{Write("a")},{Bad("mended")},{Write("b")}]"), "script-error", "bad", Lines: ["a", "mended", "b"]),
            Wait = new(Of("Elsa.Sequence", "x", $"'activities':[{Write("a")},{Wait("e1")},{Write("b")},{Wait("e2")},{Write("c")}]"), "a", "b", "c")
        }
    };

    private static string Body(string arrows, params string[] activities) => FlowJson(arrows, activities)["""{"type":"Elsa.Flowchart","id":"F",""".Length..^1];
}
