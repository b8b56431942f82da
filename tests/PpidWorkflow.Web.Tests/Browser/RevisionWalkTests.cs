using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace PpidWorkflow.Web.Tests.Browser;

/// <summary>A revision from draft to in force: the manager at a desk, the head of the unit on a phone, a running case moved.</summary>
[Collection("Browser")]
public class RevisionWalkTests(OfficeBrowser office)
{
    private const string Sop = "pendokumentasian-informasi-dikecualikan";

    [Fact]
    public async Task A_manager_proposes_at_a_desk_and_the_head_approves_on_a_phone()
    {
        await using var desk = await office.VisitAsync(1280);
        var number = await OpenCaseAsync(desk);
        await desk.SignOutAsync();
        await desk.SignInAsync("pengelola.sop");

        var six = await ImportAsync(SixSteps);
        await desk.Page.GotoAsync($"/definitions/{Sop}/versions/{six}");
        await Assertions.Expect(desk.Test("changes")).ToContainTextAsync("Langkah 5 ditambahkan: Memeriksa kelengkapan berkas");
        await Assertions.Expect(desk.Test("changes")).ToContainTextAsync("Langkah 5 kini bernomor 6");
        await Assertions.Expect(desk.Page.Locator("[data-fate=Added]")).ToHaveCountAsync(1);
        await desk.CheckPageAsync("revision-draft");

        var version = await ImportAsync(Longer);
        await desk.Page.GotoAsync($"/definitions/{Sop}/versions/{version}");
        await Assertions.Expect(desk.Test("running")).ToContainTextAsync(number);
        await desk.Page.FillAsync("[name=revisionNumber]", "0");
        await desk.PressAsync("propose");
        await Assertions.Expect(desk.Test("problems")).ToContainTextAsync("Nomor revisi harus bilangan");
        await desk.CheckPageAsync("revision-propose-refused");
        await desk.Page.FillAsync("[name=revisionNumber]", "");
        await desk.PressAsync("propose");
        await Assertions.Expect(desk.Test("notice")).ToContainTextAsync("Diajukan untuk pengesahan");
        await desk.CheckPageAsync("revision-proposed");

        await using var phone = await office.VisitAsync(390);
        await phone.SignInAsync("kepala.biro");
        await phone.CheckPageAsync("inbox-approval");
        await phone.Test("approval").First.ClickAsync();
        await Assertions.Expect(phone.Test("changes")).ToContainTextAsync("Langkah 2: waktu baku dari 15 menit menjadi 20 menit");
        await phone.PressAsync("approve");
        await Assertions.Expect(phone.Test("problems")).ToContainTextAsync("Alasan revisi belum diisi");
        await phone.CheckPageAsync("revision-approve-refused");

        await desk.Page.FillAsync("#explain [name=reason]", "Hasil evaluasi: berkas berlampiran memerlukan 20 menit.");
        await desk.PressAsync("explain");
        await phone.Page.GotoAsync($"/definitions/{Sop}/versions/{version}");
        await phone.Page.FillAsync("[name=effectiveAt]", "2020-01-01");
        await phone.PressAsync("approve");
        await Assertions.Expect(phone.Test("problems")).ToContainTextAsync("sudah lewat");
        await phone.Page.FillAsync("[name=effectiveAt]", "");
        await phone.CheckPageAsync("revision-approve");
        await phone.PressAsync("approve");
        await Assertions.Expect(phone.Test("notice")).ToContainTextAsync("disahkan dan berlaku");
        await Assertions.Expect(phone.Page.Locator("header [data-state=inForce]")).ToBeVisibleAsync();
        await phone.CheckPageAsync("revision-in-force");
        Assert.Equal(0, await phone.Test("approve").CountAsync());

        foreach (var visitor in (Visitor[])[desk, phone])
        {
            await visitor.Page.GotoAsync("/definitions");
            await visitor.CheckPageAsync("definitions");
            await visitor.Page.GotoAsync($"/definitions/{Sop}");
            await visitor.CheckPageAsync("definition");
            await visitor.Page.GotoAsync($"/definitions/{Sop}/migration");
            await visitor.CheckPageAsync("migration");
        }
        await Assertions.Expect(phone.Test("migrate")).ToHaveCountAsync(0);
        var line = desk.Page.Locator($"[data-testid=migration-case][data-case='{number}']");
        await Assertions.Expect(line).ToContainTextAsync("Tetap di langkah 1");
        await desk.PressAsync("migrate");
        await Assertions.Expect(desk.Test("problems")).ToContainTextAsync("Pilih sekurangnya satu berkas");
        await line.Locator("input[type=checkbox]").CheckAsync();
        await desk.PressAsync("migrate");
        await Assertions.Expect(desk.Test("notice")).ToContainTextAsync("1 berkas dipindahkan");
        await Assertions.Expect(line).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_phone_shows_a_draft_without_sideways_scrolling_in_both_languages()
    {
        var version = await ImportAsync(document =>
        {
            SixSteps(document);
            document["description"] = $"Rancangan {Guid.NewGuid()}";
            Step(document, "Step3")["performerRole"]!["expression"]!["value"] = "INFORMATION_HEAD";
            Step(document, "Step3")["escalation"]!["expression"]!["value"] =
                """[{"at":"PT4M","to":["supervisor","role:UNIT_PPID_HEAD"],"action":"notify","every":"PT5M","max":2}]""";
        });
        await using var phone = await office.VisitAsync(390);
        await phone.SignInAsync("pengelola.sop");
        await phone.Page.GotoAsync($"/definitions/{Sop}/versions/{version}");
        await phone.CheckPageAsync("revision-draft");

        await phone.PressAsync("language");

        await Assertions.Expect(phone.Test("changes")).ToContainTextAsync("Step 3: escalation from [80 %: performer");
        await phone.CheckPageAsync("revision-draft-english");
    }

    private async Task<int> ImportAsync(Action<JsonNode> change)
    {
        var (code, exported) = await office.Service.RunVerbAsync("export", Sop, "--version", "1");
        Assert.Equal(0, code);
        var document = JsonNode.Parse(exported)!;
        change(document);
        var file = Path.Combine(office.Service.Folder, $"{Guid.NewGuid():n}.json");
        await File.WriteAllTextAsync(file, document.ToJsonString());
        var (imported, output) = await office.Service.RunVerbAsync("import", file, "--json");
        Assert.True(imported == 0, output);
        return JsonNode.Parse(output)!["version"]!.GetValue<int>();
    }

    private static void Longer(JsonNode document) => Step(document, "Step2")["standardTime"]!["expression"]!["value"] = "PT20M";

    private static void SixSteps(JsonNode document)
    {
        Longer(document);
        var root = document["root"]!;
        var check = Step(document, "Step3").DeepClone();
        (check["id"], check["name"], check["type"]) = ("StepCheck", "StepCheck", "Ppid.SopStep");
        check["number"]!["expression"]!["value"] = "5";
        check["description"]!["expression"]!["value"] = "Memeriksa kelengkapan berkas";
        check["performerRole"]!["expression"]!["value"] = "DOCUMENTATION_HEAD";
        root["activities"]!.AsArray().Add(check);
        Step(document, "Step5")["number"]!["expression"]!["value"] = "6";
        var arrow = root["connections"]!.AsArray()
            .Single(c => c!["source"]!["activity"]!.ToString() == "Step4" && c["source"]!["port"]!.ToString() == "Done")!;
        arrow["target"]!["activity"] = "StepCheck";
        root["connections"]!.AsArray().Add(JsonNode.Parse(
            """{"source":{"activity":"StepCheck","port":"Done"},"target":{"activity":"Step5","port":"In"},"vertices":[]}"""));
    }

    private static JsonNode Step(JsonNode document, string id) => document["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.ToString() == id)!;

    private static async Task<string> OpenCaseAsync(Visitor visitor)
    {
        var page = visitor.Page;
        await visitor.SignInAsync("kasubid.informasi");
        await visitor.Test("new-case").First.ClickAsync();
        await page.FillAsync("[name=title]", "Laporan hasil pemeriksaan");
        await page.SelectOptionAsync("[name=exemptionBasis]", "j");
        await page.FillAsync("[name=determinationNumber]", $"188.45/{Guid.NewGuid():n}"[..30]);
        await page.FillAsync("[name=determinationDate]", DateTime.UtcNow.AddDays(-20).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await visitor.PressAsync("create-case");
        var number = (await visitor.Test("case-link").InnerTextAsync()).Trim();
        return number;
    }
}
