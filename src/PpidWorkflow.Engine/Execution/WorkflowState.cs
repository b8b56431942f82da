namespace PpidWorkflow.Engine.Execution;

/// <summary>
/// State of one instance between bursts: small JSON, nothing in it that the definition already says. A value: the runner works on a copy.
/// </summary>
public sealed class WorkflowState
{
    public required string InstanceId { get; init; }
    public WorkflowStatus Status { get; set; }
    public WorkflowSubStatus SubStatus { get; set; }
    public string? CorrelationId { get; set; }
    public string? Name { get; set; }
    public List<Bookmark> Bookmarks { get; init; } = [];
    public List<Incident> Incidents { get; init; } = [];

    public string ToJson() => throw new NotSupportedException();

    public static WorkflowState FromJson(string json) => throw new NotSupportedException(json);
}
