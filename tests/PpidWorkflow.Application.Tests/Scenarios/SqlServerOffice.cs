using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>A database each, made by the migrations, on the server that <c>PPID_TEST_SQLSERVER</c> names.</summary>
public sealed class SqlServerOffice(string folder) : IOfficeStore
{
    private readonly string _name = OfficeStore.NameFor(folder);

    private string Connection => On(_name);

    public void Register(IServiceCollection services) => services.AddSqlServerStore(Connection).AddScoped<SchemaUpgrade>();

    public async Task<bool> CreateAsync(PpidDbContext db)
    {
        if (await db.Database.CanConnectAsync())
            return false;
        await new SchemaUpgrade(db).ApplyAsync();
        return true;
    }

    public string Dialect(string sql, IModel model) => sql;

    public async Task<int> RefuseWritesAsync(PpidDbContext db, bool refuse)
    {
        await OnServerAsync($"ALTER DATABASE {_name} SET {(refuse ? "READ_ONLY" : "READ_WRITE")} WITH ROLLBACK IMMEDIATE");
        return 0;
    }

    public Task<int> FailMailAsync(PpidDbContext db, string? template) => db.Database.ExecuteSqlRawAsync(template is null
        ? "DROP TRIGGER Stop"
        : $"CREATE TRIGGER Stop ON Outbox AFTER INSERT AS IF EXISTS (SELECT 1 FROM inserted WHERE Template = '{template}') THROW 50000, 'stop', 1");

    public async Task DropAsync()
    {
        SqlConnection.ClearAllPools();
        await OnServerAsync($"IF DB_ID('{_name}') IS NOT NULL BEGIN ALTER DATABASE {_name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE {_name}; END");
    }

    private static string On(string database) => new SqlConnectionStringBuilder(
        Environment.GetEnvironmentVariable("PPID_TEST_SQLSERVER") is { Length: > 0 } server
            ? server
            : throw new InvalidOperationException("PPID_TEST_PROVIDER=SqlServer wants PPID_TEST_SQLSERVER."))
    {
        InitialCatalog = database
    }.ToString();

    private static async Task OnServerAsync(string sql)
    {
        await using var connection = new SqlConnection(On("master"));
        await connection.OpenAsync();
        await using var command = new SqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
