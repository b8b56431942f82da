using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Runtime;

/// <summary>
/// Timers of instances (Delay, Timer, Cron, StartAt): a bookmark whose row has a due instant. The row commits with the burst that waits and goes
/// with the one that goes on or cancels the wait, so that there is no second list of timers that could keep one too many. Burning the bookmark is
/// the claim: of two nodes or a restart only one burns it. <see cref="TimeStandards.AlarmRinger"/> asks and serves; never early.
/// </summary>
public sealed class InstanceTimers(
    PpidDbContext db, Committer committer, WorkflowRuntime runtime, PutOff putOff, TimeProvider time, ILogger<InstanceTimers> logger)
{
    /// <summary>Due instants, earliest first, of those that are not left alone for now.</summary>
    internal IQueryable<DateTimeOffset?> Due()
    {
        var timers = db.Bookmarks.Where(b => b.DueAt != null);
        if (putOff.At(time.Now()) is { Count: > 0 } away)
            timers = timers.Where(b => !away.Contains(b.Id));
        return timers.OrderBy(b => b.DueAt).Select(b => b.DueAt);
    }

    /// <summary>When the first of those that are left alone is looked at again; null: there are none.</summary>
    internal DateTimeOffset? NextTrial => putOff.Next(time.Now());

    /// <summary>Resumes what is due, a commit each so that one instance's fault is its own; says how many were served.</summary>
    /// <exception cref="InvalidOperationException">The store takes no commit: asking again at once would only hammer it.</exception>
    public async Task<int> ResumeAsync(int most, CancellationToken cancellation)
    {
        var now = time.Now();
        var away = putOff.At(now);
        var due = await db.Bookmarks.AsNoTracking().Where(b => b.DueAt <= now && !away.Contains(b.Id)).OrderBy(b => b.DueAt).Take(most)
            .Select(b => new { b.Id, b.InstanceId }).ToListAsync(cancellation);
        var served = 0;
        foreach (var timer in due)
            served += await ResumeAsync(timer.Id, timer.InstanceId, cancellation) ? 1 : 0;
        return served;
    }

    private async Task<bool> ResumeAsync(string bookmarkId, Guid instanceId, CancellationToken cancellation)
    {
        Problem problem;
        try
        {
            var resumed = await committer.RunAsync<bool>(async () =>
            {
                // A trial may have been removed meanwhile.
                if (await db.Instances.SingleOrDefaultAsync(i => i.Id == instanceId, cancellation) is not { } instance)
                    return Problem.Conflict("stale-revision");
                return await runtime.ResumeByItselfAsync(instance, bookmarkId, null, cancellation) is { } refused ? refused : true;
            }, cancellation);
            if (resumed.Succeeded)
            {
                putOff.Served(bookmarkId);
                return true;
            }
            problem = resumed.Problems[0];
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested && failure is not NewerSchemaException)
        {
            problem = new Problem(failure.GetType().Name, ProblemKind.Malformed);
        }
        if (problem.Kind == ProblemKind.Unavailable)
            throw new InvalidOperationException($"A timer was not stored ({problem.Code}); it is tried again.");
        // Somebody else was faster, and the rows say at the next look what is left; or it cannot go on.
        if (problem.Kind != ProblemKind.Conflict)
            logger.LogError("A timer of instance {Instance} could not be served: {Problem}", instanceId, problem.Code);
        putOff.Failed(bookmarkId, time.Now());
        return false;
    }
}

/// <summary>Which case an instance belongs to.</summary>
internal static class InstanceCases
{
    /// <summary>Null: it has none (a trial, or a run that nobody opened).</summary>
    public static async Task<Case?> CaseOfAsync(this PpidDbContext db, WorkflowInstance instance, CancellationToken cancellation) =>
        instance.IsTrial || instance.ParentInstanceId is not null ? null
        // One that is opened in this very commit is no row yet.
        : db.Cases.Local.FirstOrDefault(c => c.InstanceId == instance.Id)
            ?? await db.Cases.SingleOrDefaultAsync(c => c.InstanceId == instance.Id, cancellation);
}
