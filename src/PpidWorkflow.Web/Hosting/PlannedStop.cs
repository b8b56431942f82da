using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Hosting;

/// <summary>
/// The last act of a planned stop (SIGTERM, Ctrl+C), when all requests are answered and the sweeps have ended: a last heartbeat and a record of
/// the administration, in one commit each. A service that was killed leaves none. Registered before Kestrel and Hangfire, so it stops after them.
/// </summary>
public sealed class PlannedStop(IServiceScopeFactory scopes, ServicePulse pulse, Drain drain, IOptions<ShutdownOptions> options, ILogger<PlannedStop> logger)
    : IHostedService
{
    /// <summary>Name of the record in the audit trail.</summary>
    public const string Action = "service-stopped";

    /// <summary>Also where draining has used up its time: a commit is short.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly Lock _once = new();
    private Task? _stop;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A host may be stopped by two at the same time (a signal, and whoever runs it): one record, and both wait for it.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_once)
            return _stop ??= RecordAsync();
    }

    private async Task RecordAsync()
    {
        if (drain.CutOff > 0)
            logger.LogWarning("{Requests} requests were cut off: not answered within {Seconds} s (Shutdown:DrainSeconds)", drain.CutOff, options.Value.DrainSeconds);
        using var limit = new CancellationTokenSource(Longest);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var audit = scope.ServiceProvider.GetRequiredService<AuditTrail>();
            await scope.ServiceProvider.GetRequiredService<OutageWatch>().BeatAsync(limit.Token);
            var recorded = await scope.ServiceProvider.GetRequiredService<Committer>().RunAsync<bool>(() =>
            {
                audit.Add(AuditTrail.Administration, "system", Action, new JsonObject
                {
                    ["node"] = pulse.NodeId,
                    ["startedAt"] = pulse.StartedAt,
                    ["cutOff"] = drain.CutOff
                });
                return Task.FromResult<Result<bool>>(true);
            }, limit.Token);
            logger.LogInformation("Stopped as planned; recorded: {Recorded}", recorded.Succeeded);
        }
        // A stop must not fail for want of its record: a database that is away, or newer than this node.
        catch (Exception failure)
        {
            logger.LogWarning("The planned stop was not recorded: {Failure}", failure.GetType().Name);
        }
    }
}
