using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Verbs;

/// <summary>
/// Says what is wrong in a definition file; needs neither configuration nor database. With <c>--office</c> also what only the office's
/// database knows: roles nobody holds, ladders that reach nobody.
/// </summary>
internal static class ValidateVerb
{
    public sealed record Finding(string Code, string? ActivityId, string Message, ProblemSeverity Severity);

    public sealed record Outcome(bool Ok, IReadOnlyList<Finding> Problems);

    public static async Task<int> RunAsync(VerbCall call)
    {
        var (definition, unreadable) = await ReadAsync(call.Operands[0]);
        var problems = definition is null ? unreadable
            : Findings(call.Options.ContainsKey("--office")
                ? await OfficeProblemsAsync(call, definition)
                : DefinitionCheck.ProblemsWithoutOffice(new WorkflowCompiler(), definition, new WorkingCalendar(CalendarData.Kalteng())));
        var outcome = new Outcome(problems.All(p => p.Severity != ProblemSeverity.Error), problems);
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

    /// <summary>The definition in a file, or why there is none.</summary>
    public static async Task<(WorkflowDefinition? Definition, IReadOnlyList<Finding> Problems)> ReadAsync(string path)
    {
        if (!File.Exists(path))
            return (null, [new Finding("file-not-found", null, $"Berkas '{path}' tidak ada.", ProblemSeverity.Error)]);
        try
        {
            return (DefinitionReader.Read(await File.ReadAllBytesAsync(path)), []);
        }
        catch (DefinitionInvalidException invalid)
        {
            return (null, Findings(invalid.Problems));
        }
    }

    private static async Task<IReadOnlyList<DefinitionProblem>> OfficeProblemsAsync(VerbCall call, WorkflowDefinition definition)
    {
        await using var app = ServiceHost.Build(call.Configuration, serves: false);
        await using var scope = app.Services.CreateAsyncScope();
        await StartUp.RequireCurrentDatabaseAsync(scope.ServiceProvider);
        return await scope.ServiceProvider.GetRequiredService<DefinitionCheck>().ProblemsAsync(definition);
    }
}
