using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Alterations;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Primitives;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Audit;

/// <summary>What resumes instances by itself agrees with what they wait for.</summary>
public sealed partial class Guarantees
{
    /// <summary>Timers of one instant are resumed a commit each.</summary>
    private static readonly TimeSpan TimerGrace = TimeSpan.FromSeconds(10);

    /// <summary>A plan for a thousand instances, and the minute until a sweep goes on with one that was cut off.</summary>
    private static readonly TimeSpan PlanGrace = TimeSpan.FromMinutes(5);

    private const int StatesAtOnce = 200;

    // Both ways: a row without its wait would ring for nobody, a wait without its row would never ring.
    private async Task<GuaranteeReading> TimersStandAsync(Guid first, CancellationToken cancellation)
    {
        var reading = new Reading("timers-stand", "Setiap pewaktu mempunyai penanda tunggu pada keadaan instansnya dengan saat yang sama, dan sebaliknya.");
        var rows = (await db.Bookmarks.AsNoTracking().Where(b => b.DueAt != null).Select(b => new { b.Id, b.InstanceId, b.DueAt })
            .ToListAsync(cancellation)).ToLookup(b => b.InstanceId, b => (b.Id, DueAt: b.DueAt!.Value));
        reading.Checked = rows.Sum(r => r.Count());
        // Of the waits without a row all are found by the reading of everything; the recent one looks at recent instances.
        var waiting = await db.Instances.AsNoTracking()
            .Where(i => i.Id >= first && i.FinishedAt == null && i.State.Contains("\"dueAt\"")).Select(i => i.Id).ToListAsync(cancellation);
        foreach (var some in rows.Select(r => r.Key).Union(waiting).Chunk(StatesAtOnce))
        {
            var states = await db.Instances.AsNoTracking().Where(i => EF.Parameter(some).Contains(i.Id)).Select(i => new { i.Id, i.State })
                .ToDictionaryAsync(i => i.Id, i => i.State, cancellation);
            foreach (var id in some)
            {
                var standing = states.TryGetValue(id, out var state) ? Timers(state) : new();
                standing.SymmetricExceptWith(rows[id]);
                foreach (var bookmark in standing.Select(s => s.Id).Distinct())
                    reading.Blame(bookmark);
            }
        }
        return reading.Taken;
    }

    private async Task<GuaranteeReading> DueTimersResumedAsync(DateTimeOffset? alive, CancellationToken cancellation)
    {
        var reading = new Reading("due-timers-resumed", "Tidak ada pewaktu yang lewat lebih dari 10 detik tanpa dilanjutkan selama layanan hidup.");
        reading.Checked = await db.Bookmarks.LongCountAsync(b => b.DueAt != null, cancellation);
        var limit = alive - TimerGrace;
        if (alive is null)
            return reading.Taken;
        foreach (var late in await db.Bookmarks.AsNoTracking().Where(b => b.DueAt < limit).Select(b => b.Id).ToListAsync(cancellation))
            reading.Blame(late);
        return reading.Taken;
    }

    // A wait without its child would never end, a child without its wait would end for nobody. A bulk that waits for its own activities has no
    // child under way any more.
    private async Task<GuaranteeReading> ChildrenReportAsync(CancellationToken cancellation)
    {
        var reading = new Reading("children-report", "Setiap instans anak yang ditunggu mempunyai penanda tunggu pada induknya, dan sebaliknya.");
        // Said so that the index is taken: of all that ever ran few have somebody to report to still.
        var children = await db.Instances.AsNoTracking().Where(i => i.ReportsTo!.CompareTo("") > 0)
            .Select(i => new { i.Id, i.ParentInstanceId, i.ReportsTo, i.Status }).ToListAsync(cancellation);
        var waits = await db.Bookmarks.AsNoTracking()
            .Where(b => b.Name == "Elsa.ExecuteWorkflow" || b.Name == "Elsa.DispatchWorkflow" || b.Name == "Elsa.BulkDispatchWorkflows")
            .Select(b => new { b.Id, b.InstanceId, b.Name }).ToListAsync(cancellation);
        reading.Checked = children.Count + waits.Count;
        var standing = waits.ToDictionary(b => b.Id, b => b.InstanceId);
        foreach (var child in children)
            if (child.Status == WorkflowStatus.Finished || !standing.TryGetValue(child.ReportsTo!, out var parent) || parent != child.ParentInstanceId)
                reading.Blame(child.Id.ToString());
        var reported = children.Select(c => c.ReportsTo).ToHashSet();
        foreach (var wait in waits)
            if (wait.Name != "Elsa.BulkDispatchWorkflows" && !reported.Contains(wait.Id))
                reading.Blame(wait.Id);
        return reading.Taken;
    }

    // Who has got an event is resumed with it, who waits for one is found by its name, and nothing lies where nobody looks for it.
    private async Task<GuaranteeReading> EventsArriveAsync(DateTimeOffset? alive, CancellationToken cancellation)
    {
        var reading = new Reading("events-arrive", "Setiap peristiwa disampaikan kepada yang menunggunya, disimpan sampai ada yang menunggu, atau tercatat tidak sampai.");
        var limit = (alive ?? DateTimeOffset.MinValue + TimerGrace) - TimerGrace;
        var told = limit + TimeSpan.FromMinutes(events.Value.KeptMinutes);
        reading.Checked = await db.Events.LongCountAsync(cancellation) + await db.Bookmarks.LongCountAsync(b => b.EventName != null, cancellation);
        reading.Blame(await db.Events.AsNoTracking().Where(e =>
            // One that is delivered again by hand was made long ago: it is on its way since its term was set anew.
            (e.State == EventState.Pending && e.ExpiresAt < told)
            || (e.State == EventState.Dead && (e.DeadAt == null || e.DeadReason == null))
            || ((e.State == EventState.Kept || e.State == EventState.Told) && e.ExpiresAt < limit && !db.Bookmarks.Any(b => b.EventId == e.Id)))
            .Select(e => e.Id).ToListAsync(cancellation));
        foreach (var lost in await db.Bookmarks.AsNoTracking().Where(b =>
            (b.EventId != null && !db.Events.Any(e => e.Id == b.EventId && e.Name == b.EventName))
            || (b.Name == Event.StimulusName && b.EventName == null)).Select(b => b.Id).ToListAsync(cancellation))
            reading.Blame(lost);
        return reading.Taken;
    }

    private async Task<GuaranteeReading> TriggersStandAsync(DateTimeOffset? alive, CancellationToken cancellation)
    {
        var reading = new Reading("triggers-stand", "Pemicu tercatat tepat untuk versi yang berlaku, dan tidak ada yang terlewat selama layanan hidup.");
        var limit = alive - TimerGrace;
        var rows = await db.Triggers.AsNoTracking().ToListAsync(cancellation);
        reading.Checked = rows.Count;
        var standing = new HashSet<(Guid, string, string?)>();
        foreach (var version in await db.DefinitionVersions.AsNoTracking()
            .Where(v => v.State == RevisionState.InForce && v.Content.Contains("canStartWorkflow")).Select(v => new { v.Id, v.Content }).ToListAsync(cancellation))
        {
            try
            {
                foreach (var trigger in compiler.Load(DefinitionReader.ReadStored(version.Content)).Triggers)
                    standing.Add((version.Id, trigger.ActivityId, trigger.Stimulus.EventName));
            }
            catch (DefinitionInvalidException)
            {
                // versions-sound names it.
            }
        }
        standing.SymmetricExceptWith(rows.Select(t => (t.DefinitionVersionId, t.ActivityId, t.EventName)));
        foreach (var (version, activity, _) in standing)
            reading.Blame($"{version}:{activity}");
        reading.Blame(rows.Where(t => t.NextAt < limit).Select(t => t.Id));
        return reading.Taken;
    }

    // Who ordered an alteration of many instances reads from the plan what became of each: none may be left open, or counted that is.
    private async Task<GuaranteeReading> AlterationsAddUpAsync(DateTimeOffset? alive, CancellationToken cancellation)
    {
        var reading = new Reading("alterations-add-up", "Setiap rencana perubahan instans menghitung pekerjaannya dengan benar dan selesai selama layanan hidup.");
        var limit = (alive ?? DateTimeOffset.MinValue + PlanGrace) - PlanGrace;
        reading.Checked = await db.AlterationPlans.LongCountAsync(cancellation);
        reading.Blame(await db.AlterationPlans.AsNoTracking().Where(p =>
            p.Done != db.AlterationJobs.Count(j => j.PlanId == p.Id && j.State != AlterationJobState.Pending)
            || p.Jobs != db.AlterationJobs.Count(j => j.PlanId == p.Id)
            || (p.Done == p.Jobs) != (p.CompletedAt != null)
            || (p.CompletedAt == null && p.CreatedAt < limit)).Select(p => p.Id).ToListAsync(cancellation));
        return reading.Taken;
    }

    private static HashSet<(string Id, DateTimeOffset DueAt)> Timers(string state)
    {
        try
        {
            return [.. WorkflowState.FromJson(state).Bookmarks.Where(b => b.DueAt is not null).Select(b => (b.Id, ClockKeeper.Whole(b.DueAt!.Value)))];
        }
        catch (System.Text.Json.JsonException)
        {
            return [];
        }
    }
}
