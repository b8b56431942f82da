using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>The service as other programs meet it: a process, HTTP, SMTP.</summary>
[Collection("Processes")]
public sealed partial class ApiTests : IAsyncLifetime
{
    private const string Canary = "KENARI";

    private SmtpServerFixture _smtp = null!;
    private RunningService _service = null!;
    private OfficeClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _smtp = await SmtpServerFixture.StartAsync();
        _service = new RunningService();
        _service.SendMailTo(_smtp);
        _client = new OfficeClient(_service);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
        await _smtp.DisposeAsync();
    }

    [Fact]
    public async Task Four_officers_walk_a_case_to_documented_through_the_API_alone_and_get_six_task_mails()
    {
        SopVariant.Use(_service);
        await _service.StartAsync();

        var walk = await new CaseWalk(_client, "188.44/1/2026", Canary).OpenAsync();
        await walk.FinishAsync();

        Assert.Equal(["1", "2", "3", "4", "5a", "5b"], walk.Completed);
        var done = await _client.CaseAsync(walk.Id);
        Assert.Equal("documented", done.GetProperty("state").GetString());
        var mails = await MailsAsync(10);
        Assert.Equal(
            [
                ("1", "kasubid.informasi@ppid.example"), ("2", "petugas.informasi@ppid.example"), ("3", "petugas.informasi@ppid.example"),
                ("4", "kasubid.informasi@ppid.example"), ("5a", "kasubid.dokumentasi@ppid.example"), ("5b", "petugas.dokumentasi@ppid.example")
            ],
            mails.Where(m => m.Kind == "task").Select(m => (m.Step, m.To)));
        Assert.Equal(
            ["kasubid.dokumentasi@ppid.example", "kasubid.informasi@ppid.example", "petugas.dokumentasi@ppid.example", "petugas.informasi@ppid.example"],
            mails.Where(m => m.Kind == "documented").Select(m => m.To).Order(StringComparer.Ordinal));
        AssertHeaders(mails);
        await AssertInvariantsAsync();
    }

    [Fact]
    public async Task No_mail_log_line_or_address_carries_a_word_of_title_file_reason_or_remark()
    {
        SopVariant.Use(_service);
        await _service.StartAsync();
        var walk = await new CaseWalk(_client, "188.44/2/2026", Canary).OpenAsync();
        var handOver = await walk.WalkToAsync("4");
        var path = $"/api/v1/tasks/{handOver.GetProperty("id").GetGuid()}";
        (await _client.PostAsync(OfficeClient.InformationHead, $"{path}/comments", new { text = $"Halaman {Canary} kabur" })).Require(HttpStatusCode.OK);
        (await _client.PostAsync(
            OfficeClient.InformationHead, $"{path}/return", new { revision = handOver.GetProperty("revision").GetInt32(), reason = $"Kurang {Canary}" }))
            .Require(HttpStatusCode.OK);
        var redo = await walk.WalkToAsync("2");
        (await _client.UploadAsync(OfficeClient.InformationOfficer, redo.GetProperty("id").GetGuid(), $"{Canary}-2.pdf", walk.Softcopy)).Require(HttpStatusCode.Created);
        await walk.FinishAsync();
        var found = (await _client.GetAsync(OfficeClient.UnitHead, $"/api/v1/cases?q={Canary}")).Require(HttpStatusCode.OK);
        Assert.Equal(1, found.Body.GetProperty("items").GetArrayLength());
        var files = (await _client.CaseAsync(walk.Id)).GetProperty("files").EnumerateArray().ToList();
        Assert.Equal(3, files.Count);
        Assert.Equal(walk.Softcopy, (await _client.DownloadAsync(OfficeClient.InformationOfficer, $"/api/v1/files/{files[0].GetProperty("id").GetGuid()}")).Content);

        // Tasks 1, 2, 3, 4, then the return of 4 to 2, then 3, 4, 5a, 5b, and four that say "documented".
        var mails = await MailsAsync(13);
        Assert.Equal(["1", "2", "3", "4", "3", "4", "5a", "5b"], mails.Where(m => m.Kind == "task").Select(m => m.Step));
        Assert.Equal([("2", "petugas.informasi@ppid.example")], mails.Where(m => m.Kind == "returned").Select(m => (m.Step, m.To)));
        Assert.All(mails, m => Assert.DoesNotContain(Canary, m.AllText, StringComparison.OrdinalIgnoreCase));
        await AssertInvariantsAsync();
        Assert.DoesNotContain(Canary, _service.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Ppid-demo-2026", _service.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_left_alone_alerts_three_persons_once_each_and_never_early()
    {
        SopVariant.Use(_service, ("2", "PT5S"));
        await _service.StartAsync();
        var walk = await new CaseWalk(_client, "188.44/3/2026", Canary).OpenAsync();
        var left = await walk.WalkToAsync("2");
        var received = left.GetProperty("receivedAt").GetDateTimeOffset();
        Assert.Equal(received.AddSeconds(5), left.GetProperty("dueAt").GetDateTimeOffset());

        var alerts = (await MailsAsync(2 + 3)).Where(m => m.Kind != "task").ToList();

        Assert.Equal(
            [
                ("warning", "2", "petugas.informasi@ppid.example"), ("overdue", "2", "kasubid.informasi@ppid.example"),
                ("escalation", "2", "kepala.biro@ppid.example")
            ],
            alerts.Select(m => (m.Kind, m.Step, m.To)));
        Assert.All(alerts.Zip((double[])[4, 5, 10]), a => Assert.InRange(a.First.At, received.AddSeconds(a.Second), received.AddSeconds(a.Second + 5)));
        Assert.Equal("overdue", (await _client.OpenTaskAsync(walk.Id))!.Value.GetProperty("state").GetString());
        // Late never blocks, and after the ladder's last rung nothing more comes.
        await walk.FinishAsync();
        var mails = await MailsAsync(10 + 3);
        AssertHeaders(mails);
        Assert.All(mails, m => Assert.DoesNotContain(Canary, m.AllText, StringComparison.OrdinalIgnoreCase));
        var verified = await AssertInvariantsAsync();
        Assert.Equal(3, verified.Checked["fires-have-mails"]);
    }

    [Fact]
    public async Task Lists_page_through_everything_once_and_filter()
    {
        SopVariant.Use(_service);
        await _service.StartAsync();
        var walks = new List<CaseWalk>();
        for (var i = 0; i < 5; i++)
            walks.Add(await new CaseWalk(_client, $"188.44/{i}/2026", Canary).OpenAsync());
        await walks[0].WalkToAsync("2");
        await walks[1].FinishAsync();

        var cases = await PagesAsync(OfficeClient.InformationHead, "/api/v1/cases?pageSize=2");
        Assert.Equal(walks.Select(w => w.Number).Reverse(), cases.Select(c => c.GetProperty("number").GetString()));
        Assert.Equal(4, (await PagesAsync(OfficeClient.InformationHead, "/api/v1/cases?pageSize=3&state=running")).Count);
        Assert.Equal(walks[1].Number, Assert.Single(
            await PagesAsync(OfficeClient.InformationHead, "/api/v1/cases?state=documented")).GetProperty("number").GetString());
        Assert.Equal(walks[3].Id, Assert.Single(
            await PagesAsync(OfficeClient.InformationHead, $"/api/v1/cases?q={Uri.EscapeDataString(walks[3].Number)}")).GetProperty("id").GetGuid());

        var tasks = await PagesAsync(OfficeClient.InformationHead, "/api/v1/tasks?mine=true&state=open&pageSize=1");
        Assert.Equal(
            ((int[])[2, 3, 4]).Select(i => walks[i].Id).Order(), tasks.Select(t => t.GetProperty("caseId").GetGuid()).Order());
        Assert.Equal(walks[0].Id, Assert.Single(await PagesAsync(OfficeClient.InformationOfficer, "/api/v1/tasks")).GetProperty("caseId").GetGuid());
        Assert.Empty(await PagesAsync(OfficeClient.DocumentationOfficer, "/api/v1/tasks"));
        await AssertInvariantsAsync();
    }

    [Fact]
    public async Task A_repeated_Idempotency_Key_gets_the_first_answer_and_changes_nothing()
    {
        SopVariant.Use(_service);
        await _service.StartAsync();
        var walk = await new CaseWalk(_client, "188.44/5/2026", Canary).OpenAsync();
        await walk.FinishAsync();

        var before = await _client.CaseAsync(walk.Id);
        foreach (var (order, answer) in _client.Answered.ToList())
        {
            Assert.Equal(answer, await _client.ReplayAsync(order));
            var other = order.ContentType == "application/json"
                ? order with { Body = JsonSerializer.SerializeToUtf8Bytes(new { revision = 0, note = "lain" }) }
                : order with { Body = [.. order.Body.Select(b => b == (byte)'K' ? (byte)'L' : b)] };
            var refused = (await _client.ReplayAsync(other)).Require(HttpStatusCode.UnprocessableEntity);
            Assert.Contains("idempotency-key-reused", refused.Raw, StringComparison.Ordinal);
        }
        (await _client.PostAsync(OfficeClient.InformationHead, "/api/v1/cases", CaseWalk.NewCase("188.44/5/2026", Canary), "kunci-lain"))
            .Require(HttpStatusCode.Conflict);

        Assert.Equal(before.GetRawText(), (await _client.CaseAsync(walk.Id)).GetRawText());
        Assert.Single(await PagesAsync(OfficeClient.UnitHead, "/api/v1/cases"));
        Assert.Equal(10, (await MailsAsync(10)).Count);
        await AssertInvariantsAsync();
    }

    [Fact]
    public async Task Of_two_completions_racing_one_is_answered_200_and_the_other_409()
    {
        SopVariant.Use(_service);
        await _service.StartAsync();
        using var rival = new OfficeClient(_service);
        for (var round = 0; round < 20; round++)
        {
            var walk = await new CaseWalk(_client, $"188.44/{round}/2026", Canary).OpenAsync();
            var task = (await _client.OpenTaskAsync(walk.Id))!.Value;
            var path = $"/api/v1/tasks/{task.GetProperty("id").GetGuid()}/complete";

            var answers = await Task.WhenAll(
                _client.PostAsync(OfficeClient.InformationHead, path, walk.Completion(task)),
                rival.PostAsync(OfficeClient.InformationHead, path, walk.Completion(task)));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(a => a.Status).Order());
            Assert.Equal("2", CaseWalk.LabelOf((await _client.OpenTaskAsync(walk.Id))!.Value));
        }

        var same = await new CaseWalk(_client, "188.44/99/2026", Canary).OpenAsync();
        var first = (await _client.OpenTaskAsync(same.Id))!.Value;
        var order = new Order(
            OfficeClient.InformationHead, $"/api/v1/tasks/{first.GetProperty("id").GetGuid()}/complete", "application/json",
            JsonSerializer.SerializeToUtf8Bytes(same.Completion(first), JsonSerializerOptions.Web), "kunci-kembar");
        var twins = await Task.WhenAll(_client.ReplayAsync(order), rival.ReplayAsync(order));
        Assert.All(twins, t => t.Require(HttpStatusCode.OK));
        Assert.Equal(twins[0], twins[1]);
        await AssertInvariantsAsync();
    }

    private async Task<IReadOnlyList<CaseMail>> MailsAsync(int expected)
    {
        await RunningService.UntilAsync(async () => (await _smtp.MailsAsync()).Count >= expected, $"{expected} mails have come");
        var mails = await CaseMail.AtAsync(_smtp);
        Assert.True(mails.Count == expected, string.Join('\n', mails.Select(m => $"{m.At:O} {m.Kind} {m.Step} {m.To}")));
        return mails;
    }

    private async Task<Verification> AssertInvariantsAsync()
    {
        var verified = await _service.VerifyAsync();
        Assert.True(verified.ExitCode == 0, verified.Output);
        return verified;
    }

    private async Task<List<JsonElement>> PagesAsync(string officer, string path)
    {
        var items = new List<JsonElement>();
        for (string? after = null; ;)
        {
            var next = after is null ? path : $"{path}{(path.Contains('?') ? '&' : '?')}after={Uri.EscapeDataString(after)}";
            var page = (await _client.GetAsync(officer, next)).Require(HttpStatusCode.OK).Body;
            items.AddRange(page.GetProperty("items").EnumerateArray());
            after = page.GetProperty("next").GetString();
            if (after is null)
                return items;
        }
    }

    private static void AssertHeaders(IReadOnlyList<CaseMail> mails)
    {
        Assert.Equal(mails.Count, mails.Select(m => m.MessageId).Distinct().Count());
        Assert.All(mails, mail =>
        {
            var message = mail.Message;
            Assert.Equal("auto-generated", message.Headers["Auto-Submitted"]);
            Assert.Equal("All", message.Headers["X-Auto-Response-Suppress"]);
            Assert.Equal("ppid@ppid.example", message.From.Mailboxes.Single().Address);
            Assert.Equal(mail.To, message.To.Mailboxes.Single().Address);
            Assert.InRange(message.Date, mail.At.AddMinutes(-2), mail.At.AddSeconds(2));
            Assert.StartsWith("case-", message.InReplyTo, StringComparison.Ordinal);
            Assert.Equal(message.InReplyTo, Assert.Single(message.References));
            var (text, html) = (message.TextBody ?? "", message.HtmlBody ?? "");
            Assert.Contains("<html", html, StringComparison.OrdinalIgnoreCase);
            Assert.Contains(mail.CaseNumber, text, StringComparison.Ordinal);
            var link = Link().Match(text);
            Assert.True(link.Success && html.Contains(link.Value, StringComparison.Ordinal), text);
            Assert.Equal(mail.Kind == "documented" ? "cases" : "tasks", link.Groups[1].Value);
            if (mail.Kind == "task")
                Assert.Contains("WIB", text, StringComparison.Ordinal);
        });
        Assert.Single(mails.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.CaseNumber} {m.Message.InReplyTo}")).Distinct());
    }

    [GeneratedRegex(@"http://localhost:5080/(tasks|cases)/[0-9a-f-]{36}")]
    private static partial Regex Link();
}
