using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Web.Verbs;

/// <summary>Says what is wrong in a definition file; needs neither configuration nor database.</summary>
internal static class ValidateVerb
{
    public sealed record Finding(string Code, string? ActivityId, string Message, ProblemSeverity Severity);

    public sealed record Outcome(bool Ok, IReadOnlyList<Finding> Problems);

    public static async Task<int> RunAsync(VerbCall call)
    {
        var outcome = await ExamineAsync(call.Operands[0]);
        if (call.Json)
        {
            await Console.Out.WriteLineAsync(Verb.Json(outcome));
        }
        else
        {
            foreach (var problem in outcome.Problems)
                await Console.Out.WriteLineAsync($"{problem.Severity} {problem.Code} {problem.ActivityId}: {problem.Message}");
            await Console.Out.WriteLineAsync(outcome.Ok ? "Definisi layak diterbitkan." : "Definisi belum layak diterbitkan.");
        }
        return outcome.Ok ? 0 : 1;
    }

    public static IReadOnlyList<Finding> Findings(IEnumerable<DefinitionProblem> problems) =>
        [.. problems.Select(p => new Finding(p.Code, p.ActivityId, p.Message, p.Severity))];

    private static async Task<Outcome> ExamineAsync(string path)
    {
        if (!File.Exists(path))
            return new Outcome(false, [new Finding("file-not-found", null, $"Berkas '{path}' tidak ada.", ProblemSeverity.Error)]);
        try
        {
            var problems = new WorkflowCompiler().Validate(DefinitionReader.Read(await File.ReadAllBytesAsync(path)));
            return new Outcome(problems.All(p => p.Severity != ProblemSeverity.Error), Findings(problems));
        }
        catch (DefinitionInvalidException invalid)
        {
            return new Outcome(false, Findings(invalid.Problems));
        }
    }
}
