using System.Globalization;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Web.Pages;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>Definitions, their revisions and the migration of running cases.</summary>
internal static class Definitions
{
    private const string Version = "/{definitionId}/versions/{version:int}";

    public sealed record ProposalBody(string? Reason, int? RevisionNumber, DateOnly? RevisedOn, string? ContentHash);

    public sealed record ReasonBody(string? Reason);

    /// <param name="ContentHash">Of the version as it was read: exactly that is approved.</param>
    /// <param name="EffectiveAt">An instant with its zone; null: at once.</param>
    public sealed record ApprovalBody(string? ContentHash, string? EffectiveAt);

    /// <param name="ToVersion">The version in force, as the dry run gave it.</param>
    /// <param name="Cases">Those to move, each with the revision that the dry run gave.</param>
    public sealed record MigrationBody(int? ToVersion, IReadOnlyList<MigrationOrder?>? Cases);

    /// <param name="Text">The same as a sentence, in the caller's language.</param>
    public sealed record ChangeBody(string Code, string? ActivityId, string? Subject, string? Before, string? After, string Text);

    /// <param name="Fate">same, changed, added, removed, movedAway, movedHere.</param>
    /// <param name="Before">Activity id of the row in the other version.</param>
    /// <param name="After">Activity id of the row in this version.</param>
    public sealed record RowBody(SopRowFate Fate, string? Before, string? After, IReadOnlyList<string> Changed);

    public sealed record RevisionBody(
        RevisionSummary Version, int? ComparedWith, IReadOnlyList<ChangeBody> Changes, IReadOnlyList<RowBody> Rows,
        IReadOnlyList<DefinitionProblem> Problems, IReadOnlyList<RunningCase> Running, int RunningCases, IReadOnlyList<string> Actions,
        IReadOnlyDictionary<string, string> Identity);

    public sealed record ObstacleBody(string Code, string Detail);

    public sealed record PreviewBody(
        Guid CaseId, string Number, int Revision, int FromVersion, string? Step, DateTimeOffset Since, bool Moves,
        IReadOnlyList<ObstacleBody> Obstacles, IReadOnlyList<string> Ahead, IReadOnlyList<string> Skipped);

    public sealed record DryRunBody(string DefinitionId, int ToVersion, IReadOnlyList<PreviewBody> Items, string? Next);

    public sealed record OutcomeBody(Guid CaseId, string? Number, bool Moved, IReadOnlyList<ObstacleBody> Obstacles);

    public static void Map(RouteGroupBuilder definitions)
    {
        definitions.MapGet("", ListAsync).Answers<Page<DefinitionSummary>>("Definitions with what is in force and what is open");
        definitions.MapGet("/{definitionId}", HistoryAsync).Answers<DefinitionHistory>("Versions of a definition with who, when and why, the newest first");
        definitions.MapGet("/{definitionId}/running", RunningAsync).Answers<Page<RunningCase>>("Cases that have not ended and where each stands");
        definitions.MapGet(Version, GetAsync).Answers<RevisionBody>("A version, what it changes against the one in force, and where running cases stand");
        Act<ProposalBody>(definitions, "propose", "Freezes a draft and puts it before the head of the unit",
            (desk, actor, id, version, body, c) => desk.ProposeAsync(
                actor, id, version, new ProposalDetails(body.Reason, body.RevisionNumber, body.RevisedOn, body.ContentHash), c));
        Act<ReasonBody>(definitions, "explain", "Gives the reason of a proposed revision",
            (desk, actor, id, version, body, c) => desk.ExplainAsync(actor, id, version, body.Reason, c));
        Act<ReasonBody>(definitions, "withdraw", "Takes a revision back before it is in force",
            (desk, actor, id, version, body, c) => desk.WithdrawAsync(actor, id, version, body.Reason, c));
        Act<ApprovalBody>(definitions, "approve", "Approves a proposed revision, at once or from an instant to come",
            async (desk, actor, id, version, body, c) => Instant(body.EffectiveAt) is { Succeeded: true } at
                ? await desk.ApproveAsync(actor, id, version, body.ContentHash, at.Value, c)
                : Instant(body.EffectiveAt).As<DefinitionVersion>());
        Act<ReasonBody>(definitions, "reject", "Refuses a proposed revision, with the reason",
            (desk, actor, id, version, body, c) => desk.RejectAsync(actor, id, version, body.Reason, c));
        definitions.MapGet("/{definitionId}/migration", DryRunAsync)
            .Answers<DryRunBody>("Says of each running case on another version what moving it to the version in force would do; changes nothing");
        definitions.MapPost("/{definitionId}/migration", MigrateAsync).Accepts<MigrationBody>("application/json")
            .Answers<Page<OutcomeBody>>("Moves the cases named, one commit each; each says what became of it");
    }

    private static void Act<TBody>(
        RouteGroupBuilder definitions, string act, string summary,
        Func<RevisionDesk, Actor, string, int, TBody, CancellationToken, Task<Result<DefinitionVersion>>> change)
        where TBody : class =>
        definitions.MapPost($"{Version}/{act}", (string definitionId, int version, ApiCall call, RevisionDesk desk, CancellationToken cancellation) =>
                call.ChangeAsync<TBody, DefinitionVersion>(
                    (actor, body) => change(desk, actor, definitionId, version, body, cancellation),
                    changed => TypedResults.Ok(RevisionReader.Summary(changed))))
            .Accepts<TBody>(isOptional: true, "application/json").Answers<RevisionSummary>(summary);

    private static Task<IResult> ListAsync(ApiCall call, RevisionReader reader, CancellationToken cancellation) =>
        call.ReadAsync(actor => reader.ListAsync(actor, cancellation), list => new Page<DefinitionSummary>(list, null));

    private static Task<IResult> HistoryAsync(string definitionId, ApiCall call, RevisionReader reader, CancellationToken cancellation) =>
        call.ReadAsync(actor => reader.HistoryAsync(actor, definitionId, cancellation));

    private static Task<IResult> RunningAsync(
        string definitionId, ApiCall call, RevisionReader reader, CancellationToken cancellation, string? after = null, string? pageSize = null) =>
        call.ReadAsync(async actor => ApiCall.PageSize(pageSize) is { Succeeded: true } size
            ? await reader.RunningAsync(actor, definitionId, after, size.Value, cancellation)
            : ApiCall.PageSize(pageSize).As<Page<RunningCase>>());

    private static Task<IResult> GetAsync(
        string definitionId, int version, ApiCall call, RevisionReader reader, Words words, CancellationToken cancellation) =>
        call.ReadAsync(actor => reader.GetAsync(actor, definitionId, version, cancellation), view => new RevisionBody(
            view.Version, view.ComparedWith,
            [.. view.Changes.Select(c => new ChangeBody(c.Code, c.ActivityId, c.Subject, c.Before, c.After, words.Change(c)))],
            [.. view.Rows.Select(r => new RowBody(
                r.Fate, r.Before?.ActivityId, r.After?.ActivityId, [.. r.Changed.Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName)]))],
            view.Problems, view.Running, view.RunningCases, view.Actions, view.Identity));

    private static Task<IResult> DryRunAsync(
        string definitionId, ApiCall call, CaseMigration migration, CancellationToken cancellation, string? after = null, string? pageSize = null) =>
        call.ReadAsync(
            async actor => ApiCall.PageSize(pageSize) is { Succeeded: true } size
                ? await migration.DryRunAsync(actor, definitionId, after, size.Value, cancellation)
                : ApiCall.PageSize(pageSize).As<MigrationDryRun>(),
            run => new DryRunBody(
                run.DefinitionId, run.ToVersion,
                [.. run.Cases.Select(c => new PreviewBody(
                    c.CaseId, c.Number, c.Revision, c.FromVersion, c.Step, c.Since, c.Obstacles.Count == 0, Bodies(c.Obstacles), c.Ahead, c.Skipped))],
                run.Next));

    private static Task<IResult> MigrateAsync(string definitionId, ApiCall call, CaseMigration migration, CancellationToken cancellation) =>
        call.ChangeAsync<MigrationBody, IReadOnlyList<MigrationOutcome>>(
            async (actor, body) => body.Cases?.Any(order => order is null) == true
                ? Problem.Invalid("wrong-type", "cases")
                : await migration.CarryOutAsync(actor, definitionId, body.ToVersion, [.. body.Cases?.OfType<MigrationOrder>() ?? []], cancellation),
            outcomes => TypedResults.Ok(new Page<OutcomeBody>(
                [.. outcomes.Select(o => new OutcomeBody(o.CaseId, o.Number, o.Moved, Bodies(o.Problems)))], null)));

    private static List<ObstacleBody> Bodies(IReadOnlyList<Problem> problems) =>
        [.. problems.Select(p => new ObstacleBody(p.Code, Resources.Problems.Sentence(p)))];

    private static Result<DateTimeOffset?> Instant(string? given)
    {
        if (string.IsNullOrWhiteSpace(given))
            return (DateTimeOffset?)null;
        return DateTimeOffset.TryParse(given, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at.Year is >= 2000 and <= 9000
            ? at
            : Problem.Invalid("instant-invalid", "effectiveAt");
    }
}
