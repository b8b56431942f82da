using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Tests.Activities.Proofs;

/// <summary>
/// Every activity of the catalog: its main path, its fault, and suspend and resume across a serialisation of the state (issue 6). Runs over the
/// catalog and not over the proofs, so that an activity without proof fails here. To add one: a row beside its kin in this folder.
/// </summary>
public class EveryActivityTests
{
    private static readonly Dictionary<string, ActivityProof> Proofs =
        FlowProofs.All.Concat(CompositionProofs.All).Concat(LoopProofs.All).Concat(PrimitiveProofs.All).Concat(SopProofs.All).ToDictionary(p => p.Key, p => p.Value);

    public static TheoryData<string> Catalog { get; } = new(ActivityCatalog.Default.Descriptors.Select(d => d.TypeName));

    public static TheoryData<string, int, string> OwnFaults { get; } = new(All.SelectMany(a => a.Proof.Own.Select((fault, i) => (a.Type, i, fault.Code))));

    internal static IEnumerable<(string Type, ActivityProof Proof)> All => Proofs.Select(p => (p.Key, p.Value)).OrderBy(p => p.Key, StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Catalog))]
    public async Task It_does_what_it_is_for(string type)
    {
        var scenario = Of(type).Main;
        var run = await scenario.RunAsync();

        ShouldEndAs(scenario, run);
        Assert.Equal(type, run.Workflow.FindActivity("x")?.Type);
        if (type != "Elsa.Fault")
            Assert.Contains("x Completed", run.Path);
    }

    [Theory]
    [MemberData(nameof(Catalog))]
    public async Task Its_fault_is_an_incident_that_can_be_retried(string type)
    {
        if (Of(type).Fault is not { } scenario)
        {
            Assert.False(string.IsNullOrEmpty(Of(type).CannotFault));
            var descriptor = ActivityCatalog.Default.Find(type)!;
            Assert.Empty(descriptor.EmbeddedPorts);
            Assert.False(descriptor.IsContainer);
            Assert.True(descriptor.Inputs.Count == 0 || type == "Elsa.Complete");
            return;
        }
        await ShouldFaultAsync(scenario);
    }

    [Theory]
    [MemberData(nameof(OwnFaults))]
    public async Task A_fault_of_its_own_is_an_incident_with_a_name_of_its_own(string type, int number, string code)
    {
        Assert.Equal(code, Of(type).Own[number].Code);
        await ShouldFaultAsync(Of(type).Own[number]);
    }

    private static async Task ShouldFaultAsync(FaultScenario scenario)
    {
        var run = await scenario.Harness().StartAsync();
        if (run.State.Bookmarks.Count > 0)
            await scenario.WalkAsync(run);

        run.ShouldBeFaulted();
        var incident = Assert.Single(run.State.Incidents);
        Assert.Equal((scenario.At, scenario.Code), (incident.ActivityId, incident.Code));
        Assert.Contains($"{scenario.At} Faulted", run.Path);

        run.State.CorrelationId = "mended";
        await run.RetryAsync(incident.Id);
        if (!scenario.Mends)
        {
            Assert.Equal(scenario.Code, Assert.Single(run.State.Incidents).Code);
            Assert.Equal(scenario.Lines, run.Lines);
            return;
        }
        await (scenario with { Input = scenario.InputAfter ?? scenario.Input }).WalkAsync(run);
        Assert.Contains("x Completed", run.Path);
        ShouldEndAs(scenario, run);
    }

    [Theory]
    [MemberData(nameof(Catalog))]
    public async Task It_does_not_notice_that_its_state_was_written_and_read_back(string type)
    {
        var scenario = Of(type).Wait;
        var waits = 0;
        var isUnderWay = false;
        var stored = await scenario.RunAsync(roundTrip: true, run =>
        {
            waits++;
            isUnderWay |= run.State.GetExecutions().Any(e => e.ActivityId == "x");
        });
        var kept = await scenario.RunAsync(roundTrip: false);

        Assert.True(waits > 0, "The scenario never waits.");
        Assert.True(isUnderWay || !Holds(type), "The activity holds others or waits, and is not under way at any wait.");
        ShouldEndAs(scenario, stored);
        Assert.Equal(kept.Lines, stored.Lines);
        Assert.Equal(kept.Journal.Select(Told), stored.Journal.Select(Told));
        Assert.Equal(kept.State.ToJson(), stored.State.ToJson());
    }

    private static ActivityProof Of(string type) => Proofs.GetValueOrDefault(type)
        ?? throw new Xunit.Sdk.XunitException($"{type} has no proof of its main path, its fault and its suspend/resume: add a row in Activities/Proofs.");

    private static bool Holds(string type)
    {
        var descriptor = ActivityCatalog.Default.Find(type)!;
        return descriptor.IsContainer || descriptor.EmbeddedPorts.Count > 0 || descriptor.ClrType == typeof(Fork) || descriptor.ClrType == typeof(Switch) || descriptor.ClrType == typeof(StateMachine)
            || descriptor.Kind == ActivityKind.Trigger || descriptor.Category == "SOP" || type is "Elsa.Delay" or "Elsa.RunTask";
    }

    private static string Told(JournalEntry entry) =>
        $"{entry.Sequence} {entry.ActivityInstanceId} {entry.ParentActivityInstanceId} {entry.ActivityNodeId} {entry.ActivityType} {entry.EventName} {entry.Message} {entry.Payload?.ToJsonString()}";

    private static void ShouldEndAs(Scenario scenario, EngineHarness run)
    {
        Assert.Equal(scenario.Lines, run.Lines);
        run.ShouldBeFinished();
        if (scenario.Output is not null)
            Assert.Equal(scenario.Output, new System.Text.Json.Nodes.JsonObject(run.State.Output.Select(o => KeyValuePair.Create(o.Key, o.Value?.DeepClone()))).ToJsonString());
    }
}
