using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Runtime;

/// <summary>
/// Timers of instances (Delay, Timer, Cron, StartAt): a bookmark whose row has a due instant. The row commits with the burst that waits and goes
/// with the one that goes on or cancels the wait, so that there is no second list of timers that could keep one too many. Burning the bookmark is
/// the claim: of two nodes or a restart only one burns it. <see cref="TimeStandards.AlarmRinger"/> asks and serves; never early.
/// </summary>
public sealed class InstanceTimers(PpidDbContext db, Committer committer, WorkflowRuntime runtime, PutOff putOff, TimeProvider time)
{
    /// <summary>The earliest due instant of those that are not left alone for now.</summary>
    internal IQueryable<DateTimeOffset?> Next()
    {
        var timers = db.Bookmarks.Where(b => b.DueAt != null);
        if (putOff.Ids is { Count: > 0 } away)
            timers = timers.Where(b => !away.Contains(b.Id));
        return timers.OrderBy(b => b.DueAt).Select(b => b.DueAt).Take(1);
    }

    /// <summary>Resumes what is due, a commit each so that one instance's fault is its own; says how many were served.</summary>
    /// <exception cref="InvalidOperationException">The store takes no commit: asking again at once would only hammer it.</exception>
    public async Task<int> ResumeAsync(int most, CancellationToken cancellation)
    {
        var now = time.Now();
        var away = putOff.Ids;
        var due = await db.Bookmarks.AsNoTracking().Where(b => b.DueAt <= now && !away.Contains(b.Id)).OrderBy(b => b.DueAt).Take(most)
            .Select(b => new { b.Id, b.InstanceId }).ToListAsync(cancellation);
        var served = 0;
        foreach (var timer in due)
        {
            served += await putOff.ServeAsync(timer.Id, $"A timer of instance {timer.InstanceId}", () => committer.RunAsync<bool>(async () =>
            {
                // A trial may have been removed meanwhile.
                if (await db.Instances.SingleOrDefaultAsync(i => i.Id == timer.InstanceId, cancellation) is not { } instance)
                    return Problem.Conflict("stale-revision");
                return await runtime.ResumeByItselfAsync(instance, timer.Id, null, cancellation) is { } refused ? refused : true;
            }, cancellation), cancellation) ? 1 : 0;
        }
        return served;
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
