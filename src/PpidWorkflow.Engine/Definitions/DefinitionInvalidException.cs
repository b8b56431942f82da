namespace PpidWorkflow.Engine.Definitions;

/// <summary>A definition that cannot be run.</summary>
public sealed class DefinitionInvalidException(IReadOnlyList<DefinitionProblem> problems)
    : Exception(string.Join(" ", problems.Select(p => p.Message)))
{
    public DefinitionInvalidException(string code, string message) : this([new DefinitionProblem(code, null, message)])
    {
    }

    public IReadOnlyList<DefinitionProblem> Problems { get; } = problems;
}
