using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Engine.Execution;

/// <summary>Limits of the engine (configuration section <c>Engine</c>).</summary>
public sealed record EngineOptions
{
    /// <summary>Activities one burst may run before it is stopped as a fault; a loop that never yields must not hold a server.</summary>
    public int MaxActivitiesPerBurst { get; init; } = 10_000;
}

/// <summary>With what an instance starts. <paramref name="Now"/> is the host's UTC clock: the engine has none of its own.</summary>
public sealed record StartOptions(
    string InstanceId, DateTimeOffset Now, IReadOnlyDictionary<string, JsonNode?>? Input = null, string? CorrelationId = null, string? Name = null);

/// <summary>The engine: definition + state + stimulus give new state, bookmarks and journal. Thread-safe, no I/O.</summary>
public sealed class WorkflowRunner(EngineOptions options)
{
    public ValueTask<RunResult> StartAsync(CompiledWorkflow workflow, StartOptions start, CancellationToken cancellation = default) =>
        throw new NotSupportedException($"{workflow}{start}{options}{cancellation}");

    /// <summary>Resumes exactly the bookmark named; <see cref="BookmarkNotFoundException"/> where it stands no more.</summary>
    public ValueTask<RunResult> ResumeAsync(
        CompiledWorkflow workflow, WorkflowState state, string bookmarkId, JsonObject? input, DateTimeOffset now, CancellationToken cancellation = default) =>
        throw new NotSupportedException($"{workflow}{state}{bookmarkId}{input}{now}{cancellation}");

    /// <summary>Runs the activity of an incident again, and nothing that had finished.</summary>
    public ValueTask<RunResult> RetryAsync(
        CompiledWorkflow workflow, WorkflowState state, string incidentId, DateTimeOffset now, CancellationToken cancellation = default) =>
        throw new NotSupportedException($"{workflow}{state}{incidentId}{now}{cancellation}");

    /// <summary>Ends the instance as Cancelled; every bookmark is burnt.</summary>
    public ValueTask<RunResult> CancelAsync(
        CompiledWorkflow workflow, WorkflowState state, DateTimeOffset now, CancellationToken cancellation = default) =>
        throw new NotSupportedException($"{workflow}{state}{now}{cancellation}");
}

/// <summary>The bookmark was burnt already, or never stood.</summary>
public sealed class BookmarkNotFoundException(string bookmarkId) : Exception($"Bookmark {bookmarkId} does not stand; it was resumed or cancelled.");
