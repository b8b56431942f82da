using Microsoft.AspNetCore.SignalR;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>
/// Tells observers of instances what changed. It reads the database, which is the truth, after every commit of this process and every two
/// seconds for those of other nodes; so it tells only what is committed, and costs nothing while nobody observes. What it tells are counts and
/// ids, no values.
/// </summary>
public sealed class InstanceWatch(
    IHubContext<InstanceHub> hub, IServiceScopeFactory scopes, WakeUps wakeUps, TimeProvider time, IHostApplicationLifetime host,
    ILogger<InstanceWatch> logger)
{
    /// <summary>Commits of other nodes are seen after this at the latest.</summary>
    private static readonly TimeSpan Net = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A change is told once more after this, at the next look. Studio's journal reads anew when it is told and paints by timers that nothing
    /// holds: on a busy machine it was seen to go on showing what stood there before.
    /// </summary>
    private static readonly TimeSpan Echo = TimeSpan.FromSeconds(1);

    /// <summary>Commits follow one another faster than anybody can look.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads marks only; these are the same for everybody who may look.</summary>
    private static readonly Actor Nobody = new(Guid.Empty, "system", "PpidWorkflow", new HashSet<string>());

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Seen> _seen = [];
    private readonly Dictionary<string, (HubCallerContext Caller, HashSet<Guid> Instances)> _observed = [];
    private bool _runs;

    /// <summary>How many instances are observed now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _seen.Count;
        }
    }

    /// <summary>False: the connection observes as many as it may.</summary>
    internal bool TryAdd(HubCallerContext caller, Guid instanceId, int revision)
    {
        lock (_lock)
        {
            if (!_observed.TryGetValue(caller.ConnectionId, out var observer))
                _observed[caller.ConnectionId] = observer = (caller, []);
            var instances = observer.Instances;
            if (instances.Contains(instanceId))
                return true;
            if (instances.Count >= InstanceHub.MostPerConnection)
                return false;
            instances.Add(instanceId);
            if (_seen.TryGetValue(instanceId, out var seen))
                seen.Observers++;
            else
                _seen[instanceId] = new Seen { Revision = revision, Observers = 1 };
            if (!_runs)
            {
                _runs = true;
                _ = Task.Run(RunAsync);
            }
            return true;
        }
    }

    internal void Remove(string connectionId)
    {
        lock (_lock)
        {
            if (!_observed.Remove(connectionId, out var observer))
                return;
            foreach (var id in observer.Instances)
            {
                if (_seen.TryGetValue(id, out var seen) && --seen.Observers == 0)
                    _seen.Remove(id);
            }
        }
    }

    private async Task RunAsync()
    {
        var stopping = host.ApplicationStopping;
        while (true)
        {
            // Taken before looking: a commit in between is seen at the next look.
            var woken = wakeUps.Next;
            Dictionary<Guid, int> known;
            lock (_lock)
            {
                if (_seen.Count == 0 || stopping.IsCancellationRequested)
                {
                    _runs = false;
                    return;
                }
                known = _seen.ToDictionary(s => s.Key, s => s.Value.Revision);
            }
            try
            {
                await LookAsync(known, stopping);
                await Task.Delay(Breath, time, stopping);
                using var done = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                await Task.WhenAny(woken, Task.Delay(Net, time, done.Token));
                await done.CancelAsync();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // The next turn ends it.
            }
            catch (Exception failure)
            {
                logger.LogWarning("Observed instances could not be read, trying again: {Failure}", failure.GetType().Name);
                // Not thrown where the node stops meanwhile: the next turn ends it.
                await Task.WhenAny(Task.Delay(Net, time, stopping));
            }
        }
    }

    private async Task LookAsync(Dictionary<Guid, int> known, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var reader = scope.ServiceProvider.GetRequiredService<InstanceReader>();
        var revisions = await reader.RevisionsAsync(known.Keys, cancellation);
        HashSet<Guid> again;
        lock (_lock)
            again = [.. _seen.Where(s => s.Value.Told is { } told && time.GetElapsedTime(told) >= Echo).Select(s => s.Key)];
        foreach (var (id, revision) in revisions.Where(r => known[r.Key] != r.Value || again.Contains(r.Key)))
        {
            await PartWithAsync(id, scope.ServiceProvider.GetRequiredService<CurrentActor>());
            await TellAsync(hub.Clients.Group(InstanceShapes.Id(id)), reader, id, cancellation);
            lock (_lock)
            {
                if (_seen.TryGetValue(id, out var seen))
                {
                    seen.Revision = revision;
                    seen.Told = known[id] != revision ? time.GetTimestamp() : null;
                }
            }
        }
    }

    /// <summary>How the instance stands now, in the three messages that make a viewer read it anew; nothing for one that is gone.</summary>
    internal static async Task TellAsync(IClientProxy observers, InstanceReader reader, Guid id, CancellationToken cancellation)
    {
        if (await reader.FindAsync(Nobody, id, cancellation) is not { } view)
            return;
        var stats = InstanceHistory.Stats(await reader.RunsAsync(view, cancellation)).Select(InstanceShapes.Stats).ToList();
        await observers.SendAsync("ActivityExecutionLogUpdatedAsync", new { Stats = stats }, cancellation);
        await observers.SendAsync("WorkflowExecutionLogUpdatedAsync", new { }, cancellation);
        await observers.SendAsync("WorkflowInstanceUpdatedAsync", new { WorkflowInstanceId = InstanceShapes.Id(id) }, cancellation);
    }

    /// <summary>A socket outlives its token: whoever may not look any more is told nothing.</summary>
    private async Task PartWithAsync(Guid instanceId, CurrentActor current)
    {
        List<HubCallerContext> callers;
        lock (_lock)
            callers = [.. _observed.Values.Where(o => o.Instances.Contains(instanceId)).Select(o => o.Caller)];
        foreach (var caller in callers)
        {
            if (caller.User is { } user && await current.ReadAsync(user) is { } actor && Access.StudioRoles.Any(actor.Is))
                continue;
            await hub.Groups.RemoveFromGroupAsync(caller.ConnectionId, InstanceShapes.Id(instanceId));
            caller.Abort();
        }
    }

    private sealed class Seen
    {
        public int Revision { get; set; }

        /// <summary>When the last change was told (<see cref="TimeProvider.GetTimestamp"/>); null once it was told again.</summary>
        public long? Told { get; set; }

        public int Observers { get; set; }
    }
}
