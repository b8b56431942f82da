using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Execution;

/// <summary>
/// State of one instance between bursts: small JSON, nothing in it that the definition already says. A value: the runner works on a copy.
/// Nodes held here are never changed, only replaced, so copies may share them.
/// </summary>
public sealed class WorkflowState
{
    public required string InstanceId { get; init; }
    public WorkflowStatus Status { get; set; }
    public WorkflowSubStatus SubStatus { get; set; }
    public string? CorrelationId { get; set; }
    public string? Name { get; set; }

    [JsonInclude]
    public List<Bookmark> Bookmarks { get; internal set; } = [];

    [JsonInclude]
    public List<Incident> Incidents { get; internal set; } = [];

    /// <summary>Inputs given at the start, by the names of the definition.</summary>
    [JsonInclude]
    public Dictionary<string, JsonNode?> Input { get; internal set; } = [];

    /// <summary>Outputs of the workflow that <c>Elsa.SetOutput</c> has set.</summary>
    [JsonInclude]
    public Dictionary<string, JsonNode?> Output { get; internal set; } = [];

    /// <summary>Sequence number of the next journal entry; entries count from 0 over all bursts.</summary>
    public long JournalSequence { get; set; }

    /// <summary>Activity executions that are neither complete nor cancelled, parents before children.</summary>
    [JsonInclude]
    internal List<ActivityExecutionState> Activities { get; set; } = [];

    /// <summary>Work left over by a burst that met its limit; empty otherwise.</summary>
    [JsonInclude]
    internal List<ScheduledActivity> Scheduled { get; set; } = [];

    /// <summary>Latest outputs by activity id, then output name.</summary>
    [JsonInclude]
    internal Dictionary<string, Dictionary<string, JsonNode?>> ActivityOutputs { get; set; } = [];

    [JsonInclude]
    internal string? LastResultActivityId { get; set; }

    /// <summary>Source of ids: bookmarks, executions and incidents draw from it, so that a repeated burst gives the same ids.</summary>
    [JsonInclude]
    internal long Counter { get; set; }

    /// <summary>What the journal may hold of evaluated inputs and of outputs.</summary>
    [JsonInclude]
    public JournaledValues Journaled { get; internal set; }

    /// <summary>Values for the journal of executions under way, by execution; they become part of its last line.</summary>
    [JsonInclude]
    internal Dictionary<string, ExecutionValues>? Values { get; set; }

    public string ToJson() => JsonSerializer.Serialize(this, WorkflowStateFormat.TypeInfo);

    /// <exception cref="JsonException">The text is not a state.</exception>
    public static WorkflowState FromJson(string json) =>
        JsonSerializer.Deserialize(json, WorkflowStateFormat.TypeInfo) ?? throw new JsonException("A workflow state is never null.");

    /// <summary>Values of the workflow's own variables as they stand, by name; for the instance viewer.</summary>
    public IReadOnlyDictionary<string, JsonNode?> GetVariables(Definitions.CompiledWorkflow workflow)
    {
        var values = Activities.FirstOrDefault(a => a.ParentId is null)?.Variables ?? FinalVariables;
        return workflow.Definition.Variables.ToDictionary(
            v => v.Name,
            v => values is not null && values.TryGetValue(v.Id, out var value)
                ? value
                : TypeAliases.Coerce(v.Value, v.TypeName, v.IsArray));
    }

    /// <summary>Activity executions under way, parents before children; what has ended is in the journal only.</summary>
    public IReadOnlyList<ActivityExecution> GetExecutions() =>
        [.. Activities.Select(a => new ActivityExecution(a.Id, a.ActivityId, a.ParentId, a.Status, a.CompletionCallback, a.Properties ?? []))];

    /// <summary>Values of an execution under way, as far as the journal may hold them; null: none.</summary>
    public ExecutionValues? GetValues(string executionId) => Values?.GetValueOrDefault(executionId);

    /// <summary>This state, with nothing more for the journal from now on: what comes to it may be confidential.</summary>
    public WorkflowState WithoutValues()
    {
        var copy = Copy();
        copy.Journaled = JournaledValues.None;
        return copy;
    }

    /// <summary>Latest outputs of an activity by name; empty where it has set none.</summary>
    public IReadOnlyDictionary<string, JsonNode?> GetOutputs(string activityId) => ActivityOutputs.GetValueOrDefault(activityId) ?? [];

    /// <summary>
    /// This state with another value of one of the workflow's variables; null where there is no such variable, it lives in memory only, or
    /// the instance has ended.
    /// </summary>
    /// <exception cref="ActivityFaultException">The value does not fit the variable's type.</exception>
    public WorkflowState? WithVariable(Definitions.CompiledWorkflow workflow, string nameOrId, JsonNode? value)
    {
        var variable = workflow.Definition.Variables.FirstOrDefault(v => v.Id == nameOrId || v.Name == nameOrId);
        var copy = Copy();
        if (variable is null || variable.IsInMemory() || copy.Activities.Find(a => a.ParentId is null) is not { } root)
            return null;
        (root.Variables ??= [])[variable.Id] = TypeAliases.Coerce(value?.DeepClone(), variable.TypeName, variable.IsArray);
        return copy;
    }

    /// <summary>Values of the workflow's variables when it ended.</summary>
    [JsonInclude]
    internal Dictionary<string, JsonNode?>? FinalVariables { get; set; }

    /// <summary>
    /// This state, with ids and journal numbers going on from a later one: a host that takes an act back must not see ids given out twice.
    /// </summary>
    public WorkflowState WithCountersOf(WorkflowState later)
    {
        var copy = Copy();
        copy.Counter = Math.Max(Counter, later.Counter);
        copy.JournalSequence = Math.Max(JournalSequence, later.JournalSequence);
        return copy;
    }

    internal WorkflowState Copy() => new()
    {
        InstanceId = InstanceId,
        Status = Status,
        SubStatus = SubStatus,
        CorrelationId = CorrelationId,
        Name = Name,
        Bookmarks = [.. Bookmarks],
        Incidents = [.. Incidents],
        Input = new(Input),
        Output = new(Output),
        JournalSequence = JournalSequence,
        Activities = [.. Activities.Select(a => a.Copy())],
        Scheduled = [.. Scheduled],
        ActivityOutputs = ActivityOutputs.ToDictionary(o => o.Key, o => new Dictionary<string, JsonNode?>(o.Value)),
        LastResultActivityId = LastResultActivityId,
        Counter = Counter,
        FinalVariables = FinalVariables,
        Journaled = Journaled,
        Values = Values?.ToDictionary(v => v.Key, v => v.Value.Copy())
    };
}

/// <summary>One execution of an activity that is under way.</summary>
/// <param name="Id">Of this execution.</param>
/// <param name="ActivityId">The activity in the definition.</param>
/// <param name="ParentId">The execution around it; null: the workflow's own.</param>
/// <param name="Status">Running or Faulted.</param>
/// <param name="CompletionCallback">Method of the parent activity that is called when it completes.</param>
/// <param name="Properties">What the activity keeps between bursts.</param>
public sealed record ActivityExecution(
    string Id, string ActivityId, string? ParentId, ActivityStatus Status, string? CompletionCallback,
    IReadOnlyDictionary<string, JsonNode?> Properties);

/// <summary>One execution of an activity, as far as it must outlive the burst.</summary>
internal sealed class ActivityExecutionState
{
    public required string Id { get; init; }
    public required string ActivityId { get; init; }
    public string? ParentId { get; init; }
    public ActivityStatus Status { get; set; }

    /// <summary>Method of the parent activity that is called when this execution completes.</summary>
    public string? CompletionCallback { get; init; }

    /// <summary>What the parent gave to know this execution by.</summary>
    public string? Tag { get; init; }

    public Dictionary<string, JsonNode?>? Properties { get; set; }

    /// <summary>Values of the variables that live here, by variable id.</summary>
    public Dictionary<string, JsonNode?>? Variables { get; set; }

    /// <summary>Of a faulted execution: what to run again.</summary>
    public FaultedAttempt? Faulted { get; set; }

    public ActivityExecutionState Copy() => new()
    {
        Id = Id,
        ActivityId = ActivityId,
        ParentId = ParentId,
        Status = Status,
        CompletionCallback = CompletionCallback,
        Tag = Tag,
        Properties = Properties is null ? null : new(Properties),
        Variables = Variables is null ? null : new(Variables),
        Faulted = Faulted
    };
}

/// <summary>An activity that waits for its turn in the burst.</summary>
internal readonly record struct ScheduledActivity(
    string ParentId, string ActivityId, string? CompletionCallback, string? Tag, Dictionary<string, JsonNode?>? Variables);

/// <summary>
/// One call into an activity, told so that it can be repeated: its first execution (no <see cref="Callback"/>), a bookmark's callback with
/// the input it was resumed with, or the completion callback for a child.
/// </summary>
internal readonly record struct Attempt(string? Callback = null, JsonObject? Input = null, ChildCompletion? Child = null, string? BookmarkId = null);

/// <summary>An <see cref="Attempt"/> that failed, as it is stored.</summary>
internal sealed record FaultedAttempt(string? Callback = null, JsonObject? Input = null, ChildCompletion? Child = null, string? BookmarkId = null)
{
    public static FaultedAttempt Of(Attempt attempt) => new(attempt.Callback, attempt.Input, attempt.Child, attempt.BookmarkId);

    public Attempt Again() => new(Callback, Input, Child, BookmarkId);
}

/// <summary>A child's completion, as its parent is told of it.</summary>
internal readonly record struct ChildCompletion(ActivityExecutionState Execution, string[] Outcomes);

/// <summary>Elsa's statuses of one execution of an activity.</summary>
public enum ActivityStatus
{
    Running,
    Completed,
    Canceled,
    Faulted
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(WorkflowState))]
internal sealed partial class WorkflowStateJson : JsonSerializerContext;

/// <summary>
/// How a state is written. Empty collections are left out too: most states have no incident, no output and nothing scheduled.
/// </summary>
internal static class WorkflowStateFormat
{
    internal static JsonTypeInfo<WorkflowState> TypeInfo { get; } =
        (JsonTypeInfo<WorkflowState>)new JsonSerializerOptions(WorkflowStateJson.Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = WorkflowStateJson.Default.WithAddedModifier(static type =>
            {
                foreach (var property in type.Properties)
                    if (property.PropertyType.IsAssignableTo(typeof(ICollection))
                        || property.PropertyType.Name.StartsWith("Dictionary", StringComparison.Ordinal))
                        property.ShouldSerialize = static (_, value) => value is ICollection { Count: > 0 };
            })
        }.GetTypeInfo(typeof(WorkflowState));
}
