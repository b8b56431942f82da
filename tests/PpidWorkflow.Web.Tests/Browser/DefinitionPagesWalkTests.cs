using System.Text.Json.Nodes;
using Microsoft.Playwright;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>
/// List, versions, comparison, rehearsal and migration of a definition, as a manager reads them in both languages and on both screens; cases run
/// on two versions, and a proposal waits.
/// </summary>
[Collection("Browser")]
public class DefinitionPagesWalkTests(OfficeBrowser office)
{
    private const string Sop = "pendokumentasian-informasi-dikecualikan";

    [Theory]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    [InlineData(390, false)]
    [InlineData(390, true)]
    public async Task Pages_of_a_definition_are_read_in_both_languages_on_both_screens(int width, bool english)
    {
        var suffix = english ? "-english" : "";
        using var officers = new OfficeClient(office.Service);
        var walk = await new CaseWalk(officers, $"188.46/{Guid.NewGuid():n}"[..30]).OpenAsync();
        await walk.StepAsync();
        var version = await ImportAsync();
        await using var visitor = await office.VisitAsync(width);
        await visitor.SignInAsync("pengelola.sop");
        if (english)
            await visitor.PressAsync("language");
        var page = visitor.Page;

        await page.GotoAsync("/definitions");
        await Assertions.Expect(page.Locator($"[data-definition='{Sop}']")).ToContainTextAsync(english ? "Version" : "Versi");
        await visitor.CheckPageAsync($"definitions{suffix}");

        await page.GotoAsync($"/definitions/{Sop}");
        await Assertions.Expect(page.Locator($"[data-version='{version}']")).ToBeVisibleAsync();
        await visitor.CheckPageAsync($"definition{suffix}");

        await page.GotoAsync($"/definitions/{Sop}/versions/{version}");
        await Assertions.Expect(visitor.Test("running")).ToContainTextAsync(walk.Number);
        await Assertions.Expect(page.Locator("[data-fate=Added]")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("[data-fate=Removed]")).ToHaveCountAsync(1);
        await visitor.CheckPageAsync($"revision{suffix}");

        await page.GotoAsync($"/definitions/{Sop}/versions/{version}/rehearse?from=2026-11-20");
        await Assertions.Expect(visitor.Test("timetable")).ToHaveCountAsync(3);
        await visitor.CheckPageAsync($"rehearsal{suffix}");

        await page.GotoAsync($"/definitions/{Sop}/migration");
        await Assertions.Expect(page.Locator("h1")).ToBeVisibleAsync();
        await visitor.CheckPageAsync($"migration{suffix}");

        await page.GotoAsync($"/definitions/{Sop}/versions/9999");
        await visitor.CheckPageAsync($"revision-missing{suffix}");
    }

    /// <summary>A draft in which a step was added, one taken out, one retold, and a ladder is another.</summary>
    private async Task<int> ImportAsync()
    {
        var (code, exported) = await office.Service.RunVerbAsync("export", Sop, "--version", "1");
        Assert.Equal(0, code);
        var document = JsonNode.Parse(exported)!;
        var root = document["root"]!;
        document["description"] = $"Rancangan {Guid.NewGuid():n}";
        Input(Step("Step2"), "standardTime")["value"] = "PT20M";
        Input(Step("Step2"), "description")["value"] = "Menyiapkan berkas dan lampirannya, lalu memeriksa kelengkapan menurut daftar periksa";
        Input(Step("Step4"), "escalation")["value"] =
            """[{"at":"PT4M","to":["supervisor","role:UNIT_PPID_HEAD"],"action":"notify","every":"PT5M","max":2}]""";
        // Step 3 goes, a check by the head of documentation comes before the last step.
        var check = Step("Step3").DeepClone();
        (check["id"], check["name"], check["type"]) = ("StepCheck", "StepCheck", "Ppid.SopStep");
        Input(check, "number")["value"] = "4";
        Input(check, "description")["value"] = "Memeriksa kelengkapan berkas yang diserahkan";
        Input(check, "performerRole")["value"] = "DOCUMENTATION_HEAD";
        Input(Step("Step4"), "number")["value"] = "3";
        root["activities"]!.AsArray().Add(check);
        root["activities"]!.AsArray().Remove(Step("Step3"));
        var arrows = root["connections"]!.AsArray();
        foreach (var arrow in arrows.OfType<JsonObject>().ToList())
        {
            var (from, port, to) = (End(arrow, "source"), arrow["source"]!["port"]!.ToString(), End(arrow, "target"));
            if (from == "Step3")
                arrows.Remove(arrow);
            else if (to == "Step3")
                arrow["target"]!["activity"] = "Step4";
            else if (from == "Step4" && port == "Done")
                arrow["target"]!["activity"] = "StepCheck";
        }
        arrows.Add(JsonNode.Parse(
            """{"source":{"activity":"StepCheck","port":"Done"},"target":{"activity":"Step5","port":"In"},"vertices":[]}"""));

        var file = Path.Combine(office.Service.Folder, $"{Guid.NewGuid():n}.json");
        await File.WriteAllTextAsync(file, document.ToJsonString());
        var (imported, output) = await office.Service.RunVerbAsync("import", file, "--json");
        Assert.True(imported == 0, output);
        return JsonNode.Parse(output)!["version"]!.GetValue<int>();

        JsonNode Step(string id) => root["activities"]!.AsArray().Single(a => a!["id"]!.ToString() == id)!;
        static JsonNode Input(JsonNode step, string name) => step[name]!["expression"]!;
        static string End(JsonObject arrow, string side) => arrow[side]!["activity"]!.ToString();
    }
}
