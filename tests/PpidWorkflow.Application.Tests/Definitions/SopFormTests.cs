using System.Text.Json.Nodes;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Tests.Sop;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Tests.Definitions;

/// <summary>Steps as people edit them and as they are kept.</summary>
public class SopFormTests
{
    private const string Default =
        """[{"at": "80%", "to": ["assignee"], "action": "notify"}, {"at": "100%", "to": ["supervisor"], "action": "notify"}, {"at": "200%", "to": ["role:UNIT_PPID_HEAD"], "action": "notify"}]""";

    [Fact]
    public void The_SOP_goes_to_Studio_and_back_unchanged()
    {
        var kept = JsonNode.Parse(SopFolder.Definition.GetRawText())!.AsObject();
        var shown = kept.DeepClone().AsObject();
        SopForm.ToStudio(shown);
        var second = shown["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.GetValue<string>() == "Step2")!;

        Assert.Equal("15", second["standardTime"]!["expression"]!["value"]!.GetValue<string>());
        Assert.Equal("""["80% assignee","100% supervisor","200% role:UNIT_PPID_HEAD"]""", second["escalation"]!["expression"]!["value"]!.GetValue<string>());
        SopForm.FromStudio(shown);
        Assert.Equal(kept.ToJsonString(), shown.ToJsonString());
    }

    [Theory]
    [InlineData("20", "PT20M")]
    [InlineData(" 5 ", "PT5M")]
    [InlineData("0", "0")]
    [InlineData("7.5", "7.5")]
    [InlineData("PT10S", "PT10S")]
    [InlineData("dua puluh", "dua puluh")]
    [InlineData("", "")]
    public void Minutes_are_kept_as_a_span_and_anything_else_as_it_was_typed(string typed, string kept)
    {
        var step = Step(typed, Default);
        SopForm.FromStudio(step);

        Assert.Equal(kept, step["standardTime"]!["expression"]!["value"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("PT10S")]
    [InlineData("PT1H")]
    [InlineData("PT05M")]
    [InlineData("45")]
    public void A_span_that_is_no_whole_minute_is_shown_as_it_is(string span)
    {
        var step = Step(span, Default);
        SopForm.ToStudio(step);

        Assert.Equal(span, step["standardTime"]!["expression"]!["value"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""[{"at":"80%","to":["assignee"],"action":"notify"}]""")]
    [InlineData("""[{"at": "80%", "to": ["assignee"]}]""")]
    [InlineData("""[{"at": "80%", "to": ["assignee"], "action": "notify", "note": "x"}]""")]
    [InlineData("[]")]
    [InlineData("not json")]
    public void A_ladder_that_would_not_come_back_the_same_is_shown_as_it_is(string ladder)
    {
        var step = Step("PT15M", ladder);
        SopForm.ToStudio(step);

        Assert.Equal(ladder, step["escalation"]!["expression"]!["value"]!.GetValue<string>());
    }

    [Fact]
    public void A_ticked_line_is_kept_as_the_rung_it_says()
    {
        var step = Step("20", """["120% supervisor,role:X reassign every PT5M max 3"]""");
        SopForm.FromStudio(step);
        var kept = step["escalation"]!["expression"]!["value"]!.GetValue<string>();

        Assert.Equal("""[{"at": "120%", "to": ["supervisor", "role:X"], "action": "reassign", "every": "PT5M", "max": 3}]""", kept);
        Assert.Equal(EscalationAction.Reassign, Assert.Single(EscalationLadder.Read(JsonValue.Create(kept), out var problem)).Action);
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("-PT4M assignee", """{"at": "-PT4M", "to": ["assignee"], "action": "notify"}""")]
    [InlineData("50% supervisor^2:role:X notStarted", """{"at": "50%", "to": ["supervisor^2:role:X"], "action": "notify", "when": "notStarted"}""")]
    [InlineData(
        "+PT5M supervisor,officer:budi banner notStarted every PT5M max 3 anyTime",
        """{"at": "+PT5M", "to": ["supervisor", "officer:budi"], "action": "banner", "when": "notStarted", "every": "PT5M", "max": 3, "anyTime": true}""")]
    public void Every_kind_of_rung_has_its_line_and_comes_back_byte_for_byte(string line, string rung)
    {
        var kept = $"[{rung}]";
        var step = Step("PT15M", kept);
        SopForm.ToStudio(step);
        Assert.Equal($"""["{line}"]""", JsonNode.Parse(step["escalation"]!["expression"]!["value"]!.GetValue<string>())!.ToJsonString(Relaxed));

        SopForm.FromStudio(step);

        Assert.Equal(kept, step["escalation"]!["expression"]!["value"]!.GetValue<string>());
        Assert.Single(EscalationLadder.Read(JsonValue.Create(kept), out var problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("""[{"at":"-4","to":["assignee"]}]""", "\"at\"")]
    [InlineData("""[{"at":"+PT0M","to":["assignee"]}]""", "\"at\"")]
    [InlineData("""[{"at":"--PT4M","to":["assignee"]}]""", "\"at\"")]
    [InlineData("""[{"at":"-80%","to":["assignee"]}]""", "\"at\"")]
    [InlineData("""[{"at":"80%","to":["assignee"],"when":"never"}]""", "\"when\"")]
    [InlineData("""[{"at":"80%","to":["assignee"],"when":true}]""", "\"when\"")]
    [InlineData("""[{"at":"80%","to":["assignee"],"anyTime":"yes"}]""", "\"anyTime\"")]
    [InlineData("""[{"at":"80%","to":["supervisor^0"]}]""", "\"to\"")]
    [InlineData("""[{"at":"80%","to":["supervisor^10"]}]""", "\"to\"")]
    [InlineData("""[{"at":"80%","to":["supervisor:mailbox:a@b"]}]""", "\"to\"")]
    [InlineData("""[{"at":"80%","to":["supervisors"]}]""", "\"to\"")]
    [InlineData("""[{"at":"80%","to":["officer:"]}]""", "\"to\"")]
    public void What_is_no_rung_says_which_part_is_wrong(string ladder, string part)
    {
        Assert.Empty(EscalationLadder.Read(JsonValue.Create(ladder), out var problem));
        Assert.Contains(part, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""["80% assignee","100% supervisor","200% role:UNIT_PPID_HEAD"]""", null, 3)]
    [InlineData("""["80% nobody"]""", "\"to\" harus menyebut", 0)]
    [InlineData("""["assignee 80%"]""", "\"at\" harus berupa", 0)]
    [InlineData("""["80%"]""", "bukan objek", 0)]
    [InlineData("""["80% assignee notify reassign"]""", "bukan objek", 0)]
    public void The_engine_reads_lines_too(string ladder, string? problem, int rungs)
    {
        Assert.Equal(rungs, EscalationLadder.Read(JsonValue.Create(ladder), out var found).Count);
        if (problem is null)
            Assert.Null(found);
        else
            Assert.Contains(problem, found, StringComparison.Ordinal);
    }

    private static System.Text.Json.JsonSerializerOptions Relaxed { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonObject Step(string time, string ladder) => new()
    {
        ["type"] = "Ppid.SopStep",
        ["standardTime"] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = time } },
        ["escalation"] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Object", ["value"] = ladder } }
    };
}
