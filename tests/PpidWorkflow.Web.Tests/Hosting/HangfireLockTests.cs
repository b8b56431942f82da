using Hangfire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Tests.Hosting;

/// <summary>What a killed node leaves in Hangfire's tables must not keep the next one from starting.</summary>
public sealed class HangfireLockTests
{
    [Fact]
    public async Task The_lock_of_a_killed_node_is_free_before_scheduling_gives_up()
    {
        var server = Environment.GetEnvironmentVariable("PPID_TEST_POSTGRES");
        Assert.SkipWhen(string.IsNullOrEmpty(server), "PPID_TEST_POSTGRES names no PostgreSQL (tests/Shared/postgres.sh starts one).");
        var database = $"ppid_lock_{Environment.ProcessId}";
        var connection = new NpgsqlConnectionStringBuilder(server) { Database = database, Pooling = false }.ToString();
        await RunAsync(server!, $"CREATE DATABASE {database}");
        try
        {
            var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Database:Provider"] = "PostgreSql",
                ["ConnectionStrings:Ppid"] = connection
            }).Build();
            await using var services = new ServiceCollection().AddLogging().AddPpidHangfire(settings).BuildServiceProvider();
            using var storage = services.GetRequiredService<JobStorage>().GetConnection();
            // Nine seconds ago: one second is all that this test waits.
            await RunAsync(connection,
                "INSERT INTO hangfire.lock (resource, acquired) VALUES ('hangfire:lock:recurring-job:alarm-sweep', now() AT TIME ZONE 'utc' - interval '9 seconds')");

            using var taken = storage.AcquireDistributedLock("recurring-job:alarm-sweep", TimeSpan.FromSeconds(15));

            Assert.NotNull(taken);
        }
        finally
        {
            await RunAsync(server!, $"DROP DATABASE IF EXISTS {database} WITH (FORCE)");
        }
    }

    private static async Task RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // names of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
