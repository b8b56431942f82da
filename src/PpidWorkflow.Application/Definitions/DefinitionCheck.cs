using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// What stands against publishing a definition: what the compiler finds, and what only the office can know (a role nobody holds, a ladder
/// that reaches nobody).
/// </summary>
public sealed class DefinitionCheck(WorkflowCompiler compiler)
{
    /// <summary>Errors and warnings; empty: fit to be proposed.</summary>
    public Task<IReadOnlyList<DefinitionProblem>> ProblemsAsync(WorkflowDefinition definition, CancellationToken cancellation = default) =>
        Task.FromResult(compiler.Validate(definition));
}
