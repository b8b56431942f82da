using static PpidWorkflow.Engine.Tests.Activities.Proofs.Parts;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Proofs;

/// <summary>Loops.</summary>
internal static class LoopProofs
{
    private static readonly string Item = Say("getCurrentValue()", "i");

    private static string Machine(string trigger, string condition = "true") => Of("Elsa.StateMachine", "x", $$"""
        'initialState':'A','states':[{'name':'A','entry':{{Write("in A")}},'exit':{{Write("out A")}} },{'name':'B','entry':{{Write("in B")}} }],
        'transitions':[{'from':'A','to':'B','trigger':{{trigger}},'condition':{{condition}},'action':{{Write("act")}} }]
        """);

    public static readonly Dictionary<string, ActivityProof> All = new()
    {
        ["Elsa.For"] = new()
        {
            Main = new(Of("Elsa.For", "x", $"'start':3,'end':1,'step':-1,'body':{Item}"), "3", "2", "1"),
            Fault = new(Of("Elsa.For", "x", $"'start':1,'end':{Broken("2")},'body':{Item}"), "script-error", Lines: ["1", "2"]),
            Own =
            [
                new(Of("Elsa.For", "x", $"'start':1,'end':2,'step':{Until("0", "1")},'body':{Item}"), "loop-step-zero", Lines: ["1", "2"]),
                new(Of("Elsa.For", "x", $"'start':{Until("'one'", "2")},'end':2,'body':{Item}"), "value-conversion", Lines: ["2"]),
                new(Of("Elsa.For", "x", $"'start':1,'end':{Until("1e12", "1")},'body':{Item}"), "value-conversion", Lines: ["1"])
            ],
            Wait = new(Of("Elsa.For", "x", $"'start':1,'end':3,'outerBoundInclusive':false,'body':{Named("q", Wait(), Item)}"), "1", "2")
        },
        ["Elsa.ForEach"] = new()
        {
            Main = new(Of("Elsa.ForEach", "x", $"'items':['a','b'],'body':{Item}"), "a", "b"),
            Fault = new(Of("Elsa.ForEach", "x", $"'items':{Broken("['a']")},'body':{Item}"), "script-error", Lines: ["a"]),
            Own =
            [
                new(Of("Elsa.ForEach", "x", $"'items':{Until("7", "['a']")},'body':{Item}"), "not-a-collection", Lines: ["a"]),
                new(Of("Elsa.ForEach", "x", $"'items':{Until("Array(10001).fill(1)", "['a']")},'body':{Item}"), "too-many-items", Lines: ["a"])
            ],
            Wait = new(Of("Elsa.ForEach", "x", $"'items':['a','b'],'body':{Named("q", Item, Wait(), Say("getCurrentIndex()"))}"), "a", "0", "b", "1")
        },
        ["Elsa.ParallelForEach"] = new()
        {
            Main = new(Of("Elsa.ParallelForEach", "x", $"'items':['a','b'],'body':{Item}"), "a", "b"),
            Fault = new(Of("Elsa.ParallelForEach", "x", $"'items':{Broken("['a']")},'body':{Item}"), "script-error", Lines: ["a"]),
            Own =
            [
                new(Of("Elsa.ParallelForEach", "x", $"'items':{Until("7", "['a']")},'body':{Item}"), "not-a-collection", Lines: ["a"]),
                new(Of("Elsa.ParallelForEach", "x", $"'items':{Until("Array(10001).fill(1)", "['a']")},'body':{Item}"), "too-many-items", Lines: ["a"])
            ],
            Wait = new(Seq(Of("Elsa.ParallelForEach", "x", $"'items':['a','b'],'body':{Named("q", Wait(), Item)}"), Write("z")), "a", "b", "z")
        },
        ["Elsa.StateMachine"] = new()
        {
            Main = new(Machine(Write("t")), "in A", "t", "act", "out A", "in B"),
            Fault = new(Machine(Write("t"), condition: Broken("true")), "script-error", Lines: ["in A", "t", "act", "out A", "in B"]),
            Wait = new(Machine(Wait()), "in A", "act", "out A", "in B")
        },
        ["Elsa.While"] = new()
        {
            Main = new(Of("Elsa.While", "x", $"'condition':{Js("(getV() ?? 0) < 2")},'body':{Say("setV((getV() ?? 0) + 1); getV()")}"), "1", "2"),
            Fault = new(Of("Elsa.While", "x", $"'condition':{Broken("(getV() ?? 0) < 1")},'body':{Say("setV(1); getV()")}"), "script-error", Lines: ["1"]),
            Wait = new(Of("Elsa.While", "x", $"'condition':{Js("(getV() ?? 0) < 2")},'body':{Named("q", Wait(), Say("setV((getV() ?? 0) + 1); getV()"))}"), "1", "2")
        },
        ["Elsa.Break"] = new()
        {
            Main = new(Of("Elsa.While", "l", $"'condition':true,'body':{Named("q", Write("a"), Of("Elsa.Break", "x"), Write("never"))}"), "a"),
            CannotFault = "takes no input and does nothing that could fail",
            Wait = new(Seq(Of("Elsa.While", "l", $"'condition':true,'body':{Named("q", Wait(), Of("Elsa.Break", "x"))}"), Write("z")), "z")
        }
    };
}
