using PpidWorkflow.Application.Retention;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Verbs;

/// <summary>
/// Removes what is past the times of the section <c>Retention</c>, or with <c>--dry-run</c> only counts it. May run beside the service.
/// </summary>
internal static class RetainVerb
{
    public sealed record Outcome(bool Ok, bool DryRun, IReadOnlyList<RetentionReading> Classes);

    public static async Task<int> RunAsync(VerbCall call)
    {
        await using var app = ServiceHost.Build(call.Configuration, serves: false);
        await using var scope = app.Services.CreateAsyncScope();
        await StartUp.RequireCurrentDatabaseAsync(scope.ServiceProvider);
        var desk = scope.ServiceProvider.GetRequiredService<RetentionDesk>();
        var dry = call.Options.ContainsKey("--dry-run");
        var readings = dry ? await desk.CountAsync() : await desk.RunAsync();
        var outcome = new Outcome(readings.All(r => r.Refusal is null), dry, readings);
        if (call.Json)
        {
            await Console.Out.WriteLineAsync(Verb.Json(outcome));
            return outcome.Ok ? 0 : 1;
        }
        foreach (var reading in readings)
            await Console.Out.WriteLineAsync(Line(reading, dry));
        if (dry)
            await Console.Out.WriteLineAsync("Tidak ada yang berubah.");
        return outcome.Ok ? 0 : 1;
    }

    private static string Line(RetentionReading reading, bool dry)
    {
        if (reading.Before is not { } before)
            return $"{reading.Name,-12} disimpan selamanya ({reading.Setting} = 0)";
        if (reading.Refusal is { } refusal)
            return $"{reading.Name,-12} DITOLAK ({refusal}): tidak ada yang dihapus; jalankan 'verify'.";
        var span = reading.Count.Rows == 0 ? "" : $", dari {reading.Count.Oldest:yyyy-MM-dd HH.mm} sampai {reading.Count.Newest:yyyy-MM-dd HH.mm} UTC";
        return $"{reading.Name,-12} {reading.Count.Rows} {(dry ? "akan dihapus" : "dihapus")}{span} (batas {before:yyyy-MM-dd HH.mm} UTC)";
    }
}
