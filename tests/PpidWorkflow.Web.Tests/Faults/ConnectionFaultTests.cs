using System.Net;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Faults;

/// <summary>
/// Clients that break off, stand still or read nothing (issue 5): they cost others nothing, leave nothing behind, and are let go. A network that
/// swallows everything looks to the service as a client that stands still.
/// </summary>
[Collection("Processes")]
public sealed class ConnectionFaultTests(OneService fixture) : IClassFixture<OneService>
{
    /// <summary>Far above the pause that is set here, far below what Kestrel's mean rates would grant.</summary>
    private static readonly TimeSpan LetGo = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upload_cut_off_half_way_leaves_nothing_and_comes_whole_when_sent_again(bool rudely)
    {
        using var office = new OfficeClient(fixture.Service);
        var (walk, task, token) = await AtStepTwoAsync(office);
        using (var client = await RawConnection.OpenAsync(fixture.Service))
        {
            await client.BeginUploadAsync(task, token, 500_000, key: $"unggah-{rudely}");
            await client.SendAsync(new byte[250_000]);
            await RunningService.UntilAsync(() => Task.FromResult(Vault().Length > 0), "the first half is there");
            client.HangUp(rudely);
        }

        await RunningService.UntilAsync(() => Task.FromResult(Vault().Length == 0), "nothing is left of it");
        Assert.Equal(0, (await office.CaseAsync(walk.Id)).GetProperty("files").GetArrayLength());
        // The key was not used up by what never came.
        var whole = (await office.UploadAsync(OfficeClient.InformationOfficer, task, "berkas.pdf", walk.Softcopy, $"unggah-{rudely}")).Require(HttpStatusCode.Created);
        Assert.Equal(walk.Softcopy, (await office.DownloadAsync(OfficeClient.InformationOfficer, $"/api/v1/files/{whole.Id}")).Content);
        await EndAsync(walk);
    }

    [Fact]
    public async Task A_half_open_upload_is_let_go_and_leaves_nothing()
    {
        using var office = new OfficeClient(fixture.Service);
        var (walk, task, token) = await AtStepTwoAsync(office);
        using var client = await RawConnection.OpenAsync(fixture.Service);
        await client.BeginUploadAsync(task, token, 500_000);
        await client.SendAsync(new byte[250_000]);

        var said = await client.UntilClosedAsync(LetGo);

        // Who is there after all is told.
        Assert.StartsWith("HTTP/1.1 400", said, StringComparison.Ordinal);
        Assert.Contains("upload-stalled", said, StringComparison.Ordinal);
        Assert.Contains($"{OneService.IdleSeconds} detik", said, StringComparison.Ordinal);
        await RunningService.UntilAsync(() => Task.FromResult(Vault().Length == 0), "nothing is left of it");
        Assert.Equal(0, (await office.CaseAsync(walk.Id)).GetProperty("files").GetArrayLength());
        await EndAsync(walk);
    }

    [Fact]
    public async Task Half_open_requests_hold_up_nobody_else()
    {
        using var office = new OfficeClient(fixture.Service);
        var clients = new List<RawConnection>();
        try
        {
            for (var n = 0; n < 300; n++)
            {
                clients.Add(await RawConnection.OpenAsync(fixture.Service));
                await clients[^1].SendAsync("POST /api/v1/cases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n{");
            }
            var walk = await new CaseWalk(office, Next()).OpenAsync();
            await EndAsync(walk);
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task A_client_that_never_reads_a_softcopy_is_let_go()
    {
        using var office = new OfficeClient(fixture.Service);
        var (walk, task, token) = await AtStepTwoAsync(office);
        // More than the kernel keeps for both ends of a connection.
        var large = new byte[12 << 20];
        var file = (await office.UploadAsync(OfficeClient.InformationOfficer, task, "besar.pdf", large)).Require(HttpStatusCode.Created);
        using var client = await RawConnection.OpenAsync(fixture.Service, receiveBuffer: 4096);
        await client.SendAsync($"GET /api/v1/files/{file.Id} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n");

        await client.UntilResetAsync(LetGo);

        Assert.Equal(large.Length, (await office.DownloadAsync(OfficeClient.InformationOfficer, $"/api/v1/files/{file.Id}")).Content.Length);
        await EndAsync(walk);
    }

    private static int _lastCase;

    private static string Next() => $"188.44/K{Interlocked.Increment(ref _lastCase)}/2026";

    private string[] Vault()
    {
        var vault = Path.Combine(fixture.Service.DataPath, "vault");
        return Directory.Exists(vault) ? Directory.GetFiles(vault, "*.part", SearchOption.AllDirectories) : [];
    }

    private async Task<(CaseWalk Walk, Guid Task, string Token)> AtStepTwoAsync(OfficeClient office)
    {
        var walk = await new CaseWalk(office, Next()).OpenAsync();
        var task = (await walk.WalkToAsync("2")).GetProperty("id").GetGuid();
        using var officer = await Browser.ApiAsync(fixture.Service, OfficeClient.InformationOfficer);
        return (walk, task, officer.DefaultRequestHeaders.Authorization!.ToString());
    }

    private async Task EndAsync(CaseWalk walk)
    {
        await walk.FinishAsync();
        var verified = await fixture.Service.VerifyAsync();
        Assert.True(verified.ExitCode == 0, verified.Output);
        Assert.DoesNotContain("   at PpidWorkflow", fixture.Service.Output, StringComparison.Ordinal);
    }
}

/// <summary>One service in a process of its own for all tests of a class.</summary>
public sealed class OneService : IAsyncLifetime
{
    public const int IdleSeconds = 5;

    public RunningService Service { get; } = new();

    public async ValueTask InitializeAsync()
    {
        SopVariant.Use(Service);
        Service.Settings["Storage__TransferIdleSeconds"] = IdleSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await Service.StartAsync();
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}
