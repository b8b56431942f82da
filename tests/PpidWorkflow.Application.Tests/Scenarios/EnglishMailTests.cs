using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>What administrators and approvers are told in the language that they chose: words, dates and figures.</summary>
public class EnglishMailTests
{
    [Fact]
    public async Task A_missing_list_of_holidays_and_a_broken_guarantee_are_told_in_the_administrators_language()
    {
        await using var office = await Office.OpenAsync(new DateTimeOffset(2026, 12, 1, 1, 0, 0, TimeSpan.Zero));
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        await office.OpenCaseAsync();
        await PreferenceTests.SetAsync(office, "admin", new PreferenceForm(Language: "en"));

        await office.AskAsync<CalendarReminder, int>(r => r.RemindAsync(CancellationToken.None));
        await office.TamperAsync("UPDATE StepClocks SET DueAt = '2026-12-30 03:00:00' WHERE State = 'Running'");
        await office.AskAsync<GuaranteeWatch, IReadOnlyList<string>>(w => w.CheckAsync());

        var calendar = await ToldAsync(office, "calendar-missing");
        Assert.Equal("Holidays of 2027 have not been entered", calendar.Subject);
        Assert.All([calendar.Text, calendar.Html], body => Assert.Contains("/admin/calendar?year=2027", body, StringComparison.Ordinal));
        var guarantee = await ToldAsync(office, "guarantee-broken");
        Assert.Equal("A guarantee of the service is broken: cached-instants", guarantee.Subject);
        Assert.All([guarantee.Text, guarantee.Html], body =>
        {
            Assert.Contains("Stored deadlines equal those derived anew.", body, StringComparison.Ordinal);
            Assert.Contains("Tuesday, 1 Dec 2026 08:00 WIB", body, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_proposed_revision_is_told_in_its_readers_language()
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await PreferenceTests.SetAsync(office, Office.UnitHead, new PreferenceForm(Language: "en"));
        await office.DraftAsync(document => document["description"] = "Diperjelas");

        Assert.True((await office.ProposeAsync()).Succeeded);

        var revision = await ToldAsync(office, "revision-proposed");
        Assert.StartsWith("Please decide: revision of SOP ", revision.Subject, StringComparison.Ordinal);
        Assert.Contains("waits for your approval", revision.Html, StringComparison.Ordinal);
    }

    /// <summary>The readings themselves are in Indonesian; a new one is wanted in both languages.</summary>
    [Fact]
    public async Task Every_guarantee_has_an_English_sentence()
    {
        await using var office = await Office.OpenAsync();
        var known = await office.AskAsync<Guarantees, IEnumerable<GuaranteeReading>>(async g => (await g.ReadAsync(deep: true)).UnionBy(await g.ReadRecentAsync(), r => r.Name));

        Assert.Equal(known.Select(g => g.Name).Order(StringComparer.Ordinal), GuaranteeWords.Names.Order(StringComparer.Ordinal));
    }

    private static async Task<RenderedMail> ToldAsync(Office office, string template)
    {
        var mail = Assert.Single(await office.MailAsync(), m => m.Template == template && m.Language == "en");
        return await PreferenceTests.RenderedAsync(office, mail);
    }
}
