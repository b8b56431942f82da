using PpidWorkflow.Application.Audit;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Verbs;

/// <summary>
/// Checks every invariant of design.md §6 on the configured database, audit chains and vault files from their first byte.
/// </summary>
internal static class VerifyVerb
{
    public sealed record Outcome(bool Ok, IReadOnlyList<GuaranteeReading> Guarantees);

    public static async Task<int> RunAsync(VerbCall call)
    {
        await using var app = ServiceHost.Build(call.Configuration, serves: false);
        await using var scope = app.Services.CreateAsyncScope();
        await StartUp.RequireCurrentDatabaseAsync(scope.ServiceProvider);
        var readings = await scope.ServiceProvider.GetRequiredService<Guarantees>().ReadAsync(deep: true);
        var outcome = new Outcome(readings.All(r => r.Violations == 0), readings);
        if (call.Json)
        {
            await Console.Out.WriteLineAsync(Verb.Json(outcome));
        }
        else
        {
            foreach (var reading in readings)
            {
                await Console.Out.WriteLineAsync(
                    $"{(reading.Violations == 0 ? "ok  " : "RUSAK")} {reading.Name}: {reading.Checked} diperiksa, "
                    + $"{reading.Violations} melanggar"
                    + (reading.Violations == 0 ? "" : $" ({string.Join(", ", reading.Examples)}) — {reading.Description}"));
            }
        }
        return outcome.Ok ? 0 : 1;
    }
}
