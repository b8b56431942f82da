using System.Globalization;
using Npgsql;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>
/// Two processes on one PostgreSQL and one data folder, with a mail server between them; started once for the class. Step 2 lasts four seconds,
/// the others an hour; a node that is silent for five seconds counts as gone.
/// </summary>
public sealed class TwoNodes : IAsyncLifetime
{
    public const double GapSeconds = 5;

    private readonly string _database = $"ppid_nodes_{Environment.ProcessId}";

    /// <summary>Null: <c>PPID_TEST_POSTGRES</c> names no server, and nothing was started.</summary>
    public static string? Server { get; } = Environment.GetEnvironmentVariable("PPID_TEST_POSTGRES") is { Length: > 0 } server ? server : null;

    public RunningService First { get; } = new();

    public RunningService Second { get; } = new();

    public SmtpServerFixture Smtp { get; private set; } = null!;

    /// <summary>Both export to it.</summary>
    public OtlpReceiver Receiver { get; } = new();

    public async ValueTask InitializeAsync()
    {
        if (Server is null)
            return;
        Smtp = await SmtpServerFixture.StartAsync();
        Prepare(First);
        SopVariant.Use(First, ("2", "PT4S"));
        Join(Second);
        await First.StartAsync();
        await Second.StartAsync();
    }

    /// <summary>Makes a further process a node of this office.</summary>
    public void Join(RunningService node)
    {
        Prepare(node);
        node.Settings["Definitions__Path"] = First.Settings["Definitions__Path"];
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection($"{First.Settings["ConnectionStrings__Ppid"]};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{First.Settings["ConnectionStrings__Ppid"]};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Second.DisposeAsync();
        await First.DisposeAsync();
        Receiver.Dispose();
        if (Server is null)
            return;
        await Smtp.DisposeAsync();
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Server) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"DROP DATABASE IF EXISTS {_database} WITH (FORCE)", connection);
        await command.ExecuteNonQueryAsync();
    }

    private void Prepare(RunningService node)
    {
        node.Settings["Storage__DataPath"] = First.DataPath;
        node.Settings["Database__Provider"] = "PostgreSql";
        node.Settings["ConnectionStrings__Ppid"] = new NpgsqlConnectionStringBuilder(Server) { Database = _database, MaxPoolSize = 30 }.ToString();
        // No mail about what a busy machine has broken for a moment; the tests ask with "verify".
        node.Settings["Guarantees__CheckMinutes"] = "0";
        node.Settings["Outages__BeatSeconds"] = "1";
        node.Settings["Outages__GapSeconds"] = GapSeconds.ToString(CultureInfo.InvariantCulture);
        node.Settings["Telemetry__OtlpEndpoint"] = Receiver.Address;
        node.Settings["Telemetry__OtlpProtocol"] = "HttpProtobuf";
        node.Settings["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
        node.Settings["OTEL_BSP_SCHEDULE_DELAY"] = "500";
        node.SendMailTo(Smtp);
    }
}
