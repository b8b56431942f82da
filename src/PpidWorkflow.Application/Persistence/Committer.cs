using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Observability;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Persistence;

/// <summary>
/// The one way to change anything: one turn, one transaction, one commit of state, work item, clock, message, journal, audit and answer
/// (design.md §2.2). A refused step leaves nothing; nobody is answered before the commit; sweeps are woken only after it. On a database with
/// several writers a step that lost a race is run again, on what the winner left.
/// </summary>
public sealed class Committer(
    PpidDbContext db, WriteGate gate, AuditTrail audit, WakeUps wakeUps, Idempotency idempotency, StorageWatch storage,
    TimeProvider time, ILogger<Committer> logger)
{
    private const int MostAttemptsOfDuplicates = 4;
    private const int MostPauseMs = 128;

    private int _attempts;

    /// <summary>What is committed here counts in metrics and traces; a rehearsal's does not.</summary>
    internal bool IsWatched => !gate.IsRehearsal;

    /// <summary>Runs a step and commits it. The step queries and adds rows through the same <see cref="PpidDbContext"/>; it never saves itself.</summary>
    public Task<Result<T>> RunAsync<T>(Func<Task<Result<T>>> step, CancellationToken cancellation = default) =>
        RunThenAsync(step, null, cancellation);

    /// <summary>The same, for a step that changes a row which all steps of its kind change, like a counter.</summary>
    /// <param name="row">Any name for it; see <see cref="WriteGate.QueueForAsync"/>.</param>
    /// <param name="step">As in <see cref="RunAsync"/>.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public async Task<Result<T>> RunInRowAsync<T>(string row, Func<Task<Result<T>>> step, CancellationToken cancellation)
    {
        using var place = await gate.QueueForAsync(row, cancellation);
        return await RunAsync(step, cancellation);
    }

    /// <summary>The same, for a step of thousands of rows: what it appends (<see cref="PpidDbContext.Append"/>) is not tracked.</summary>
    public Task<Result<T>> RunManyAsync<T>(Func<Task<Result<T>>> step, CancellationToken cancellation) => RunManyThenAsync(step, null, cancellation);

    /// <summary>The same, for a step of which the process keeps something in memory; as <see cref="RunThenAsync"/>.</summary>
    public Task<Result<T>> RunManyThenAsync<T>(Func<Task<Result<T>>> step, Action? committed, CancellationToken cancellation) =>
        CommitAsync(step, committed, true, cancellation);

    /// <summary>
    /// Within a step over more rows than should be in memory: writes what it has so far into its transaction and forgets the rows. The commit is
    /// one all the same.
    /// </summary>
    public async Task WriteSoFarAsync(CancellationToken cancellation)
    {
        await audit.WriteAsync(db, cancellation);
        if (await WriteAsync(cancellation) is { } unstorable)
            throw new UnstorableException(unstorable);
        db.ChangeTracker.Clear();
        db.Remembered.Clear();
    }

    /// <summary>The same, for a step of which the process keeps something in memory.</summary>
    /// <param name="step">As in <see cref="RunAsync"/>. Where several write at once it may be run again from the start, after another one has won.</param>
    /// <param name="committed">Runs right after the commit, before the next writer's turn where there are turns.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    public Task<Result<T>> RunThenAsync<T>(Func<Task<Result<T>>> step, Action? committed, CancellationToken cancellation) =>
        CommitAsync(step, committed, false, cancellation);

    private async Task<Result<T>> CommitAsync<T>(Func<Task<Result<T>>> step, Action? committed, bool many, CancellationToken cancellation)
    {
        if (!IsWatched)
            return await TakeTurnAsync(step, committed, many, cancellation);
        var began = Stopwatch.GetTimestamp();
        using var span = Traces.Commit();
        (_attempts, var outcome, string? code) = (0, "failed", null);
        try
        {
            var result = await TakeTurnAsync(step, committed, many, cancellation);
            outcome = result.Succeeded ? "committed" : result.Problems[0].Kind switch
            {
                ProblemKind.Conflict => "conflict",
                ProblemKind.Unavailable => "unavailable",
                ProblemKind.Malformed => "malformed",
                _ => "refused"
            };
            code = result.Succeeded ? null : result.Problems[0].Code;
            return result;
        }
        finally
        {
            Metrics.Committed(outcome, Stopwatch.GetElapsedTime(began));
            Traces.Ended(span, outcome, code, _attempts);
        }
    }

    private async Task<Result<T>> TakeTurnAsync<T>(Func<Task<Result<T>>> step, Action? committed, bool many, CancellationToken cancellation)
    {
        using var turn = many || committed is not null ? await gate.EnterAloneAsync(cancellation) : await gate.JoinAsync(db, cancellation);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                _attempts = attempt;
                try
                {
                    return await AttemptAsync(turn, step, committed, many, cancellation);
                }
                catch (Exception failure) when (attempt < MostAttempts(failure))
                {
                    if (IsWatched)
                        Metrics.Retried();
                    logger.LogDebug("A step lost a race ({Exception}), attempt {Attempt}", failure.GetType().Name, attempt);
                }
                // The winner is through already; chance keeps several losers from meeting again.
                await Task.Delay(Random.Shared.Next(Math.Min(1 << attempt, MostPauseMs)), cancellation);
            }
        }
        catch (UnstorableException refused)
        {
            return refused.Problem;
        }
        catch (DbUpdateConcurrencyException)
        {
            return Problem.Conflict("stale-revision");
        }
        catch (Exception failure) when (StoreFailures.Describe(failure) is { } kind)
        {
            logger.LogError("Commit refused by the store: {Kind} ({Exception})", kind, failure.GetType().Name);
            if (kind == StoreFailure.Unavailable && IsWatched)
                storage.Refused();
            return kind switch
            {
                StoreFailure.Unavailable => new Problem("store-unavailable", ProblemKind.Unavailable),
                StoreFailure.Unreadable => new Problem("malformed-request", ProblemKind.Malformed),
                _ => Problem.Conflict("stale-revision")
            };
        }
        finally
        {
            Forget();
        }
    }

    private async Task<Result<T>> AttemptAsync<T>(StepTurn turn, Func<Task<Result<T>>> step, Action? committed, bool many, CancellationToken cancellation)
    {
        Forget();
        db.Bulk = many ? new BulkRows() : null;
        // Looked for once, before writing: EF Core would look through all rows at every Entries and Local.
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        await using var transaction = await turn.BeginAsync(db, cancellation);
        // Ends before the transaction does, whatever becomes of the step.
        await using var ahead = db.Ahead = many ? new WriteAhead() : null;
        if (many)
            await BulkSave.ExpectManyAsync(db, cancellation);
        if (idempotency.IsAsked && await idempotency.FindAsync<T>(db, cancellation) is { } earlier)
            return earlier;
        var result = await step();
        if (!result.Succeeded)
            return result;
        if (idempotency.IsAsked)
            db.IdempotencyRecords.Add(idempotency.Record(result.Value, time.Now()));
        await audit.WriteAsync(db, cancellation);
        if (await WriteAsync(cancellation) is { } unstorable)
            return unstorable;
        CrashPoints.Reach("before-commit");
        await transaction.CommitAsync();
        committed?.Invoke();
        if (IsWatched)
            db.CountHappened();
        CrashPoints.Reach("after-commit");
        wakeUps.Signal();
        return result;
    }

    private async Task<Problem?> WriteAsync(CancellationToken cancellation)
    {
        db.ChangeTracker.DetectChanges();
        if (StorableText.FirstProblem(db) is { } unstorable)
            return unstorable;
        await BulkSave.SaveAsync(db, cancellation);
        return null;
    }

    private int MostAttempts(Exception failure) => failure is DbUpdateConcurrencyException
        ? gate.MostAttempts
        : StoreFailures.Describe(failure) switch
        {
            StoreFailure.Race => gate.MostAttempts,
            // A race, too, if the step then finds the other's row; one that stays is the step's own.
            StoreFailure.UniqueViolation => Math.Min(gate.MostAttempts, MostAttemptsOfDuplicates),
            _ => 1
        };

    private void Forget()
    {
        audit.Clear();
        db.Bulk = null;
        db.Ahead = null;
        db.ChangeTracker.Clear();
        db.ChangeTracker.AutoDetectChangesEnabled = true;
        db.Remembered.Clear();
        db.Happened.Clear();
    }

    // A part of a step holds what no database can keep: the step is refused as if it had been written as a whole.
    private sealed class UnstorableException(Problem problem) : Exception
    {
        public Problem Problem => problem;
    }
}

/// <summary>
/// An Idempotency-Key of the request in hand (design.md §5): set by the API before it calls, honoured by <see cref="Committer"/> inside the
/// same transaction, so that a repeated request finds the first one's answer or waits for it.
/// </summary>
public sealed class Idempotency
{
    private static readonly JsonSerializerOptions Wire = new(JsonSerializerDefaults.Web);
    private Guid _officerId;
    private string _route = "";
    private string _key = "";

    public bool IsAsked => _key.Length > 0;

    /// <summary>SHA-256 of the body; a streamed body sets it before the commit.</summary>
    public string BodyHash { get; set; } = "";

    public void Ask(Guid officerId, string route, string key, string bodyHash)
    {
        _officerId = officerId;
        _route = route;
        _key = key;
        BodyHash = bodyHash;
    }

    /// <summary>The key was used before, whatever the body.</summary>
    internal async Task<bool> IsRepeatAsync(PpidDbContext db, CancellationToken cancellation) =>
        IsAsked && await db.IdempotencyRecords.AnyAsync(r => r.OfficerId == _officerId && r.Route == _route && r.Key == _key, cancellation);

    internal async Task<Result<T>?> FindAsync<T>(PpidDbContext db, CancellationToken cancellation)
    {
        var earlier = await db.IdempotencyRecords.AsNoTracking()
            .SingleOrDefaultAsync(r => r.OfficerId == _officerId && r.Route == _route && r.Key == _key, cancellation);
        if (earlier is null)
            return null;
        return earlier.BodyHash == BodyHash
            ? JsonSerializer.Deserialize<T>(earlier.Response, Wire)!
            : Problem.Invalid("idempotency-key-reused", "Idempotency-Key");
    }

    internal IdempotencyRecord Record<T>(T value, DateTimeOffset now) => new()
    {
        OfficerId = _officerId,
        Route = _route,
        Key = _key,
        BodyHash = BodyHash,
        Response = JsonSerializer.Serialize(value, Wire),
        CreatedAt = now
    };
}
