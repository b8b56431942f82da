using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>SIGTERM in the middle of requests and uploads (issue 5): what was begun is answered, nothing is lost or done twice.</summary>
[Collection("Processes")]
public sealed class DrainTests
{
    private const int Clients = 8;
    private const int Uploads = 4;

    [Fact]
    public async Task What_was_begun_before_the_signal_is_answered_and_the_stop_is_recorded()
    {
        await using var service = new RunningService();
        using var office = new OfficeClient(service);
        // The uploads stand still until the requests have run, on however busy a machine.
        service.Settings["Storage__TransferIdleSeconds"] = "300";
        await service.StartAsync();
        var address = service.Address!;
        var walk = await new CaseWalk(office, "188.44/1/2026").OpenAsync();
        var task = (await walk.WalkToAsync("2")).GetProperty("id").GetGuid();
        var head = await TokenAsync(address, OfficeClient.InformationHead);
        var officer = await TokenAsync(address, OfficeClient.InformationOfficer);

        var uploads = Enumerable.Range(0, Uploads).Select(n => new SlowUpload(address, officer, task, $"berkas-{n}.pdf")).ToList();
        await Task.WhenAll(uploads.Select(u => u.Half));
        // An officer looks at the board all the while; a browser's live line would be open for hours.
        using var browser = await OfficeAtBoardAsync(address);
        using var board = new StreamReader(await browser.GetStreamAsync("/board/events"), Encoding.UTF8);
        await UntilLineAsync(board, "event: ready");
        using var load = new CancellationTokenSource();
        var calls = new ConcurrentQueue<Call>();
        var clients = Enumerable.Range(0, Clients).Select(n => CallAsync(address, head, n, calls, load.Token)).ToList();
        await RunningService.UntilAsync(() => Task.FromResult(calls.Count(c => c.Status is not null) > 3 * Clients), "requests run");

        var signal = Stopwatch.GetTimestamp();
        await service.TerminateAsync();
        // The live line ends at once and does not wait for the uploads; the browser then asks another node.
        await ToTheEndAsync(board).WaitAsync(TimeSpan.FromSeconds(10));
        // Every client ends by itself: nobody is taken in any more.
        await Task.WhenAll(clients).WaitAsync(TimeSpan.FromSeconds(30));
        uploads.ForEach(u => u.GoOn());
        var answers = await Task.WhenAll(uploads.Select(u => u.Answer)).WaitAsync(TimeSpan.FromSeconds(30));
        var exitCode = await service.ExitCodeAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, exitCode);
        // Of Shutdown:DrainSeconds and what sweeps and the record may take, far from all was needed: nobody was cut off.
        Assert.DoesNotContain("were cut off", service.Output, StringComparison.Ordinal);
        Assert.All(answers, status => Assert.Equal(HttpStatusCode.Created, status));
        var begun = calls.Where(c => c.SentAt < signal).ToList();
        Assert.True(begun.Count > 3 * Clients);
        Assert.All(begun, c => Assert.True(c.Status == HttpStatusCode.Created, $"{c.Determination}: {c.Status} {c.Failure}"));
        Assert.All(calls.Where(c => c.Status is not null), c => Assert.Equal(HttpStatusCode.Created, c.Status));

        var stored = await RowsAsync(service, "SELECT json_extract(Fields, '$.determinationNumber') FROM Cases");
        Assert.Equal(stored.Count, stored.Distinct().Count());
        Assert.Equal(
            calls.Where(c => c.Status is not null).Select(c => c.Determination).Append("188.44/1/2026").Order(StringComparer.Ordinal),
            stored.Order(StringComparer.Ordinal));
        var files = await RowsAsync(service, "SELECT Name FROM DossierFiles");
        Assert.Equal(Enumerable.Range(0, Uploads).Select(n => $"berkas-{n}.pdf"), files.Order(StringComparer.Ordinal));
        var stop = Assert.Single(await RowsAsync(service, "SELECT Data FROM AuditRecords WHERE Action = 'service-stopped'"));
        Assert.Contains("\"cutOff\":0", stop, StringComparison.Ordinal);
        Assert.Empty(await RowsAsync(service, "SELECT Id FROM Outbox WHERE LeasedUntil IS NOT NULL AND State = 'Pending'"));

        var verified = await service.VerifyAsync();
        Assert.True(verified.ExitCode == 0, verified.Output);
    }

    [Fact]
    public async Task A_request_that_never_ends_is_cut_off_after_the_time_that_is_set_and_the_stop_is_recorded_all_the_same()
    {
        await using var service = new RunningService();
        using var office = new OfficeClient(service);
        service.Settings["Shutdown__DrainSeconds"] = "2";
        await service.StartAsync();
        var walk = await new CaseWalk(office, "188.44/1/2026").OpenAsync();
        var task = (await walk.WalkToAsync("2")).GetProperty("id").GetGuid();
        var upload = new SlowUpload(service.Address!, await TokenAsync(service.Address!, OfficeClient.InformationOfficer), task, "berkas.pdf");
        await upload.Half;

        var began = Stopwatch.GetTimestamp();
        await service.TerminateAsync();
        var exitCode = await service.ExitCodeAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, exitCode);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 1.5, 15);
        upload.GoOn();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => upload.Answer);
        Assert.Empty(await RowsAsync(service, "SELECT Name FROM DossierFiles"));
        var stop = Assert.Single(await RowsAsync(service, "SELECT Data FROM AuditRecords WHERE Action = 'service-stopped'"));
        Assert.Contains("\"cutOff\":1", stop, StringComparison.Ordinal);
        Assert.Contains("Shutdown:DrainSeconds", service.Output, StringComparison.Ordinal);
        var verified = await service.VerifyAsync();
        Assert.True(verified.ExitCode == 0, verified.Output);
    }

    private static async Task CallAsync(Uri address, string token, int client, ConcurrentQueue<Call> calls, CancellationToken ended)
    {
        using var http = Client(address, token);
        for (var n = 0; !ended.IsCancellationRequested; n++)
        {
            var determination = $"188.44/{client}.{n}/2026";
            var sentAt = Stopwatch.GetTimestamp();
            try
            {
                using var answer = await http.PostAsJsonAsync("/api/v1/cases", CaseWalk.NewCase(determination, "laporan"), CancellationToken.None);
                calls.Enqueue(new Call(determination, sentAt, answer.StatusCode, null));
            }
            catch (HttpRequestException gone)
            {
                calls.Enqueue(new Call(determination, sentAt, null, gone.Message));
                return;
            }
        }
    }

    private static async Task<HttpClient> OfficeAtBoardAsync(Uri address)
    {
        var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = address };
        var form = await browser.GetStringAsync("/sign-in");
        var hidden = System.Text.RegularExpressions.Regex.Matches(form, "<input[^>]*type=\"hidden\"[^>]*name=\"([^\"]+)\"[^>]*value=\"([^\"]*)\"")
            .Select(m => KeyValuePair.Create(m.Groups[1].Value, WebUtility.HtmlDecode(m.Groups[2].Value))).DistinctBy(f => f.Key);
        using var signedIn = await browser.PostAsync("/sign-in", new FormUrlEncodedContent(
            [.. hidden, KeyValuePair.Create("userName", OfficeClient.UnitHead), KeyValuePair.Create("password", TestService.DemoPassword)]));
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        return browser;
    }

    private static async Task UntilLineAsync(StreamReader stream, string wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await stream.ReadLineAsync(patience.Token) is { } line)
        {
            if (line == wanted)
                return;
        }
        Assert.Fail("The line ended before it was ready.");
    }

    private static async Task ToTheEndAsync(StreamReader stream)
    {
        while (await stream.ReadLineAsync() is not null)
        {
        }
    }

    private static async Task<string> TokenAsync(Uri address, string user)
    {
        using var http = new HttpClient { BaseAddress = address };
        using var answer = await http.PostAsJsonAsync("/api/v1/auth/token", new { userName = user, password = TestService.DemoPassword });
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
    }

    private static HttpClient Client(Uri address, string token)
    {
        var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    private static async Task<List<string>> RowsAsync(RunningService service, string question)
    {
        await using var connection = new SqliteConnection($"Data Source={service.DatabasePath};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = question;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    private sealed record Call(string Determination, long SentAt, HttpStatusCode? Status, string? Failure);

    /// <summary>Sends the first half of a file, and the second when it is told to.</summary>
    private sealed class SlowUpload
    {
        private readonly TaskCompletionSource _half = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SlowUpload(Uri address, string token, Guid task, string name) => Answer = SendAsync(address, token, task, name);

        public Task Half => _half.Task;

        public Task<HttpStatusCode> Answer { get; }

        public void GoOn() => _goOn.TrySetResult();

        private async Task<HttpStatusCode> SendAsync(Uri address, string token, Guid task, string name)
        {
            using var http = Client(address, token);
            using var part = new HalfContent(this);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/pdf");
            using var form = new MultipartFormDataContent { { part, "file", name } };
            using var answer = await http.PostAsync(new Uri($"/api/v1/tasks/{task}/files", UriKind.Relative), form);
            return answer.StatusCode;
        }

        private sealed class HalfContent(SlowUpload upload) : HttpContent
        {
            private static readonly byte[] Half = Encoding.UTF8.GetBytes("%PDF-1.7\n" + new string('x', 200_000));

            protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
            {
                await stream.WriteAsync(Half);
                await stream.FlushAsync();
                upload._half.TrySetResult();
                await upload._goOn.Task;
                await stream.WriteAsync(Half);
            }

            protected override bool TryComputeLength(out long length)
            {
                length = 2 * Half.Length;
                return true;
            }
        }
    }
}
