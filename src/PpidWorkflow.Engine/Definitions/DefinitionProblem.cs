namespace PpidWorkflow.Engine.Definitions;

/// <summary>
/// What is wrong in a definition. <paramref name="Code"/> is stable (verb <c>validate</c>, REST); <paramref name="Message"/> is Indonesian.
/// </summary>
/// <param name="Code">kebab-case, for example <c>unknown-activity-type</c>.</param>
/// <param name="ActivityId">The activity at fault, null where the definition as a whole is.</param>
/// <param name="Message">A sentence for the author, Indonesian.</param>
/// <param name="Severity">Errors refuse publication; warnings do not.</param>
public sealed record DefinitionProblem(string Code, string? ActivityId, string Message, ProblemSeverity Severity = ProblemSeverity.Error);

public enum ProblemSeverity
{
    Error,
    Warning
}
