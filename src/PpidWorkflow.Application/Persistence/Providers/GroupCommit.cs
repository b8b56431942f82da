using System.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// SQLite flushes the disk once a commit, and that is a quarter of a step. So steps that wait for each other share one: all of them write through
/// one connection, each behind a savepoint of its own in the transaction that the first one has begun, and the last one in the row commits for all.
/// Nobody is answered before that commit (design.md §2.2). A step that is refused takes back its own part only; where the commit fails, it fails
/// for everybody in it.
/// </summary>
/// <remarks>That there is one connection also keeps its pages in memory: SQLite forgets a connection's pages when another one has written.</remarks>
/// <param name="connectionString">Of the file.</param>
/// <param name="queue">Who writes when.</param>
/// <param name="time">Says how long the first one waits.</param>
internal sealed class GroupCommit(string connectionString, TurnQueue queue, TimeProvider time) : IDisposable
{

    /// <summary>Steps of one commit.</summary>
    private const int MostMembers = 64;

    /// <summary>The first one of a commit waits no longer than this for those that follow, and for the step in hand.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(50);

    // What each step does twice: SQLite finds the compiled text with its connection.
    private const string Open = "SAVEPOINT step", Keep = "RELEASE step", Undo = "ROLLBACK TO step";

    private SqliteConnection? _connection;
    private Group? _group;

    /// <summary>Flushed to the disk since the start.</summary>
    public long Commits { get; private set; }

    /// <summary>Its context has a connection that can be put aside, and may work through the shared one.</summary>
    public static bool CanServe(PpidDbContext db) => db.Database.GetDbConnection() is LastingConnection;

    /// <summary>Begins a step in the transaction in hand, or begins one. The caller has the turn.</summary>
    /// <exception cref="SqliteException">The file cannot be written to; the turn stays the caller's.</exception>
    public async Task<Member> BeginAsync(PpidDbContext db)
    {
        var group = _group ??= Begin();
        var own = (LastingConnection)db.Database.GetDbConnection();
        own.IsAside = true;
        try
        {
            db.Database.SetDbConnection(_connection, contextOwnsConnection: false);
        }
        catch
        {
            own.IsAside = false;
            throw;
        }
        try
        {
            Execute(Open);
            return new Member(this, group, db, own, (await db.Database.UseTransactionAsync(group.Transaction))!);
        }
        catch (Exception failure)
        {
            GiveBack(db, own);
            Fail(group, failure);
            throw;
        }
    }

    /// <summary>Gives up a turn in which no step has begun.</summary>
    public void Leave()
    {
        if (_group is { } group)
            GoOn(group);
        else
            queue.Leave();
    }

    public void Dispose() => Drop();

    private Group Begin()
    {
        try
        {
            if (_connection is null)
            {
                // Not from the pool: what is dropped after a failure must not come back.
                _connection = new SqliteConnection(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
                _connection.Open();
                SqliteStore.SetPragmas(_connection);
                using var pages = _connection.CreateCommand();
                pages.CommandText = "PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=4000;";
                pages.ExecuteNonQuery();
            }
            return new Group(_connection.BeginTransaction(IsolationLevel.Serializable), time.GetTimestamp());
        }
        catch
        {
            Drop();
            throw;
        }
    }

    // After a failure nothing is known about the connection; the next one gets a new one.
    private void Drop()
    {
        _group = null;
        if (Interlocked.Exchange(ref _connection, null) is not { } connection)
            return;
        KeptStatements.Forget(connection);
        connection.Dispose();
    }

    private void Execute(string text)
    {
        using var command = KeptStatements.Of(_connection!, text);
        command.Transaction = _group?.Transaction;
        command.ExecuteNonQuery();
    }

    // The step in hand is done, one way or the other: the next one goes on in its transaction, or this one ends it for all.
    private void GoOn(Group group)
    {
        if (group.Members < MostMembers && time.GetElapsedTime(group.Began) < Longest && queue.TryPassOn())
            return;
        try
        {
            _group = null;
            if (group.Members > 0)
            {
                group.Transaction.Commit();
                Commits++;
            }
            group.Transaction.Dispose();
            group.Done.SetResult();
        }
        catch (Exception failure)
        {
            Fail(group, failure);
        }
        queue.Leave();
    }

    private static void GiveBack(PpidDbContext db, LastingConnection own)
    {
        db.Database.SetDbConnection(own, contextOwnsConnection: true);
        own.IsAside = false;
    }

    private void Fail(Group group, Exception failure)
    {
        try
        {
            group.Transaction.Dispose();
        }
        catch (Exception also) when (also is SqliteException or InvalidOperationException)
        {
            // It is undone with its connection.
        }
        Drop();
        group.Done.SetException(failure);
        // Whoever is in it awaits it; where nobody is, nobody has to know.
        _ = group.Done.Task.Exception;
    }

    /// <summary>A step's part in a commit. It has the turn until it is committed or undone.</summary>
    internal sealed class Member : IStepTransaction
    {
        private readonly GroupCommit _owner;
        private readonly Group _group;
        private readonly PpidDbContext _db;
        private readonly LastingConnection _own;
        private readonly IDbContextTransaction _transaction;
        private readonly bool _sawOthers;
        private bool _isDone;

        internal Member(GroupCommit owner, Group group, PpidDbContext db, LastingConnection own, IDbContextTransaction transaction)
        {
            (_owner, _group, _db, _own, _transaction) = (owner, group, db, own, transaction);
            _sawOthers = group.Members > 0;
        }

        /// <summary>Waits until the commit that the step shares is on the disk.</summary>
        public async Task CommitAsync()
        {
            await GiveBackAsync();
            if (End(Keep))
            {
                _group.Members++;
                _owner.GoOn(_group);
            }
            await _group.Done.Task;
        }

        /// <summary>Undoes the step, unless it is committed. What it has seen of others is committed before its caller may tell of it.</summary>
        public async ValueTask DisposeAsync()
        {
            if (_isDone)
                return;
            await GiveBackAsync();
            if (End(Undo) && End(Keep))
                _owner.GoOn(_group);
            if (_sawOthers)
                await _group.Done.Task;
        }

        // A full or broken disk undoes the whole transaction, and all steps of it are refused.
        private bool End(string text)
        {
            try
            {
                _owner.Execute(text);
                return true;
            }
            catch (Exception failure) when (failure is SqliteException or InvalidOperationException)
            {
                _owner.Fail(_group, new SqliteException("The transaction that the step shares was undone.", SQLitePCL.raw.SQLITE_IOERR));
                _owner.Leave();
                return false;
            }
        }

        private async Task GiveBackAsync()
        {
            _isDone = true;
            await _transaction.DisposeAsync();
            GiveBack(_db, _own);
        }
    }

    internal sealed class Group(SqliteTransaction transaction, long began)
    {
        public SqliteTransaction Transaction { get; } = transaction;

        public long Began { get; } = began;

        public int Members { get; set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The transaction of one step; disposing of it before <see cref="CommitAsync"/> undoes the step.</summary>
internal interface IStepTransaction : IAsyncDisposable
{
    /// <summary>Returns when what the step has written is on the disk.</summary>
    Task CommitAsync();
}
