using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using PpidWorkflow.Web.Rest.Elsa;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>Live updates through the real server: WebSocket, pipeline and all.</summary>
[Collection("Processes")]
public sealed class InstanceSocketTests
{
    [Fact]
    public async Task A_trial_that_goes_on_is_told_over_the_socket()
    {
        await using var service = new RunningService();
        await service.StartAsync();
        var token = await TokenAsync(service, "pengelola.sop");
        using var client = new HttpClient { BaseAddress = service.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var started = await client.PostAsync("/elsa/api/workflow-definitions/pendokumentasian-informasi-dikecualikan/execute", Json("{}"));
        var trial = started.Headers.GetValues("x-elsa-workflow-instance-id").Single();
        await using var connection = new HubConnectionBuilder().WithUrl(new Uri(service.Address!, InstanceHub.Path), options =>
        {
            options.Transports = HttpTransportType.WebSockets;
            options.AccessTokenProvider = () => Task.FromResult<string?>(token);
        }).Build();
        var told = Channel.CreateUnbounded<string>();
        connection.On<JsonElement>("WorkflowInstanceUpdatedAsync", message => told.Writer.TryWrite(message.GetProperty("workflowInstanceId").GetString()!));
        await connection.StartAsync(TestContext.Current.CancellationToken);
        await connection.InvokeAsync("ObserveInstanceAsync", trial, TestContext.Current.CancellationToken);
        Assert.Equal(trial, await NextAsync());

        var waiting = JsonDocument.Parse(await client.GetStringAsync($"/elsa/api/workflow-instances/{trial}")).RootElement
            .GetProperty("workflowState").GetProperty("bookmarks")[0].GetProperty("id").GetString();
        using var completed = await client.PostAsync($"/elsa/api/tasks/{waiting}/complete", Json("""{"result":"Done"}"""));

        Assert.Equal(HttpStatusCode.OK, completed.StatusCode);
        Assert.Equal(trial, await NextAsync());

        Task<string> NextAsync() => told.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task<string> TokenAsync(RunningService service, string userName)
    {
        using var client = new HttpClient { BaseAddress = service.Address };
        using var answer = await client.PostAsync(
            "/api/v1/auth/token", Json(JsonSerializer.Serialize(new { userName, password = TestService.DemoPassword })));
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("accessToken").GetString()!;
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}
