using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// Runs a definition on a fake clock and tells who gets which task and which mail at which minute, over a night, a Friday and a holiday. The
/// real services do it, in an office of their own (<see cref="RehearsalOffice"/>). The same definition, officers, calendar and first day give
/// the same timetable.
/// </summary>
/// <param name="compiler">The service's own: the same activities and languages.</param>
/// <param name="calendar">The calendar in force.</param>
/// <param name="engine">The service's limits.</param>
public sealed class Rehearsal(WorkflowCompiler compiler, OfficeCalendar calendar, EngineOptions engine)
{
    private static readonly (RehearsalPath Path, RehearsalSpan Span)[] Paths =
    [
        (RehearsalPath.Main, RehearsalSpan.Night), (RehearsalPath.Returned, RehearsalSpan.FridayBreak), (RehearsalPath.Overdue, RehearsalSpan.Holiday)
    ];

    /// <param name="definition">Valid or not; with an error its problems are the whole answer.</param>
    /// <param name="roster">Null: one officer a role is assumed.</param>
    /// <param name="from">The first day that a path may begin on, the office's zone.</param>
    public async Task<RehearsalReport> RunAsync(
        WorkflowDefinition definition, RehearsalRoster? roster, DateOnly from, CancellationToken cancellation)
    {
        var steps = compiler.Survey(definition).SopSteps;
        var people = roster ?? RehearsalRoster.Assume(definition, steps);
        var report = new RehearsalReport
        {
            DefinitionId = definition.DefinitionId,
            Version = definition.Version,
            Name = definition.Name ?? definition.DefinitionId,
            ContentHash = DefinitionWriter.ContentHash(definition),
            From = from,
            HasAssumedOfficers = people.IsAssumed,
            HasSopSteps = steps.Count > 0,
            Problems = []
        };
        var timetables = new List<RehearsalTimetable>();
        foreach (var (path, span) in Paths)
        {
            var begin = RehearsalStarts.Of(span, calendar.Current, from);
            await using var office = await RehearsalOffice.OpenAsync(people, begin, compiler, calendar, engine, cancellation);
            if (timetables.Count == 0)
            {
                var problems = await office.AskAsync<DefinitionCheck, IReadOnlyList<DefinitionProblem>>(
                    c => c.ProblemsAsync(definition, cancellation));
                report = report with { Problems = problems };
                if (steps.Count == 0 || report.Problems.Any(p => p.Severity == ProblemSeverity.Error))
                    return report;
                var (_, missing) = RehearsalSample.Of(definition, calendar.Time.Today(begin));
                if (missing is not null)
                {
                    return report with
                    {
                        Problems =
                        [
                            .. report.Problems,
                            new DefinitionProblem(
                                "rehearsal-sample-missing", null,
                                $"Isian \"{missing}\" tidak dapat dicontohkan: beri nilai bawaan atau contoh (placeholder) yang memenuhi polanya.")
                        ]
                    };
                }
            }
            timetables.Add(await WalkAsync(office, definition, path, span, steps, cancellation));
        }
        return report with { Timetables = timetables };
    }

    private static async Task<RehearsalTimetable> WalkAsync(
        RehearsalOffice office, WorkflowDefinition definition, RehearsalPath path, RehearsalSpan span, IReadOnlyList<SopStepOutline> steps,
        CancellationToken cancellation)
    {
        var begin = office.Now;
        var walk = new RehearsalWalk(office, path, steps.Count, cancellation);
        var (end, detail) = await BeginAsync(office, definition, steps, walk, cancellation);
        return new RehearsalTimetable
        {
            Path = path,
            Span = span,
            BeginsAt = begin,
            BeginsAtLocalTime = office.Calendar.Time.DateAndTime(begin),
            Closed = walk.Rows.Count == 0 ? [] : office.Calendar.Current.Explain(begin, walk.Rows[^1].At),
            Rows = walk.Rows,
            End = end,
            EndDetail = detail
        };
    }

    private static async Task<(RehearsalEnd, string?)> BeginAsync(
        RehearsalOffice office, WorkflowDefinition definition, IReadOnlyList<SopStepOutline> steps, RehearsalWalk walk, CancellationToken cancellation)
    {
        var imported = await office.AskAsync<DefinitionSeeder, Result<ImportOutcome>>(s => s.ImportAsync(
            DefinitionWriter.Write(definition), sopSlug: null, publish: true, inForce: true, asId: "rehearsal", "rehearsal", cancellation));
        if (!imported.Succeeded)
            return (RehearsalEnd.Refused, imported.Problems[0].Code);
        if (imported.Value.State != RevisionState.InForce)
            return (RehearsalEnd.Refused, imported.Value.Problems.FirstOrDefault(p => p.Severity == ProblemSeverity.Error)?.Code);
        var holders = await office.AskAsync<OfficerDirectory, IReadOnlyList<Officer>>(d => d.HoldersOfAsync(steps[0].PerformerRole, cancellation));
        if (holders is not [var opener, ..])
            return (RehearsalEnd.Refused, "role-cannot-start-case");
        var (values, missing) = RehearsalSample.Of(definition, office.Calendar.Time.Today(office.Now));
        return values is null ? (RehearsalEnd.Refused, missing) : await walk.RunAsync(office.Actors[opener.Id], values);
    }
}

/// <summary>Lets few rehearse at a time: each holds a database in memory and works a processor. One a process.</summary>
public sealed class RehearsalRoom : IDisposable
{
    /// <summary>Rehearsals at once; others are told to wait.</summary>
    public const int Places = 2;

    /// <summary>A rehearsal takes a second or two; what takes longer than this is given up.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _free = new(Places, Places);

    /// <summary>A place, to be given back by disposing of it; null: all are taken.</summary>
    public IDisposable? TryEnter() => _free.Wait(0) ? new Place(_free) : null;

    public void Dispose() => _free.Dispose();

    private sealed class Place(SemaphoreSlim free) : IDisposable
    {
        private SemaphoreSlim? _free = free;

        public void Dispose() => Interlocked.Exchange(ref _free, null)?.Release();
    }
}

/// <summary>Rehearsals of the versions that the service keeps, with the office's own officers. Reads only.</summary>
public sealed class RehearsalDesk(PpidDbContext db, Rehearsal rehearsal, RehearsalRoom room, OfficeCalendar calendar, TimeProvider time)
{
    /// <summary>Who may rehearse: who may look into definitions.</summary>
    public static readonly string[] MayRehearse = [Roles.SopManager, Roles.UnitPpidHead, Roles.Auditor, Roles.Admin];

    /// <param name="from">The first day that a path may begin on; null: today.</param>
    public async Task<Result<RehearsalReport>> OfVersionAsync(
        Actor actor, string definitionId, int version, DateOnly? from, CancellationToken cancellation = default)
    {
        if (!MayRehearse.Any(actor.Is))
            return Problem.Forbidden("forbidden");
        var content = await db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == definitionId && v.Version == version)
            .Select(v => v.Content).SingleOrDefaultAsync(cancellation);
        if (content is null)
            return Problem.NotFound("definition-not-found");
        if (from is { } day && day.Year is < 2000 or > 2200)
            return Problem.Invalid("date-invalid", "from");
        using var place = room.TryEnter();
        if (place is null)
            return new Problem("rehearsal-busy", ProblemKind.Unavailable);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(RehearsalRoom.Longest);
        try
        {
            var roster = await RehearsalRoster.CopyAsync(db, limit.Token);
            var definition = DefinitionReader.ReadStored(content);
            // On a thread of the pool: it computes more than it waits, and the cancelled request must not wait for it.
            return await Task.Run(
                () => rehearsal.RunAsync(definition, roster, from ?? calendar.Time.Today(time.GetUtcNow()), limit.Token), limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Problem.Conflict("rehearsal-too-long", (int)RehearsalRoom.Longest.TotalSeconds);
        }
    }
}
