using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using PpidWorkflow.Web.Tests.Processes;
using PpidWorkflow.Web.Verbs.Bench.Chaos;

namespace PpidWorkflow.Web.Tests.Faults;

/// <summary>
/// PostgreSQL is restarted under the service, or the network to it goes dead (issue 5): nobody hangs, everybody is told, nothing is lost or done
/// twice, and the service finds its database again by itself.
/// </summary>
[Collection("Processes")]
public sealed class DatabaseFaultTests(OwnDatabase own) : IClassFixture<OwnDatabase>
{
    [Fact]
    public async Task A_database_that_is_restarted_costs_refusals_with_a_sentence_and_is_credited()
    {
        own.Require();
        using var office = new OfficeClient(own.Service);
        var walk = await new CaseWalk(office, "188.44/1/2026").OpenAsync();
        var task = (await walk.WalkToAsync("2")).GetProperty("id").GetGuid();
        using var browser = await Browser.SignInAsync(own.Service, OfficeClient.InformationOfficer);
        var page = await browser.GetStringAsync($"/tasks/{task}");
        using var officer = await Browser.ApiAsync(own.Service, OfficeClient.InformationOfficer);
        (await office.GetAsync(OfficeClient.InformationHead, $"/api/v1/cases/{walk.Id}")).Require(HttpStatusCode.OK);
        // An upload that has begun when the database goes.
        using var upload = await RawConnection.OpenAsync(own.Service);
        var rest = new byte[200_000];
        var end = "\r\n--batas--\r\n"u8.ToArray();
        await upload.BeginUploadAsync(task, officer.DefaultRequestHeaders.Authorization!.ToString(), 113 + 200_000 + end.Length);
        await upload.SendAsync(rest.AsMemory(0, 100_000));
        await RunningService.UntilAsync(() => Task.FromResult(Vault("*.part").Count == 1), "the first half is there");

        await own.Server.StopServerAsync();
        var stopped = DateTimeOffset.UtcNow;

        await upload.SendAsync(rest.AsMemory(100_000));
        await upload.SendAsync(end);
        await RunningService.UntilAsync(() => Task.FromResult(Vault("*.part").Count == 0), "the upload has ended");
        Browser.AssertUnavailable(await office.PostAsync(OfficeClient.InformationHead, "/api/v1/cases", CaseWalk.NewCase("188.44/2/2026", "lain"), "buka"));
        using (var refused = await browser.PostAsync($"/tasks/{task}", Browser.Form(page, ("do", "start"))))
            await Browser.AssertUnavailablePageAsync(refused);
        using (var refused = await browser.GetAsync("/"))
            await Browser.AssertUnavailablePageAsync(refused);
        using (var stranger = new HttpClient { BaseAddress = own.Service.Address })
        using (var refused = await stranger.PostAsync("/sign-in", Browser.Form(await stranger.GetStringAsync("/sign-in"), ("userName", "auditor"), ("password", "salah"))))
            Assert.NotEqual(HttpStatusCode.InternalServerError, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await browser.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await browser.GetAsync("/health/guarantees")).StatusCode);
        await RunningService.UntilAsync(() => Task.FromResult(DateTimeOffset.UtcNow > stopped.AddSeconds(8)), "the gap of an outage has passed");
        await own.Server.StartServerAsync();

        await UntilReadyAsync(browser);
        (await office.PostAsync(OfficeClient.InformationHead, "/api/v1/cases", CaseWalk.NewCase("188.44/2/2026", "lain"), "buka")).Require(HttpStatusCode.Created);
        await RunningService.UntilAsync(
            async () => (await office.GetAsync("admin", "/api/v1/outages")).Require(HttpStatusCode.OK).Body.GetProperty("items").EnumerateArray()
                .Any(o => o.GetProperty("kind").GetString() == "service" && o.GetProperty("clocks").GetInt32() > 0), "the time is credited");
        Assert.Equal(0, (await office.CaseAsync(walk.Id)).GetProperty("files").GetArrayLength());
        // Nobody knew whether the row was there: the mark tells the sweep to ask.
        Assert.Equal(Vault("*").Count, 2 * Vault("*.doubt").Count);
        await EndAsync(walk);
    }

    [Fact]
    public async Task A_network_to_the_database_that_goes_dead_holds_nobody_up_for_longer_than_a_command_may_take()
    {
        own.Require();
        using var office = new OfficeClient(own.Service);
        var walk = await new CaseWalk(office, "188.44/3/2026").OpenAsync();
        await walk.WalkToAsync("2");
        using var browser = await Browser.SignInAsync(own.Service, OfficeClient.InformationOfficer);
        (await office.GetAsync(OfficeClient.InformationHead, $"/api/v1/cases/{walk.Id}")).Require(HttpStatusCode.OK);

        own.Network.GoDead();

        var watch = Stopwatch.StartNew();
        var ready = browser.GetAsync("/health/ready");
        var orders = Enumerable.Range(0, 4).Select(n => office.PostAsync(
            OfficeClient.InformationHead, "/api/v1/cases", CaseWalk.NewCase($"188.44/M{n}/2026", "mati"), $"mati-{n}")).ToList();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ready).StatusCode);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 15);
        Assert.All(await Task.WhenAll(orders), Browser.AssertUnavailable);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10 * OwnDatabase.CommandSeconds);
        own.Network.Heal();

        await UntilReadyAsync(browser);
        for (var n = 0; n < orders.Count; n++)
        {
            (await office.PostAsync(OfficeClient.InformationHead, "/api/v1/cases", CaseWalk.NewCase($"188.44/M{n}/2026", "mati"), $"mati-{n}"))
                .Require(HttpStatusCode.Created);
        }
        await EndAsync(walk);
    }

    private IReadOnlyList<string> Vault(string pattern)
    {
        var vault = Path.Combine(own.Service.DataPath, "vault");
        return Directory.Exists(vault)
            ? [.. Directory.GetFiles(vault, pattern, SearchOption.AllDirectories).Where(f => !Path.GetFileName(f).StartsWith('.'))]
            : [];
    }

    private static Task UntilReadyAsync(HttpClient browser) => RunningService.UntilAsync(
        async () => (await browser.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "it is ready again", TimeSpan.FromSeconds(60));

    private async Task EndAsync(CaseWalk walk)
    {
        await walk.FinishAsync();
        var verified = await own.Service.VerifyAsync();
        Assert.True(verified.ExitCode == 0, verified.Output);
    }
}

/// <summary>A service on a PostgreSQL of its own that may be stopped, over a network that may go dead; six seconds without a heartbeat are an outage.</summary>
public sealed class OwnDatabase : IAsyncLifetime
{
    public const int CommandSeconds = 5;

    private OwnPostgres? _server;
    private SwallowingProxy? _network;

    internal OwnPostgres Server => _server!;

    internal SwallowingProxy Network => _network!;

    public RunningService Service { get; } = new();

    public async ValueTask InitializeAsync()
    {
        if (TwoNodes.Server is null)
            return;
        _server = await OwnPostgres.StartAsync();
        var socket = Path.Combine(new NpgsqlConnectionStringBuilder(_server.Connection).Host!, ".s.PGSQL.5432");
        _network = new SwallowingProxy(new UnixDomainSocketEndPoint(socket));
        Service.Settings["Database__Provider"] = "PostgreSql";
        Service.Settings["ConnectionStrings__Ppid"] = new NpgsqlConnectionStringBuilder(_server.Connection)
        {
            Host = "127.0.0.1",
            Port = _network.Port,
            Database = "ppid",
            CommandTimeout = CommandSeconds,
            Timeout = CommandSeconds,
            MaxPoolSize = 30
        }.ToString();
        Service.Settings["Outages__BeatSeconds"] = "1";
        Service.Settings["Outages__GapSeconds"] = "6";
        SopVariant.Use(Service);
        await Service.StartAsync();
    }

    /// <summary>Skips where there is no PostgreSQL: where one is installed, the tests' own is named.</summary>
    public void Require() =>
        Assert.SkipWhen(_server is null, "PPID_TEST_POSTGRES names no PostgreSQL (tests/Shared/postgres.sh starts one).");

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _network?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
