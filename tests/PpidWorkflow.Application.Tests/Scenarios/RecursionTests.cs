using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Runtime;
using static PpidWorkflow.Application.Tests.Scenarios.Flows;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Workflows that start themselves end as named incidents, within a second and within bounds. Beside nothing else: the whole process is looked at.</summary>
[Collection(nameof(RecursionTests))]
public class RecursionTests(ITestOutputHelper output)
{
    /// <param name="what">The definition that is started.</param>
    /// <param name="instances">How many were made.</param>
    /// <param name="megabytes">What it may allocate, whether or not it is kept.</param>
    [Theory]
    [InlineData("diri", WorkflowRuntime.DeepestChild + 1, 10)]
    [InlineData("berdua", WorkflowRuntime.DeepestChild + 1, 10)]
    [InlineData("menunggu", WorkflowRuntime.DeepestChild + 1, 10)]
    [InlineData("lari", WorkflowRuntime.MostRecursions + 1, 30)]
    [InlineData("massal", WorkflowRuntime.MostAskedAtOnce / 100 + 1, 100)]
    [InlineData("seribu", WorkflowRuntime.MostAskedAtOnce / 1_000 + 1, 100)]
    [InlineData("pohon", WorkflowRuntime.MostAskedAtOnce / 1_000 + 1, 100)]
    public async Task It_ends_within_a_second_and_within_bounds(string what, int instances, int megabytes)
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("anak", [Execute("x", "cucu", waits: true)]), inForce: true);
        await office.KeepAsync(Flow("diri", [Execute("x", "diri", waits: true)]), inForce: true);
        await office.KeepAsync(Flow("berdua", [Execute("x", "lainnya", waits: true)]), inForce: true);
        await office.KeepAsync(Flow("lainnya", [Execute("x", "berdua", waits: true)]), inForce: true);
        await office.KeepAsync(Flow("menunggu", [Execute("x", "menunggu", waits: true, "DispatchWorkflow")]), inForce: true);
        await office.KeepAsync(Flow("lari", [Execute("x", "lari", waits: false, "DispatchWorkflow")]), inForce: true);
        await office.KeepAsync(Flow("massal", [Bulk("massal", 100)]), inForce: true);
        await office.KeepAsync(Flow("pohon", [Bulk("cabang", 1_000)]), inForce: true);
        await office.KeepAsync(Flow("cabang", [Bulk("daun", 1_000)]), inForce: true);
        await office.KeepAsync(Flow("daun", [Bulk("daun", 1)]), inForce: true);
        await office.KeepAsync(Flow("seribu", [Bulk("seribu", 1_000)]), inForce: true);
        await office.TrialAsync("anak");

        var (busy, allocated) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
        await office.TrialAsync(what);
        var (seconds, made) = ((Environment.CpuUsage.TotalTime - busy).TotalSeconds, (GC.GetTotalAllocatedBytes() - allocated) / 1024 / 1024);

        output.WriteLine($"{what}: {seconds:f2} s, {made} MB");
        Assert.Equal([what is "massal" or "seribu" or "pohon" ? "too-many-children" : "child-recursion-limit"], await office.RowsAsync(db => db.Incidents.Where(i => i.Code != "child-not-found").Select(i => i.Code).Distinct().ToListAsync()));
        Assert.Equal(instances, await office.RowsAsync(db => db.Instances.CountAsync(i => i.DefinitionId != "anak")));
        Assert.InRange(seconds, 0, 1);
        Assert.InRange(made, 0, megabytes);
        Assert.Empty(await office.ViolatedAsync());
    }

    /// <summary>A commit that lost a race is repeated by the same objects.</summary>
    [Fact]
    public async Task The_next_commit_of_the_same_scope_begins_to_count_anew()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("lari", [Execute("x", "lari", waits: false, "DispatchWorkflow")]), inForce: true);

        await office.InScopeAsync(async s =>
        {
            for (var i = 0; i < 2; i++)
                Assert.True((await s.Get<TrialDesk>().StartAsync(office[Revisions.Manager], new TrialRequest("lari", "Latest"))).Succeeded);
            return true;
        });

        Assert.Equal(2 * (WorkflowRuntime.MostRecursions + 1), await office.RowsAsync(db => db.Instances.CountAsync()));
    }

    private static JsonObject Bulk(string definition, int items) =>
        Of("x", "BulkDispatchWorkflows", ("workflowDefinitionId", definition)).Script("items", $"Array({items}).fill(0)");

    private static JsonObject Execute(string id, string definition, bool waits, string type = "ExecuteWorkflow") =>
        Of(id, type, ("workflowDefinitionId", definition), ("waitForCompletion", waits));
}

[CollectionDefinition(nameof(RecursionTests), DisableParallelization = true)]
public class RecursionTestsCollection;
