using System.Globalization;
using Npgsql;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>
/// <c>kill -9</c> in the middle of the alarms, on each database: no rung is lost, none fires twice, and each has its mails. PostgreSQL where
/// <c>PPID_TEST_POSTGRES</c> names a server.
/// </summary>
[Collection("Processes")]
public sealed class AlarmKillTests
{
    private const int Cases = 6;
    private const int RungsPerCase = 3;

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql")]
    public async Task Killed_between_claim_and_commit_and_right_after_it_every_rung_has_fired_once(string provider)
    {
        var server = Environment.GetEnvironmentVariable("PPID_TEST_POSTGRES");
        Assert.SkipWhen(provider == "PostgreSql" && string.IsNullOrEmpty(server), "PPID_TEST_POSTGRES names no PostgreSQL (tests/Shared/postgres.sh starts one).");
        await using var service = new RunningService();
        var database = $"ppid_kill_{Environment.ProcessId}";
        if (provider == "PostgreSql")
        {
            service.Settings["Database__Provider"] = provider;
            service.Settings["ConnectionStrings__Ppid"] = new NpgsqlConnectionStringBuilder(server) { Database = database }.ToString();
        }
        try
        {
            // Seconds instead of minutes: rungs after 4.8, 6 and 12 s.
            SopVariant.Use(service, ("1", "PT6S"));
            using var client = new OfficeClient(service);
            await service.StartAsync();
            for (var i = 1; i <= Cases; i++)
                await new CaseWalk(client, $"188.44/{i}/2026").OpenAsync();
            await service.KillAsync();

            // The sweep that has claimed, the commit not yet made, the commit just made.
            foreach (var point in (string[])["inside-sweep/alarms", "before-commit:2", "after-commit:2"])
            {
                await service.StartAsync(point);
                await service.WaitForCrashAsync([], TimeSpan.FromMinutes(1));
            }
            await service.StartAsync();
            await RunningService.UntilAsync(async () => (await service.VerifyAsync()).Checked["fires-have-mails"] >= Cases * RungsPerCase, "all rungs have fired");

            var verified = await service.VerifyAsync();
            Assert.True(verified.ExitCode == 0, verified.Output);
            Assert.Equal(Cases * RungsPerCase, verified.Checked["fires-have-mails"]);
        }
        finally
        {
            await service.KillAsync();
            if (provider == "PostgreSql")
                await DropAsync(server!, database);
        }
    }

    private static async Task DropAsync(string server, string database)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"DROP DATABASE IF EXISTS {database} WITH (FORCE)"), connection);
        await command.ExecuteNonQueryAsync();
    }
}
