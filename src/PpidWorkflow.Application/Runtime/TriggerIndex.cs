using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Activities.Primitives;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Runtime;

/// <summary>Keeps the triggers of what is in force: made and removed in the commit that puts a version into force. Called within a step; never saves.</summary>
public sealed class TriggerIndex(PpidDbContext db, Committer committer, CompiledDefinitions compiled, Identifiers identifiers, TimeProvider time)
{
    private const string Mark = "canStartWorkflow";

    /// <summary>The triggers of a version that comes into force now, instead of those of the version that it supersedes.</summary>
    public async Task FollowAsync(DefinitionVersion inForce, CancellationToken cancellation)
    {
        db.Triggers.RemoveRange(await db.Triggers.Where(t => t.DefinitionId == inForce.DefinitionId).ToListAsync(cancellation));
        var since = inForce.InForceSince ?? time.Now();
        foreach (var trigger in compiled.TriggersOf(inForce))
        {
            db.Triggers.Add(new TriggerRow
            {
                Id = identifiers.Next(),
                DefinitionId = inForce.DefinitionId,
                DefinitionVersionId = inForce.Id,
                ActivityId = trigger.ActivityId,
                EventName = trigger.Stimulus.EventName,
                Since = since,
                NextAt = TriggerStarts.NextAfter(trigger.Stimulus, since, time.Now())
            });
        }
    }

    /// <summary>At start: what a release that kept neither triggers nor names of events has left gets them.</summary>
    public async Task CatchUpAsync(CancellationToken cancellation)
    {
        await NameEventsAsync(cancellation);
        var without = await db.DefinitionVersions.AsNoTracking()
            .Where(v => v.State == RevisionState.InForce && v.Content.Contains(Mark) && !db.Triggers.Any(t => t.DefinitionVersionId == v.Id))
            .ToListAsync(cancellation);
        foreach (var version in without.Where(v => compiled.TriggersOf(v).Count > 0))
        {
            await committer.RunAsync<bool>(async () =>
            {
                if (!await db.Triggers.AnyAsync(t => t.DefinitionVersionId == version.Id, cancellation))
                    await FollowAsync(version, cancellation);
                return true;
            }, cancellation);
        }
    }

    private async Task NameEventsAsync(CancellationToken cancellation)
    {
        foreach (var bookmark in await db.Bookmarks.AsNoTracking().Where(b => b.Name == Event.StimulusName && b.EventName == null).ToListAsync(cancellation))
        {
            var state = await db.Instances.Where(i => i.Id == bookmark.InstanceId).Select(i => i.State).SingleOrDefaultAsync(cancellation);
            if (state is null || WorkflowState.FromJson(state).Bookmarks.FirstOrDefault(b => b.Id == bookmark.Id) is not { } waiting || Event.NameOf(waiting) is not { } name)
                continue;
            await committer.RunAsync<bool>(async () =>
                await db.Bookmarks.Where(b => b.Id == bookmark.Id).ExecuteUpdateAsync(set => set.SetProperty(b => b.EventName, name), cancellation) == 1, cancellation);
        }
    }
}
