using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// Keeps the statements that SQLite has compiled with the connection, so that the questions of the next step find theirs. Microsoft.Data.Sqlite
/// keeps them with a command, and EF Core makes a new command for every question; compiling cost a fifth of a step (docs/performance.md).
/// </summary>
public sealed class KeptStatements : DbCommandInterceptor
{
    /// <summary>Statements of one connection; a text that is never asked again must not stay for ever.</summary>
    private const int Most = 300;

    private static readonly ConditionalWeakTable<SqliteConnection, Shelf> Shelves = [];

    private KeptStatements()
    {
    }

    public static KeptStatements Instance { get; } = new();

    /// <inheritdoc/>
    public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
    {
        if (result is not SqliteCommand { Connection: { } connection } command || command is KeptCommand)
            return result;
        var kept = Of(connection, command.CommandText);
        kept.Transaction = command.Transaction;
        kept.CommandTimeout = command.CommandTimeout;
        foreach (SqliteParameter parameter in command.Parameters)
            kept.Parameters.Add(parameter);
        command.Dispose();
        return kept;
    }

    /// <summary>A command for a text, compiled already where the connection has seen it before. Disposing of it puts it back.</summary>
    internal static SqliteCommand Of(SqliteConnection connection, string text) => Shelves.GetOrCreateValue(connection).Take(connection, text);

    /// <summary>A writing statement, compiled already where the connection has seen it before; it stays the connection's.</summary>
    internal static SqliteStatement Writing(SqliteConnection connection, string text) => Shelves.GetOrCreateValue(connection).Writing(connection, text);

    /// <summary>Before a connection is closed: what it has compiled goes with it.</summary>
    internal static void Forget(SqliteConnection connection)
    {
        if (Shelves.TryGetValue(connection, out var shelf))
            shelf.Clear();
        Shelves.Remove(connection);
    }

    // One connection serves one thread at a time.
    private sealed class Shelf
    {
        private readonly Dictionary<string, KeptCommand> _commands = [];
        private readonly Dictionary<string, SqliteStatement> _writing = [];

        public KeptCommand Take(SqliteConnection connection, string text)
        {
            if (_commands.TryGetValue(text, out var known) && known.Take())
                return known;
            if (_commands.Count >= Most)
                ClearCommands();
            var command = new KeptCommand { Connection = connection, CommandText = text };
            command.Take();
            // One whose like is under way is its own, and goes when it is done.
            if (!_commands.TryAdd(text, command))
                command.Leave();
            return command;
        }

        public SqliteStatement Writing(SqliteConnection connection, string text)
        {
            // A connection that was closed and opened again is another one to SQLite, and the old one lives on with its statements.
            if (_writing.TryGetValue(text, out var known) && known.IsOf(connection))
                return known;
            known?.Dispose();
            if (_writing.Count >= Most)
                ClearWriting();
            return _writing[text] = new SqliteStatement(connection, text);
        }

        public void Clear()
        {
            ClearCommands();
            ClearWriting();
        }

        // Each by itself: questions are put while rows are written ahead.
        private void ClearCommands()
        {
            foreach (var command in _commands.Values)
                command.Leave();
            _commands.Clear();
        }

        private void ClearWriting()
        {
            foreach (var statement in _writing.Values)
                statement.Dispose();
            _writing.Clear();
        }
    }

    private sealed class KeptCommand : SqliteCommand
    {
        private bool _isTaken;
        private bool _leaves;

        public bool Take()
        {
            if (_isTaken || DataReader is not null)
                return false;
            return _isTaken = true;
        }

        /// <summary>Is kept no longer: goes at once, or as soon as whoever has it is done.</summary>
        public void Leave()
        {
            _leaves = true;
            if (!_isTaken)
                Dispose();
        }

        protected override void Dispose(bool disposing)
        {
            if (_leaves || !disposing)
            {
                base.Dispose(disposing);
                return;
            }
            Parameters.Clear();
            Transaction = null;
            _isTaken = false;
        }
    }
}

/// <summary>
/// Gives each context a connection that stays open between the scopes that the context serves: opening one costs as much as three questions, and
/// what it has compiled (<see cref="KeptStatements"/>) would go with it. It closes with its context.
/// </summary>
public sealed class LastingConnections(string connectionString) : DbConnectionInterceptor
{
    /// <inheritdoc/>
    public override InterceptionResult<DbConnection> ConnectionCreating(ConnectionCreatingEventData eventData, InterceptionResult<DbConnection> result) =>
        // EF Core's own look at whether the file exists goes through another, read-only one.
        eventData.ConnectionString == connectionString ? InterceptionResult<DbConnection>.SuppressWithResult(new LastingConnection(connectionString)) : result;
}

/// <summary>A context's own connection, which lasts as long as the context, and may be put aside while a step writes through the shared one.</summary>
internal sealed class LastingConnection(string connectionString) : SqliteConnection(connectionString)
{
    private bool _ends;

    /// <summary>Its context works through another connection for a while and must not end this one.</summary>
    public bool IsAside { get; set; }

    public override void Close()
    {
        if (_ends)
            base.Close();
    }

    protected override void Dispose(bool disposing)
    {
        if (IsAside)
            return;
        if (disposing)
        {
            _ends = true;
            KeptStatements.Forget(this);
        }
        base.Dispose(disposing);
    }
}
