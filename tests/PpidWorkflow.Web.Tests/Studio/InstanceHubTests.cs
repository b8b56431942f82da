using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Web.Rest.Elsa;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>Live updates over a real SignalR client, as Studio's.</summary>
public sealed class InstanceHubTests(TestService service) : IClassFixture<TestService>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string[] Messages = ["ActivityExecutionLogUpdatedAsync", "WorkflowExecutionLogUpdatedAsync", "WorkflowInstanceUpdatedAsync"];

    [Fact]
    public async Task An_observer_is_told_after_a_step_of_a_case_in_the_recorded_shape()
    {
        var (id, instance) = await service.OpenCaseAsync("188.44/hub", "Berkas");
        await using var connection = await ConnectAsync(StudioCalls.Manager);
        var told = Listen(connection);
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var first = (await client.MarksAsync(instance)).Single(m => m.Value.Waits).Key;
        await ObserveAsync(connection, told, instance);
        await service.AssignAsync(id);

        var pushed = new Dictionary<string, JsonNode>();
        while (pushed.Count < Messages.Length)
        {
            var (name, message) = await NextAsync(told);
            pushed[name] = message;
        }
        var recorded = JsonNode.Parse(ElsaContract.Export("HUB_workflow-instance.json"))!["frames"]!.AsArray()
            .SelectMany(f => f!["received"] as JsonArray ?? []).Where(f => f!["target"] is not null).ToList();
        foreach (var name in Messages)
            ElsaContract.AssertShape("HUB_workflow-instance", recorded.First(f => (string)f!["target"]! == name)!["arguments"]![0], pushed[name]);
        Assert.Equal(instance, (string?)pushed["WorkflowInstanceUpdatedAsync"]["workflowInstanceId"]);
        var stats = pushed["ActivityExecutionLogUpdatedAsync"]["stats"]!.AsArray();
        var done = stats.Single(s => (string)s!["activityId"]! == first)!;
        Assert.Equal((1L, 1L, false), ((long)done["startedCount"]!, (long)done["completedCount"]!, (bool)done["isBlocked"]!));
        Assert.NotEqual(first, (string)stats.Single(s => (bool)s!["isBlocked"]!)!["activityId"]!);
    }

    /// <summary>The viewer reads first and asks to observe then; a step in between must not be missed.</summary>
    [Fact]
    public async Task What_was_committed_before_the_viewer_observed_is_told_at_once()
    {
        var (id, instance) = await service.OpenCaseAsync("188.44/before", "Berkas");
        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var first = (await client.MarksAsync(instance)).Single(m => m.Value.Waits).Key;
        await service.AssignAsync(id);
        await using var connection = await ConnectAsync(StudioCalls.Manager);
        var told = Listen(connection);
        await connection.InvokeAsync("ObserveInstanceAsync", instance);

        var (name, message) = await NextAsync(told);
        Assert.Equal(Messages[0], name);
        Assert.False((bool)message["stats"]!.AsArray().Single(s => (string)s!["activityId"]! == first)!["isBlocked"]!);
    }

    /// <summary>Studio's journal may read anew and leave the old lines on the screen: it gets a second occasion.</summary>
    [Fact]
    public async Task A_change_is_told_once_more_without_another()
    {
        var (id, instance) = await service.OpenCaseAsync("188.44/echo", "Berkas");
        await using var connection = await ConnectAsync(StudioCalls.Manager);
        var told = Listen(connection);
        await ObserveAsync(connection, told, instance);
        await service.AssignAsync(id);

        for (var times = 0; times < 2; times++)
            foreach (var name in Messages)
                Assert.Equal(name, (await NextAsync(told)).Name);
    }

    [Fact]
    public async Task Who_observes_one_instance_hears_nothing_of_another_and_silence_costs_nothing()
    {
        var (id, _) = await service.OpenCaseAsync("188.44/other", "Berkas");
        var (mine, instance) = await service.OpenCaseAsync("188.44/mine", "Berkas");
        await using var connection = await ConnectAsync("auditor");
        var told = Listen(connection);
        await ObserveAsync(connection, told, instance);
        await service.AssignAsync(id);
        await service.AssignAsync(mine);

        JsonNode? updated = null;
        while (updated is null)
        {
            var (name, message) = await NextAsync(told);
            updated = name == "WorkflowInstanceUpdatedAsync" ? message : null;
        }
        Assert.Equal(instance, (string?)updated["workflowInstanceId"]);
        var watch = service.Services.GetRequiredService<InstanceWatch>();
        await connection.StopAsync();
        while (watch.Count > 0)
            await Task.Yield();
        Assert.Equal(0, watch.Count);
    }

    [Fact]
    public async Task Unknown_instances_and_too_many_are_refused_with_a_sentence()
    {
        await using var connection = await ConnectAsync(StudioCalls.Manager);
        var unknown = await Assert.ThrowsAsync<HubException>(() => connection.InvokeAsync("ObserveInstanceAsync", Guid.NewGuid().ToString("n")));
        Assert.Contains("Instans alur kerja ini tidak ada", unknown.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HubException>(() => connection.InvokeAsync("ObserveInstanceAsync", "nope"));

        using var client = await service.ApiClientAsync(StudioCalls.Manager);
        var definition = await service.OfDatabaseAsync(db => db.DefinitionVersions.Select(v => v.DefinitionId).FirstAsync());
        for (var n = 0; n < InstanceHub.MostPerConnection; n++)
            await connection.InvokeAsync("ObserveInstanceAsync", await client.ExecuteAsync(definition));
        var full = await client.ExecuteAsync(definition);
        await Assert.ThrowsAsync<HubException>(() => connection.InvokeAsync("ObserveInstanceAsync", full));
    }

    [Fact]
    public async Task What_another_node_commits_is_told_as_well()
    {
        var (_, instance) = await service.OpenCaseAsync("188.44/node", "Berkas");
        await using var connection = await ConnectAsync("auditor");
        var told = Listen(connection);
        await ObserveAsync(connection, told, instance);
        // No signal in this process goes with it.
        await service.OfDatabaseAsync(db => db.Instances.Where(i => i.Id == Guid.Parse(instance))
            .ExecuteUpdateAsync(i => i.SetProperty(x => x.Revision, x => x.Revision + 1)));

        Assert.Equal(Messages[0], (await NextAsync(told)).Name);
        Assert.Equal(Messages[1], (await NextAsync(told)).Name);
        Assert.Equal(Messages[2], (await NextAsync(told)).Name);
    }

    [Fact]
    public async Task Who_may_not_look_any_more_is_parted_with_at_the_next_change()
    {
        var (id, instance) = await service.OpenCaseAsync("188.44/parted", "Berkas");
        await using var connection = await ConnectAsync("admin");
        var told = Listen(connection);
        var closed = new TaskCompletionSource();
        connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await ObserveAsync(connection, told, instance);
        await service.OfDatabaseAsync(db => db.Users.Where(o => o.UserName == "admin").ExecuteUpdateAsync(o => o.SetProperty(x => x.IsActive, false)));
        await service.AssignAsync(id);

        await service.PassUntilAsync(closed.Task, Patience);
        Assert.False(told.TryRead(out _));
        await service.OfDatabaseAsync(db => db.Users.Where(o => o.UserName == "admin").ExecuteUpdateAsync(o => o.SetProperty(x => x.IsActive, true)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("kasubid.informasi")]
    public async Task Who_may_not_look_is_not_connected(string? userName)
    {
        var refused = await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            await using var connection = await ConnectAsync(userName);
        });

        Assert.Equal(userName is null ? System.Net.HttpStatusCode.Unauthorized : System.Net.HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task Studios_own_token_opens_the_socket_from_the_query()
    {
        var token = await StudioTokenAsync(StudioCalls.Manager);
        using var client = service.CreateClient();
        using var answer = await client.PostAsync($"{InstanceHub.Path}/negotiate?negotiateVersion=1&access_token={Uri.EscapeDataString(token)}", null);
        var recorded = ElsaContract.Load("POST_hubs_workflow-instance_negotiate")[0];

        await ElsaContract.AssertAsync("POST_hubs_workflow-instance_negotiate", recorded, answer);
        using var elsewhere = await client.GetAsync($"/elsa/api/workflow-instances?access_token={Uri.EscapeDataString(token)}");
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, elsewhere.StatusCode);
    }

    private async Task<HubConnection> ConnectAsync(string? userName)
    {
        var token = userName is null ? null : await StudioTokenAsync(userName);
        var connection = new HubConnectionBuilder().WithUrl(new Uri(service.Server.BaseAddress, InstanceHub.Path), options =>
        {
            options.Transports = HttpTransportType.WebSockets;
            options.AccessTokenProvider = () => Task.FromResult(token);
            options.HttpMessageHandlerFactory = _ => service.Server.CreateHandler();
            options.WebSocketFactory = async (context, cancellation) =>
            {
                var sockets = service.Server.CreateWebSocketClient();
                var address = new UriBuilder(context.Uri) { Query = $"{context.Uri.Query.TrimStart('?')}&access_token={Uri.EscapeDataString(token!)}" };
                return await sockets.ConnectAsync(address.Uri, cancellation);
            };
        }).Build();
        await connection.StartAsync(Timeout());
        return connection;
    }

    private async Task<string> StudioTokenAsync(string userName)
    {
        var officer = await service.OfDatabaseAsync(db => db.Users.SingleAsync(o => o.UserName == userName));
        return await service.InScopeAsync<AccessTokens, string>(tokens =>
            Task.FromResult(tokens.IssueForStudio(OfficerClaims.Ticket(officer, Access.Pages)).AccessToken));
    }

    /// <summary>Observes, and takes what is told at once.</summary>
    private async Task ObserveAsync(HubConnection connection, ChannelReader<(string Name, JsonNode Message)> told, string instance)
    {
        await connection.InvokeAsync("ObserveInstanceAsync", instance);
        foreach (var name in Messages)
            Assert.Equal(name, (await NextAsync(told)).Name);
    }

    private Task<(string Name, JsonNode Message)> NextAsync(ChannelReader<(string Name, JsonNode Message)> told) =>
        service.PassUntilAsync(told.ReadAsync(Timeout()).AsTask(), Patience);

    private static ChannelReader<(string Name, JsonNode Message)> Listen(HubConnection connection)
    {
        var told = Channel.CreateUnbounded<(string, JsonNode)>();
        foreach (var name in Messages)
            connection.On<JsonNode>(name, message => told.Writer.TryWrite((name, message)));
        return told.Reader;
    }

    private static CancellationToken Timeout() => new CancellationTokenSource(Patience).Token;
}
