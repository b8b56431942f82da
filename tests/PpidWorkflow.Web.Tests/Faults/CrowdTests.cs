using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.People;
using PpidWorkflow.Web.Pages.Board;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Faults;

/// <summary>
/// Hundreds of boards open at once and as many requests at once (2,000 of issue 5 on demand) on one node, over real connections: all are answered, all boards
/// are told, none is dropped.
/// </summary>
[Collection("Processes")]
public sealed class CrowdTests
{
    /// <summary>Boards open at once, and requests at once. 2,000 by hand (docs/reliability.md).</summary>
    private static readonly int Requests =
        int.TryParse(Environment.GetEnvironmentVariable("PPID_CROWD"), CultureInfo.InvariantCulture, out var crowd) ? crowd : 400;

    private static readonly int Officers = Requests / BoardWatch.MostPerOfficer;
    private static readonly int Streams = Officers * BoardWatch.MostPerOfficer;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_crowd_of_boards_and_of_requests_at_once_is_served_to_the_last()
    {
        using var service = new TestService();
        service.UseKestrel(0);
        service.StartServer();
        var names = await HireAsync(service);
        using var head = await service.ApiClientAsync(OfficeClient.InformationHead);
        var address = head.BaseAddress!;
        using var handler = new SocketsHttpHandler { UseCookies = false, ConnectTimeout = Patience };
        using var http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        var watch = Stopwatch.StartNew();

        var boards = new List<Board>();
        foreach (var name in names)
        {
            using var browser = await service.BrowserAsync(name);
            var cookie = browser.DefaultRequestHeaders.GetValues("Cookie").Single();
            for (var n = 0; n < BoardWatch.MostPerOfficer; n++)
                boards.Add(new Board(http, cookie));
        }
        await service.PassUntilAsync(Task.WhenAll(boards.Select(b => b.Ready)), Patience);
        var opened = watch.Elapsed;
        Assert.Equal(Streams, service.Services.GetRequiredService<BoardWatch>().Count);
        // A fifth board of one officer is refused; his page then loads itself anew.
        using (var browser = await service.BrowserAsync(names[0]))
        using (var fifth = await browser.GetAsync(BoardEvents.Path, HttpCompletionOption.ResponseHeadersRead))
            Assert.Equal(HttpStatusCode.TooManyRequests, fifth.StatusCode);

        watch.Restart();
        var determination = 0;
        var statuses = new ConcurrentBag<(HttpStatusCode Status, double Ms)>();
        var token = head.DefaultRequestHeaders.Authorization!.ToString();
        await Task.WhenAll(Enumerable.Range(0, Requests).Select(async n =>
        {
            // At 2,000 fewer than a board is told of one by one; beyond it is only told that there are many.
            using var request = n % 25 == 0
                ? new HttpRequestMessage(HttpMethod.Post, "/api/v1/cases")
                {
                    Content = JsonContent.Create(NewCase(string.Create(CultureInfo.InvariantCulture, $"188.44/R{Interlocked.Increment(ref determination)}/2026")))
                }
                : new HttpRequestMessage(HttpMethod.Get, n % 2 == 0 ? "/api/v1/tasks?mine=true&state=open" : "/health/live");
            request.Headers.TryAddWithoutValidation("Authorization", token);
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.SendAsync(request);
            statuses.Add((answer.StatusCode, Stopwatch.GetElapsedTime(began).TotalMilliseconds));
        })).WaitAsync(Patience);
        var served = watch.Elapsed;
        Assert.All(statuses, s => Assert.True((int)s.Status is 200 or 201, $"{s.Status}"));
        Assert.Equal((Requests + 24) / 25, statuses.Count(s => s.Status == HttpStatusCode.Created));

        // One more step, and who sees it is told of it.
        watch.Restart();
        using var made = await head.PostAsJsonAsync("/api/v1/cases", NewCase("188.44/TANDA/2026"));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var step = watch.Elapsed;
        var record = await head.GetFromJsonAsync<JsonElement>($"/api/v1/cases/{(await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid()}");
        var task = record.GetProperty("steps").EnumerateArray().First(s => s.GetProperty("taskId").ValueKind == JsonValueKind.String).GetProperty("taskId").GetGuid();
        await service.PassUntilAsync(
            Task.WhenAll(boards.Where((_, n) => IsAuditor(n / BoardWatch.MostPerOfficer)).Select(b => b.ToldOfAsync($"{task}"))), Patience);
        var told = watch.Elapsed;
        Assert.All(boards, b => Assert.False(b.HasEnded));
        Assert.All(boards.Where((_, n) => !IsAuditor(n / BoardWatch.MostPerOfficer)), b => Assert.Equal(0, b.Told));

        var sorted = statuses.Select(s => s.Ms).Order().ToList();
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"boards {boards.Count} open after {opened.TotalSeconds:0.0} s; {Requests} requests at once in {served.TotalSeconds:0.0} s, p50 {sorted[sorted.Count / 2]:0} ms, "
            + $"p99 {sorted[sorted.Count * 99 / 100]:0} ms, longest {sorted[^1]:0} ms; a step then {step.TotalMilliseconds:0} ms, all boards told after {told.TotalSeconds:0.0} s; "
            + $"working set {Environment.WorkingSet >> 20} MB (clients included)"));
        foreach (var board in boards)
            board.Dispose();
        await RunningService.UntilAsync(
            () => Task.FromResult(service.Services.GetRequiredService<BoardWatch>().Count == 0), "the boards are closed", TimeSpan.FromSeconds(60));
    }

    private static object NewCase(string determination) =>
        new { title = "Laporan", exemptionBasis = "j", determinationNumber = determination, determinationDate = "2026-02-02" };

    // Every other officer sees all of the office; the rest sees nothing of it.
    private static bool IsAuditor(int officer) => officer % 2 == 0;

    // Written past the register: no password is needed, and no mail about one.
    private static Task<IReadOnlyList<string>> HireAsync(TestService service) => service.OfDatabaseAsync<IReadOnlyList<string>>(async db =>
    {
        var roles = await db.Roles.ToDictionaryAsync(r => r.Name!, r => r.Id);
        var names = Enumerable.Range(0, Officers).Select(n => string.Create(CultureInfo.InvariantCulture, $"petugas.{n:000}")).ToList();
        foreach (var (n, name) in names.Index())
        {
            var officer = new Officer
            {
                Id = Guid.CreateVersion7(),
                UserName = name,
                NormalizedUserName = name.ToUpperInvariant(),
                Email = $"{name}@ppid.example",
                NormalizedEmail = $"{name}@ppid.example".ToUpperInvariant(),
                DisplayName = name,
                SecurityStamp = name,
                ConcurrencyStamp = name
            };
            db.Users.Add(officer);
            db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = officer.Id, RoleId = roles[IsAuditor(n) ? Roles.Auditor : Roles.DocumentationOfficer] });
        }
        await db.SaveChangesAsync();
        return names;
    });

    /// <summary>An open board that reads what it is told.</summary>
    private sealed class Board : IDisposable
    {
        private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _toldOf = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentQueue<string> _told = new();
        private volatile string? _wanted;
        private readonly CancellationTokenSource _closed = new();
        private readonly Task _run;

        public Board(HttpClient http, string cookie) => _run = RunAsync(http, cookie);

        public Task Ready => _ready.Task;

        public bool HasEnded => _run.IsCompleted;

        public int Told => _told.Count;

        /// <summary>Each event is looked through once, whichever comes first: the event or the question.</summary>
        public Task ToldOfAsync(string task)
        {
            _wanted = task;
            foreach (var line in _told)
                Look(line);
            return _toldOf.Task;
        }

        public void Dispose() => _closed.Cancel();

        private void Look(string line)
        {
            if (_wanted is { } task && line.Contains(task, StringComparison.Ordinal))
                _toldOf.TrySetResult();
        }

        private async Task RunAsync(HttpClient http, string cookie)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, BoardEvents.Path);
                request.Headers.Add("Cookie", cookie);
                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _closed.Token);
                if (answer.StatusCode != HttpStatusCode.OK)
                    throw new HttpRequestException($"{answer.StatusCode}");
                using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(_closed.Token));
                while (await lines.ReadLineAsync(_closed.Token) is { } line)
                {
                    if (line == "event: ready")
                        _ready.TrySetResult();
                    else if (line.StartsWith("data: {\"tasks\"", StringComparison.Ordinal))
                    {
                        _told.Enqueue(line);
                        Look(line);
                    }
                }
            }
            catch (Exception ended) when (ended is not OutOfMemoryException)
            {
                _ready.TrySetException(ended);
            }
        }
    }
}
