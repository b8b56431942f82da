using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>Drafts as managers work on them: what a save does, whom it may not overrun, and what is refused.</summary>
public sealed class DraftTests(TestService service) : IClassFixture<TestService>
{
    private const string Sop = "pendokumentasian-informasi-dikecualikan";

    [Fact]
    public async Task Opening_and_saving_without_a_change_makes_no_draft()
    {
        using var own = new TestService();
        using var studio = await StudioClient.SignInAsync(own);
        var open = await studio.OpenAsync(Sop);

        // Studio adds an empty bag for test values as soon as the variables tab was looked at.
        open["customProperties"]!["VariableTestValues"] = new JsonObject();
        var answer = await StudioClient.BodyAsync(await studio.SaveAsync(open));

        Assert.Equal(1, answer["workflowDefinition"]!["version"]!.GetValue<int>());
        Assert.True(answer["workflowDefinition"]!["isPublished"]!.GetValue<bool>());
        Assert.Equal(1, await own.OfDatabaseAsync(db => db.DefinitionVersions.CountAsync()));
    }

    [Fact]
    public async Task A_changed_step_opens_the_next_draft_and_loses_nothing_that_Studio_cannot_carry()
    {
        using var own = new TestService();
        using var studio = await StudioClient.SignInAsync(own);
        var before = await studio.ExportAsync(Sop);
        var open = await studio.OpenAsync(Sop);
        var second = StepOf(open, "2");

        StudioClient.Type(open, second, "standardTime", "20");
        var saved = await studio.SavedAsync(open);
        var after = await studio.ExportAsync(Sop);

        Assert.Equal((2, false, true), (saved["version"]!.GetValue<int>(), saved["isPublished"]!.GetValue<bool>(), saved["isLatest"]!.GetValue<bool>()));
        var draft = await own.OfDatabaseAsync(db => db.DefinitionVersions.SingleAsync(v => v.Version == 2));
        Assert.Equal((RevisionState.Draft, 1, "pengelola.sop"), (draft.State, draft.BaseVersion!.Value, draft.UpdatedBy));
        var title = JsonNode.Parse(after)!["inputs"]!.AsArray().Single(i => i!["name"]!.GetValue<string>() == "title")!;
        Assert.True(title["isRequired"]!.GetValue<bool>());
        Assert.Equal(300, title["customProperties"]!["maxLength"]!.GetValue<int>());
        Assert.DoesNotContain(DraftToken.Property + "\":", after, StringComparison.Ordinal);

        var changed = TextDiff.Lines(before, after);
        Assert.True(changed.Count is > 0 and <= 10, string.Join('\n', changed));
        Assert.Contains(changed, line => line.StartsWith('+') && line.Contains("20", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Saving_again_goes_onto_the_draft_and_the_same_content_changes_nothing()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var first = await studio.SavedAsync(StudioClient.NewDefinition("Simpan lagi", "a"), publish: null);
        StudioClient.Type(first, "line1", "text", "b");
        var second = await studio.SavedAsync(first);
        var third = await studio.SavedAsync(second);

        var row = await RowAsync(second);
        Assert.Equal((1, 1, RevisionState.Draft), (row.Version, row.Revision, row.State));
        Assert.Equal(second["id"]!.ToString(), third["id"]!.ToString());
    }

    [Fact]
    public async Task A_save_on_top_of_somebody_elses_is_refused_with_who_changed_what()
    {
        using var mine = await StudioClient.SignInAsync(service);
        using var theirs = await SecondManagerAsync();
        var created = await mine.SavedAsync(StudioClient.NewDefinition("Dua pengelola", "a", "b", "c"), publish: null);
        var id = created["definitionId"]!.GetValue<string>();
        var opened = await mine.OpenAsync(id);

        var others = await theirs.OpenAsync(id);
        StudioClient.Type(others, "line2", "text", "oleh orang lain");
        var activities = others["root"]!["activities"]!.AsArray();
        activities.Remove(StudioClient.Activity(others, "line3"));
        others["root"]!["connections"]!.AsArray().RemoveAt(1);
        activities.Add(StudioClient.Line("line4", "baru"));
        await theirs.SavedAsync(others);

        StudioClient.Type(opened, "line1", "text", "punya saya");
        using var answer = await mine.SaveAsync(opened);
        var problem = await ProblemAsync(answer);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        var sentences = Sentences(problem);
        Assert.Contains(sentences, s => s.Contains("Dewi Anggraini", StringComparison.Ordinal) && s.Contains("versi 1", StringComparison.Ordinal)
            && s.Contains("2 Mar 2026", StringComparison.Ordinal));
        Assert.Contains(sentences, s => s.StartsWith("Yang diubah", StringComparison.Ordinal) && s.Contains("Tulis line2", StringComparison.Ordinal));
        Assert.Contains(sentences, s => s.StartsWith("Yang ditambahkan", StringComparison.Ordinal) && s.Contains("Tulis line4", StringComparison.Ordinal));
        Assert.Contains(sentences, s => s.StartsWith("Yang dihapus", StringComparison.Ordinal) && s.Contains("Tulis line3", StringComparison.Ordinal));
        Assert.DoesNotContain(sentences, s => s.Contains("Tulis line1", StringComparison.Ordinal));
        Assert.Equal("oleh orang lain", Text(await mine.OpenAsync(id), "line2"));
    }

    [Fact]
    public async Task A_version_somebody_opened_after_mine_is_not_overrun_either()
    {
        using var own = new TestService();
        using var mine = await StudioClient.SignInAsync(own);
        using var theirs = await SecondManagerAsync(own);
        var opened = await mine.OpenAsync(Sop);
        var others = await theirs.OpenAsync(Sop);
        StudioClient.Type(others, StepOf(others, "2"), "standardTime", "20");
        await theirs.SavedAsync(others);

        StudioClient.Type(opened, StepOf(opened, "3"), "standardTime", "7");
        using var answer = await mine.SaveAsync(opened);

        Assert.Equal("draft-saved-by-other", (await ProblemAsync(answer))["code"]!.GetValue<string>());
        Assert.Equal(2, await own.OfDatabaseAsync(db => db.DefinitionVersions.CountAsync()));
    }

    [Fact]
    public async Task An_autosave_that_overtakes_the_answer_to_the_one_before_is_taken_an_old_window_is_not()
    {
        using var own = new TestService();
        using var studio = await StudioClient.SignInAsync(own);
        var created = await studio.SavedAsync(StudioClient.NewDefinition("Simpan otomatis", "a"), publish: null);
        var window = created.DeepClone().AsObject();
        StudioClient.Type(window, "line1", "text", "ab");
        await studio.SavedAsync(window);
        StudioClient.Type(window, "line1", "text", "abc");
        using var overtaking = await studio.SaveAsync(window);

        own.Time.Advance(TimeSpan.FromMinutes(1));
        StudioClient.Type(created, "line1", "text", "jendela lama");
        using var old = await studio.SaveAsync(created);

        Assert.Equal(HttpStatusCode.OK, overtaking.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, old.StatusCode);
        Assert.Equal("abc", Text(await studio.OpenAsync(created["definitionId"]!.GetValue<string>()), "line1"));
    }

    [Fact]
    public async Task Without_a_token_only_somebody_elses_draft_is_protected()
    {
        using var mine = await StudioClient.SignInAsync(service);
        using var theirs = await SecondManagerAsync();
        var created = await mine.SavedAsync(StudioClient.NewDefinition("Tanpa penanda", "a"), publish: null);
        created["customProperties"]!.AsObject().Remove(DraftToken.Property);
        StudioClient.Type(created, "line1", "text", "skrip");

        using var other = await theirs.SaveAsync(created);
        using var same = await mine.SaveAsync(created);

        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Equal(HttpStatusCode.OK, same.StatusCode);
    }

    [Theory]
    [InlineData("eyJhIjoxfQ")]
    [InlineData("***")]
    [InlineData("")]
    public async Task A_token_that_is_none_counts_as_none(string token)
    {
        using var studio = await StudioClient.SignInAsync(service);
        var created = await studio.SavedAsync(StudioClient.NewDefinition("Penanda rusak", "a"), publish: null);
        created["customProperties"]![DraftToken.Property] = token;
        StudioClient.Type(created, "line1", "text", "b");

        using var answer = await studio.SaveAsync(created);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain("ppid", (await RowAsync(created)).Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Elsa.RunCSharp", "Skrip jahat", "draft-refused")]
    [InlineData("Elsa.HttpEndpoint", "Pintu luar", "draft-refused")]
    [InlineData("Contoh.TidakAda", "Entah apa", "draft-refused")]
    public async Task An_activity_that_may_not_be_is_refused_by_name_and_nothing_is_stored(string type, string name, string code)
    {
        using var studio = await StudioClient.SignInAsync(service);
        var before = await service.OfDatabaseAsync(db => db.DefinitionVersions.CountAsync());
        var definition = StudioClient.NewDefinition($"Terlarang {type}", "a");
        definition["root"]!["activities"]!.AsArray().Add(new JsonObject { ["id"] = "x", ["type"] = type, ["name"] = name, ["version"] = 1 });

        using var answer = await studio.SaveAsync(definition, publish: null);
        var problem = await ProblemAsync(answer);

        Assert.Equal(code, problem["code"]!.GetValue<string>());
        Assert.Contains(Sentences(problem), s => s.Contains(name, StringComparison.Ordinal) && s.Contains(type, StringComparison.Ordinal));
        Assert.Equal(before, await service.OfDatabaseAsync(db => db.DefinitionVersions.CountAsync()));
    }

    [Fact]
    public async Task An_unknown_expression_language_is_refused_naming_the_activity()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var definition = StudioClient.NewDefinition("Bahasa asing", "a");
        StudioClient.Activity(definition, "line1")["text"]!["expression"]!["type"] = "CSharp";

        using var answer = await studio.SaveAsync(definition, publish: null);

        Assert.Contains(Sentences(await ProblemAsync(answer)), s => s.Contains("Tulis line1", StringComparison.Ordinal) && s.Contains("CSharp", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("name", 300, 200)]
    [InlineData("name", 301, 422)]
    [InlineData("name", 5000, 422)]
    [InlineData("description", 2000, 200)]
    [InlineData("description", 2001, 422)]
    public async Task A_name_or_description_that_is_too_long_is_refused(string field, int length, int status)
    {
        using var studio = await StudioClient.SignInAsync(service);
        var definition = StudioClient.NewDefinition($"Panjang {field} {length}", "a");
        definition[field] = new string('x', length);

        using var answer = await studio.SaveAsync(definition, publish: null);

        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 422)
            Assert.Contains(Sentences(await ProblemAsync(answer)), s => s.Contains($"{length}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hostile_bodies_are_refused_with_a_sentence()
    {
        using var studio = await StudioClient.SignInAsync(service);
        string[] bodies =
        [
            "", "{", "[]", "null", "{}", "{\"model\":null}", "{\"model\":{\"name\":\"x\"}}", "{\"model\":{\"name\":\"x\",\"root\":{}}}",
            "{\"model\":{\"name\":\"x\",\"root\":{\"type\":\"Elsa.Flowchart\"," + string.Concat(Enumerable.Repeat("\"a\":{", 100)) + new string('}', 100) + "}}}",
            "{\"model\":{\"name\":\"x\",\"definitionId\":\"../../etc\",\"root\":{\"id\":\"f\",\"type\":\"Elsa.Flowchart\"}}}",
            "{\"model\":{\"name\":\"" + new string('x', 6_000_000) + "\"}}"
        ];
        foreach (var body in bodies)
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var answer = await studio.Http.PostAsync("/elsa/api/workflow-definitions", content, TestContext.Current.CancellationToken);
            Assert.True((int)answer.StatusCode is 400 or 413 or 422, $"{(int)answer.StatusCode} for {body[..Math.Min(60, body.Length)]}");
            Assert.NotEmpty(Sentences(await ProblemAsync(answer)));
        }
    }

    [Fact]
    public async Task Problems_that_may_wait_are_listed_on_save_and_refuse_publishing_without_saving()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var definition = StudioClient.NewDefinition("Belum selesai", "a");
        StudioClient.Activity(definition, "line1")["text"]!["expression"] = new JsonObject { ["type"] = "JavaScript", ["value"] = "1 +" };

        var saved = await StudioClient.BodyAsync(await studio.SaveAsync(definition, publish: null));
        var open = saved["workflowDefinition"]!.AsObject();
        open["name"] = "Nama lain";
        using var published = await studio.SaveAsync(open, publish: true);

        Assert.Contains(saved["validationErrors"]!.AsArray(), m => m!.GetValue<string>().Contains("Tulis line1", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, published.StatusCode);
        Assert.Contains(Sentences(await ProblemAsync(published)), s => s.Contains("Tulis line1", StringComparison.Ordinal));
        var row = await RowAsync(open);
        Assert.Equal((RevisionState.Draft, "Belum selesai"), (row.State, row.Name));
    }

    [Fact]
    public async Task Publishing_proposes_once_and_then_says_so()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var created = await studio.SavedAsync(StudioClient.NewDefinition("Diajukan", "a"), publish: null);

        var first = await StudioClient.BodyAsync(await studio.SaveAsync(created, publish: true));
        var again = await StudioClient.BodyAsync(await studio.SaveAsync(first["workflowDefinition"]!.AsObject(), publish: true));
        var third = await StudioClient.BodyAsync(await studio.PostAsync($"/workflow-definitions/{created["definitionId"]}/publish", new JsonObject()));

        Assert.Equal(
            [false, true, true], new[] { first, again, third }.Select(a => a["alreadyPublished"]!.GetValue<bool>()));
        Assert.Equal(RevisionState.Proposed, (await RowAsync(created)).State);
    }

    [Fact]
    public async Task What_was_opened_before_publishing_and_is_posted_unchanged_after_it_makes_no_draft()
    {
        using var own = new TestService();
        using var studio = await StudioClient.SignInAsync(own);
        var open = await studio.OpenAsync(Sop);
        StudioClient.Type(open, StepOf(open, "2"), "standardTime", "20");
        var kept = await studio.SavedAsync(open);
        await StudioClient.BodyAsync(await studio.PostAsync($"/workflow-definitions/{Sop}/publish", new JsonObject()));

        // A late autosave: the identity block has its number and date since.
        var late = await StudioClient.BodyAsync(await studio.SaveAsync(kept));

        Assert.Equal(2, late["workflowDefinition"]!["version"]!.GetValue<int>());
        Assert.Equal(
            [RevisionState.InForce, RevisionState.Proposed],
            await own.OfDatabaseAsync(db => db.DefinitionVersions.OrderBy(v => v.Version).Select(v => v.State).ToListAsync()));
    }

    [Fact]
    public async Task Who_wrote_what_was_withdrawn_stays_its_author_when_somebody_else_proposes_it_again()
    {
        using var mine = await StudioClient.SignInAsync(service);
        using var theirs = await SecondManagerAsync();
        var created = await mine.SavedAsync(StudioClient.NewDefinition("Penulis tetap", "a"), publish: true);
        var path = $"/workflow-definitions/{created["definitionId"]}";
        await StudioClient.BodyAsync(await mine.PostAsync($"{path}/retract", new JsonObject()));

        var again = await StudioClient.BodyAsync(await theirs.PostAsync($"{path}/publish", new JsonObject()));

        Assert.Equal(
            ["pengelola.sop", "petugas.informasi"], RevisionDesk.AuthorsOf(await RowAsync(again["workflowDefinition"]!.AsObject())).Order());
    }

    [Fact]
    public async Task Two_publishes_at_once_make_one_proposal()
    {
        using var mine = await StudioClient.SignInAsync(service);
        using var theirs = await SecondManagerAsync();
        var created = await mine.SavedAsync(StudioClient.NewDefinition("Serentak", "a"), publish: null);
        var id = created["definitionId"]!.GetValue<string>();
        var (left, right) = (await mine.OpenAsync(id), await theirs.OpenAsync(id));
        StudioClient.Type(left, "line1", "text", "kiri");
        StudioClient.Type(right, "line1", "text", "kanan");

        var answers = await Task.WhenAll(mine.SaveAsync(left, publish: true), theirs.SaveAsync(right, publish: true));

        Assert.Equal([200, 409], answers.Select(a => (int)a.StatusCode).Order());
        var versions = await service.OfDatabaseAsync(db => db.DefinitionVersions.Where(v => v.DefinitionId == id).ToListAsync());
        Assert.Equal(RevisionState.Proposed, Assert.Single(versions).State);

        var same = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(i => (i % 2 == 0 ? mine : theirs).PostAsync($"/workflow-definitions/{id}/publish", new JsonObject())));
        foreach (var answer in same)
            Assert.True((await StudioClient.BodyAsync(answer))["alreadyPublished"]!.GetValue<bool>());
    }

    [Fact]
    public async Task What_is_in_force_cannot_be_retracted_what_is_proposed_can()
    {
        using var own = new TestService();
        using var studio = await StudioClient.SignInAsync(own);
        // The only version, and a case runs on it: it goes on as if nobody had asked.
        var (running, _) = await own.OpenCaseAsync("188.44/9/2026", "Berkas");
        using var refused = await studio.PostAsync($"/workflow-definitions/{Sop}/retract", new JsonObject());
        await own.AssignAsync(running);
        var open = await studio.OpenAsync(Sop);
        StudioClient.Type(open, StepOf(open, "2"), "standardTime", "20");
        var saved = (await StudioClient.BodyAsync(await studio.SaveAsync(open)))["workflowDefinition"]!.AsObject();
        await own.OfDatabaseAsync(db => db.DefinitionVersions.Where(v => v.Version == 2)
            .ExecuteUpdateAsync(v => v.SetProperty(x => x.State, RevisionState.Proposed)));
        var proposed = await studio.OpenAsync(Sop);

        var retracted = await StudioClient.BodyAsync(await studio.PostAsync($"/workflow-definitions/{Sop}/retract", new JsonObject()));

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains(Sentences(await ProblemAsync(refused)), s => s.Contains("sedang berlaku", StringComparison.Ordinal));
        Assert.DoesNotContain("retract", Rels(open));
        Assert.DoesNotContain("retract", Rels(saved));
        Assert.Contains("retract", Rels(proposed));
        Assert.Equal(2, retracted["version"]!.GetValue<int>());
        Assert.Equal(
            [RevisionState.InForce, RevisionState.Withdrawn],
            await own.OfDatabaseAsync(db => db.DefinitionVersions.OrderBy(v => v.Version).Select(v => v.State).ToListAsync()));
    }

    [Fact]
    public async Task What_was_withdrawn_can_be_proposed_again_as_the_next_version()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var created = await studio.SavedAsync(StudioClient.NewDefinition("Sekali lagi", "a"), publish: true);
        var path = $"/workflow-definitions/{created["definitionId"]}";
        await StudioClient.BodyAsync(await studio.PostAsync($"{path}/retract", new JsonObject()));

        var again = await StudioClient.BodyAsync(await studio.PostAsync($"{path}/publish", new JsonObject()));

        Assert.Equal((2, false), (again["workflowDefinition"]!["version"]!.GetValue<int>(), again["alreadyPublished"]!.GetValue<bool>()));
        Assert.Equal(RevisionState.Proposed, (await RowAsync(again["workflowDefinition"]!.AsObject())).State);
        Assert.Equal(RevisionState.Withdrawn, (await RowAsync(created)).State);
    }

    [Fact]
    public async Task A_roll_back_is_a_new_draft_and_leaves_the_other_one_alone()
    {
        using var own = new TestService();
        using var studio = await StudioClient.SignInAsync(own);
        var open = await studio.OpenAsync(Sop);
        StudioClient.Type(open, StepOf(open, "2"), "standardTime", "20");
        await studio.SavedAsync(open);

        using var answer = await studio.PostAsync($"/workflow-definitions/{Sop}/revert/1", new JsonObject());
        using var again = await studio.PostAsync($"/workflow-definitions/{Sop}/revert/1", new JsonObject());

        Assert.Equal((201, 200), ((int)answer.StatusCode, (int)again.StatusCode));
        var versions = await own.OfDatabaseAsync(db => db.DefinitionVersions.OrderBy(v => v.Version).ToListAsync());
        Assert.Equal([RevisionState.InForce, RevisionState.Draft, RevisionState.Draft], versions.Select(v => v.State));
        Assert.Equal(versions[0].ContentHash, versions[2].ContentHash);
        Assert.NotEqual(versions[0].ContentHash, versions[1].ContentHash);
    }

    [Fact]
    public async Task Only_drafts_nobody_proposed_are_deleted_and_all_or_none()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var draft = await studio.SavedAsync(StudioClient.NewDefinition("Hapus saya", "a"), publish: null);
        var proposed = await studio.SavedAsync(StudioClient.NewDefinition("Jangan hapus", "a"), publish: true);
        var both = new JsonObject { ["definitionIds"] = new JsonArray(draft["definitionId"]!.DeepClone(), proposed["definitionId"]!.DeepClone()) };

        using var refusedBoth = await studio.PostAsync("/bulk-actions/delete/workflow-definitions/by-definition-id", both);
        using var refusedOne = await studio.DeleteAsync($"/workflow-definitions/{proposed["definitionId"]}");
        using var refusedVersion = await studio.DeleteAsync($"/workflow-definition-versions/{proposed["id"]}");
        using var deleted = await studio.DeleteAsync($"/workflow-definitions/{draft["definitionId"]}");
        using var gone = await studio.DeleteAsync($"/workflow-definitions/{draft["definitionId"]}");

        Assert.All([refusedBoth, refusedOne, refusedVersion], a => Assert.Equal(HttpStatusCode.Conflict, a.StatusCode));
        Assert.Contains(Sentences(await ProblemAsync(refusedBoth)), s => s.Contains("Jangan hapus", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Contains("delete", Rels(draft));
        Assert.DoesNotContain("delete", Rels(proposed));
    }

    [Fact]
    public async Task Bulk_publish_and_retract_tell_outcomes_apart()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var good = await studio.SavedAsync(StudioClient.NewDefinition("Massal baik", "a"), publish: null);
        var bad = StudioClient.NewDefinition("Massal buruk", "a");
        StudioClient.Activity(bad, "line1")["text"]!["expression"] = new JsonObject { ["type"] = "JavaScript", ["value"] = "(" };
        var faulty = await studio.SavedAsync(bad, publish: null);
        var ids = new JsonObject
        {
            ["definitionIds"] = new JsonArray(good["definitionId"]!.DeepClone(), faulty["definitionId"]!.DeepClone(), Sop, "tidak-ada")
        };

        var published = await StudioClient.BodyAsync(await studio.PostAsync("/bulk-actions/publish/workflow-definitions/by-definition-ids", ids));
        var retracted = await StudioClient.BodyAsync(await studio.PostAsync("/bulk-actions/retract/workflow-definitions/by-definition-ids", ids));

        Assert.Equal([good["definitionId"]!.ToString()], Texts(published["published"]));
        Assert.Equal([faulty["definitionId"]!.ToString()], Texts(published["failed"]));
        Assert.Equal([Sop], Texts(published["alreadyPublished"]));
        Assert.Equal(["tidak-ada"], Texts(published["notFound"]));
        Assert.Contains("Tulis line1", published["warnings"]![faulty["definitionId"]!.ToString()]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal([good["definitionId"]!.ToString()], Texts(retracted["retracted"]));
        Assert.Equal([Sop], Texts(retracted["skipped"]));
        Assert.Equal([faulty["definitionId"]!.ToString()], Texts(retracted["notPublished"]));
        Assert.Equal(["tidak-ada"], Texts(retracted["notFound"]));
    }

    [Theory]
    [InlineData("kepala.biro")]
    [InlineData("auditor")]
    [InlineData("admin")]
    public async Task Who_only_looks_gets_no_links_to_change_and_no_change_through(string userName)
    {
        using var reader = await StudioClient.SignInAsync(service, userName);
        var list = await StudioClient.BodyAsync(await reader.GetAsync("/workflow-definitions?versionOptions=Latest"));
        var open = await reader.OpenAsync(Sop);

        Assert.Equal(["self", "is-name-unique", "count", "many-by-id"], Rels(list));
        Assert.Equal(["self", "self", "versions", "export"], Rels(open));
        Assert.Null(open["customProperties"]![DraftToken.Property]);
        var before = await service.OfDatabaseAsync(db => db.DefinitionVersions.CountAsync());
        var ids = new JsonObject { ["definitionIds"] = new JsonArray(Sop), ["ids"] = new JsonArray(open["id"]!.DeepClone()) };
        (string Method, string Path)[] writes =
        [
            ("POST", ""), ("POST", "/import"), ("PUT", $"/{Sop}/import"), ("POST", "/import-files"), ("POST", $"/{Sop}/publish"), ("POST", $"/{Sop}/retract"),
            ("POST", $"/{Sop}/revert/1"), ("POST", $"/{Sop}/update-references"), ("DELETE", $"/{Sop}"), ("DELETE", $"/{Sop}/version/1")
        ];
        foreach (var (method, path) in writes)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/elsa/api/workflow-definitions{path}")
            {
                Content = new StringContent(open.ToJsonString(), System.Text.Encoding.UTF8, "application/json")
            };
            using var answer = await reader.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{method} {path}: {(int)answer.StatusCode}");
        }
        foreach (var action in (string[])["delete/workflow-definitions/by-definition-id", "delete/workflow-definitions/by-id",
            "publish/workflow-definitions/by-definition-ids", "retract/workflow-definitions/by-definition-ids"])
            Assert.Equal(HttpStatusCode.Forbidden, (await reader.PostAsync($"/bulk-actions/{action}", ids)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.DeleteAsync($"/workflow-definition-versions/{open["id"]}")).StatusCode);
        Assert.Equal(before, await service.OfDatabaseAsync(db => db.DefinitionVersions.CountAsync()));
    }

    [Fact]
    public async Task Officers_without_a_role_of_Studio_see_nothing_of_it()
    {
        using var officer = await StudioClient.SignInAsync(service, "petugas.dokumentasi");

        Assert.Equal(HttpStatusCode.Forbidden, (await officer.GetAsync("/workflow-definitions?versionOptions=Latest")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await officer.GetAsync($"/workflow-definitions/{Sop}/export")).StatusCode);
    }

    private static string StepOf(JsonObject definition, string number) => definition["root"]!["activities"]!.AsArray()
        .Single(a => a!["number"]?["expression"]?["value"]?.ToString() == number)!["id"]!.GetValue<string>();

    private static string Text(JsonObject definition, string id) =>
        StudioClient.Activity(definition, id)["text"]!["expression"]!["value"]!.GetValue<string>();

    private static IEnumerable<string> Rels(JsonNode model) => model["links"]!.AsArray().Select(l => l!["rel"]!.GetValue<string>());

    private static IEnumerable<string> Texts(JsonNode? items) => items!.AsArray().Select(i => i!.GetValue<string>());

    private static IReadOnlyList<string> Sentences(JsonNode problem) =>
        [.. problem["errors"]!.AsObject().SelectMany(e => e.Value!.AsArray()).Select(s => s!.GetValue<string>())];

    private static async Task<JsonNode> ProblemAsync(HttpResponseMessage answer)
    {
        await answer.CodeAsync();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    private Task<DefinitionVersion> RowAsync(JsonObject definition)
    {
        var id = Guid.Parse(definition["id"]!.GetValue<string>());
        return service.OfDatabaseAsync(db => db.DefinitionVersions.SingleAsync(v => v.Id == id));
    }

    private Task<StudioClient> SecondManagerAsync() => SecondManagerAsync(service);

    /// <summary>Another officer with the same right.</summary>
    private static async Task<StudioClient> SecondManagerAsync(TestService service)
    {
        _ = await service.InScopeAsync<Application.Persistence.PpidDbContext, int>(async db =>
        {
            var role = await db.Roles.SingleAsync(r => r.Name == Roles.SopManager);
            var officer = await db.Users.SingleAsync(o => o.UserName == "petugas.informasi");
            if (await db.UserRoles.AnyAsync(l => l.UserId == officer.Id && l.RoleId == role.Id))
                return 0;
            db.UserRoles.Add(new() { UserId = officer.Id, RoleId = role.Id });
            return await db.SaveChangesAsync();
        });
        return await StudioClient.SignInAsync(service, "petugas.informasi");
    }
}

/// <summary>What a reader of two text files sees as changed.</summary>
internal static class TextDiff
{
    /// <summary>Lines taken away (<c>-</c>) and added (<c>+</c>), by the longest common subsequence.</summary>
    public static IReadOnlyList<string> Lines(string before, string after)
    {
        var (a, b) = (before.Split('\n'), after.Split('\n'));
        var common = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
            for (var j = b.Length - 1; j >= 0; j--)
                common[i, j] = a[i] == b[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        var changed = new List<string>();
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
            if (i < a.Length && j < b.Length && a[i] == b[j])
                (i, j) = (i + 1, j + 1);
            else if (j >= b.Length || (i < a.Length && common[i + 1, j] >= common[i, j + 1]))
                changed.Add($"-{a[i++]}");
            else
                changed.Add($"+{b[j++]}");
        return changed;
    }
}
