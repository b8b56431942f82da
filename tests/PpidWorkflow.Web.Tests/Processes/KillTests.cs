using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>
/// <c>kill -9</c> at every point where something could be lost or done twice, under load, and what is left afterwards. Two kills a point;
/// <c>PPID_KILLS=20</c> makes it twenty and prints a line for each point.
/// </summary>
[Collection("Processes")]
public sealed class KillTests : IAsyncLifetime
{
    private const int Workers = 4;
    private const int MailsPerCase = 10;
    private static readonly TimeSpan CrashDeadline = TimeSpan.FromMinutes(2);

    private readonly ConcurrentBag<CaseWalk> _walks = [];
    private readonly List<DateTimeOffset> _kills = [];
    private SmtpServerFixture _smtp = null!;
    private RunningService _service = null!;
    private OfficeClient _client = null!;
    private int _lastCase;
    private volatile bool _closing;

    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("PPID_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 2;

    public async ValueTask InitializeAsync()
    {
        _smtp = await SmtpServerFixture.StartAsync();
        _service = new RunningService();
        _service.SendMailTo(_smtp);
        _client = new OfficeClient(_service);
    }

    public async ValueTask DisposeAsync()
    {
        _closing = true;
        _client.Dispose();
        await _service.DisposeAsync();
        await _smtp.DisposeAsync();
    }

    /// <param name="point">Of <c>CrashPoints</c>.</param>
    /// <param name="most">The kill comes when the point is reached for the n-th time after a start, n from 1 to this.</param>
    [Theory]
    [InlineData("before-commit", 40)]
    [InlineData("after-commit", 40)]
    [InlineData("after-answer", 24)]
    [InlineData("before-smtp", 24)]
    [InlineData("after-smtp", 24)]
    [InlineData("inside-sweep/outbox", 8)]
    public async Task After_kills_at_any_point_every_answer_holds_once_and_no_mail_is_lost(string point, int most)
    {
        SopVariant.Use(_service);
        await SeedAsync();
        var load = Enumerable.Range(0, Workers).Select(_ => Task.Run(WalkCasesAsync)).ToList();

        await KillRepeatedlyAsync(point, most, load);
        _closing = true;
        await Task.WhenAll(load);

        await AssertNothingLostAsync(point, alertsPerCase: 0);
    }

    [Fact]
    public async Task After_kills_inside_the_alarm_sweep_every_step_left_alone_has_alerted_three_persons_once()
    {
        SopVariant.Use(_service, ("2", "PT2S"));
        await SeedAsync();
        var load = Enumerable.Range(0, 2).Select(_ => Task.Run(LeaveCasesAloneAsync)).ToList();

        await KillRepeatedlyAsync("inside-sweep/alarms", 3, load);
        _closing = true;
        await Task.WhenAll(load);
        // The ladder of each runs out before its step is done: closing the clock early would rightly keep the rest from firing.
        await RunningService.UntilAsync(
            async () => (await CaseMail.AtAsync(_smtp)).Where(IsAlert).Select(m => m.MessageId).Distinct().Count() >= 3 * _walks.Count, "all alerts have come");
        foreach (var walk in _walks)
            await walk.FinishAsync();

        await AssertNothingLostAsync("inside-sweep/alarms", alertsPerCase: 3);
    }

    private static bool IsAlert(CaseMail mail) => mail.Kind is "warning" or "overdue" or "escalation";

    // Roles, officers and the SOP: the kills are to hit work, not the first start.
    private async Task SeedAsync()
    {
        await _service.StartAsync();
        await _service.KillAsync();
    }

    private async Task KillRepeatedlyAsync(string point, int most, List<Task> load)
    {
        for (var kill = 0; kill < Kills; kill++)
        {
            var n = 1 + ((2 + kill * 7) % most);
            await _service.StartAsync(string.Create(CultureInfo.InvariantCulture, $"{point}:{n}"));
            await _service.WaitForCrashAsync(load, CrashDeadline);
            _kills.Add(DateTimeOffset.UtcNow);
        }
        await _service.StartAsync();
    }

    private async Task WalkCasesAsync()
    {
        while (!_closing)
            await (await OpenCaseAsync()).FinishAsync();
    }

    private async Task LeaveCasesAloneAsync()
    {
        while (!_closing)
        {
            var left = await (await OpenCaseAsync()).WalkToAsync("2");
            var next = left.GetProperty("receivedAt").GetDateTimeOffset().AddSeconds(1.5);
            await RunningService.UntilAsync(() => Task.FromResult(DateTimeOffset.UtcNow > next), "its first rung is due");
        }
    }

    private async Task<CaseWalk> OpenCaseAsync()
    {
        var walk = await new CaseWalk(_client, $"188.44/{Interlocked.Increment(ref _lastCase)}/2026").OpenAsync();
        _walks.Add(walk);
        return walk;
    }

    private async Task AssertNothingLostAsync(string point, int alertsPerCase)
    {
        var answered = _client.Answered.ToList();
        var answers = answered.Count;
        // A clerk who never saw the answer would ask once more; each gets the first answer.
        foreach (var (order, answer) in answered)
            Assert.Equal(answer, await _client.ReplayAsync(order));

        Assert.Equal(_lastCase, _walks.Count);
        Assert.Equal(
            Enumerable.Range(1, _walks.Count).Select(n => string.Create(CultureInfo.InvariantCulture, $"PPID/{Year}/{n:0000}")),
            _walks.Select(w => w.Number).Order(StringComparer.Ordinal));
        foreach (var walk in _walks)
            await AssertWholeAsync(walk);
        AssertRows(answers);

        var expected = _walks.Count * (MailsPerCase + alertsPerCase);
        await RunningService.UntilAsync(
            async () => (await CaseMail.AtAsync(_smtp)).Select(m => m.MessageId).Distinct().Count() >= expected, $"{expected} different mails have come");
        await RunningService.UntilAsync(() => Task.FromResult(Scalar("SELECT COUNT(*) FROM Outbox WHERE State <> 'Sent'") == 0), "the outbox is empty");
        var extra = AssertMails(await CaseMail.AtAsync(_smtp), expected, alertsPerCase);
        await AssertInvariantsAsync();

        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{point}: {_kills.Count} kills, {_walks.Count} cases, {answers} answers kept, {_client.Unanswered} requests unanswered and sent again, "
            + $"{expected} mails, {extra} of them twice, 0 violations");
        TestContext.Current.TestOutputHelper!.WriteLine(summary);
        if (Kills > 2)
            Console.WriteLine(summary);
    }

    private async Task AssertWholeAsync(CaseWalk walk)
    {
        var record = await _client.CaseAsync(walk.Id);
        Assert.Equal(walk.Number, record.GetProperty("number").GetString());
        Assert.Equal("documented", record.GetProperty("state").GetString());
        string[] steps = ["1", "2", "3", "4", "5a", "5b"];
        Assert.Equal(steps, walk.Completed);
        var visits = record.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(steps, visits.Select(CaseWalk.LabelOf));
        Assert.All(visits, v => Assert.Equal("completed", v.GetProperty("state").GetString()));
        var events = record.GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(steps, events.Where(e => e.GetProperty("action").GetString() == "task-completed").Select(e => e.GetProperty("data").GetProperty("step").GetString()));
        Assert.Single(events, e => e.GetProperty("action").GetString() == "case-created");
        Assert.Single(events, e => e.GetProperty("action").GetString() == "file-added");

        var file = Assert.Single(record.GetProperty("files").EnumerateArray());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(walk.Softcopy)), file.GetProperty("sha256").GetString());
        var (status, content) = await _client.DownloadAsync(OfficeClient.InformationOfficer, $"/api/v1/files/{file.GetProperty("id").GetGuid()}");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(walk.Softcopy, content);
    }

    // Behind the service's back, so that no view can hide a row too many.
    private void AssertRows(int answers)
    {
        Assert.Equal(_walks.Count, Scalar("SELECT COUNT(*) FROM Cases"));
        Assert.Equal(_walks.Count * CaseWalk.Completions, Scalar("SELECT COUNT(*) FROM WorkItems"));
        Assert.Equal(_walks.Count, Scalar("SELECT COUNT(*) FROM DossierFiles"));
        Assert.Equal(answers, Scalar("SELECT COUNT(*) FROM IdempotencyRecords"));
        Assert.Equal(0, Scalar("SELECT COUNT(*) FROM Incidents"));
        // Every case went the same way, so every journal has the same entries, without a gap.
        Assert.Equal(0, Scalar("SELECT COUNT(*) FROM (SELECT 1 FROM Journal GROUP BY InstanceId HAVING MAX(Sequence) - MIN(Sequence) + 1 <> COUNT(*))"));
        Assert.Equal(1, Scalar("SELECT COUNT(DISTINCT entries) FROM (SELECT COUNT(*) AS entries FROM Journal GROUP BY InstanceId)"));
    }

    private int AssertMails(IReadOnlyList<CaseMail> mails, int expected, int alertsPerCase)
    {
        var byId = mails.GroupBy(m => m.MessageId).ToList();
        Assert.Equal(expected, byId.Count);
        Assert.All(byId, same => Assert.Single(same.Select(m => (m.CaseNumber, m.Kind, m.Step, m.To)).Distinct()));
        foreach (var ofCase in byId.Select(same => same.First()).GroupBy(m => m.CaseNumber))
        {
            Assert.Equal(["1", "2", "3", "4", "5a", "5b"], ofCase.Where(m => m.Kind == "task").Select(m => m.Step).Order(StringComparer.Ordinal));
            Assert.Equal(4, ofCase.Where(m => m.Kind == "documented").Select(m => m.To).Distinct().Count());
            Assert.Equal(alertsPerCase, ofCase.Where(IsAlert).Select(m => (m.Kind, m.To)).Distinct().Count());
        }
        // Each copy beyond the first is the fault of the kill before it; no kill has more than one.
        var extra = byId.SelectMany(same => same.OrderBy(m => m.At).Skip(1)).ToList();
        var faults = extra.GroupBy(copy => _kills.FindLastIndex(k => k <= copy.At)).ToList();
        Assert.All(faults, f => Assert.True(f.Key >= 0 && f.Count() == 1, $"{f.Count()} mails twice after kill {f.Key}"));
        return extra.Count;
    }

    private async Task AssertInvariantsAsync()
    {
        var verified = await _service.VerifyAsync();
        Assert.True(verified.ExitCode == 0 && verified.Violated.Count == 0, verified.Output);
    }

    private long Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_service.DatabasePath};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static int Year => TimeZoneInfo.ConvertTime(DateTimeOffset.UtcNow, TimeZoneInfo.FindSystemTimeZoneById("Asia/Pontianak")).Year;
}
