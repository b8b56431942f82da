using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>
/// Refusals of Studio's API, field by field: RFC 9457 as everywhere, with every sentence under <c>errors</c>, where Studio looks for it
/// (recorded: POST_bookmarks_resume). What designer.js makes of them is in <see cref="StudioRefusalTests"/>.
/// </summary>
public sealed class RefusalFormTests(RefusalFormTests.Office office) : IClassFixture<RefusalFormTests.Office>
{
    private const string Sop = "pendokumentasian-informasi-dikecualikan";

    /// <summary>A definition with a draft of somebody else, one with an error, one with a draft, and a case that runs. No row changes anything.</summary>
    public sealed class Office : IAsyncLifetime
    {
        internal TestService Service { get; } = new();

        internal StudioClient Studio { get; private set; } = null!;

        internal Dictionary<string, string> Ids { get; } = [];

        /// <summary>As it was opened before the other one saved.</summary>
        internal JsonObject Stale { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Studio = await StudioClient.SignInAsync(Service);
            var shared = await Studio.SavedAsync(StudioClient.NewDefinition("Dua pengelola", "a", "b"), publish: null);
            Ids["shared"] = shared["definitionId"]!.GetValue<string>();
            Stale = await Studio.OpenAsync(Ids["shared"]);
            await Service.OfDatabaseAsync(async db =>
            {
                var officer = await db.Users.SingleAsync(o => o.UserName == "petugas.dokumentasi");
                db.UserRoles.Add(new() { UserId = officer.Id, RoleId = (await db.Roles.SingleAsync(r => r.Name == Roles.SopManager)).Id });
                return await db.SaveChangesAsync();
            });
            using (var other = await StudioClient.SignInAsync(Service, "petugas.dokumentasi"))
            {
                var theirs = await other.OpenAsync(Ids["shared"]);
                StudioClient.Type(theirs, "line2", "text", "punya orang lain");
                await other.SavedAsync(theirs);
            }
            StudioClient.Type(Stale, "line1", "text", "punya saya");
            var faulty = StudioClient.NewDefinition("Keliru", "a");
            StudioClient.Activity(faulty, "line1")["text"]!["expression"] = new JsonObject { ["type"] = "JavaScript", ["value"] = "1 +" };
            Ids["faulty"] = (await Studio.SavedAsync(faulty, publish: null))["definitionId"]!.GetValue<string>();
            var draft = await Studio.SavedAsync(StudioClient.NewDefinition("Rancangan", "a"), publish: null);
            Ids["draft"] = draft["definitionId"]!.GetValue<string>();
            Ids["sop"] = Sop;
            Ids["sopVersion"] = (await Studio.OpenAsync(Sop))["id"]!.GetValue<string>();
            (_, Ids["case"]) = await Service.OpenCaseAsync("188.44/forms", "Berkas");
        }

        public ValueTask DisposeAsync()
        {
            Studio.Dispose();
            Service.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    [Theory]
    [InlineData("POST", "/workflow-definitions/{sop}/retract", "{}", 409, "definition-in-force", "generalErrors")]
    [InlineData("POST", "/workflow-definitions/{draft}/retract", "{}", 409, "definition-not-proposed", "generalErrors")]
    [InlineData("POST", "/workflow-definitions/{faulty}/publish", "{}", 422, "draft-not-fit", "root")]
    [InlineData("DELETE", "/workflow-definitions/{sop}", null, 409, "definition-kept", "generalErrors")]
    [InlineData("DELETE", "/workflow-definitions/{sop}/version/1", null, 409, "definition-kept", "generalErrors")]
    [InlineData("DELETE", "/workflow-definition-versions/{sopVersion}", null, 409, "definition-kept", "generalErrors")]
    [InlineData("POST", "/bulk-actions/delete/workflow-definitions/by-definition-id", """{"definitionIds":["{draft}","{sop}"]}""", 409, "definition-kept", "generalErrors")]
    [InlineData("POST", "/bulk-actions/delete/workflow-definitions/by-id", """{"ids":["{sopVersion}"]}""", 409, "definition-kept", "generalErrors")]
    [InlineData("POST", "/bulk-actions/delete/workflow-definitions/by-id", """{"ids":"{sopVersion}"}""", 400, "malformed-request", "generalErrors")]
    [InlineData("POST", "/cancel/workflow-instances/{case}", "{}", 409, "instance-of-case", "generalErrors")]
    [InlineData("DELETE", "/workflow-instances/{case}", null, 409, "instance-of-case", "generalErrors")]
    [InlineData("POST", "/bulk-actions/cancel/workflow-instances/", """{"ids":["{case}"]}""", 409, "instance-of-case", "generalErrors")]
    [InlineData("POST", "/bulk-actions/cancel/workflow-instances/", "{}", 422, "field-required", "ids")]
    [InlineData("POST", "/bulk-actions/delete/workflow-instances/by-id", """{"ids":["{case}"]}""", 409, "instance-of-case", "generalErrors")]
    [InlineData("POST", "/workflow-definitions/{faulty}/execute", "{}", 422, "definition-has-errors", "definition")]
    [InlineData("POST", "/workflow-definitions/import", """{"name":"x","definitionId":"{draft}","root":{"id":"f","type":"Elsa.RunCSharp"}}""", 422, "draft-refused", "root")]
    [InlineData("POST", "/descriptors/activities/Ppid.SopStep/options/Escalation", """{"context":{},"context":{}}""", 400, "malformed-request", "generalErrors")]
    [InlineData("POST", "/bulk-actions/export/workflow-definitions", """{"ids":[{ids}]}""", 422, "too-many-items", "ids")]
    [InlineData("POST", "/alterations/run", """{"workflowInstanceIds":[{ids}]}""", 422, "too-many-items", "workflowInstanceIds")]
    [InlineData("POST", "/alterations/workflows/retry", """{"workflowInstanceIds":[{ids}]}""", 422, "too-many-items", "workflowInstanceIds")]
    public async Task A_refusal_has_the_members_that_Studio_and_programs_read(string method, string path, string? body, int status, string code, string field)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), StudioClient.Api + Named(path))
        {
            Content = body is null ? null : new StringContent(Named(body), System.Text.Encoding.UTF8, "application/json")
        };
        using var answer = await office.Studio.Http.SendAsync(request, Cancellation);

        await AssertFormAsync(answer, status, code, field);
        if (path.EndsWith("/execute", StringComparison.Ordinal))
            Assert.Equal("True", answer.Headers.GetValues("x-elsa-workflow-cannot-start").Single());
        await AssertNothingChangedAsync();
    }

    [Fact]
    public async Task A_save_on_top_of_somebody_elses_names_him_first_and_then_what_he_changed()
    {
        using var answer = await office.Studio.SaveAsync(office.Stale);

        var problem = await AssertFormAsync(answer, 409, "draft-saved-by-other", "generalErrors");
        Assert.Equal(["draft-saved-by-other", "draft-other-changed"], Texts(problem["codes"]!["generalErrors"]));
        var sentences = Texts(problem["errors"]!["generalErrors"]);
        Assert.Equal(2, sentences.Count);
        Assert.StartsWith("Tidak disimpan: Siti Norhayati, A.Md. telah menyimpan versi 1 pada Senin, 2 Mar 2026", sentences[0], StringComparison.Ordinal);
        Assert.Equal("Yang diubah di sana: Tulis line2.", sentences[1]);
        await AssertNothingChangedAsync();
    }

    [Fact]
    public async Task In_English_it_is_the_same_form()
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"{StudioClient.Api}/workflow-instances/{office.Ids["case"]}");
        request.Headers.AcceptLanguage.ParseAdd("en");
        using var answer = await office.Studio.Http.SendAsync(request, Cancellation);

        var problem = await AssertFormAsync(answer, 409, "instance-of-case", "generalErrors");
        Assert.StartsWith("This instance belongs to a case", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/workflow-definitions/{none}/publish")]
    [InlineData("POST", "/workflow-definitions/{none}/retract")]
    [InlineData("POST", "/workflow-definitions/{none}/revert/1")]
    [InlineData("POST", "/workflow-definitions/{sop}/revert/77")]
    [InlineData("DELETE", "/workflow-definitions/{none}")]
    [InlineData("DELETE", "/workflow-instances/{none}")]
    [InlineData("POST", "/cancel/workflow-instances/{none}")]
    [InlineData("GET", "/descriptors/activities/Elsa.RunCSharp")]
    [InlineData("GET", "/features/installed/Elsa.Nothing")]
    [InlineData("POST", "/descriptors/activities/Ppid.SopStep/options/Nothing")]
    public async Task What_is_not_there_is_404_with_nothing_in_it(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), StudioClient.Api + Named(path));
        if (method == "POST")
            request.Content = JsonContent.Create(new { });
        using var answer = await office.Studio.Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Cancellation));
    }

    /// <summary>Studio takes the header for the answer: a run of what is not there any more was not started either.</summary>
    [Fact]
    public async Task A_run_of_what_is_not_there_says_in_its_header_that_it_did_not_start()
    {
        using var answer = await office.Studio.PostAsync("/workflow-definitions/tidak-ada/execute", new JsonObject());

        Assert.Equal("definition-not-found", await answer.CodeAsync());
        Assert.Equal("True", answer.Headers.GetValues("x-elsa-workflow-cannot-start").Single());
    }

    private static async Task<JsonNode> AssertFormAsync(HttpResponseMessage answer, int status, string code, string field)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = JsonNode.Parse(text)!;
        Assert.Equal(["type", "title", "status", "detail", "code", "errors", "codes"], problem.AsObject().Select(m => m.Key));
        Assert.Equal(($"/problems/{code}", status, code), (problem["type"]!.GetValue<string>(), problem["status"]!.GetValue<int>(), problem["code"]!.GetValue<string>()));
        Assert.NotEmpty(problem["title"]!.GetValue<string>());
        Assert.Equal(field, problem["errors"]!.AsObject().First().Key);
        Assert.Equal(problem["detail"]!.GetValue<string>(), problem["errors"]![field]![0]!.GetValue<string>());
        Assert.Equal(code, problem["codes"]![field]![0]!.GetValue<string>());
        // A sentence, and no text of a program.
        Assert.Matches("^[\"\\p{Lu}].*[.!]$", problem["detail"]!.GetValue<string>());
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        return problem;
    }

    private async Task AssertNothingChangedAsync()
    {
        var versions = await office.Service.OfDatabaseAsync(db => db.DefinitionVersions.AsNoTracking().ToListAsync());
        Assert.Equal(4, versions.Count);
        Assert.Contains("punya orang lain", versions.Single(v => v.DefinitionId == office.Ids["shared"]).Content, StringComparison.Ordinal);
        Assert.DoesNotContain(versions, v => v.Content.Contains("punya saya", StringComparison.Ordinal) || v.ProposedAt is not null && v.DefinitionId != Sop);
        var instance = Assert.Single(await office.Service.OfDatabaseAsync(db => db.Instances.AsNoTracking().ToListAsync()));
        Assert.Equal((office.Ids["case"], Engine.Execution.WorkflowStatus.Running), (instance.Id.ToString("n"), instance.Status));
    }

    private string Named(string text)
    {
        foreach (var (name, id) in office.Ids)
            text = text.Replace($"{{{name}}}", id, StringComparison.Ordinal);
        return text.Replace("{none}", "00000000000000000000000000000001", StringComparison.Ordinal)
            .Replace("{ids}", string.Join(',', Enumerable.Range(0, 1_001).Select(i => $"\"{i:x32}\"")), StringComparison.Ordinal);
    }

    private static List<string> Texts(JsonNode? items) => [.. items!.AsArray().Select(i => i!.GetValue<string>())];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
