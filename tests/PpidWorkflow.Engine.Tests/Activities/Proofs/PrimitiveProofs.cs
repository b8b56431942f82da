using System.Text.Json.Nodes;
using static PpidWorkflow.Engine.Tests.Activities.Proofs.Parts;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Proofs;

/// <summary>What acts at once, and what waits for an event, a program, an instant.</summary>
internal static class PrimitiveProofs
{
    public static readonly Dictionary<string, ActivityProof> All = new()
    {
        ["Elsa.WriteLine"] = new()
        {
            Main = new(Of("Elsa.WriteLine", "x", "'text':'a'"), "a"),
            Fault = new(Of("Elsa.WriteLine", "x", $"'text':{Broken("'a'")}"), "script-error", Lines: ["a"]),
            Wait = new(Seq(Of("Elsa.SetVariable", "set", "'variable':{'id':'v','name':'v'},'value':'kept'"), Wait(), Say("getV()", "x")), "kept")
        },
        ["Elsa.SetVariable"] = new()
        {
            Main = new(Seq(Set("'value':'a'"), Say("getV()")), "a"),
            Fault = new(Seq(Set($"'value':{Broken("'a'")}"), Say("getV()")), "script-error", Lines: ["a"]),
            Own =
            [
                new(Seq(Set($"'value':{Until("'seven'", "7")}"), Say("getV()")), "value-conversion", Lines: ["7"]) { Variables = "[{'id':'v','name':'v','typeName':'Int32'}]" }
            ],
            Wait = new(Seq(Set("'value':{'typeName':'Object','expression':{'type':'Object','value':{'n':[1,2.5,true,null,'ü']}}}"), Wait(), Say("toJson(getV())")),
                """{"n":[1,2.5,true,null,"ü"]}""")
        },
        ["Elsa.SetOutput"] = new()
        {
            Main = new(Of("Elsa.SetOutput", "x", "'outputName':'Sum','outputValue':17")) { Output = """{"Sum":17}""" },
            Fault = new(Of("Elsa.SetOutput", "x", $"'outputName':'Sum','outputValue':{Broken("17")}"), "script-error") { Output = """{"Sum":17}""" },
            Own = [new(Of("Elsa.SetOutput", "x", $"'outputName':{Until("null", "'Sum'")},'outputValue':17"), "missing-input") { Output = """{"Sum":17}""" }],
            Wait = new(Seq(Of("Elsa.SetOutput", "x", "'outputName':'Sum','outputValue':17"), Wait(), Write("a")), "a") { Output = """{"Sum":17}""" }
        },
        ["Elsa.SetName"] = new()
        {
            Main = new(Seq(Of("Elsa.SetName", "x", "'value':'N'"), Say("getWorkflowInstanceName()")), "N"),
            Fault = new(Seq(Of("Elsa.SetName", "x", $"'value':{Broken("'N'")}"), Say("getWorkflowInstanceName()")), "script-error", Lines: ["N"]),
            Wait = new(Seq(Of("Elsa.SetName", "x", "'value':'N'"), Wait(), Say("getWorkflowInstanceName()")), "N")
        },
        ["Elsa.Correlate"] = new()
        {
            Main = new(Seq(Of("Elsa.Correlate", "x", "'correlationId':'C'"), Say("getCorrelationId()")), "C"),
            Fault = new(Seq(Of("Elsa.Correlate", "x", $"'correlationId':{Broken("'C'")}"), Say("getCorrelationId()")), "script-error", Lines: ["C"]),
            Wait = new(Seq(Of("Elsa.Correlate", "x", "'correlationId':'C'"), Wait(), Say("getCorrelationId()")), "C")
        },
        ["Elsa.Finish"] = new()
        {
            Main = new(Seq(Write("a"), Of("Elsa.Finish", "x"), Write("never")), "a"),
            CannotFault = "takes no input and does nothing that could fail",
            Wait = new(Seq(Wait(), Of("Elsa.Finish", "x"), Write("never")))
        },
        ["Elsa.Complete"] = new()
        {
            Main = new(Seq(Write("a"), Of("Elsa.Complete", "x"), Write("never")), "a"),
            CannotFault = "its outcomes are for whoever runs the workflow as an activity",
            Wait = new(Seq(Wait(), Of("Elsa.Complete", "x"), Write("never")))
        },
        ["Elsa.Fault"] = new()
        {
            // An incident is its main path; that it can be repeated, and that other branches go on meanwhile, is what can be shown.
            Main = new(Seq(Of("Elsa.If", "c", $"'condition':false,'then':{Of("Elsa.Fault", "x", "'code':'E'")}"), Write("a")), "a"),
            Fault = new(Seq(Write("a"), Of("Elsa.Fault", "x", "'code':'E','message':'sebab'")), "E", Mends: false, Lines: ["a"]),
            Wait = new(Seq(Wait(), Of("Elsa.If", "c", $"'condition':false,'then':{Of("Elsa.Fault", "x", "'code':'E'")}"), Write("z")), "z")
        },
        ["Elsa.RunJavaScript"] = new()
        {
            Main = new(Seq(Of("Elsa.RunJavaScript", "x", $"'script':{Js("1 + 2")},'result':{Bound}"), Say("getV()")), "3"),
            Fault = new(Seq(Of("Elsa.RunJavaScript", "x", $"'script':{Broken("3")},'result':{Bound}"), Say("getV()")), "script-error", Lines: ["3"]),
            Own =
            [
                new(Seq(Of("Elsa.RunJavaScript", "x", $"'script':{Js("if (getCorrelationId() == null) throw new Error('x'); 3")},'result':{Bound}"), Say("getV()")), "script-error", Lines: ["3"]),
                new(Seq(Of("Elsa.RunJavaScript", "x", $"'script':{Js("while (getCorrelationId() == null); 3")},'result':{Bound}"), Say("getV()")), "script-limit", Lines: ["3"]),
                new(FlowJson("x:B->b x->a", Of("Elsa.RunJavaScript", "x", $"'script':{Js("getCorrelationId() == null ? setOutcomes(Array(101).fill('B')) : setOutcome('B')")}"), Write("a"), Write("b")),
                    "script-limit", Lines: ["b"])
            ],
            Wait = new(FlowJson("e->x x:B->b x->a", Wait(), Of("Elsa.RunJavaScript", "x", $"'possibleOutcomes':['A','B'],'script':{Js("setOutcome(getOutputFrom('e').k)")}"), Write("a"), Write("b")), "b")
            {
                Input = new() { ["k"] = "B" }
            }
        },
        ["Elsa.PublishEvent"] = new()
        {
            Main = new(Seq(Of("Elsa.PublishEvent", "x", "'eventName':'a'"), Write("a")), "a"),
            Fault = new(Seq(Of("Elsa.PublishEvent", "x", $"'eventName':{Broken("'a'")}"), Write("a")), "script-error", Lines: ["a"]),
            Wait = new(Seq(Of("Elsa.PublishEvent", "p", "'eventName':'a'"), Wait(), Of("Elsa.PublishEvent", "x", "'eventName':'b'"), Write("a")), "a")
        },
        ["Elsa.Event"] = new()
        {
            Main = new(Seq(Of("Elsa.Event", "x", $"'eventName':'go','result':{Bound}"), Say("getV().k")), "1") { Input = K },
            Fault = new(Seq(Of("Elsa.Event", "x", $"'eventName':{Broken("'go'")}"), Write("a")), "script-error", Lines: ["a"]),
            Wait = new(Seq(Of("Elsa.Event", "x", "'eventName':'go'"), Wait(), Say("getOutputFrom('x').k + getLastResult().k")), "2") { Input = K }
        },
        ["Elsa.RunTask"] = new()
        {
            Main = new(Seq(Of("Elsa.RunTask", "x", $"'taskName':'t','payload':{{'typeName':'Object','expression':{{'type':'Object','value':{{'n':1}}}}}},'result':{Bound}"), Say("getV().k")), "1") { Input = K },
            Fault = new(Seq(Of("Elsa.RunTask", "x", $"'taskName':{Broken("'t'")}"), Write("a")), "script-error", Lines: ["a"]),
            Wait = new(Seq(Of("Elsa.RunTask", "x", "'taskName':'t'"), Wait(), Say("getResultFromX().k")), "1") { Input = K }
        },
        ["Elsa.Delay"] = Instant("Elsa.Delay", "timeSpan", "00:00:05", ("'soon'", "value-conversion"), ("'4000.00:00:00'", "delay-too-long")),
        ["Elsa.Timer"] = Instant("Elsa.Timer", "interval", "00:00:05", ("'soon'", "value-conversion"), ("'00:00:00'", "timer-interval"), ("'-00:00:05'", "timer-interval")),
        ["Elsa.StartAt"] = Instant("Elsa.StartAt", "dateTime", "2026-12-01T00:00:00Z", ("'soon'", "value-conversion")),
        ["Elsa.Cron"] = Instant("Elsa.Cron", "cronExpression", "0 0 1 * * *", ("'every day'", "cron-invalid"), ("null", "cron-invalid"), ("'0 0 0 30 2 *'", "cron-never"))
    };

    private const string Bound = "{'typeName':'Object','memoryReference':{'id':'v'}}";
    private static JsonObject K => new() { ["k"] = 1 };

    private static string Set(string value) => Of("Elsa.SetVariable", "x", $"'variable':{{'id':'v','name':'v'}},{value}");

    private static ActivityProof Instant(string type, string input, string value, params (string Bad, string Code)[] own) => new()
    {
        Main = new(Parts.Seq(Of(type, "x", $"'{input}':'{value}'"), Write("a")), "a"),
        Fault = new(Parts.Seq(Of(type, "x", $"'{input}':{Broken($"'{value}'")}"), Write("a")), "script-error", Lines: ["a"]),
        Own = [.. own.Select(o => new FaultScenario(Parts.Seq(Of(type, "x", $"'{input}':{Until(o.Bad, $"'{value}'")}"), Write("a")), o.Code, Lines: ["a"]))],
        Wait = new(Parts.Seq(Of(type, "x", $"'{input}':'{value}'"), Wait(), Write("a")), "a")
    };
}
