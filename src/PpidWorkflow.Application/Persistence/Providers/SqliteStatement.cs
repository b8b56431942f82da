using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// A writing statement that SQLite has compiled, bound without a parameter object for each value: of a burst's rows, those objects cost more than
/// SQLite itself (docs/performance.md). Values are stored as Microsoft.Data.Sqlite stores them, so that EF Core reads them back.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const string InstantFormat = "yyyy-MM-dd HH\\:mm\\:ss.FFFFFFF", DateFormat = "yyyy-MM-dd";

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <exception cref="SqliteException">The text is no statement.</exception>
    public SqliteStatement(SqliteConnection connection, string text)
    {
        _database = connection.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(_database, text, out _statement), _database);
    }

    /// <summary>What columns hold here, as it is stored.</summary>
    public static IReadOnlySet<Type> Storable { get; } = new HashSet<Type>
    {
        typeof(string), typeof(Guid), typeof(DateTime), typeof(int), typeof(long), typeof(bool), typeof(double), typeof(byte[]), typeof(DateOnly),
        typeof(TimeOnly)
    };

    public bool IsOf(SqliteConnection connection) => ReferenceEquals(_database, connection.Handle);

    /// <summary>Binds the value of a parameter, counted from 1.</summary>
    /// <exception cref="NotSupportedException">A type that no column has.</exception>
    public void Bind(int index, object? value)
    {
        var code = value switch
        {
            null => raw.sqlite3_bind_null(_statement, index),
            string text => BindText(index, text),
            Guid id => BindId(index, id),
            DateTime instant => BindInstant(index, instant),
            int number => raw.sqlite3_bind_int64(_statement, index, number),
            long number => raw.sqlite3_bind_int64(_statement, index, number),
            bool flag => raw.sqlite3_bind_int64(_statement, index, flag ? 1 : 0),
            double number => raw.sqlite3_bind_double(_statement, index, number),
            byte[] bytes => raw.sqlite3_bind_blob(_statement, index, bytes),
            DateOnly day => BindText(index, day.ToString(DateFormat, CultureInfo.InvariantCulture)),
            TimeOnly time => BindText(index, time.ToString(time.Ticks % TimeSpan.TicksPerSecond == 0 ? "HH:mm:ss" : "HH:mm:ss.fffffff", CultureInfo.InvariantCulture)),
            _ => throw new NotSupportedException($"{value.GetType().Name} is not written in bulk.")
        };
        SqliteException.ThrowExceptionForRC(code, _database);
    }

    /// <summary>Writes once with what is bound.</summary>
    /// <returns>Rows that were written.</returns>
    /// <exception cref="SqliteException">SQLite refused.</exception>
    public int Execute()
    {
        var code = raw.sqlite3_step(_statement);
        var written = code == raw.SQLITE_DONE ? raw.sqlite3_changes(_database) : 0;
        if (code == raw.SQLITE_DONE)
        {
            raw.sqlite3_reset(_statement);
            return written;
        }
        // Its reason is told before the statement forgets it.
        try
        {
            SqliteException.ThrowExceptionForRC(code == raw.SQLITE_ROW ? raw.SQLITE_MISUSE : code, _database);
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
        return written;
    }

    public void Dispose() => _statement.Dispose();

    private int BindText(int index, string text)
    {
        const int Short = 512;
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= Short)
        {
            Span<byte> small = stackalloc byte[Short];
            return raw.sqlite3_bind_text(_statement, index, small[..Encoding.UTF8.GetBytes(text, small)]);
        }
        var rented = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            return raw.sqlite3_bind_text(_statement, index, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // In capitals, as Microsoft.Data.Sqlite has them.
    private int BindId(int index, Guid id)
    {
        Span<byte> text = stackalloc byte[36];
        id.TryFormat(text, out _);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is >= (byte)'a' and <= (byte)'f')
                text[i] -= 32;
        }
        return raw.sqlite3_bind_text(_statement, index, text);
    }

    private int BindInstant(int index, DateTime instant)
    {
        Span<byte> text = stackalloc byte[32];
        instant.TryFormat(text, out var length, InstantFormat, CultureInfo.InvariantCulture);
        return raw.sqlite3_bind_text(_statement, index, text[..length]);
    }
}
