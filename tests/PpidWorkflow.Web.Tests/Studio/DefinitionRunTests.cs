using System.Text;
using System.Text.Json.Nodes;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>
/// Every definition that stock Elsa wrote is imported and run, exported, imported again under another name and run again: both go the way that
/// the file itself goes through the engine, whose paths the engine's tests compare with Elsa's own (ExportTests, KnownGraphTests).
/// </summary>
public sealed class DefinitionRunTests(TestService service) : IClassFixture<TestService>
{
    private const int MostResumptions = 20;

    public static TheoryData<string> Definitions() => DefinitionFileTests.Definitions();

    [Theory]
    [MemberData(nameof(Definitions))]
    public async Task An_imported_definition_runs_the_way_of_its_file(string file)
    {
        using var studio = await StudioClient.SignInAsync(service);
        var original = ElsaContract.Export(file);
        var expected = await PathOfFileAsync(original);
        Assert.NotEmpty(expected);

        var first = await ImportAsync(studio, original);
        Assert.Equal(expected, await PathOfTrialAsync(studio, first));

        var second = await ImportAsync(studio, await studio.ExportAsync(first));
        Assert.NotEqual(first, second);
        Assert.Equal(expected, await PathOfTrialAsync(studio, second));
    }

    /// <summary>Imports under an id of its own: the versions of other tests' imports are none of this one's.</summary>
    private static async Task<string> ImportAsync(StudioClient studio, string definition)
    {
        var document = JsonNode.Parse(definition)!;
        document["definitionId"] = Guid.NewGuid().ToString("n")[..16];
        return (await StudioClient.BodyAsync(await studio.PostAsync("/workflow-definitions/import", document)))["definitionId"]!.GetValue<string>();
    }

    /// <summary>The file alone in the engine: no normal form, no database. Whatever waits is resumed in the order in which it began to.</summary>
    private static async Task<List<string>> PathOfFileAsync(string definition)
    {
        var workflow = new WorkflowCompiler().Compile(DefinitionReader.Read(Encoding.UTF8.GetBytes(definition)));
        var runner = new WorkflowRunner(new EngineOptions());
        var now = new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero);
        var input = workflow.Definition.Inputs.ToDictionary(i => i.Name, _ => (JsonNode?)"ACME");
        var result = await runner.StartAsync(workflow, new StartOptions("berkas", now, input), Cancellation);
        var path = result.Journal.Select(Line).ToList();
        for (var turn = 0; turn < MostResumptions && result.State.Bookmarks.Count > 0; turn++)
        {
            result = await runner.ResumeAsync(workflow, result.State, result.State.Bookmarks[0].Id, Answer(), now, Cancellation);
            path.AddRange(result.Journal.Select(Line));
        }
        path.Add($"{result.State.Status} {result.State.SubStatus}");
        return path;

        static string Line(JournalEntry entry) => $"{entry.ActivityId} {entry.EventName}";
    }

    /// <summary>The same through the service, as a trial that Studio starts; the path is what its viewer shows as the journal.</summary>
    private async Task<List<string>> PathOfTrialAsync(StudioClient studio, string definitionId)
    {
        var id = await studio.Http.ExecuteAsync(definitionId, new { versionOptions = "Latest", input = StudioCalls.Customer("ACME") });
        JsonNode instance;
        for (var turn = 0; ; turn++)
        {
            instance = await studio.Http.ReadAsync($"/workflow-instances/{id}");
            if (turn == MostResumptions || instance["workflowState"]!["bookmarks"]!.AsArray() is not { Count: > 0 } waiting)
                break;
            var bookmark = waiting[0]!["id"]!.GetValue<string>();
            var manager = await ManagerAsync();
            var answer = await service.InScopeAsync<TrialDesk, Result<Guid>>(trials => trials.ResumeAsync(manager, Guid.Parse(id), bookmark, Answer()));
            Assert.True(answer.Succeeded, answer.Succeeded ? "" : answer.Problems[0].Code);
        }
        var journal = await studio.Http.AskAsync($"/workflow-instances/{id}/journal?skip=0&take=1000", new { });
        var path = journal["items"]!.AsArray().OrderBy(r => r!["sequence"]!.GetValue<long>())
            .Select(r => $"{r!["activityId"]} {r["eventName"]}").ToList();
        path.Add($"{instance["status"]} {instance["subStatus"]}");
        return path;
    }

    private Task<Actor> ManagerAsync() => service.OfDatabaseAsync(db => Task.FromResult(
        new Actor(db.Users.Single(u => u.UserName == StudioCalls.Manager).Id, StudioCalls.Manager, "Pengelola SOP", new HashSet<string> { Roles.SopManager })));

    private static JsonObject Answer() => new() { ["approved"] = true, ["carrier"] = "UPS" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
