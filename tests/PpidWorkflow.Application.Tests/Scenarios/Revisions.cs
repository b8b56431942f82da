using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tests.Sop;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Drafts and revisions of the delivered SOP, as managers make them.</summary>
internal static class Revisions
{
    public const string Manager = "pengelola.sop";
    public const string OtherManager = "pengelola.dua";

    /// <summary>Head of the unit and manager of SOPs in one person.</summary>
    public const string Both = "kepala.merangkap";

    public static Task<Office> OpenOfficeAsync(DateTimeOffset? begin = null, string? folder = null, bool keep = false) => Office.OpenAsync(
        begin, folder: folder, keep: keep, roster: people =>
        {
            people.Add(Manager, "Pengelola SOP", null, Roles.SopManager);
            people.Add(OtherManager, "Pengelola Kedua", null, Roles.SopManager);
            people.Add(Both, "Kepala yang Merangkap", null, Roles.UnitPpidHead, Roles.SopManager);
        });

    /// <summary>A new draft on the version in force, changed as told.</summary>
    /// <param name="authors">Who saved it; the manager.</param>
    /// <param name="from">Version whose content it begins with; the one in force.</param>
    public static Task<DefinitionVersion> DraftAsync(this Office office, Action<JsonObject> change, string[]? authors = null, int? from = null) =>
        office.RowsAsync(async db =>
        {
            var versions = await db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == SopFolder.Slug).ToListAsync();
            var parent = versions.Single(v => from is null ? v.State == RevisionState.InForce : v.Version == from);
            var document = JsonNode.Parse(parent.Content)!.AsObject();
            change(document);
            var number = versions.Max(v => v.Version) + 1;
            var definition = DefinitionReader.FromDocument(document).WithIdentity($"v{number}", SopFolder.Slug, number, true, false);
            authors ??= [Manager];
            var draft = new DefinitionVersion
            {
                Id = Guid.CreateVersion7(),
                DefinitionId = SopFolder.Slug,
                Version = number,
                Name = definition.Name!,
                Content = Encoding.UTF8.GetString(DefinitionWriter.Write(definition)),
                ContentHash = DefinitionWriter.ContentHash(definition),
                SopSlug = SopFolder.Slug,
                State = RevisionState.Draft,
                CreatedAt = office.Time.GetUtcNow(),
                CreatedBy = authors[0],
                UpdatedAt = office.Time.GetUtcNow(),
                UpdatedBy = authors[^1],
                Authors = JsonSerializer.Serialize(authors),
                BaseVersion = parent.Version
            };
            db.DefinitionVersions.Add(draft);
            await db.SaveChangesAsync();
            return draft;
        });

    public static Task<Result<DefinitionVersion>> DeskAsync(this Office office, Func<RevisionDesk, Task<Result<DefinitionVersion>>> act) => office.AskAsync(act);

    public static Task<Result<DefinitionVersion>> ProposeAsync(this Office office, string by = Manager, ProposalDetails? details = null, int? version = null) =>
        office.DeskAsync(d => d.ProposeAsync(office[by], SopFolder.Slug, version, details ?? new ProposalDetails("Penyesuaian waktu baku")));

    public static Task<Result<DefinitionVersion>> ApproveAsync(
        this Office office, DefinitionVersion seen, DateTimeOffset? effectiveAt = null, string by = Office.UnitHead) =>
        office.DeskAsync(d => d.ApproveAsync(office[by], SopFolder.Slug, seen.Version, seen.ContentHash, effectiveAt));

    /// <summary>Draft, proposal and approval at once.</summary>
    public static async Task<DefinitionVersion> BringIntoForceAsync(this Office office, Action<JsonObject> change, int? from = null)
    {
        await office.DraftAsync(change, from: from);
        var proposed = await office.ProposeAsync();
        Assert.True(proposed.Succeeded, proposed.Succeeded ? "" : proposed.Problems[0].ToString());
        var approved = await office.ApproveAsync(proposed.Value);
        Assert.True(approved.Succeeded, approved.Succeeded ? "" : approved.Problems[0].ToString());
        return approved.Value;
    }

    public static Task<DefinitionVersion> VersionAsync(this Office office, int version) => office.RowsAsync(db =>
        db.DefinitionVersions.AsNoTracking().SingleAsync(v => v.DefinitionId == SopFolder.Slug && v.Version == version));

    public static Task<List<int>> InForceAsync(this Office office) => office.RowsAsync(db =>
        db.DefinitionVersions.Where(v => v.State == RevisionState.InForce).Select(v => v.Version).ToListAsync());

    public static JsonArray Activities(this JsonObject document) => document["root"]!["activities"]!.AsArray();

    public static JsonArray Connections(this JsonObject document) => document["root"]!["connections"]!.AsArray();

    public static JsonObject Step(this JsonObject document, string id) =>
        document.Activities().OfType<JsonObject>().Single(a => a["id"]!.ToString() == id);

    public static void Set(this JsonObject step, string input, string value) => step[input]!["expression"]!["value"] = value;

    public static void Connect(this JsonObject document, string source, string target, string port = "Done") =>
        document.Connections().Add(new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = source, ["port"] = port },
            ["target"] = new JsonObject { ["activity"] = target, ["port"] = "In" },
            ["vertices"] = new JsonArray()
        });

    public static void Disconnect(this JsonObject document, string source, string port = "Done")
    {
        foreach (var connection in document.Connections().OfType<JsonObject>()
            .Where(c => c["source"]!["activity"]!.ToString() == source && c["source"]!["port"]!.ToString() == port).ToList())
            document.Connections().Remove(connection);
    }

    /// <summary>Waktu baku langkah 2: 15 → 20 menit.</summary>
    public static void LongerStep2(JsonObject document) => document.Step("Step2").Set("standardTime", "PT20M");

    /// <summary>Langkah baru "Memeriksa kelengkapan" di antara langkah 4 dan 5, yang menjadi langkah 6.</summary>
    public static void SixSteps(JsonObject document)
    {
        LongerStep2(document);
        var check = document.Step("Step3").DeepClone().AsObject();
        check["id"] = "StepCheck";
        check["name"] = "StepCheck";
        check["type"] = "Ppid.SopStep";
        check.Set("number", "5");
        check.Set("description", "Memeriksa kelengkapan berkas");
        check.Set("performerRole", Roles.DocumentationHead);
        check.Set("recipientRole", Roles.DocumentationHead);
        document.Activities().Add(check);
        document.Step("Step5").Set("number", "6");
        document.Disconnect("Step4");
        document.Connect("Step4", "StepCheck");
        document.Connect("StepCheck", "Step5");
    }

    /// <summary>Takes an activity out; what led to it leads to what followed it.</summary>
    public static void TakeOut(this JsonObject document, string id)
    {
        var next = document.Connections().OfType<JsonObject>()
            .First(c => c["source"]!["activity"]!.ToString() == id && c["source"]!["port"]!.ToString() == "Done")["target"]!["activity"]!.ToString();
        foreach (var connection in document.Connections().OfType<JsonObject>().ToList())
        {
            if (connection["source"]!["activity"]!.ToString() == id)
                document.Connections().Remove(connection);
            else if (connection["target"]!["activity"]!.ToString() == id)
                connection["target"]!["activity"] = next;
        }
        document.Activities().Remove(document.Step(id));
    }
}
