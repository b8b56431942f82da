namespace PpidWorkflow.Engine.Definitions;

/// <summary>Another definition, as an activity names it (Elsa contract: WorkflowDefinitionActivity).</summary>
/// <param name="DefinitionId">Which definition.</param>
/// <param name="VersionId">Id of the very version (<c>workflowDefinitionVersionId</c>); null: <paramref name="Version"/> says it.</param>
/// <param name="Version">Number of the version: where no id is written, or where it is another database's.</param>
public sealed record WorkflowReference(string DefinitionId, string? VersionId, int Version);

/// <summary>Where the compiler finds definitions that others use as activities.</summary>
public interface IWorkflowLibrary
{
    /// <summary>
    /// The version meant, by its id, else by its number. Only one that is in force or was, since those never change: what uses it stays what it
    /// was when it was approved. Null: there is none. Thread-safe.
    /// </summary>
    WorkflowDefinition? Find(WorkflowReference reference);
}

/// <summary>A library without any definition.</summary>
internal sealed class NoWorkflows : IWorkflowLibrary
{
    public WorkflowDefinition? Find(WorkflowReference reference) => null;
}
