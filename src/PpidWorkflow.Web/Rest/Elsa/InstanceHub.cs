using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Web.Resources;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>Live updates of the instance viewer (Elsa contract: <c>/elsa/hubs/workflow-instance</c>).</summary>
[Authorize(Access.Studio)]
public sealed class InstanceHub(InstanceReader reader, InstanceWatch watch) : Hub
{
    public const string Path = "/elsa/hubs/workflow-instance";

    /// <summary>Instances that one connection may observe; the viewer needs one.</summary>
    public const int MostPerConnection = 20;

    /// <summary>
    /// From now on the caller is told of every change of the instance, and once at the beginning: what his viewer read before it asked may be
    /// older than the last commit.
    /// </summary>
    /// <exception cref="HubException">There is no such instance, or it is one too many.</exception>
    public async Task ObserveInstanceAsync(string instanceId)
    {
        var group = Guid.TryParse(instanceId, out var id) ? InstanceShapes.Id(id) : "";
        // First in the group, then the revision: what is committed in between is told.
        await Groups.AddToGroupAsync(Context.ConnectionId, group, Context.ConnectionAborted);
        if (!(await reader.RevisionsAsync([id], Context.ConnectionAborted)).TryGetValue(id, out var revision))
            throw await RefusedAsync(group, Problem.NotFound("instance-not-found"));
        if (!watch.TryAdd(Context, id, revision))
            throw await RefusedAsync(group, Problem.Invalid("too-many-items", "instanceId", MostPerConnection));
        await InstanceWatch.TellAsync(Clients.Caller, reader, id, Context.ConnectionAborted);
    }

    private async Task<HubException> RefusedAsync(string group, Problem problem)
    {
        await Groups.RemoveFromGroupAsync(Context.ConnectionId, group, Context.ConnectionAborted);
        return new HubException(Problems.Sentence(problem));
    }

    /// <inheritdoc/>
    public override Task OnDisconnectedAsync(Exception? exception)
    {
        watch.Remove(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }
}
