using PpidWorkflow.Application.People;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tasks;

/// <summary>Cases: opened by a holder of step 1's role, listed, shown, cancelled.</summary>
public sealed class CaseRegister
{
    /// <summary>Definitions in force whose first step the actor may perform, with the inputs that a new case wants.</summary>
    public Task<IReadOnlyList<StartableDefinition>> StartableAsync(Actor actor, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<CaseView>> CreateAsync(Actor actor, NewCase request, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Page<CaseSummary>> ListAsync(Actor actor, CaseQuery query, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<CaseView>> GetAsync(Actor actor, Guid id, CancellationToken cancellation = default) => throw new NotSupportedException();
}

/// <summary>A definition from which the actor may open a case.</summary>
public sealed record StartableDefinition(string DefinitionId, int Version, string Name, IReadOnlyList<InputDefinition> Inputs);
