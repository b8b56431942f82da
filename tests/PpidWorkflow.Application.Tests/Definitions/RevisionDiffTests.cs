using System.Text;
using System.Text.Json.Nodes;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Tests.Scenarios;
using PpidWorkflow.Application.Tests.Sop;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tests.Definitions;

/// <summary>What a revision means, in words: every kind of change by its code, and nothing that is not one.</summary>
public class RevisionDiffTests
{
    private static readonly WorkflowCompiler Compiler = new();

    private static readonly byte[] Delivered = File.ReadAllBytes(Path.Combine(SopFolder.WorkflowsRoot, SopFolder.Slug, "definition.json"));

    /// <summary>The change made, and all that must be told of it: code, subject, before, after.</summary>
    private static readonly Dictionary<string, (Action<JsonObject> Change, string[] Told)> Table = new()
    {
        ["nothing"] = (_ => { }, []),
        ["another row, version and date"] = (d => (d["id"], d["version"], d["createdAt"], d["isPublished"]) = ("x", 9, "2030-01-01T00:00:00Z", true), []),
        ["what Studio writes or drops as it pleases"] = (d =>
        {
            d.Step("Step2").Remove("recipientRole");
            d.Step("Step2")["completedBy"] = null;
            d.Step("Step2")["metadata"]!["designer"]!["size"]!["width"] = 200;
        }, []),
        ["minutes written another way"] = (d => d.Step("Step2").Set("standardTime", "15"), ["other-changed - - -"]),
        ["a longer standard"] = (Revisions.LongerStep2, ["step-standard-changed 2 PT15M PT20M"]),
        ["another performer"] = (d => d.Step("Step3").Set("performerRole", "INFORMATION_HEAD"), ["step-role-changed 3 INFORMATION_OFFICER INFORMATION_HEAD"]),
        ["another recipient"] = (d => d.Step("Step3").Set("recipientRole", "DOCUMENTATION_HEAD"),
            ["step-recipient-changed 3 INFORMATION_HEAD DOCUMENTATION_HEAD"]),
        ["another text"] = (d => d.Step("Step3").Set("description", "Melapor"),
            ["step-description-changed 3 Melaporkan kesiapan berkas informasi publik yang dikecualikan Melapor"]),
        ["another required input"] = (d => d.Step("Step1").Set("requiredInput", "Disposisi"), ["step-required-input-changed 1 Surat Tugas Disposisi"]),
        ["another output"] = (d => d.Step("Step1").Set("output", "Disposisi"), ["step-output-changed 1 Surat Tugas Disposisi"]),
        ["a remark"] = (d => d.Step("Step1").Set("remarks", "Segera"), ["step-remarks-changed 1 - Segera"]),
        ["measured from the start of work"] = (d => d.Step("Step1").Set("measuredFrom", "started"), ["step-measured-from-changed 1 received started"]),
        ["another ladder"] = (d => d.Step("Step1").Set("escalation", """[{"at":"PT4M","to":["supervisor"],"action":"notify","every":"PT5M","max":2}]"""),
        [
            """step-ladder-changed 1 [{"at":"80%","to":["assignee"],"action":"notify"},{"at":"100%","to":["supervisor"],"action":"notify"},"""
            + """{"at":"200%","to":["role:UNIT_PPID_HEAD"],"action":"notify"}] """
            + """[{"at":"PT4M","to":["supervisor"],"action":"notify","every":"PT5M","max":2}]"""
        ]),
        ["a ladder with all that a rung can say"] = (d => d.Step("Step1").Set(
            "escalation", """[{"at":"-PT1M","to":["supervisor^2"],"when":"notStarted"},{"at":"+PT5M","to":["officer:budi"],"action":"banner","every":"PT5M","max":2,"anyTime":true}]"""),
        [
            """step-ladder-changed 1 [{"at":"80%","to":["assignee"],"action":"notify"},{"at":"100%","to":["supervisor"],"action":"notify"},"""
            + """{"at":"200%","to":["role:UNIT_PPID_HEAD"],"action":"notify"}] """
            + """[{"at":"-PT1M","to":["supervisor^2"],"action":"notify","when":"notStarted"},"""
            + """{"at":"+PT5M","to":["officer:budi"],"action":"banner","every":"PT5M","max":2,"anyTime":true}]"""
        ]),
        ["another kind of act"] = (d => d.Step("Step3")["type"] = "Ppid.SopStep", ["step-act-changed 3 Ppid.ReportReadiness Ppid.SopStep"]),
        ["a step before step 5"] = (Revisions.SixSteps,
        [
            "step-standard-changed 2 PT15M PT20M", "step-added 5 - Memeriksa kelengkapan berkas", "step-number-changed 6 5 6"
        ]),
        ["step 3 gone"] = (d => d.TakeOut("Step3"),
            ["step-removed 3 Melaporkan kesiapan berkas informasi publik yang dikecualikan -"]),
        ["steps 2 and 3 change places"] = (d =>
        {
            d.Disconnect("Step1");
            d.Disconnect("Step2");
            d.Disconnect("Step3");
            d.Connect("Step1", "Step3");
            d.Connect("Step3", "Step2");
            d.Connect("Step2", "Step4");
        }, ["step-moved 2 2 Menyiapkan berkas hardcopy dan softcopy informasi publik yang dikecualikan"]),
        ["a way back to another step"] = (d =>
        {
            d.Disconnect("Step4", "Returned");
            d.Connect("Step4", "Step3", "Returned");
        }, ["path-removed 4 Returned 2", "path-added 4 Returned 3"]),
        ["no way back"] = (d => d.Disconnect("Step4", "Returned"), ["path-removed 4 Returned 2"]),
        ["a second path beside the first"] = (d => d.Connect("Step1", "Step4"), ["path-added 1 Done 4"]),
        ["an activity put in"] = (d =>
        {
            d.Activities().Add(new JsonObject { ["id"] = "Tulis", ["name"] = "Catat", ["type"] = "Elsa.WriteLine" });
            d.Disconnect("Step1");
            d.Connect("Step1", "Tulis");
            d.Connect("Tulis", "Step2");
        }, ["activity-added Catat - -"]),
        ["an activity taken out"] = (d => d.TakeOut("Start"), ["activity-removed Mulai - -"]),
        ["an activity set otherwise"] = (d => d.Step("Start")["customProperties"]!["note"] = "x", ["activity-changed Mulai - -"]),
        ["a step set otherwise"] = (d => d.Step("Step2")["customProperties"]!["standardTimeAsPrinted"] = "20 menit", ["step-other-changed 2 - -"]),
        ["another title in the drawing"] = (d => d.Step("Step2")["metadata"]!["displayText"] = "2. Siapkan",
            ["activity-title-changed 2 2. Menyiapkan berkas 2. Siapkan"]),
        ["only the layout"] = (d => d.Step("Step2")["metadata"]!["designer"]!["position"]!["x"] = 7, ["layout-changed - - -"]),
        ["only a bend in a line"] = (d => d.Connections()[0]!["vertices"] = new JsonArray(new JsonObject { ["x"] = 1, ["y"] = 2 }), ["layout-changed - - -"]),
        ["a variable"] = (d => d["variables"]!.AsArray().Add(new JsonObject { ["id"] = "v1", ["name"] = "catatan", ["typeName"] = "String" }),
            ["variable-added catatan - -"]),
        ["an input set otherwise"] = (d => d["inputs"]![0]!["displayName"] = "Judul", ["input-changed title - -"]),
        ["an input gone"] = (d => d["inputs"]!.AsArray().RemoveAt(4), ["input-removed determinationItem - -"]),
        ["an output"] = (d => d["outputs"] = new JsonArray(new JsonObject { ["name"] = "hasil", ["type"] = "String" }), ["output-added hasil - -"]),
        ["another name"] = (d => d["name"] = "SOP Baru", ["name-changed - Pendokumentasian Informasi Publik Yang Dikecualikan SOP Baru"]),
        ["the revision number"] = (d => d["customProperties"]!["sop"]!["revisionNumber"] = 2, ["identity-changed revisionNumber 1 2"]),
        ["the date of the revision"] = (d => d["customProperties"]!["sop"]!["revisedOn"]!["asPrinted"] = "1 Desember 2026",
            ["identity-changed revisedOn 3 Agustus 2023 1 Desember 2026"]),
        ["a legal basis"] = (d => d["customProperties"]!["sop"]!["legalBases"]!.AsArray().RemoveAt(0), ["identity-changed legalBases - -"]),
        ["another property of the definition"] = (d => d["customProperties"]!["x"] = 1, ["settings-changed - - -"]),
        ["what nobody knows"] = (d => d["somethingNew"] = "x", ["other-changed - - -"])
    };

    public static TheoryData<string> Cases => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_change_is_told_once_and_by_its_code(string name)
    {
        var (change, told) = Table[name];

        var diff = Between(change);

        Assert.Equal(told, diff.Changes.Select(c => $"{c.Code} {c.Subject ?? "-"} {c.Before ?? "-"} {c.After ?? "-"}"));
    }

    [Fact]
    public void No_change_of_content_goes_untold()
    {
        foreach (var (name, (change, _)) in Table)
        {
            var (before, after) = (Read(_ => { }), Read(change));
            var same = DefinitionWriter.ContentHash(before) == DefinitionWriter.ContentHash(after);
            Assert.True(same || RevisionDiff.Between(Compiler, before, after).Changes.Count > 0, name);
        }
    }

    [Fact]
    public void The_tables_are_aligned_with_a_gap_where_the_other_has_a_row()
    {
        var rows = Between(d =>
        {
            Revisions.SixSteps(d);
            d.TakeOut("Step3");
        }).Rows;

        Assert.Equal(
            [
                ("1", "1", SopRowFate.Same), ("2", "2", SopRowFate.Changed), ("3", null, SopRowFate.Removed), ("4", "4", SopRowFate.Same),
                (null, "5", SopRowFate.Added), ("5", "6", SopRowFate.Changed)
            ],
            rows.Select(r => (r.Before?.Number, r.After?.Number, r.Fate)));
        Assert.Equal(["StandardTime"], rows[1].Changed);
    }

    [Fact]
    public void A_moved_row_stands_at_both_its_places()
    {
        var rows = Between(Table["steps 2 and 3 change places"].Change).Rows;

        Assert.Single(rows, r => r.Fate == SopRowFate.MovedAway);
        Assert.Single(rows, r => r.Fate == SopRowFate.MovedHere);
        Assert.Equal(["1", "2", "3", "4", "5"], rows.Where(r => r.Before is not null).Select(r => r.Before!.Number));
        Assert.Equal(["1", "3", "2", "4", "5"], rows.Where(r => r.After is not null).Select(r => r.After!.Number));
    }

    [Fact]
    public void Against_nothing_every_step_is_new()
    {
        var diff = RevisionDiff.Between(Compiler, null, Read(_ => { }));

        Assert.All(diff.Rows, r => Assert.Equal(SopRowFate.Added, r.Fate));
        Assert.Equal(5, diff.Changes.Count);
    }

    [Fact]
    public void Back_and_forth_are_mirror_images()
    {
        var (before, after) = (Read(_ => { }), Read(Revisions.SixSteps));

        var back = RevisionDiff.Between(Compiler, after, before);

        Assert.Equal(["step-standard-changed", "step-removed", "step-number-changed"], back.Changes.Select(c => c.Code));
    }

    [Theory]
    [InlineData("""{"root":{"type":"Elsa.Flowchart","id":"F","activities":[{"id":"a","type":"Ppid.SopStep","metadata":"x"},{"id":"a","type":"Ppid.SopStep"}],"connections":["x",{"source":3}]}}""")]
    [InlineData("""{"root":{"type":"Elsa.Flowchart","id":"F","activities":7,"connections":{}},"variables":[{"name":1},{"name":1}],"customProperties":{"sop":[]}}""")]
    [InlineData("""{"root":{"type":"Unknown"},"inputs":[null,1,{"name":"x"},{"name":"x"}],"options":"x"}""")]
    public void A_hostile_draft_is_compared_without_falling_over(string json)
    {
        var hostile = DefinitionReader.Read(Encoding.UTF8.GetBytes(json));

        Assert.NotEmpty(RevisionDiff.Between(Compiler, Read(_ => { }), hostile).Changes);
        Assert.NotEmpty(RevisionDiff.Between(Compiler, hostile, Read(_ => { })).Changes);
        Assert.Empty(RevisionDiff.Between(Compiler, hostile, hostile).Changes);
    }

    private static RevisionDiff Between(Action<JsonObject> change) => RevisionDiff.Between(Compiler, Read(_ => { }), Read(change));

    private static WorkflowDefinition Read(Action<JsonObject> change)
    {
        var document = JsonNode.Parse(Delivered)!.AsObject();
        change(document);
        return DefinitionReader.FromDocument(document);
    }
}
