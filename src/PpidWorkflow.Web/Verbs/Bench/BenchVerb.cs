using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// <c>bench alarms|cases [--provider Sqlite|PostgreSql] [--part …] [--quick] [--json]</c>,
/// <c>bench inbox [--provider …] [--cases 1000,100000] [--quick] [--json]</c>, <c>bench step|start [--provider …] [--quick] [--json]</c>: measures on a
/// database made for it. For PostgreSQL the connection string of a server on which databases may be created comes from <c>ConnectionStrings:Ppid</c>.
/// </summary>
internal static class BenchVerb
{
    public static async Task<int> RunAsync(VerbCall call)
    {
        var isAlarms = call.Operands is ["alarms"];
        var parts = isAlarms ? AlarmBench.Parts : CaseBench.Parts;
        var asked = call.Options.GetValueOrDefault("--provider") ?? Databases.Sqlite;
        var settings = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(call.Configuration).Build();
        var server = settings.GetConnectionString("Ppid");
        // SQL Server: nobody has made a floor for it, nor run the service on it.
        if (Databases.Find(asked) is not { } provider || provider == Databases.SqlServer)
        {
            await Console.Error.WriteLineAsync($"--provider harus {Databases.Sqlite} atau {Databases.PostgreSql}; bukan '{asked}'.");
            return 1;
        }
        if (provider == Databases.PostgreSql && string.IsNullOrWhiteSpace(server))
        {
            await Console.Error.WriteLineAsync("ConnectionStrings:Ppid harus menyebut peladen PostgreSQL tempat basis data tolok ukur boleh dibuat.");
            return 1;
        }
        var printer = new FigurePrinter(call.Json);
        var quick = call.Options.ContainsKey("--quick");
        if (call.Operands is ["inbox"])
        {
            if (Sizes(call.Options.GetValueOrDefault("--cases")) is not { } sizes)
            {
                await Console.Error.WriteLineAsync("--cases harus bilangan 100 sampai 10000000, beberapa dipisahkan koma.");
                return 1;
            }
            await new InboxBench(provider, server, quick, printer).RunAsync(sizes);
            return 0;
        }
        if (call.Operands is ["start"])
        {
            await new StartBench(provider, server, quick, printer).RunAsync();
            return 0;
        }
        if (call.Operands is ["step"])
        {
            await new CaseBench(provider, server, quick, printer).RunStepAsync();
            return 0;
        }
        var part = call.Options.GetValueOrDefault("--part");
        if (part is not null && !parts.Contains(part))
        {
            await Console.Error.WriteLineAsync($"--part harus salah satu dari: {string.Join(", ", parts)}; bukan '{part}'.");
            return 1;
        }
        await (isAlarms ? new AlarmBench(provider, server, quick, printer).RunAsync(part) : new CaseBench(provider, server, quick, printer).RunAsync(part));
        return 0;
    }

    // Null: not understood.
    private static List<int>? Sizes(string? asked)
    {
        var sizes = new List<int>();
        foreach (var text in asked?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            if (!int.TryParse(text, out var size) || size is < 100 or > 10_000_000)
                return null;
            sizes.Add(size);
        }
        return [.. sizes.Order()];
    }
}
