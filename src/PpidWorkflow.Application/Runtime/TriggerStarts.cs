using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Primitives;
using PpidWorkflow.Engine.Catalog;

namespace PpidWorkflow.Application.Runtime;

/// <summary>
/// Starts instances whose trigger's instant has come or whose event was told. What it starts is a run: an instance without case, work item, clock or
/// mail, on the version in force. Its id follows from the trigger and the instant or event, and the trigger moves on in the same commit: no restart and no
/// second node starts it twice. What fell due several times while nothing ran is started once.
/// </summary>
public sealed class TriggerStarts(
    PpidDbContext db, Committer committer, DefinitionLibrary library, WorkflowRuntime runtime, PutOff putOff, Identifiers identifiers, TimeProvider time)
{
    /// <summary>User name on what nobody started; of an event from outside it is who told it.</summary>
    public const string Starter = "system";

    internal IQueryable<DateTimeOffset?> Next()
    {
        var triggers = db.Triggers.Where(t => t.NextAt != null);
        if (putOff.Keys is { Count: > 0 } away)
            triggers = triggers.Where(t => !away.Contains(t.Id));
        return triggers.OrderBy(t => t.NextAt).Select(t => t.NextAt).Take(1);
    }

    /// <summary>Starts what is due, a commit each; says how many were served.</summary>
    /// <exception cref="InvalidOperationException">The store takes no commit.</exception>
    public async Task<int> StartDueAsync(int most, CancellationToken cancellation)
    {
        var (now, away) = (time.Now(), putOff.Keys);
        var due = await db.Triggers.AsNoTracking().Where(t => t.NextAt <= now && !away.Contains(t.Id)).OrderBy(t => t.NextAt).Take(most)
            .Select(t => new { t.Id, t.DefinitionId }).ToListAsync(cancellation);
        var served = 0;
        foreach (var trigger in due)
        {
            served += await putOff.ServeAsync(
                trigger.Id.ToString(), $"A trigger of definition {trigger.DefinitionId}",
                () => committer.RunAsync(() => StartDueAsync(trigger.Id, cancellation), cancellation), cancellation) ? 1 : 0;
        }
        return served;
    }

    /// <summary>Owes a start to every trigger that an event is for: a row each, so that one that fails holds up none of the others.</summary>
    internal async Task<int> OweAsync(EventRow told, CancellationToken cancellation)
    {
        if (told.OfTrial == true || told.InstanceId is not null)
            return 0;
        var triggers = (await db.Triggers.AsNoTracking().Where(t => t.EventName == told.Name).OrderBy(t => t.Id).ToListAsync(cancellation))
            .Where(t => t.EventName == told.Name).ToList();
        foreach (var trigger in triggers)
        {
            db.Events.Add(new EventRow
            {
                Id = identifiers.Next(),
                UniqueKey = $"{told.Id:n}:{trigger.Id:n}",
                Name = told.Name,
                CorrelationId = told.CorrelationId,
                OfTrial = told.OfTrial,
                Payload = told.Payload,
                ToldBy = told.ToldBy,
                CauseId = told.Id,
                TriggerId = trigger.Id,
                CreatedAt = told.CreatedAt,
                ExpiresAt = told.ExpiresAt,
                Depth = told.Depth
            });
        }
        return triggers.Count;
    }

    /// <summary>Starts the instance that is owed, and settles the debt.</summary>
    internal async Task<Result<bool>> StartAsync(EventRow owed, CancellationToken cancellation)
    {
        if (await db.Triggers.SingleOrDefaultAsync(t => t.Id == owed.TriggerId, cancellation) is not { } trigger)
        {
            owed.Bury("trigger-gone", time.Now());
            return true;
        }
        // The version must not be superseded beneath it.
        trigger.LastAt = owed.CreatedAt;
        trigger.Revision++;
        db.Events.Remove(owed);
        runtime.EventDepth = owed.Depth + 1;
        runtime.HearsOfInstance = owed.OfTrial is not null;
        try
        {
            await StartAsync(
                trigger, owed.ToldBy ?? Starter, owed.CreatedAt, owed.UniqueKey, owed.CorrelationId, owed.Payload is { } payload ? Event.InputOf(JsonNode.Parse(payload)) : null,
                cancellation);
        }
        finally
        {
            runtime.EventDepth = 0;
            runtime.HearsOfInstance = false;
        }
        return true;
    }

    private async Task<Result<bool>> StartDueAsync(Guid id, CancellationToken cancellation)
    {
        var now = time.Now();
        if (await db.Triggers.SingleOrDefaultAsync(t => t.Id == id, cancellation) is not { NextAt: { } due } trigger || due > now)
            return Problem.Conflict("stale-revision");
        var stimulus = (await library.PinnedAsync(trigger.DefinitionVersionId, cancellation)).Triggers.FirstOrDefault(t => t.ActivityId == trigger.ActivityId)?.Stimulus;
        trigger.LastAt = due;
        trigger.NextAt = NextAfter(stimulus, trigger.Since, now);
        trigger.Revision++;
        await StartAsync(trigger, Starter, due, FormattableString.Invariant($"{trigger.Id:n}:{due.UtcTicks}"), null, null, cancellation);
        return true;
    }

    private async Task StartAsync(
        TriggerRow trigger, string starter, DateTimeOffset at, string key, string? correlationId, JsonObject? input, CancellationToken cancellation)
    {
        var run = new WorkflowInstance
        {
            Id = RunId(at, key),
            DefinitionVersionId = trigger.DefinitionVersionId,
            DefinitionId = trigger.DefinitionId,
            DefinitionVersion = await db.DefinitionVersions.Where(v => v.Id == trigger.DefinitionVersionId).Select(v => v.Version).SingleAsync(cancellation),
            CorrelationId = correlationId,
            StartedBy = starter,
            State = "",
            CreatedAt = time.Now()
        };
        await runtime.StartRunAsync(run, trigger.ActivityId, input, cancellation);
    }

    /// <summary>The instant after this one, up to the whole millisecond: never early.</summary>
    internal static DateTimeOffset? NextAfter(TriggerStimulus? stimulus, DateTimeOffset since, DateTimeOffset after) =>
        stimulus?.Next?.Invoke(since, after) is { } next ? ClockKeeper.Whole(next) : null;

    /// <summary>The same for the same start: version 7 as all ids are, with a hash where others have chance.</summary>
    private static Guid RunId(DateTimeOffset at, string key)
    {
        Span<byte> bytes = stackalloc byte[32];
        SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key), bytes);
        var tail = BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]) & 0xFFF;
        BinaryPrimitives.WriteInt64BigEndian(bytes, at.ToUnixTimeMilliseconds() << 16 | 0x7000L | (long)tail);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes[..16], bigEndian: true);
    }
}
