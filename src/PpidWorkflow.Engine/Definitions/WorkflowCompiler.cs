namespace PpidWorkflow.Engine.Definitions;

/// <summary>A definition made ready to run: compiled once per version, immutable, shared by all its instances.</summary>
public sealed class CompiledWorkflow
{
    public required WorkflowDefinition Definition { get; init; }

    /// <summary>SOP steps in the order of the flow, for timelines and forms; empty for a definition without any.</summary>
    public IReadOnlyList<SopStepOutline> SopSteps { get; init; } = [];
}

/// <summary>What is known of a step before it runs: literals of the definition.</summary>
public sealed record SopStepOutline(
    string ActivityId, string ActivityType, string Number, string Description, string PerformerRole, string? RecipientRole, string? RequiredInput,
    TimeSpan StandardTime, string? Output, string? Remarks);

/// <summary>Turns definitions into runnable workflows. Thread-safe; holds the activity catalog.</summary>
public sealed class WorkflowCompiler
{
    /// <exception cref="DefinitionInvalidException">The definition has errors; all of them are listed.</exception>
    public CompiledWorkflow Compile(WorkflowDefinition definition) => throw new NotSupportedException($"{this}{definition}");

    /// <summary>Everything that is wrong, errors and warnings; empty: fit to publish.</summary>
    public IReadOnlyList<DefinitionProblem> Validate(WorkflowDefinition definition) => throw new NotSupportedException($"{this}{definition}");
}

/// <summary>A definition that cannot be run.</summary>
public sealed class DefinitionInvalidException(IReadOnlyList<DefinitionProblem> problems)
    : Exception(string.Join(" ", problems.Select(p => p.Message)))
{
    public IReadOnlyList<DefinitionProblem> Problems { get; } = problems;
}
