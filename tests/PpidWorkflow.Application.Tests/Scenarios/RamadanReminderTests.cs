using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Administrators are asked for the hours of the next Ramadan. Ramadan 1448 lasts from 8 February to 8 March 2027; 9 January is a Saturday.</summary>
public class RamadanReminderTests
{
    [Fact]
    public async Task Missing_hours_of_Ramadan_are_mailed_once_a_week_in_working_hours_until_they_are_there()
    {
        await using var office = await OpenAsync(At(2027, 1, 8, 10), r => r.Add("admin.dua", "Administrator Dua", null, Roles.Admin));
        await PreferenceTests.SetAsync(office, "admin.dua", new PreferenceForm(Language: "en"));

        Assert.Equal(0, await RemindAsync(office));
        foreach (var closed in new[] { At(2027, 1, 9, 10), At(2027, 1, 11, 7) })
        {
            office.Time.SetUtcNow(closed);
            Assert.Equal(0, await RemindAsync(office));
        }
        office.Time.SetUtcNow(At(2027, 1, 11, 8));
        Assert.Equal(2, await RemindAsync(office));
        var records = await office.RowsAsync(db => db.AuditRecords.CountAsync());
        for (var hour = 1; hour <= 24 * 5; hour++)
        {
            office.Time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(0, await RemindAsync(office));
        }
        Assert.Equal(records, await office.RowsAsync(db => db.AuditRecords.CountAsync()));
        office.Time.SetUtcNow(At(2027, 1, 18, 9));
        Assert.Equal(2, await RemindAsync(office));

        // The list of holidays is another matter: asked for under its own name, in the same week.
        Assert.Equal(2, await office.AskAsync<CalendarReminder, int>(r => r.RemindAsync(CancellationToken.None)));
        Assert.Equal(0, await RemindAsync(office));
        Assert.Equal(2, await office.RowsAsync(db => db.AuditRecords.CountAsync(a => a.Action == "ramadan-hours-missing")));

        var id = await AddAsync(office, "2027-02-09", "2027-03-08");
        office.Time.SetUtcNow(At(2027, 1, 25, 9));
        Assert.Equal(0, await RemindAsync(office));
        await DoAsync(office, d => d.WithdrawRegimeAsync(office["admin"], id, "Salah tanggal", new CalendarAsk()));
        Assert.Equal(2, await RemindAsync(office));
    }

    [Fact]
    public async Task The_mail_says_when_and_where_in_both_languages()
    {
        await using var office = await OpenAsync(At(2027, 1, 11, 8), r => r.Add("admin.dua", "Administrator Dua", null, Roles.Admin));
        await PreferenceTests.SetAsync(office, "admin.dua", new PreferenceForm(Language: "en"));

        await RemindAsync(office);

        var mails = (await office.MailAsync()).Where(m => m.Template == "ramadan-missing").ToList();
        var indonesian = await PreferenceTests.RenderedAsync(office, mails.Single(m => m.ToAddress == "admin@ppid.example"));
        var english = await PreferenceTests.RenderedAsync(office, mails.Single(m => m.ToAddress == "admin.dua@ppid.example"));
        Assert.Equal("Jam kerja Ramadan 1448 Hijriah belum dimasukkan", indonesian.Subject);
        Assert.Equal("Working hours of Ramadan 1448 AH are missing", english.Subject);
        Says(indonesian, "8 Februari 2027", "8 Maret 2027");
        Says(english, "8 February 2027", "8 March 2027");

        static void Says(RenderedMail mail, string first, string last) => Assert.All([mail.Text, mail.Html], part =>
        {
            Assert.Contains(first, part, StringComparison.Ordinal);
            Assert.Contains(last, part, StringComparison.Ordinal);
            Assert.Contains("sidang isbat", part, StringComparison.Ordinal);
            Assert.Contains("/admin/calendar?year=2027&", part, StringComparison.Ordinal);
            Assert.Contains("month=2", part, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task After_its_last_day_nobody_is_asked()
    {
        await using var office = await OpenAsync(At(2027, 3, 8, 9));
        Assert.Equal(1, await RemindAsync(office));

        office.Time.SetUtcNow(At(2027, 3, 15, 9));

        Assert.Equal(0, await RemindAsync(office));
    }

    private static Task<int> RemindAsync(Office office) =>
        office.AskAsync<CalendarReminder, int>(r => r.RemindOfRamadanAsync(CancellationToken.None));

    private static async Task<Guid> AddAsync(Office office, string from, string until) =>
        Assert.Single((await DoAsync(office, d => d.AddRegimeAsync(office["admin"], new RegimeForm
        {
            Name = "Ramadan 1448 Hijriah",
            Kind = "ramadan",
            From = from,
            Until = until,
            Windows = new Dictionary<string, string?> { ["monday"] = "08:00-12:00, 12:30-15:00" }
        }, new CalendarAsk()))).Edits).Id;

    private static async Task<CalendarOutcome> DoAsync(Office office, Func<CalendarDesk, Task<Result<CalendarOutcome>>> act)
    {
        var result = await office.AskAsync(act);
        Assert.True(result.Succeeded, result.Succeeded ? "" : string.Join(", ", result.Problems));
        return result.Value;
    }

    private static DateTimeOffset At(int year, int month, int day, int hour) => new(year, month, day, hour, 0, 0, TimeSpan.FromHours(7));

    private static async Task<Office> OpenAsync(DateTimeOffset begin, Action<OfficeRoster>? roster = null)
    {
        var office = await Office.OpenAsync(begin, roster: roster);
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        return office;
    }
}
