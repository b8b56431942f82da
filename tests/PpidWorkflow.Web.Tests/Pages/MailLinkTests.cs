using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Tests.Pages;

/// <summary>
/// The link of a task mail that starts the step without a password (issue 4): for one officer and one act, used once, gone with the next
/// change, and showing nothing that the mail does not.
/// </summary>
public sealed partial class MailLinkTests(TestService service) : IClassFixture<TestService>, IAsyncLifetime
{
    private const string Title = "Rincian penilaian jabatan 4417";
    private static int _determination;
    private Guid _case;

    public async ValueTask InitializeAsync()
    {
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var opened = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = Title,
            exemptionBasis = "j",
            determinationNumber = $"188.44/{Interlocked.Increment(ref _determination)}/2026",
            determinationDate = "2026-02-02"
        });
        _case = (await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    [Fact]
    public async Task Get_shows_and_post_starts()
    {
        using var browser = Browser();
        var address = await LinkAsync();

        var page = await ReadAsync(browser, address);
        Assert.Contains("Langkah", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Title, page, StringComparison.Ordinal);
        Assert.Null((await ItemAsync()).StartedAt);

        var answer = await PostAsync(browser, address, page);

        Assert.Contains("Tugas telah dimulai", answer.Page, StringComparison.Ordinal);
        Assert.DoesNotContain(Title, answer.Page, StringComparison.Ordinal);
        Assert.NotNull((await ItemAsync()).StartedAt);
        var data = await service.OfDatabaseAsync(db => db.AuditRecords.Where(r => r.Action == "task-started" && r.Chain == AuditTrail.ChainOf(_case)).Select(r => r.Data).SingleAsync());
        Assert.Contains("\"via\":\"mail-link\"", data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_opens_no_other_page()
    {
        using var browser = Browser();
        var address = await LinkAsync();
        await PostAsync(browser, address, await ReadAsync(browser, address));

        using var task = await browser.GetAsync($"/tasks/{(await ItemAsync()).Id}");

        Assert.Equal(HttpStatusCode.Redirect, task.StatusCode);
        Assert.Contains("/sign-in", task.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_works_once()
    {
        using var browser = Browser();
        var address = await LinkAsync();
        var page = await ReadAsync(browser, address);
        await PostAsync(browser, address, page);

        var again = await PostAsync(browser, address, page);

        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Contains("sudah dipakai", again.Page, StringComparison.Ordinal);
        using var shown = await browser.GetAsync(address);
        Assert.Equal(HttpStatusCode.Conflict, shown.StatusCode);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("start")]
    [InlineData("complete")]
    public async Task Any_change_of_the_step_revokes_it(string act)
    {
        var address = await LinkAsync();
        var item = await ItemAsync();
        using var client = await service.ApiClientAsync(act == "pause" ? "kepala.biro" : "kasubid.informasi");
        using var done = await client.PostAsJsonAsync(
            $"/api/v1/tasks/{item.Id}/{act}", new { revision = item.Revision, reason = "Menunggu lampiran", assignTo = "petugas.informasi" });
        Assert.True(done.IsSuccessStatusCode, await done.Content.ReadAsStringAsync());
        using var browser = Browser();

        using var answer = await browser.GetAsync(address);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    [Fact]
    public async Task It_expires()
    {
        var address = await LinkAsync();
        using var browser = Browser();
        service.Time.Advance(MailLinks.Lifetime);
        Assert.NotEmpty(await ReadAsync(browser, address));

        service.Time.Advance(TimeSpan.FromMilliseconds(1));
        using var answer = await browser.GetAsync(address);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("masa berlakunya", WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?t=")]
    [InlineData("?t=abc")]
    [InlineData("?t=%00%ff..")]
    [InlineData("?t=CfDJ8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_forged_link_is_no_link(string query)
    {
        using var browser = Browser();

        using var answer = await browser.GetAsync("/act" + query);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("tidak dikenal", WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_letter_breaks_the_seal()
    {
        var address = await LinkAsync();
        var changed = address[..^9] + (address[^9] == 'A' ? 'B' : 'A') + address[^8..];
        using var browser = Browser();

        using var answer = await browser.GetAsync(changed);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task The_officer_who_is_signed_in_is_led_to_the_task()
    {
        using var browser = await service.BrowserAsync("kasubid.informasi");

        using var answer = await browser.GetAsync(await LinkAsync());

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.EndsWith($"/tasks/{(await ItemAsync()).Id}", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_else_who_is_signed_in_cannot_use_a_forwarded_mail()
    {
        using var browser = await service.BrowserAsync("petugas.dokumentasi");

        using var answer = await browser.GetAsync(await LinkAsync());

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Null((await ItemAsync()).StartedAt);
    }

    [Fact]
    public async Task A_closed_account_opens_nothing()
    {
        var address = await LinkAsync();
        using var browser = Browser();
        await SetActiveAsync(false);

        using var answer = await browser.GetAsync(address);
        await SetActiveAsync(true);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);

        Task SetActiveAsync(bool active) => service.OfDatabaseAsync(db => db.Users.Where(o => o.UserName == "kasubid.informasi")
            .ExecuteUpdateAsync(o => o.SetProperty(x => x.IsActive, active)));
    }

    [Fact]
    public async Task The_row_that_waits_in_the_outbox_holds_no_key()
    {
        var model = JsonDocument.Parse((await MailAsync()).Model).RootElement;

        Assert.Equal((await ItemAsync()).Revision, model.GetProperty(MailLinks.RevisionKey).GetInt32());
        Assert.False(model.TryGetProperty(MailLinks.StartKey, out _));
    }

    [Fact]
    public async Task The_mail_offers_it_beside_the_task()
    {
        var row = await MailAsync();
        var mail = service.Services.GetRequiredService<MailTemplates>().Render(
            row.SopSlug, row.Template,
            new Dictionary<string, object?>(JsonSerializer.Deserialize<Dictionary<string, object?>>(row.Model)!)
            {
                [MailLinks.StartKey] = "http://localhost:5080/act?t=x"
            });

        Assert.Contains("Mulai tanpa kata sandi", mail.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"http://localhost:5080/act?t=x\"", mail.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alert_is_taken_note_of_by_its_link_once()
    {
        var address = await AlertLinkAsync();
        using var browser = Browser();
        var page = await ReadAsync(browser, address);
        Assert.Contains("Saya mengetahui", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Title, page, StringComparison.Ordinal);
        Assert.False(await service.OfDatabaseAsync(db => db.AlertAcknowledgements.AnyAsync()));

        var noted = await PostAsync(browser, address, page);
        var again = await PostAsync(browser, address, page);

        Assert.Contains("Peringatan telah dicatat", noted.Page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        var fact = await service.OfDatabaseAsync(db => db.AuditRecords
            .Where(r => r.Action == "alert-acknowledged" && r.Chain == AuditTrail.ChainOf(_case)).Select(r => r.Data).SingleAsync());
        Assert.Contains("\"via\":\"mail-link\"", fact, StringComparison.Ordinal);
        // The clock goes on and the step is as it was.
        Assert.Null((await ItemAsync()).ClosedAt);
        await service.OfDatabaseAsync(db => db.AlertAcknowledgements.ExecuteDeleteAsync());
    }

    [Theory]
    [InlineData("pause", "kepala.biro")]
    [InlineData("start", "kasubid.informasi")]
    public async Task The_link_of_an_alert_ends_with_any_change_of_its_step(string act, string by)
    {
        var address = await AlertLinkAsync();
        using var browser = Browser();
        await ReadAsync(browser, address);
        var item = await ItemAsync();
        using var client = await service.ApiClientAsync(by);
        using var done = await client.PostAsJsonAsync($"/api/v1/tasks/{item.Id}/{act}", new { revision = item.Revision, reason = "Menunggu lampiran" });
        Assert.True(done.IsSuccessStatusCode, await done.Content.ReadAsStringAsync());

        using var answer = await browser.GetAsync(address);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.False(await service.OfDatabaseAsync(db => db.AlertAcknowledgements.AnyAsync()));
    }

    [Fact]
    public async Task The_link_of_an_alert_ends_with_its_step()
    {
        var address = await AlertLinkAsync();
        var item = await ItemAsync();
        using var client = await service.ApiClientAsync("kasubid.informasi");
        using var done = await client.PostAsJsonAsync($"/api/v1/tasks/{item.Id}/complete", new { revision = item.Revision, assignTo = "petugas.informasi" });
        Assert.True(done.IsSuccessStatusCode, await done.Content.ReadAsStringAsync());
        using var browser = Browser();

        using var answer = await browser.GetAsync(address);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    // The rung at 100 % tells the supervisor, who starts nothing. The test's own sweep: the service's looks by the machine's clock.
    private async Task<string> AlertLinkAsync()
    {
        var due = (await service.OfDatabaseAsync(db => db.StepClocks.AsNoTracking().SingleAsync(c => c.CaseId == _case))).DueAt!.Value;
        if (due > service.Time.GetUtcNow())
            service.Time.SetUtcNow(due);
        await service.InScopeAsync<AlarmRinger, int>(ringer => ringer.RingAsync(100, CancellationToken.None));
        return LinkOf(await service.OfDatabaseAsync(
            db => db.Outbox.AsNoTracking().Where(m => m.CaseId == _case && m.Template == "overdue").OrderBy(m => m.Id).FirstAsync()), MailLinks.AcknowledgeKey);
    }

    private async Task<string> LinkAsync() => LinkOf(await MailAsync(), MailLinks.StartKey);

    // Sealed anew as the sweep does when it renders.
    private string LinkOf(OutboxMessage row, string key)
    {
        var model = JsonSerializer.Deserialize<Dictionary<string, object?>>(row.Model)!;
        service.Services.GetRequiredService<MailLinks>().AddTo(model, row);
        return new Uri((string)model[key]!).PathAndQuery;
    }

    private HttpClient Browser() => service.CreateDefaultClient(new CookieHandler());

    private Task<OutboxMessage> MailAsync() =>
        service.OfDatabaseAsync(db => db.Outbox.AsNoTracking().Where(m => m.CaseId == _case && m.Template == "task").OrderBy(m => m.Id).FirstAsync());

    private Task<WorkItem> ItemAsync() =>
        service.OfDatabaseAsync(db => db.WorkItems.AsNoTracking().Where(w => w.CaseId == _case).OrderBy(w => w.Id).FirstAsync());

    private static async Task<string> ReadAsync(HttpClient browser, string address)
    {
        using var answer = await browser.GetAsync(address);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private static async Task<(HttpStatusCode Status, string Page)> PostAsync(HttpClient browser, string address, string page)
    {
        using var answer = await browser.PostAsync(address, new FormUrlEncodedContent(
        [
            new("_handler", "page"), new("__RequestVerificationToken", Antiforgery().Match(page).Groups["value"].Value)
        ]));
        return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()));
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<value>[^\"]+)\"")]
    private static partial Regex Antiforgery();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Keeps the cookie of the form, as a browser does.</summary>
    private sealed class CookieHandler : DelegatingHandler
    {
        private readonly CookieContainer _cookies = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (_cookies.GetCookieHeader(request.RequestUri!) is { Length: > 0 } cookies)
                request.Headers.Add("Cookie", cookies);
            var answer = await base.SendAsync(request, cancellationToken);
            if (answer.Headers.TryGetValues("Set-Cookie", out var set))
            {
                foreach (var cookie in set)
                    _cookies.SetCookies(request.RequestUri!, cookie);
            }
            return answer;
        }
    }
}
