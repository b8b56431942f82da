using System.Data;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>This process is older than the database's tables and may not write to them.</summary>
/// <param name="migration">That it does not know.</param>
public sealed class NewerSchemaException(string migration)
    : Exception($"The database has been upgraded by a newer version (migration {migration}); this node does not write any more.");

/// <summary>
/// SQLite has one writer: waiting here, in order of arrival, is fair and cheap, where <c>SQLITE_BUSY</c> is neither. Open on server databases.
/// </summary>
public sealed class WriteGate(bool oneWriter, IsolationLevel snapshot = IsolationLevel.RepeatableRead) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

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

    /// <exception cref="NewerSchemaException">The database belongs to a newer version by now.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        if (NewerSchema is { } migration)
            throw new NewerSchemaException(migration);
        if (!oneWriter)
            return Open.Instance;
        await _turn.WaitAsync(cancellation);
        return new Turn(_turn);
    }

    public void Dispose() => _turn.Dispose();

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        private SemaphoreSlim? _turn = turn;

        public void Dispose() => Interlocked.Exchange(ref _turn, null)?.Release();
    }

    private sealed class Open : IDisposable
    {
        public static readonly Open Instance = new();

        public void Dispose()
        {
        }
    }
}
