using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>A link of Elsa's answers: what is not linked is not offered.</summary>
internal sealed record ElsaLink(string Href, string Rel, string Method);

/// <summary>
/// Instances in the shapes that Studio reads (recorded in tests/Shared/elsa). Ids on the wire are the engine's; what an activity was given is
/// read from the definition and from the journal, never evaluated again; values of a case are hidden from who may not see it.
/// </summary>
internal static class InstanceShapes
{
    /// <summary>Stands where a value must not be told.</summary>
    public const string Hidden = "•••";

    /// <summary>How the name of a trial begins in lists.</summary>
    public const string TrialMark = "Uji coba";

    public static string Id(Guid id) => id.ToString("n");

    /// <summary>
    /// Of the definition that the viewer is to draw: a trial of a draft runs the draft as it stood, which is found under the trial's own id.
    /// </summary>
    private static string VersionId(WorkflowInstance row) => Id(row.TrialContent is null ? row.DefinitionVersionId : row.Id);

    /// <summary>Elsa's property bag.</summary>
    public static JsonObject Bag() => new() { ["_type"] = "ObjectMap" };

    public static object Summary(InstanceSummary instance, Actor actor) => new
    {
        Id = Id(instance.Id),
        instance.DefinitionId,
        DefinitionVersionId = Id(instance.DefinitionVersionId),
        instance.Version,
        instance.Status,
        instance.SubStatus,
        instance.CorrelationId,
        Name = Name(instance.IsTrial, instance.Name),
        IncidentCount = instance.OpenIncidents,
        instance.CreatedAt,
        instance.UpdatedAt,
        FinishedAt = Finished(instance.Status, instance.FinishedAt, instance.UpdatedAt),
        ParentWorkflowInstanceId = instance.ParentInstanceId is { } parent ? Id(parent) : null,
        Links = Links(instance.Id, instance.IsTrial, instance.IsRun, instance.Status, actor)
    };

    public static object Instance(InstanceView view, IReadOnlyList<ActivityRun> runs, Actor actor)
    {
        var row = view.Row;
        return new
        {
            Id = Id(row.Id),
            row.DefinitionId,
            DefinitionVersionId = VersionId(row),
            Version = row.DefinitionVersion,
            WorkflowState = State(view, runs),
            row.Status,
            row.SubStatus,
            IsExecuting = false,
            view.CorrelationId,
            Name = Name(row.IsTrial, view.ShowsValues ? row.Name : null),
            IncidentCount = row.OpenIncidents,
            IsSystem = false,
            row.CreatedAt,
            row.UpdatedAt,
            FinishedAt = Finished(row.Status, row.FinishedAt, row.UpdatedAt),
            ParentWorkflowInstanceId = row.ParentInstanceId is { } parent ? Id(parent) : null,
            Links = Links(row.Id, row.IsTrial, row.IsRun, row.Status, actor)
        };
    }

    public static object State(InstanceView view, IReadOnlyList<ActivityRun> runs)
    {
        var row = view.Row;
        var state = view.State;
        var sources = new ActivitySources(view.Workflow, view.State.Journaled);
        var nodes = runs.ToDictionary(r => r.Id, r => r.NodeId);
        return new
        {
            Id = Id(row.Id),
            row.DefinitionId,
            DefinitionVersionId = VersionId(row),
            row.DefinitionVersion,
            view.CorrelationId,
            row.Status,
            row.SubStatus,
            IsExecuting = false,
            Bookmarks = state.Bookmarks.Select(b => Bookmark(view, b)),
            Incidents = state.Incidents.Select(i => Incident(view, i)),
            IsSystem = false,
            CompletionCallbacks = state.GetExecutions().Where(e => e.CompletionCallback is not null).Select(e => new
            {
                OwnerInstanceId = e.ParentId,
                ChildNodeId = view.Workflow.FindNodeId(e.ActivityId) ?? e.ActivityId,
                MethodName = e.CompletionCallback
            }),
            // The workflow's own stays when it has ended: it holds the variables as they were left.
            ActivityExecutionContexts = runs.Where(r => r.CompletedAt is null || r.ParentId is null).Reverse().Select(r => new
            {
                r.Id,
                CallStackDepth = r.Depth,
                ParentContextId = r.ParentId,
                ScheduledActivityNodeId = r.NodeId,
                OwnerActivityNodeId = r.ParentId is null ? null : nodes.GetValueOrDefault(r.ParentId),
                Properties = r.ParentId is null ? new JsonObject { ["Variables"] = Values(view) } : [],
                Metadata = new JsonObject(),
                ActivityState = sources.Inputs(r.ActivityId, Shown(view, r.Values)) ?? [],
                DynamicVariables = Array.Empty<object>(),
                r.Status,
                IsExecuting = false,
                FaultCount = r.Faults,
                r.StartedAt,
                r.CompletedAt
            }),
            ScheduledActivities = Array.Empty<object>(),
            ExecutionLogSequence = state.JournalSequence,
            Input = Values(view, state.Input),
            Output = Values(view, state.Output),
            ParentWorkflowInstanceId = row.ParentInstanceId is { } parent ? Id(parent) : null,
            Properties = Properties(row),
            row.CreatedAt,
            row.UpdatedAt,
            FinishedAt = Finished(row.Status, row.FinishedAt, row.UpdatedAt)
        };
    }

    private static JsonObject Properties(WorkflowInstance row)
    {
        var properties = row.IsTrial ? new JsonObject { ["Trial"] = true, ["StartedBy"] = row.StartedBy } : [];
        // As Elsa tells a child from others.
        if (row.ParentInstanceId is { } parent)
            properties["ParentInstanceId"] = Id(parent);
        if (row.ReportsTo is not null)
            properties["WaitForCompletion"] = true;
        return properties;
    }

    /// <summary>A line of the journal; its id says which one it is.</summary>
    public static object Line(InstanceView view, JournalRow line) => new
    {
        Id = $"{Id(line.InstanceId)}-j{line.Sequence}",
        line.ActivityInstanceId,
        line.ParentActivityInstanceId,
        line.ActivityId,
        line.ActivityType,
        ActivityTypeVersion = 1,
        ActivityName = view.Workflow.FindActivity(line.ActivityId)?.Name,
        NodeId = view.Workflow.FindNodeId(line.ActivityId) ?? line.ActivityId,
        Timestamp = line.At,
        line.Sequence,
        line.EventName,
        Message = Message(view, line.ActivityType, line.Message),
        Payload = Payload(view, line.Payload)
    };

    /// <summary>The same line as an export tells it.</summary>
    public static object Record(InstanceView view, JournalRow line) => new
    {
        WorkflowDefinitionId = view.Row.DefinitionId,
        WorkflowDefinitionVersionId = VersionId(view.Row),
        WorkflowInstanceId = Id(view.Row.Id),
        WorkflowVersion = view.Row.DefinitionVersion,
        line.ActivityInstanceId,
        line.ParentActivityInstanceId,
        line.ActivityId,
        line.ActivityType,
        ActivityTypeVersion = 1,
        ActivityName = view.Workflow.FindActivity(line.ActivityId)?.Name,
        ActivityNodeId = view.Workflow.FindNodeId(line.ActivityId) ?? line.ActivityId,
        Timestamp = line.At,
        line.Sequence,
        line.EventName,
        Message = Message(view, line.ActivityType, line.Message),
        Payload = Payload(view, line.Payload),
        Id = $"{Id(line.InstanceId)}-j{line.Sequence}"
    };

    /// <summary>An execution without what it was given and what came of it.</summary>
    public static object RunSummary(InstanceView view, ActivityRun run) => new
    {
        WorkflowInstanceId = Id(view.Row.Id),
        run.ActivityId,
        ActivityNodeId = run.NodeId,
        run.ActivityType,
        ActivityTypeVersion = 1,
        run.ActivityName,
        run.StartedAt,
        run.HasBookmarks,
        run.Status,
        Metadata = Bag(),
        AggregateFaultCount = run.Faults,
        run.CompletedAt,
        run.Id
    };

    public static IEnumerable<object> Runs(InstanceView view, IReadOnlyList<ActivityRun> all, IEnumerable<ActivityRun> shown)
    {
        var sources = new ActivitySources(view.Workflow, view.State.Journaled);
        var activities = all.ToDictionary(r => r.Id, r => r.ActivityId);
        foreach (var run in shown)
        {
            var incident = view.State.Incidents.FirstOrDefault(i => i.ActivityInstanceId == run.Id);
            var properties = Bag();
            if (run.ParentId is null)
                properties.Insert(0, "Variables", Values(view));
            yield return new
            {
                WorkflowInstanceId = Id(view.Row.Id),
                run.ActivityId,
                ActivityNodeId = run.NodeId,
                run.ActivityType,
                ActivityTypeVersion = 1,
                run.ActivityName,
                ActivityState = sources.Inputs(run.ActivityId, Shown(view, run.Values)),
                Payload = Payload(view, run.Outcome),
                Outputs = run.ParentId is null ? new JsonObject { ["Result"] = null } : sources.Outputs(run.ActivityId, Shown(view, run.Values)),
                Properties = properties,
                Metadata = Bag(),
                Exception = incident is null ? null : Exception(view, incident),
                run.StartedAt,
                run.HasBookmarks,
                run.Status,
                AggregateFaultCount = run.Faults,
                run.CompletedAt,
                SchedulingActivityExecutionId = run.ParentId,
                SchedulingActivityId = run.ParentId is null ? null : activities.GetValueOrDefault(run.ParentId),
                CallStackDepth = run.Depth,
                run.Id,
                TenantId = ""
            };
        }
    }

    public static object Stats(NodeStats node) => new
    {
        node.ActivityId,
        ActivityNodeId = node.NodeId,
        StartedCount = node.Started,
        CompletedCount = node.Completed,
        UncompletedCount = node.Uncompleted,
        node.IsBlocked,
        node.IsFaulted,
        AggregateFaultCount = node.Faults,
        Metadata = Bag()
    };

    public static IEnumerable<object> Variables(InstanceView view)
    {
        var values = view.State.GetVariables(view.Workflow);
        return view.Workflow.Definition.Variables.Select(v => new
        {
            v.Id,
            v.Name,
            Value = Value(view, values.GetValueOrDefault(v.Name))
        });
    }

    public static object Exception(InstanceView? view, Incident incident) =>
        new { Type = incident.Code, Message = Message(view, incident.ActivityType, incident.Message) };

    private static JsonObject Bookmark(InstanceView view, Bookmark bookmark)
    {
        var payload = bookmark.Payload?.DeepClone().AsObject() ?? [];
        // A SOP task says what the definition says; whatever else waits may have been told about the matter.
        if (!view.ShowsValues && bookmark.Name != Engine.Activities.Human.SopTask.StimulusName)
            payload = new JsonObject(payload.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Hidden)));
        if (bookmark.Name == "Elsa.RunTask")
        {
            payload.Insert(0, "taskId", bookmark.Id);
            payload.Remove("payload");
        }
        var shape = new JsonObject
        {
            ["id"] = bookmark.Id,
            ["name"] = bookmark.Name,
            ["hash"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{bookmark.Name}:{payload.ToJsonString()}"))),
            ["payload"] = payload,
            ["activityId"] = bookmark.ActivityId,
            ["activityNodeId"] = bookmark.ActivityNodeId,
            ["activityInstanceId"] = bookmark.ActivityInstanceId,
            ["createdAt"] = bookmark.CreatedAt,
            ["autoBurn"] = true,
            ["autoComplete"] = true
        };
        if (bookmark.Callback is not null)
            shape["callbackMethodName"] = bookmark.Callback;
        return shape;
    }

    private static object Incident(InstanceView view, Incident incident) => new
    {
        incident.ActivityId,
        incident.ActivityNodeId,
        incident.ActivityInstanceId,
        incident.ActivityType,
        Message = Message(view, incident.ActivityType, incident.Message),
        Exception = Exception(view, incident),
        Timestamp = incident.At
    };

    private static ExecutionValues? Shown(InstanceView view, ExecutionValues? values) => view.ShowsValues ? values : null;

    private static JsonObject Values(InstanceView view)
    {
        var values = view.State.GetVariables(view.Workflow);
        return new JsonObject(view.Workflow.Definition.Variables.DistinctBy(v => v.Id)
            .Select(v => KeyValuePair.Create(v.Id, Value(view, values.GetValueOrDefault(v.Name)))).Where(v => v.Value is not null));
    }

    private static JsonObject Values(InstanceView view, IReadOnlyDictionary<string, JsonNode?> values) =>
        new(values.Select(v => KeyValuePair.Create(v.Key, Value(view, v.Value))));

    private static JsonNode? Value(InstanceView view, JsonNode? value) =>
        value is null ? null : view.ShowsValues ? value.DeepClone() : Hidden;

    private static JsonObject? Payload(InstanceView view, string? payload)
    {
        if (JournalPayload.TellableOf(payload) is not { } told)
            return null;
        if (view.ShowsValues)
            return told;
        return told["Outcomes"] is { } outcomes ? new JsonObject { ["Outcomes"] = outcomes.DeepClone() } : null;
    }

    // The engine's own messages never repeat a value; this one is worded by an expression of the author's.
    private static string? Message(InstanceView? view, string activityType, string? message) =>
        message is not null && view is { ShowsValues: false } && activityType == "Elsa.Fault" ? Hidden : message;

    private static string? Name(bool isTrial, string? name) => !isTrial ? name : name is null ? TrialMark : $"{TrialMark}: {name}";

    // Elsa calls a faulted instance finished; ours waits for a retry.
    private static DateTimeOffset? Finished(WorkflowStatus status, DateTimeOffset? finishedAt, DateTimeOffset updatedAt) =>
        status == WorkflowStatus.Finished ? finishedAt ?? updatedAt : null;

    private static List<ElsaLink> Links(Guid id, bool isTrial, bool isRun, WorkflowStatus status, Actor actor)
    {
        var links = new List<ElsaLink> { new($"/workflow-instances/{Id(id)}", "self", "GET") };
        if (!(isTrial || isRun) || !actor.Is(Roles.SopManager))
            return links;
        if (status == WorkflowStatus.Running)
            links.Add(new ElsaLink($"/cancel/workflow-instances/{Id(id)}", "cancel", "POST"));
        if (isTrial)
            links.Add(new ElsaLink($"/workflow-instances/{Id(id)}", "delete", "DELETE"));
        return links;
    }
}
