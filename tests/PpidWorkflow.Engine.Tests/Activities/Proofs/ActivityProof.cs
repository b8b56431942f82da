using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Activities.Proofs;

/// <summary>
/// What shows that an activity works (issue 6): its main path, its fault, and that it goes on when the state was written and read back between
/// bursts. In every scenario the activity in question has the id <c>x</c>.
/// </summary>
internal sealed record ActivityProof
{
    /// <summary>It runs, and everything after it as it should.</summary>
    public required Scenario Main { get; init; }

    /// <summary>Its fault, and what follows once its cause is gone and the incident retried; null: see <see cref="CannotFault"/>.</summary>
    public FaultScenario? Fault { get; init; }

    /// <summary>Faults of its own, besides that of an expression: values that it cannot use, what it names and is not there.</summary>
    public FaultScenario[] Own { get; init; } = [];

    /// <summary>Why it has no fault of its own.</summary>
    public string? CannotFault { get; init; }

    /// <summary>A run with at least one wait, during which the activity is under way or after which something depends on what it did.</summary>
    public required Scenario Wait { get; init; }
}

/// <summary>A definition and what it does until there is nothing more to resume; each bookmark in its turn is resumed with the same input.</summary>
internal record Scenario(string Root, params string[] Lines)
{
    public string Variables { get; init; } = "[{'id':'v','name':'v','typeName':'Object'}]";
    public JsonObject? Input { get; init; }

    /// <summary>Outputs of the workflow at its end, as JSON; null: not looked at.</summary>
    public string? Output { get; init; }

    public EngineHarness Harness(bool roundTrip = true) => new(Definition(Root, Variables), roundTrip);

    public async Task<EngineHarness> RunAsync(bool roundTrip = true, Action<EngineHarness>? atRest = null)
    {
        var run = await Harness(roundTrip).StartAsync();
        await WalkAsync(run, atRest);
        return run;
    }

    /// <summary>Resumes what stands, the oldest first, until nothing does; what stays until its activity ends is resumed once.</summary>
    public async Task WalkAsync(EngineHarness run, Action<EngineHarness>? atRest = null)
    {
        for (var i = 0; i < 50 && run.State.Bookmarks.Find(b => !IsAnswered(run, b)) is { } next; i++)
        {
            atRest?.Invoke(run);
            await run.ResumeAsync(next, Input?.DeepClone().AsObject());
        }
        Assert.All(run.State.Bookmarks, b => Assert.True(IsAnswered(run, b)));
    }

    private static bool IsAnswered(EngineHarness run, Bookmark bookmark) =>
        bookmark.Stays && run.Journal.FindLast(j => j.ActivityInstanceId == bookmark.ActivityInstanceId && j.EventName is "Started" or "Resumed")?.EventName == "Resumed";
}

/// <summary>A run that meets an incident.</summary>
/// <param name="At">Activity of the incident.</param>
/// <param name="Code">Its code.</param>
/// <param name="Mends">False: a retry meets the same incident again, since its cause is in the definition or in what came from outside.</param>
internal sealed record FaultScenario(string Root, string Code, string At = "x", bool Mends = true, params string[] Lines) : Scenario(Root, Lines)
{
    /// <summary>What bookmarks are resumed with after the retry, where the cause was in what came from outside; null: the same.</summary>
    public JsonObject? InputAfter { get; init; }
}

/// <summary>Parts of scenarios.</summary>
internal static class Parts
{
    public static string Seq(params string[] activities) => Named("s", activities);
    public static string Named(string id, params string[] activities) => Of("Elsa.Sequence", id, $"'activities':[{string.Join(',', activities)}]");
    public static string Wait(string id = "e") => Of("Elsa.Event", id, "'eventName':'go'");

    /// <summary>Writes the value of a script.</summary>
    public static string Say(string code, string id = "w") => Of("Elsa.WriteLine", id, $"'text':{Js(code)}");

    /// <summary>A script that fails until the instance is correlated, which is how a test takes the cause of a fault away.</summary>
    public static string Broken(string code) => Js($"if (getCorrelationId() == null) nobody.home; {code}");

    /// <summary>The one value until the instance is correlated, then the other: a cause that lies in a value and goes away.</summary>
    public static string Until(string bad, string good) => Js($"getCorrelationId() == null ? {bad} : {good}");

    /// <summary>A step that fails until the instance is correlated and then writes the line.</summary>
    public static string Bad(string line, string id = "bad") => Of("Elsa.WriteLine", id, $"'text':{Broken($"'{line}'")}");

    public static string Case(string label, string condition, string activity = "null") =>
        $$"""{"label":"{{label}}","condition":{"type":"JavaScript","value":{{JsonValue.Create(condition).ToJsonString()}} },"activity":{{activity}} }""";

    public static string CaseBroken(string label, string activity = "null") => Case(label, "if (getCorrelationId() == null) nobody.home; true", activity);
}
