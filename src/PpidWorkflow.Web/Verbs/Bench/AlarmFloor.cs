using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// The floor under a burst of alarms: the very rows that it stored (fire records, mails, audit records, chains, clocks), taken out and written
/// again by hand-written ADO.NET, as many clocks a transaction, on the same database with the same durability.
/// </summary>
internal static class AlarmFloor
{
    private static readonly (string Table, string Of)[] Tables =
    [
        ("FireRecords", "\"DueAt\" = @due"),
        ("Outbox", "\"FireRecordId\" IN (SELECT \"Id\" FROM \"FireRecords\" WHERE \"DueAt\" = @due)"),
        ("AuditRecords", "\"Chain\" IN (SELECT 'case:' || lower(replace(CAST(\"CaseId\" AS text), '-', '')) FROM \"FireRecords\" WHERE \"DueAt\" = @due)"),
        ("AuditChains", "\"Name\" IN (SELECT 'case:' || lower(replace(CAST(\"CaseId\" AS text), '-', '')) FROM \"FireRecords\" WHERE \"DueAt\" = @due)")
    ];

    /// <returns>Fires a second, and what one costs this process.</returns>
    public static Task<(double FiresPerSecond, double CpuMicroseconds)> MeasureAsync(BenchOffice office, DateTimeOffset dueAt, int batch) => office.InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<PpidDbContext>();
        await db.Database.OpenConnectionAsync();
        var connection = db.Database.GetDbConnection();
        var rows = new List<(string Table, string[] Columns, List<object[]> Rows)>();
        foreach (var (table, of) in Tables)
            rows.Add(await ReadAsync(connection, table, of, dueAt.UtcDateTime));
        var clocks = (await ReadAsync(connection, "StepClocks", "\"Id\" IN (SELECT \"ClockId\" FROM \"FireRecords\" WHERE \"DueAt\" = @due)", dueAt.UtcDateTime));
        foreach (var (table, of) in Tables.Reverse())
            await ExecuteAsync(connection, $"DELETE FROM \"{table}\" WHERE {of}", dueAt.UtcDateTime);

        var fires = rows[0].Rows.Count;
        var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        for (var from = 0; from < fires; from += batch)
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            foreach (var (table, columns, all) in rows)
                await WriteAsync(connection, transaction.GetDbTransaction(), table, columns, Slice(all, from, batch, fires));
            await AdvanceAsync(connection, transaction.GetDbTransaction(), clocks.Columns, Slice(clocks.Rows, from, batch, fires));
            await transaction.CommitAsync();
        }
        return (fires / watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / fires);
    });

    // A rung may have several mails: each batch takes its share of every table.
    private static List<object[]> Slice(List<object[]> rows, int from, int batch, int fires) =>
        rows[(int)((long)rows.Count * from / fires)..(int)((long)rows.Count * Math.Min(from + batch, fires) / fires)];

    private static async Task<(string Table, string[] Columns, List<object[]> Rows)> ReadAsync(DbConnection connection, string table, string of, DateTime due)
    {
        await using var command = Command(connection, $"SELECT * FROM \"{table}\" WHERE {of}", due);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }
        return (table, [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)], rows);
    }

    private static async Task WriteAsync(DbConnection connection, DbTransaction transaction, string table, string[] columns, List<object[]> rows)
    {
        var names = string.Join(", ", columns.Select(c => $"\"{c}\""));
        if (connection is NpgsqlConnection server)
        {
            await using var copy = await server.BeginBinaryImportAsync($"COPY \"{table}\" ({names}) FROM STDIN (FORMAT BINARY)");
            foreach (var row in rows)
                await copy.WriteRowAsync(default, row);
            await copy.CompleteAsync();
            return;
        }
        await EachAsync(connection, transaction, $"INSERT INTO \"{table}\" ({names}) VALUES ({string.Join(", ", columns.Select((_, i) => $"@p{i}"))})", rows);
    }

    private static async Task AdvanceAsync(DbConnection connection, DbTransaction transaction, string[] columns, List<object[]> clocks)
    {
        var (id, next, revision) = (Array.IndexOf(columns, "Id"), Array.IndexOf(columns, "NextFireAt"), Array.IndexOf(columns, "Revision"));
        if (connection is NpgsqlConnection server)
        {
            await using var command = new NpgsqlCommand(
                "UPDATE \"StepClocks\" AS t SET \"NextFireAt\" = v.n, \"Revision\" = v.r FROM unnest($1, $2, $3) AS v(i, n, r) WHERE t.\"Id\" = v.i",
                server, (NpgsqlTransaction)transaction);
            command.Parameters.AddWithValue(clocks.Select(c => (Guid)c[id]).ToArray());
            command.Parameters.AddWithValue(clocks.Select(c => c[next] as DateTime?).ToArray());
            command.Parameters.AddWithValue(clocks.Select(c => Convert.ToInt32(c[revision], System.Globalization.CultureInfo.InvariantCulture)).ToArray());
            await command.ExecuteNonQueryAsync();
            return;
        }
        await EachAsync(connection, transaction, "UPDATE \"StepClocks\" SET \"NextFireAt\" = @p0, \"Revision\" = @p1 WHERE \"Id\" = @p2",
            clocks.Select(c => new[] { c[next], c[revision], c[id] }));
    }

    private static async Task EachAsync(DbConnection connection, DbTransaction transaction, string sql, IEnumerable<object[]> rows)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        foreach (var row in rows)
        {
            for (var i = command.Parameters.Count; i < row.Length; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = $"@p{i}";
                command.Parameters.Add(parameter);
            }
            for (var i = 0; i < row.Length; i++)
                command.Parameters[i].Value = row[i];
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql, DateTime due)
    {
        await using var command = Command(connection, sql, due);
        await command.ExecuteNonQueryAsync();
    }

    private static DbCommand Command(DbConnection connection, string sql, DateTime due)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = ("@due", due);
        command.Parameters.Add(parameter);
        return command;
    }
}
