using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>What a unit with <c>Type=notify</c> waits for (docs/ppid-workflow.service), told to a socket that stands for systemd's.</summary>
[Collection("Processes")]
[SupportedOSPlatform("linux")]
public sealed class SystemdTests
{
    [Fact]
    public async Task Readiness_and_stop_are_told_to_a_systemd_that_is_hidden_from_the_service()
    {
        await using var service = new RunningService();
        var path = Path.Combine(service.Folder, "notify");
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        service.Settings["NOTIFY_SOCKET"] = path;

        await service.StartAsync();
        Assert.Equal("READY=1", await NextAsync(systemd));

        await service.TerminateAsync();
        Assert.Equal("STOPPING=1", await NextAsync(systemd));
        Assert.Equal(0, await service.ExitCodeAsync(TimeSpan.FromSeconds(60)));
    }

    private static async Task<string> NextAsync(Socket systemd)
    {
        var buffer = new byte[256];
        var length = await systemd.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
