using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>What an officer may choose of his mails, and what he may not.</summary>
public class PreferenceTests
{
    [Fact]
    public async Task Quiet_hours_hold_back_a_warning_until_they_end_and_in_the_office_s_hours_new_work_and_alerts_pass()
    {
        await using var office = await Office.OpenAsync();
        await SetAsync(office, Office.InformationHead, new PreferenceForm(QuietFrom: "07.45", QuietUntil: "12:00"));
        await SetAsync(office, Office.UnitHead, new PreferenceForm(QuietFrom: "07:45", QuietUntil: "12:00"));

        await office.OpenCaseAsync();
        await office.AdvanceAsync(TimeSpan.FromMinutes(10));

        var mails = await office.MailAsync();
        var noon = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.FromHours(7));
        Assert.Contains(mails, m => m.Template == "warning");
        Assert.All(mails.Where(m => m.Template == "warning"), m => Assert.Equal(noon, m.NextAttemptAt));
        // Its clock runs: an officer that is not told of his task would be overdue unheard.
        Assert.Contains(mails, m => m.Template == "task");
        Assert.All(mails.Where(m => m.Template == "task"), m => Assert.Equal(m.CreatedAt, m.NextAttemptAt));
        // 100 % to the supervisor and 200 % to the head of the unit: not to be turned off by quiet hours over the day.
        Assert.Equal(2, mails.Count(m => m.Template is "overdue" or "escalation"));
        Assert.All(mails.Where(m => m.Template is "overdue" or "escalation"), m => Assert.Equal(m.CreatedAt, m.NextAttemptAt));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("20:00", "09:00", 7, 30)]
    [InlineData("20:00", "06:00", 6, 0)]
    public async Task A_task_mail_that_comes_in_the_night_waits_for_the_opening_of_the_office_at_the_latest(string from, string until, int hour, int minute)
    {
        await using var office = await Office.OpenAsync(new DateTimeOffset(2026, 11, 23, 21, 0, 0, TimeSpan.FromHours(7)));
        await SetAsync(office, Office.InformationHead, new PreferenceForm(QuietFrom: from, QuietUntil: until));

        await office.OpenCaseAsync();

        var mail = Assert.Single(await office.MailAsync(), m => m.Template == "task");
        Assert.Equal(new DateTimeOffset(2026, 11, 24, hour, minute, 0, TimeSpan.FromHours(7)), mail.NextAttemptAt);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("18:00", "07:00", 23, 20, 0, 24, 7)]
    [InlineData("18:00", "07:00", 23, 6, 59, 23, 7)]
    [InlineData("18:00", "07:00", 23, 7, 0, 0, 0)]
    [InlineData("12:00", "13:00", 23, 12, 30, 23, 13)]
    [InlineData("12:00", "13:00", 23, 13, 0, 0, 0)]
    public void Quiet_hours_may_reach_over_midnight(string from, string until, int day, int hour, int minute, int endDay, int endHour)
    {
        var wish = new OfficerPreference { OfficerId = Guid.NewGuid(), QuietFrom = TimeOnly.Parse(from, null), QuietUntil = TimeOnly.Parse(until, null) };
        var at = new DateTimeOffset(2026, 11, day, hour, minute, 0, TimeSpan.FromHours(7));

        var end = wish.QuietAt(at, new PpidWorkflow.Application.TimeStandards.OfficeTime(TimeZoneInfo.FindSystemTimeZoneById("Asia/Pontianak")));

        Assert.Equal(endDay == 0 ? (DateTimeOffset?)null : new DateTimeOffset(2026, 11, endDay, endHour, 0, 0, TimeSpan.FromHours(7)), end);
    }

    [Fact]
    public async Task An_early_warning_that_is_not_wanted_stays_on_record_and_the_overdue_alert_comes_all_the_same()
    {
        await using var office = await Office.OpenAsync();
        foreach (var name in (string[])[Office.InformationHead, Office.UnitHead])
            await SetAsync(office, name, new PreferenceForm(EarlyWarnings: false));

        await office.OpenCaseAsync();
        await office.AdvanceAsync(TimeSpan.FromMinutes(5));

        var mails = await office.MailAsync();
        var warning = Assert.Single(mails, m => m.Template == "warning");
        Assert.Equal((OutboxState.Withdrawn, Outbox.TurnedOff), (warning.State, warning.LastError));
        Assert.Equal(OutboxState.Pending, Assert.Single(mails, m => m.Template == "overdue").State);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Mails_are_written_in_the_language_that_was_chosen()
    {
        await using var office = await Office.OpenAsync();
        await SetAsync(office, Office.InformationHead, new PreferenceForm(Language: "en"));

        await office.OpenCaseAsync();

        var mail = Assert.Single(await office.MailAsync(), m => m.Template == "task");
        Assert.Equal("en", mail.Language);
        var rendered = await RenderedAsync(office, mail);
        Assert.Contains("Task, step 1: Assign — due 08:05 WIB, Monday, 23 Nov 2026", rendered.Subject, StringComparison.Ordinal);
        Assert.Contains("Dear Dra. Sari Wulan, M.Si.,", rendered.Text, StringComparison.Ordinal);
        Assert.Contains("Sent automatically", rendered.Html, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", rendered.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_chosen_is_told_all_at_once_and_a_stale_form_is_refused()
    {
        await using var office = await Office.OpenAsync();

        var wrong = await TryAsync(office, new PreferenceForm(DigestAt: "25:00", QuietFrom: "x", Language: "fr"));
        Assert.Equal(["time-of-day-invalid", "time-of-day-invalid", "language-unknown"], wrong.Problems.Select(p => p.Code));
        Assert.Equal("quiet-hours-half", (await TryAsync(office, new PreferenceForm(QuietFrom: "18:00"))).Problems.Single().Code);
        Assert.Equal("quiet-hours-empty", (await TryAsync(office, new PreferenceForm(QuietFrom: "18:00", QuietUntil: "18.00"))).Problems.Single().Code);
        var first = await TryAsync(office, new PreferenceForm(Weekly: false, Revision: 0));
        Assert.Equal((false, 1), (first.Value.Weekly, first.Value.Revision));
        Assert.Equal("stale-revision", (await TryAsync(office, new PreferenceForm(Revision: 0))).Problems.Single().Code);
        Assert.Equal(1, await office.RowsAsync(db => db.OfficerPreferences.CountAsync()));
    }

    [Fact]
    public async Task A_node_follows_what_another_one_has_stored()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        // Another node's change is a row that this process has not written.
        await office.TamperAsync(
            "INSERT INTO OfficerPreferences (OfficerId, Digest, Weekly, EarlyWarnings, Language, Revision, ChangedAt) " +
            "SELECT Id, true, true, true, 'en', 1, '2026-11-23 01:00:00' FROM Officers WHERE UserName = 'kasubid.informasi'");

        await office.OpenCaseAsync();
        await office.InScopeAsync(async s =>
        {
            await s.Get<PreferenceBook>().FollowAsync(s.Get<Persistence.PpidDbContext>(), CancellationToken.None);
            return true;
        });
        await office.OpenCaseAsync();

        Assert.Equal([null, null, "en"], (await office.MailAsync()).Where(m => m.Template == "task").Select(m => m.Language));
    }

    internal static async Task SetAsync(Office office, string by, PreferenceForm form) =>
        Assert.True((await office.AskAsync<PreferenceDesk, Result<PreferenceView>>(d => d.SetAsync(office[by], form))).Succeeded);

    internal static Task<RenderedMail> RenderedAsync(Office office, OutboxMessage mail) => office.AskAsync<MailTemplates, RenderedMail>(t => Task.FromResult(
        t.Render(mail.SopSlug, mail.Template, System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, object?>>(mail.Model)!,
            mail.Language is null ? null : System.Globalization.CultureInfo.GetCultureInfo("en-GB"))));

    private static Task<Result<PreferenceView>> TryAsync(Office office, PreferenceForm form) =>
        office.AskAsync<PreferenceDesk, Result<PreferenceView>>(d => d.SetAsync(office[Office.InformationHead], form));
}
