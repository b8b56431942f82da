using System.Collections.Concurrent;
using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>This process is older than the database's tables and may not write to them.</summary>
/// <param name="migration">That it does not know.</param>
public sealed class NewerSchemaException(string migration)
    : Exception($"The database has been upgraded by a newer version (migration {migration}); this node does not write any more.");

/// <summary>
/// SQLite has one writer: waiting here, in order of arrival, is fair and cheap, where <c>SQLITE_BUSY</c> is neither. Open on server databases.
/// </summary>
/// <param name="oneWriter">The database has one writer at a time, and this process is the only one that writes.</param>
/// <param name="snapshot">Isolation of a step where there are many writers.</param>
/// <param name="file">SQLite's connection string, where steps that wait for each other are to share a commit; null: each commits by itself.</param>
/// <param name="time">Says how long they wait; null: the system's.</param>
public sealed class WriteGate(
    bool oneWriter, IsolationLevel snapshot = IsolationLevel.RepeatableRead, string? file = null, TimeProvider? time = null) : IDisposable
{
    private readonly TurnQueue _queue = new();
    private readonly ConcurrentDictionary<string, TurnQueue> _rows = new(StringComparer.Ordinal);
    private GroupCommit? _group;

    /// <summary>
    /// The last migration that a newer version has applied to the database: while it is set, this process writes nothing. Null: it may write.
    /// </summary>
    public string? NewerSchema { get; set; }

    /// <summary>What is committed here is only tried out: it counts in no metric and leaves no trace.</summary>
    public bool IsRehearsal { get; init; }

    /// <summary>Nobody but this process writes.</summary>
    public bool HasOneWriter => oneWriter;

    /// <summary>
    /// Of every step's transaction. With many writers a snapshot: the step sees one state of the database, and the server refuses its writes
    /// where somebody else has changed the rows since. PostgreSQL calls it repeatable read, SQL Server snapshot.
    /// </summary>
    public IsolationLevel Isolation => oneWriter ? IsolationLevel.Serializable : snapshot;

    /// <summary>How often a step that lost a race is run in all. With one writer there are no races to lose.</summary>
    public int MostAttempts => oneWriter ? 1 : 12;

    /// <summary>Commits that steps have shared so far, of one step or of many.</summary>
    internal long SharedCommits => _group?.Commits ?? 0;

    /// <summary>Waits for a turn of one's own: nothing of anybody else is under way.</summary>
    /// <exception cref="NewerSchemaException">The database belongs to a newer version by now.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellation) => await EnterAsync(shares: false, cancellation);

    /// <summary>Waits for the turn of a step that may share its commit with those before and after it, if its context can.</summary>
    /// <exception cref="NewerSchemaException">The database belongs to a newer version by now.</exception>
    internal Task<StepTurn> JoinAsync(PpidDbContext db, CancellationToken cancellation) =>
        EnterAsync(oneWriter && file is not null && GroupCommit.CanServe(db), cancellation);

    /// <summary>As <see cref="EnterAsync(CancellationToken)"/>, for a step.</summary>
    /// <exception cref="NewerSchemaException">The database belongs to a newer version by now.</exception>
    internal Task<StepTurn> EnterAloneAsync(CancellationToken cancellation) => EnterAsync(shares: false, cancellation);

    /// <summary>
    /// Where there are many writers: waits until no other step of this process is about to change the same row, as one that all of them change would be
    /// won by one and lost by all others, again and again. Other nodes are met by running the step again.
    /// </summary>
    /// <param name="row">Any name for it.</param>
    /// <param name="cancellation">Gives up the place.</param>
    internal async Task<IDisposable?> QueueForAsync(string row, CancellationToken cancellation)
    {
        if (oneWriter)
            return null;
        var queue = _rows.GetOrAdd(row, _ => new TurnQueue());
        await queue.EnterAsync(shares: false, cancellation);
        return new StepTurn(Isolation, queue, null);
    }

    public void Dispose() => _group?.Dispose();

    private async Task<StepTurn> EnterAsync(bool shares, CancellationToken cancellation)
    {
        if (NewerSchema is { } migration)
            throw new NewerSchemaException(migration);
        if (!oneWriter)
            return new StepTurn(Isolation, null, null);
        await _queue.EnterAsync(shares, cancellation);
        // Whoever has the turn is alone here.
        return new StepTurn(Isolation, _queue, shares ? _group ??= new GroupCommit(file!, _queue, time ?? TimeProvider.System) : null);
    }
}

/// <summary>A turn at writing. Disposing of it gives it to the next one, unless a step's transaction has taken it over.</summary>
internal sealed class StepTurn(IsolationLevel isolation, TurnQueue? queue, GroupCommit? group) : IDisposable
{
    private bool _isOver;

    /// <summary>Begins the transaction of a step.</summary>
    public async Task<IStepTransaction> BeginAsync(PpidDbContext db, CancellationToken cancellation)
    {
        if (group is null)
            return new OwnTransaction(await db.Database.BeginTransactionAsync(isolation, cancellation));
        var member = await group.BeginAsync(db);
        _isOver = true;
        return member;
    }

    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        if (group is not null)
            group.Leave();
        else
            queue?.Leave();
    }

    private sealed class OwnTransaction(IDbContextTransaction transaction) : IStepTransaction
    {
        public Task CommitAsync() => transaction.CommitAsync(CancellationToken.None);

        public ValueTask DisposeAsync() => transaction.DisposeAsync();
    }
}
