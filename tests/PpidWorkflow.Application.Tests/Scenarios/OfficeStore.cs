using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>The database under an office. The scenarios are one conformance suite: they run whole on each.</summary>
public interface IOfficeStore
{
    void Register(IServiceCollection services);

    /// <summary>False: it was there before.</summary>
    Task<bool> CreateAsync(PpidDbContext db);

    /// <summary>What a test writes as SQLite has it, in this database's own words.</summary>
    string Dialect(string sql, IModel model);

    Task<int> RefuseWritesAsync(PpidDbContext db, bool refuse);
    Task<int> FailMailAsync(PpidDbContext db, string? template);
    Task DropAsync();
}

/// <summary>
/// Which database: a SQLite file each, or with <c>PPID_TEST_PROVIDER=PostgreSql</c> a database each on the server that
/// <c>PPID_TEST_POSTGRES</c> names (test.sh starts one; by hand: <c>tests/Shared/postgres.sh</c>), or with <c>SqlServer</c> on that of
/// <c>PPID_TEST_SQLSERVER</c>.
/// </summary>
public static class OfficeStore
{
    /// <summary>Connection string of a server on which tests may create and drop databases; null: there is none.</summary>
    public static string? Server { get; } = Environment.GetEnvironmentVariable("PPID_TEST_POSTGRES") is { Length: > 0 } server ? server : null;

    public static bool IsPostgreSql { get; } = Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") == Databases.PostgreSql;

    public static IOfficeStore For(string folder) => Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") switch
    {
        Databases.PostgreSql => new PostgreSqlOffice(folder),
        Databases.SqlServer => new SqlServerOffice(folder),
        _ => new SqliteOffice(folder)
    };

    /// <summary>A name for the database of this folder.</summary>
    internal static string NameFor(string folder) =>
        "ppid_" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(folder)))[..20];
}

/// <summary>
/// A file copied from one that the migrations made. Not made by the model: its indexes would stand in another order, and SQLite, which takes the last of
/// two that look alike to it, would plan otherwise than in any office.
/// </summary>
public sealed class SqliteOffice(string folder) : IOfficeStore
{
    private static readonly Lazy<Task<byte[]>> Template = new(MakeTemplateAsync);

    public void Register(IServiceCollection services) => services.AddSqliteStore(SqliteStore.ConnectionString(folder));

    public async Task<bool> CreateAsync(PpidDbContext db)
    {
        var file = new SqliteConnectionStringBuilder(SqliteStore.ConnectionString(folder)).DataSource;
        if (File.Exists(file))
            return false;
        await File.WriteAllBytesAsync(file, await Template.Value);
        return true;
    }

    public string Dialect(string sql, IModel model) => sql;

    public Task<int> RefuseWritesAsync(PpidDbContext db, bool refuse) =>
        db.Database.ExecuteSqlRawAsync(refuse ? "PRAGMA query_only = 1" : "PRAGMA query_only = 0");

    public Task<int> FailMailAsync(PpidDbContext db, string? template) => db.Database.ExecuteSqlRawAsync(template is null
        ? "DROP TRIGGER Stop"
        : $"CREATE TRIGGER Stop BEFORE INSERT ON Outbox WHEN NEW.Template = '{template}' BEGIN SELECT RAISE(ABORT, 'stop'); END");

    public Task DropAsync()
    {
        // Its own: the connections of other tests may be in a state that these want.
        using var own = new SqliteConnection(SqliteStore.ConnectionString(folder));
        SqliteConnection.ClearPool(own);
        return Task.CompletedTask;
    }

    private static async Task<byte[]> MakeTemplateAsync()
    {
        var made = Directory.CreateTempSubdirectory("ppid-template-").FullName;
        try
        {
            var copy = Path.Combine(made, "copy.db");
            var connection = SqliteStore.ConnectionString(made);
            await using (var provider = new ServiceCollection().AddSqliteStore(connection).BuildServiceProvider())
            await using (var scope = provider.CreateAsyncScope())
            {
                var database = scope.ServiceProvider.GetRequiredService<PpidDbContext>().Database;
                await database.MigrateAsync();
                await database.ExecuteSqlAsync($"VACUUM INTO {copy}");
            }
            using (var own = new SqliteConnection(connection))
                SqliteConnection.ClearPool(own);
            return await File.ReadAllBytesAsync(copy);
        }
        finally
        {
            Directory.Delete(made, recursive: true);
        }
    }
}

/// <summary>A database called after the folder, copied from one that the migrations made: a test then costs no schema.</summary>
public sealed partial class PostgreSqlOffice : IOfficeStore
{
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);
    private readonly string _name;
    private readonly string _connection;

    /// <summary>As the store has it, which adds settings of its own: pools go by it.</summary>
    private string _used;

    public PostgreSqlOffice(string folder)
    {
        _name = OfficeStore.NameFor(folder);
        _used = _connection = Connection(_name);
    }

    public void Register(IServiceCollection services) => services.AddPostgreSqlStore(_connection);

    public async Task<bool> CreateAsync(PpidDbContext db)
    {
        _used = db.Database.GetConnectionString()!;
        if (await db.Database.CanConnectAsync())
            return false;
        await OnServerAsync($"CREATE DATABASE {_name} TEMPLATE {await Template.Value}");
        ForgetSessions();
        return true;
    }

    // Names as the model writes them, and truth values.
    public string Dialect(string sql, IModel model)
    {
        var columns = model.GetEntityTypes().SelectMany(e => e.GetProperties()).ToLookup(p => p.GetColumnName());
        var tables = model.GetEntityTypes().Select(e => e.GetTableName()).ToHashSet();
        sql = Assigned().Replace(sql, m => columns[m.Groups[1].Value].Any(p => p.ClrType == typeof(bool))
            ? $"{m.Groups[1].Value} = {(m.Groups[2].Value == "1" ? "TRUE" : "FALSE")}"
            : m.Value);
        return WordOrText().Replace(sql, m => !m.Value.StartsWith('\'') && (columns.Contains(m.Value) || tables.Contains(m.Value)) ? $"\"{m.Value}\"" : m.Value);
    }

    public async Task<int> RefuseWritesAsync(PpidDbContext db, bool refuse)
    {
        await OnServerAsync($"ALTER DATABASE {_name} SET default_transaction_read_only = {(refuse ? "on" : "off")}");
        ForgetSessions();
        return 0;
    }

    public Task<int> FailMailAsync(PpidDbContext db, string? template) => db.Database.ExecuteSqlRawAsync(template is null
        ? """DROP TRIGGER stop ON "Outbox" """
        : $"""
            CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''stop''; END';
            CREATE TRIGGER stop BEFORE INSERT ON "Outbox" FOR EACH ROW WHEN (NEW."Template" = '{template}') EXECUTE FUNCTION stop()
            """);

    public async Task DropAsync()
    {
        ForgetSessions();
        await OnServerAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
    }

    // Sessions that are open already keep the settings with which they began.
    private void ForgetSessions()
    {
        using var own = new NpgsqlConnection(_used);
        NpgsqlConnection.ClearPool(own);
    }

    private static async Task<string> MakeTemplateAsync()
    {
        var name = $"ppid_template_{Environment.ProcessId}";
        await OnServerAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        var services = new ServiceCollection().AddPostgreSqlStore(Connection(name, pooling: false));
        await using var provider = services.BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<PpidDbContext>().Database.MigrateAsync();
        return name;
    }

    private static string Connection(string database, bool pooling = true) => new NpgsqlConnectionStringBuilder(
        OfficeStore.Server ?? throw new InvalidOperationException("PPID_TEST_PROVIDER=PostgreSql wants PPID_TEST_POSTGRES."))
    {
        Database = database,
        Pooling = pooling,
        MaxPoolSize = 20,
        Timezone = "UTC"
    }.ToString();

    private static async Task OnServerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Connection("postgres", pooling: false));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    [GeneratedRegex(@"\b(\w+) = ([01])\b")]
    private static partial Regex Assigned();

    [GeneratedRegex(@"'[^']*'|\b\w+\b")]
    private static partial Regex WordOrText();
}
