using System.Diagnostics;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;

namespace PpidWorkflow.Web.Tests.BadInput;

/// <summary>An office into which definitions with scripts are imported while it is open.</summary>
public sealed class ScriptOffice : LiveOffice
{
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(30);

    protected override IReadOnlyList<string> Settings => ["--Engine:MaxActivitiesPerBurst=500"];

    /// <summary>A flowchart from <c>start</c>; arrows are written <c>a:Port->b</c>.</summary>
    public static string Definition(string id, string activities, params string[] arrows)
    {
        var connections = arrows.Select(arrow => arrow.Split("->")).Select(ends => Arrow(ends[0].Split(':'), ends[1]));
        return $$"""
            {
              "id": "v1", "definitionId": "{{id}}", "name": "Uji", "version": 1,
              "inputs": [{"name": "title", "type": "String", "displayName": "Judul"}],
              "root": {
                "type": "Elsa.Flowchart", "id": "F",
                "activities": [{"type":"Elsa.Start","id":"start"}{{(activities.Length > 0 ? "," : "")}}{{activities}}],
                "connections": [{{string.Join(',', connections)}}]
              }
            }
            """;
    }

    /// <summary>In force: a step, then activity <c>x</c>, then another step; or <c>x</c> first of all.</summary>
    public async Task ImportAsync(string id, string activities, params string[] arrows) =>
        await ImportAsync(id, activities, scriptFirst: false, arrows);

    public async Task ImportAsync(string id, string activities, bool scriptFirst, params string[] arrows)
    {
        var file = Path.Combine(Folder, $"{id}.json");
        var steps = $"{Step("s1")},{Step("s2")},{activities}";
        string[] way = scriptFirst ? ["start->x", "x->s1", "s1->s2"] : arrows.Length > 0 ? ["start->s1", "s1->x", "x:False->s2"]
            : ["start->s1", "s1->x", "x->s2"];
        await File.WriteAllTextAsync(file, Definition(id, steps, [.. way, .. arrows]));
        var run = await ServiceProcess.RunAsync("import", file, "--publish", "--json", $"--Storage:DataPath={DataPath}");
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
    }

    /// <summary>Walks a case into its script; sees it faulted with this incident; retries, which fails again; the service lives.</summary>
    public async Task FaultAndRetryAsync(string definitionId, string code)
    {
        var watch = Stopwatch.StartNew();
        var caseId = (await PostAsync(InformationHead, "/api/v1/cases", new { definitionId, title = Canary }))["id"]!.GetValue<Guid>();
        var task = await OpenTaskAsync(caseId);
        await PostAsync(InformationHead, $"/api/v1/tasks/{task.Id}/complete", new { revision = task.Revision });

        var seen = await GetAsync(UnitHead, $"/api/v1/cases/{caseId}");
        var retried = await AskAsync(async services =>
        {
            var admin = await services.GetRequiredService<PpidDbContext>().Users.AsNoTracking().SingleAsync(o => o.UserName == "admin");
            var actor = new Actor(admin.Id, admin.UserName!, admin.DisplayName, new HashSet<string> { Roles.Admin });
            var desk = services.GetRequiredService<IncidentDesk>();
            var open = (await desk.ListAsync(openOnly: true, null, 200)).Value.Items.Single(i => i.CaseId == caseId);
            var result = await desk.RetryAsync(actor, open.Id);
            var after = (await desk.ListAsync(openOnly: true, null, 200)).Value.Items.Single(i => i.CaseId == caseId);
            return (First: open, Result: result, Again: after);
        });

        Assert.Equal(("faulted", 1), (seen["state"]!.GetValue<string>(), seen["openIncidents"]!.GetValue<int>()));
        Assert.Equal((code, code), (retried.First.Code, retried.Again.Code));
        Assert.True(retried.Result.Succeeded);
        Assert.NotEqual(retried.First.Id, retried.Again.Id);
        Assert.DoesNotContain(Canary, retried.First.Message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Bearable);
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("/health/live")).StatusCode);
        Assert.InRange(Service.PeakMemoryMB, 1, 800);
        Assert.DoesNotContain(Canary, Service.Log, StringComparison.Ordinal);
    }

    private static string Arrow(string[] source, string target) => $$"""
        {
          "source": { "activity": "{{source[0]}}", "port": "{{(source.Length > 1 ? source[1] : "Done")}}" },
          "target": { "activity": "{{target}}", "port": "In" }
        }
        """;

    private static string Step(string id) => $$"""
        {
          "type": "Ppid.SopStep", "id": "{{id}}", "number": "{{id[1..]}}", "description": "Langkah",
          "performerRole": "INFORMATION_HEAD", "standardTime": "PT8H"
        }
        """;
}
