namespace PpidWorkflow.Engine.Execution;

/// <summary>Elsa's two statuses of an instance.</summary>
public enum WorkflowStatus
{
    Running,
    Finished
}

/// <summary>Elsa's finer status of an instance.</summary>
public enum WorkflowSubStatus
{
    Pending,
    Executing,
    Suspended,
    Finished,
    Cancelled,
    Faulted
}
