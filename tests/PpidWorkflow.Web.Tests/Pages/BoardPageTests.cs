using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PpidWorkflow.Application.People;
using PpidWorkflow.Web.Pages.Board;

namespace PpidWorkflow.Web.Tests.Pages;

/// <summary>The board's page without a browser, and the line on which it is told what changed.</summary>
public partial class BoardPageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_board_is_told_of_a_commit_by_ids_and_revisions_only()
    {
        await using var service = new TestService();
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var browser = await service.BrowserAsync("kepala.biro");
        await using var line = await Line.OpenAsync(service, browser);
        Assert.Equal("ready", (await line.NextAsync()).Name);

        var opened = await OpenCaseAsync(head, "Judul rahasia");
        var (name, data) = await line.NextAsync();

        Assert.Equal("change", name);
        var task = Assert.Single(JsonDocument.Parse(data).RootElement.GetProperty("tasks").EnumerateArray());
        Assert.Equal(["id", "revision", "clock"], task.EnumerateObject().Select(p => p.Name));
        Assert.DoesNotContain("rahasia", data, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(opened.GetProperty("number").GetString()!, data, StringComparison.Ordinal);
        using var finished = await head.PostAsJsonAsync(
            $"/api/v1/tasks/{task.GetProperty("id").GetGuid()}/complete", new { revision = 0, assignTo = "petugas.informasi" });
        finished.EnsureSuccessStatusCode();
        var changes = JsonDocument.Parse((await line.NextAsync()).Data).RootElement.GetProperty("tasks").EnumerateArray().ToList();
        Assert.Contains(changes, t => t.GetProperty("id").GetGuid() == task.GetProperty("id").GetGuid() && !t.TryGetProperty("revision", out _));
        Assert.Equal(2, changes.Count);
    }

    [Fact]
    public async Task Nobody_is_told_of_what_he_may_not_see()
    {
        await using var service = new TestService();
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var stranger = await service.BrowserAsync("kasubid.dokumentasi");
        using var own = await service.BrowserAsync("kasubid.informasi");
        await using var strangers = await Line.OpenAsync(service, stranger);
        await using var heads = await Line.OpenAsync(service, own);
        await strangers.NextAsync();
        await heads.NextAsync();

        await OpenCaseAsync(head, "Berkas");

        Assert.Equal("change", (await heads.NextAsync()).Name);
        // The one stream's turn comes with the other's: what is there now is all there is.
        Assert.Equal(0, strangers.Waiting);
    }

    [Fact]
    public async Task One_click_gives_a_step_to_the_next_holder_of_its_role_who_is_there()
    {
        await using var service = new TestService();
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var browser = await service.BrowserAsync("kepala.biro");
        var opened = await OpenCaseAsync(head, "Berkas");
        // Nobody else holds the role yet: nothing to click.
        Assert.DoesNotContain("row-reassign-next", await browser.GetStringAsync("/board"), StringComparison.Ordinal);
        var admin = await service.InScopeAsync(async (OfficerDirectory directory) => await directory.ActorAsync((await directory.FindAsync("admin", default))!.Id, default));
        foreach (var (name, printed) in new[] { ("kasubid.dua", "Drs. Anwar"), ("kasubid.tiga", "Budi Santoso, S.H.") })
        {
            var added = await service.InScopeAsync((OfficerRegister register) => register.CreateAsync(admin!, new OfficerForm
            {
                UserName = name,
                DisplayName = printed,
                Email = $"{name}@ppid.example",
                SupervisorUserName = "kepala.biro",
                Roles = [Roles.InformationHead]
            }));
            Assert.True(added.Succeeded);
        }
        var page = WebUtility.HtmlDecode(await browser.GetStringAsync("/board"));
        Assert.Contains("Alihkan ke Budi Santoso, S.H.", page, StringComparison.Ordinal);

        using var moved = await browser.PostFormAsync("/board", new()
        {
            ["do"] = "reassign",
            ["task"] = Hidden(page, "task"),
            ["revision"] = Hidden(page, "revision"),
            ["assignTo"] = "kasubid.tiga"
        });

        Assert.Equal(HttpStatusCode.Redirect, moved.StatusCode);
        using var after = await head.GetAsync($"/api/v1/cases/{opened.GetProperty("id").GetGuid()}");
        Assert.Contains("kasubid.tiga", await after.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // One of many rows was clicked: the sentence says which, and to whom it went.
        Assert.Contains(
            $"Berkas {opened.GetProperty("number").GetString()}, langkah 1: tugas dialihkan, Budi Santoso, S.H. kini pelaksananya.",
            await browser.FollowAsync(moved), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_pause_and_its_end_the_board_says_which_step_it_was()
    {
        await using var service = new TestService();
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var browser = await service.BrowserAsync("kepala.biro");
        var number = (await OpenCaseAsync(head, "Berkas")).GetProperty("number").GetString();

        Assert.Contains($"Berkas {number}, langkah 1: waktu dijeda.", await DoAsync("pause"), StringComparison.Ordinal);
        Assert.Contains($"Berkas {number}, langkah 1: waktu berjalan lagi.", await DoAsync("resume"), StringComparison.Ordinal);

        async Task<string> DoAsync(string act)
        {
            var page = WebUtility.HtmlDecode(await browser.GetStringAsync("/board"));
            using var done = await browser.PostFormAsync("/board", new()
            {
                ["do"] = act,
                ["task"] = Hidden(page, "task"),
                ["revision"] = Hidden(page, "revision"),
                ["reason"] = "Listrik padam"
            });
            Assert.Equal(HttpStatusCode.Redirect, done.StatusCode);
            return await browser.FollowAsync(done);
        }
    }

    [Fact]
    public async Task The_reason_for_giving_a_step_to_somebody_else_stands_in_the_history_of_its_case()
    {
        await using var service = new TestService();
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var browser = await service.BrowserAsync("kepala.biro");
        var id = (await OpenCaseAsync(head, "Berkas")).GetProperty("id").GetGuid();
        var page = WebUtility.HtmlDecode(await browser.GetStringAsync("/board"));

        using var moved = await browser.PostFormAsync($"/tasks/{Hidden(page, "task")}", new()
        {
            ["do"] = "reassign",
            ["revision"] = Hidden(page, "revision"),
            ["assignTo"] = "kasubid.informasi",
            ["reason"] = "Pendidikan dua minggu"
        });

        Assert.Equal(HttpStatusCode.Redirect, moved.StatusCode);
        Assert.Contains("Pendidikan dua minggu", WebUtility.HtmlDecode(await browser.GetStringAsync($"/cases/{id}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_officer_has_four_streams_and_no_fifth_and_a_closed_one_makes_room()
    {
        await using var service = new TestService();
        using var browser = await service.BrowserAsync("kepala.biro");
        using var other = await service.BrowserAsync("auditor");
        var lines = new List<Line>();
        for (var i = 0; i < BoardWatch.MostPerOfficer; i++)
            lines.Add(await Line.OpenAsync(service, browser));

        using (var fifth = await browser.GetAsync(BoardEvents.Path, HttpCompletionOption.ResponseHeadersRead))
            Assert.Equal(HttpStatusCode.TooManyRequests, fifth.StatusCode);
        await using (await Line.OpenAsync(service, other))
            Assert.Equal(BoardWatch.MostPerOfficer + 1, service.Services.GetRequiredService<BoardWatch>().Count);
        await lines[0].DisposeAsync();
        await Processes.RunningService.UntilAsync(
            () => Task.FromResult(service.Services.GetRequiredService<BoardWatch>().Count == BoardWatch.MostPerOfficer - 1), "the stream is closed", Patience);
        lines.Add(await Line.OpenAsync(service, browser));
        foreach (var line in lines.Skip(1))
            await line.DisposeAsync();
    }

    [Fact]
    public async Task The_stream_wants_a_sign_in_and_keeps_the_headers_of_pages()
    {
        await using var service = new TestService();
        using var nobody = service.CreateClient();
        using var refused = await nobody.GetAsync(BoardEvents.Path);
        Assert.Equal(HttpStatusCode.Redirect, refused.StatusCode);
        using var browser = await service.BrowserAsync("kepala.biro");
        using var answer = await browser.GetAsync(BoardEvents.Path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Contains("connect-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_let_go_and_nothing_piles_up_for_it()
    {
        var time = new FakeTimeProvider();
        var dropped = 0;
        var stream = new BoardStream(Somebody, () => dropped++, time);
        var stuck = new StuckStream();
        stream.Begin();
        var running = stream.RunAsync(stuck, () => Task.FromResult(true), CancellationToken.None);
        await stuck.Reached.WaitAsync(Patience);

        for (var i = 0; i < BoardStream.Capacity; i++)
            stream.Tell("change", "{}");
        Assert.Equal(0, dropped);
        stream.Tell("change", "{}");
        Assert.True(stream.WasDropped);
        Assert.Equal(1, dropped);

        // Where the connection's end does not reach the write, the write's own limit does.
        time.Advance(BoardStream.WriteLimit);
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_quiet_line_is_kept_open_by_comments_until_the_sign_in_ends()
    {
        var time = new FakeTimeProvider();
        var stream = new BoardStream(Somebody, () => { }, time);
        var body = new Recorder();
        var holds = true;
        stream.Begin();
        var running = stream.RunAsync(body, () => Task.FromResult(holds), CancellationToken.None);
        await body.UntilAsync("event: ready");
        for (var beat = 1; beat <= 3; beat++)
        {
            await AdvanceUntilAsync(time, () => PingCount(body.Text) >= beat);
        }
        Assert.False(running.IsCompleted);
        holds = false;
        await AdvanceUntilAsync(time, () => running.IsCompleted);
        await running;
    }

    [Fact]
    public async Task The_page_shows_rows_filters_and_the_link_that_needs_no_script()
    {
        await using var service = new TestService();
        using var head = await service.ApiClientAsync("kasubid.informasi");
        var number = (await OpenCaseAsync(head, "Laporan pemeriksaan")).GetProperty("number").GetString()!;
        using var browser = await service.BrowserAsync("kepala.biro");

        var page = WebUtility.HtmlDecode(await browser.GetStringAsync("/board"));
        Assert.Contains(number, page, StringComparison.Ordinal);
        Assert.Contains("Laporan pemeriksaan", page, StringComparison.Ordinal);
        Assert.Contains("data-testid=\"refresh\"", page, StringComparison.Ordinal);
        Assert.Contains("Semua (1)", page, StringComparison.Ordinal);
        Assert.Contains("row-remind", page, StringComparison.Ordinal);
        Assert.DoesNotContain(number, await browser.GetStringAsync("/board?state=paused"), StringComparison.Ordinal);
        Assert.DoesNotContain(number, await browser.GetStringAsync("/board?person=petugas.informasi"), StringComparison.Ordinal);
        using var admin = await service.BrowserAsync("admin");
        var watched = WebUtility.HtmlDecode(await admin.GetStringAsync("/board"));
        Assert.Contains(number, watched, StringComparison.Ordinal);
        Assert.DoesNotContain("Laporan pemeriksaan", watched, StringComparison.Ordinal);
        using var wrong = await browser.GetAsync("/board?after=bukan");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);

        // In December the missing list concerns everybody whose deadlines are counted without it.
        service.Time.SetUtcNow(new DateTimeOffset(2026, 12, 1, 9, 0, 0, TimeSpan.FromHours(7)));
        using var later = await service.BrowserAsync("kasubid.informasi");
        var december = await later.GetStringAsync("/board");
        Assert.Contains("calendar-missing", december, StringComparison.Ordinal);
        Assert.DoesNotContain("/admin/calendar/import", december, StringComparison.Ordinal);
    }

    private static readonly Actor Somebody = new(Guid.NewGuid(), "kepala.biro", "Kepala Biro Umum", new HashSet<string> { Roles.UnitPpidHead });

    private static string Hidden(string page, string name) =>
        Regex.Match(page, $"name=\"{name}\" value=\"([^\"]+)\"", RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value;

    private static int PingCount(string text) => Ping().Count(text);

    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Func<bool> holds) =>
        await Processes.RunningService.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(holds());
        }, "the beat is there", Patience);

    private static async Task<JsonElement> OpenCaseAsync(HttpClient head, string title)
    {
        using var answer = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title,
            exemptionBasis = "j",
            determinationNumber = $"188.44/{Guid.NewGuid():n}",
            determinationDate = "2026-02-02"
        });
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    [GeneratedRegex(": ping")]
    private static partial Regex Ping();

    /// <summary>An event stream as a browser reads it.</summary>
    private sealed class Line : IAsyncDisposable
    {
        private readonly TestService _service;
        private readonly HttpResponseMessage _answer;
        private readonly Stream _body;
        private readonly System.Threading.Channels.Channel<(string Name, string Data)> _events =
            System.Threading.Channels.Channel.CreateUnbounded<(string, string)>();

        private Line(TestService service, HttpResponseMessage answer, Stream body)
        {
            (_service, _answer, _body) = (service, answer, body);
            _ = Task.Run(ReadAsync);
        }

        public int Waiting => _events.Reader.Count;

        public static async Task<Line> OpenAsync(TestService service, HttpClient browser)
        {
            var answer = await browser.GetAsync(BoardEvents.Path, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return new Line(service, answer, await answer.Content.ReadAsStreamAsync());
        }

        public async Task<(string Name, string Data)> NextAsync() =>
            await _service.PassUntilAsync(_events.Reader.ReadAsync().AsTask(), Patience);

        public ValueTask DisposeAsync()
        {
            _answer.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task ReadAsync()
        {
            try
            {
                using var reader = new StreamReader(_body, Encoding.UTF8);
                var name = "";
                while (await reader.ReadLineAsync() is { } text)
                {
                    if (text.StartsWith("event: ", StringComparison.Ordinal))
                        name = text["event: ".Length..];
                    else if (text.StartsWith("data: ", StringComparison.Ordinal))
                        await _events.Writer.WriteAsync((name, text["data: ".Length..]));
                }
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException or OperationCanceledException)
            {
                // Closed by the test.
            }
            _events.Writer.TryComplete();
        }
    }

    /// <summary>A connection whose other end reads nothing: a write never ends, and its cancellation is not heard.</summary>
    private sealed class StuckStream : MemoryStream
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _reached.TrySetResult();
            return new ValueTask(new TaskCompletionSource().Task);
        }
    }

    private sealed class Recorder : MemoryStream
    {
        private readonly Lock _lock = new();
        private readonly StringBuilder _text = new();

        public string Text
        {
            get
            {
                lock (_lock)
                    return _text.ToString();
            }
        }

        public Task UntilAsync(string part) =>
            Processes.RunningService.UntilAsync(() => Task.FromResult(Text.Contains(part, StringComparison.Ordinal)), part, Patience);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (_lock)
                _text.Append(Encoding.UTF8.GetString(buffer.Span));
            return ValueTask.CompletedTask;
        }
    }
}
