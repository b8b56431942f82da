using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// The floor under cases: the very rows that each commit of a case writes, written again under new ids by hand-written ADO.NET (prepared
/// statements; on PostgreSQL one batch a commit), one transaction a step, on the same database with the same durability and as many clients. It
/// reads nothing, checks nothing and decides nothing.
/// </summary>
internal sealed class CaseFloor(BenchOffice office, CommitRecorder recorded) : IDisposable
{
    /// <summary>Numbers of its own: those of real cases go on where they were.</summary>
    private const int Year = 9000;

    /// <summary>More than any database here writes.</summary>
    private const int MostPerSecond = 300;

    private static int _numbers;

    private readonly string[] _needles = [.. recorded.Ids.SelectMany(id => new[] { id.ToString("N"), id.ToString("D"), id.ToString("D").ToUpperInvariant() })];
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <returns>Cases a second, milliseconds of each commit, and microseconds of this process for a case.</returns>
    public async Task<(double PerSecond, IReadOnlyCollection<double> Milliseconds, double CpuMicroseconds)> MeasureAsync(int clients, TimeSpan time)
    {
        await office.InScopeAsync(async services =>
        {
            var db = services.GetRequiredService<PpidDbContext>();
            if (!await db.CaseNumberSequences.AnyAsync(s => s.Year == Year))
                db.CaseNumberSequences.Add(new CaseNumberSequence { Year = Year });
            return await db.SaveChangesAsync();
        });
        // Made before the clock runs: giving copies their own ids costs more than writing them.
        var cases = new ConcurrentQueue<List<List<(WrittenRow Row, object?[] Values)>>>();
        Parallel.For(0, (int)(time.TotalSeconds * MostPerSecond), _ => cases.Enqueue(Copy()));
        var (done, until) = (0, Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));
        var latencies = new List<double>[clients];
        var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async client =>
        {
            await Task.Yield();
            latencies[client] = [];
            await using var writer = await Writer.OpenAsync(office);
            while (Stopwatch.GetTimestamp() < until && cases.TryDequeue(out var copy))
            {
                await CaseAsync(writer, copy, latencies[client]);
                Interlocked.Increment(ref done);
            }
        }));
        cpu = Environment.CpuUsage.TotalTime - cpu;
        return (done / watch.Elapsed.TotalSeconds, [.. latencies.SelectMany(l => l)], cpu.TotalMicroseconds / done);
    }

    public void Dispose() => _turn.Dispose();

    private List<List<(WrittenRow Row, object?[] Values)>> Copy()
    {
        var ids = recorded.Ids.ToDictionary(id => id, _ => Guid.CreateVersion7());
        var number = Interlocked.Increment(ref _numbers);
        return [.. recorded.Commits.Select(commit => commit.Select(row => (row, Renamed(row, ids, number))).ToList())];
    }

    private async Task CaseAsync(Writer writer, List<List<(WrittenRow Row, object?[] Values)>> commits, List<double> latencies)
    {
        foreach (var rows in commits)
        {
            var since = Stopwatch.GetTimestamp();
            if (office.Provider == Databases.Sqlite)
                await _turn.WaitAsync();
            try
            {
                await writer.CommitAsync(rows);
            }
            finally
            {
                if (office.Provider == Databases.Sqlite)
                    _turn.Release();
            }
            latencies.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }
    }

    private object?[] Renamed(WrittenRow row, Dictionary<Guid, Guid> ids, int number)
    {
        var values = (object?[])row.Values.Clone();
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (row.Table, row.Columns[i], values[i]) switch
            {
                ("Cases" or "CaseNumberSequences", "Year", _) => Year,
                ("Cases", "SequenceNo", _) => number,
                ("Cases", "Number" or "UniqueKey", string text) => $"{text}/{number.ToString(CultureInfo.InvariantCulture)}",
                (_, _, Guid id) => ids.GetValueOrDefault(id, id),
                (_, _, string text) when _needles.Any(n => text.Contains(n, StringComparison.Ordinal)) => Renamed(text, ids),
                (_, _, var other) => other
            };
        }
        return values;
    }

    private static string Renamed(string text, Dictionary<Guid, Guid> ids)
    {
        foreach (var (from, to) in ids)
        {
            text = text.Replace(from.ToString("N"), to.ToString("N"), StringComparison.Ordinal).Replace(from.ToString("D"), to.ToString("D"), StringComparison.Ordinal)
                .Replace(from.ToString("D").ToUpperInvariant(), to.ToString("D").ToUpperInvariant(), StringComparison.Ordinal);
        }
        return text;
    }

    /// <summary>A connection with its prepared statements.</summary>
    private sealed class Writer(DbConnection connection) : IAsyncDisposable
    {
        private static readonly Regex Positional = new("@p([0-9]+)", RegexOptions.Compiled);
        private readonly Dictionary<string, DbCommand> _commands = [];

        public static async Task<Writer> OpenAsync(BenchOffice office)
        {
            DbConnection connection = office.Provider == Databases.Sqlite ? new SqliteConnection(office.Connection)
                : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(office.Connection) { MaxAutoPrepare = 100, AutoPrepareMinUsages = 2 }.ToString());
            await connection.OpenAsync();
            if (connection is SqliteConnection)
            {
                await using var pragmas = connection.CreateCommand();
                pragmas.CommandText = "PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000;";
                await pragmas.ExecuteNonQueryAsync();
            }
            return new Writer(connection);
        }

        public async Task CommitAsync(List<(WrittenRow Row, object?[] Values)> rows)
        {
            await using var transaction = await connection.BeginTransactionAsync(connection is SqliteConnection ? IsolationLevel.Serializable : IsolationLevel.ReadCommitted);
            if (connection is NpgsqlConnection server)
            {
                await using var batch = new NpgsqlBatch(server, (NpgsqlTransaction)transaction);
                foreach (var (row, values) in rows)
                {
                    var command = new NpgsqlBatchCommand(Positional.Replace(row.Sql, m => $"${int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture) + 1}"));
                    foreach (var value in values)
                        command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
                    batch.BatchCommands.Add(command);
                }
                await batch.ExecuteNonQueryAsync();
            }
            else
            {
                foreach (var (row, values) in rows)
                    Execute(row.Sql, values, transaction);
            }
            await transaction.CommitAsync();
        }

        private void Execute(string sql, object?[] values, DbTransaction transaction)
        {
            if (!_commands.TryGetValue(sql, out var command))
            {
                _commands[sql] = command = connection.CreateCommand();
                command.CommandText = sql;
                for (var i = 0; i < values.Length; i++)
                {
                    var parameter = command.CreateParameter();
                    parameter.ParameterName = $"@p{i.ToString(CultureInfo.InvariantCulture)}";
                    command.Parameters.Add(parameter);
                }
            }
            command.Transaction = transaction;
            for (var i = 0; i < values.Length; i++)
                command.Parameters[i].Value = values[i] ?? DBNull.Value;
            command.ExecuteNonQuery();
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var command in _commands.Values)
                await command.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
