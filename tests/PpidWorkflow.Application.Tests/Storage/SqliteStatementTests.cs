using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Tests.Storage;

/// <summary>What is written past Microsoft.Data.Sqlite is stored as it would have stored it.</summary>
public class SqliteStatementTests
{
    public static TheoryData<object?> Values => new TheoryData<object?>()
    {
        (object?)null, "", "Ringkasan", "a\0b", "Kasubid \"Dokumentasi\" – ✓ 𝄞", new string('é', 5_000), Guid.Empty, new Guid("0189f7ea-ae2f-7abc-8def-0123456789ab"),
        new DateTime(2026, 11, 23, 8, 58, 0, DateTimeKind.Utc), new DateTime(2026, 11, 23, 8, 58, 0, 120, 345, DateTimeKind.Utc),
        DateTime.MinValue, DateTime.MaxValue, int.MinValue, 0, long.MaxValue, true, false, 0.1, new byte[] { 0, 255, 1 }, Array.Empty<byte>(),
        new DateOnly(2026, 2, 3), new TimeOnly(7, 30), new TimeOnly(15, 58, 1, 500)
    };

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public void A_value_is_stored_as_Microsoft_Data_Sqlite_stores_it(object? value)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO t VALUES ($v)";
        command.Parameters.AddWithValue("$v", value ?? DBNull.Value);
        command.ExecuteNonQuery();
        using (var own = new SqliteStatement(connection, "INSERT INTO t VALUES (?1)"))
        {
            own.Bind(1, value);
            Assert.Equal(1, own.Execute());
        }

        command.CommandText = "SELECT count(*), count(DISTINCT typeof(v) || ':' || coalesce(hex(v), '')) FROM t";
        using var reader = command.ExecuteReader();
        reader.Read();
        Assert.Equal((2, 1), (reader.GetInt32(0), reader.GetInt32(1)));
    }

    [Fact]
    public void A_refused_row_says_why_and_the_statement_goes_on()
    {
        using var connection = Open();
        using var own = new SqliteStatement(connection, "INSERT INTO k VALUES (?1)");
        own.Bind(1, 1);
        Assert.Equal(1, own.Execute());

        var refused = Assert.Throws<SqliteException>(() => own.Execute());
        Assert.Equal(StoreFailure.UniqueViolation, StoreFailures.Describe(refused));
        own.Bind(1, 2);
        Assert.Equal(1, own.Execute());
        Assert.Throws<NotSupportedException>(() => own.Bind(1, 1m));
    }

    [Fact]
    public void A_connection_that_was_opened_again_gets_a_statement_of_its_own()
    {
        var file = Path.GetTempFileName();
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using (var making = connection.CreateCommand())
        {
            making.CommandText = "CREATE TABLE t (v)";
            making.ExecuteNonQuery();
        }
        var first = KeptStatements.Writing(connection, "INSERT INTO t VALUES (1)");
        Assert.Same(first, KeptStatements.Writing(connection, "INSERT INTO t VALUES (1)"));
        connection.Close();
        connection.Open();

        var second = KeptStatements.Writing(connection, "INSERT INTO t VALUES (1)");

        Assert.NotSame(first, second);
        Assert.True(second.IsOf(connection));
        Assert.Equal(1, second.Execute());
        KeptStatements.Forget(connection);
        connection.Close();
        File.Delete(file);
    }

    [Fact]
    public void Every_table_is_one_that_is_written_so()
    {
        using var db = new SqlitePpidDbContext(new DbContextOptionsBuilder<SqlitePpidDbContext>().UseSqlite("Data Source=:memory:").Options);
        var odd = db.Model.GetEntityTypes().SelectMany(t => t.GetProperties()).Select(p => (Property: p, Type: BulkSave.Stored(p)))
            .Where(x => !SqliteStatement.Storable.Contains(x.Type)).Select(x => $"{x.Property.DeclaringType.ShortName()}.{x.Property.Name}: {x.Type.Name}");

        Assert.Empty(odd);
    }

    private static SqliteConnection Open()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE t (v); CREATE TABLE k (v INTEGER PRIMARY KEY)";
        command.ExecuteNonQuery();
        return connection;
    }
}
