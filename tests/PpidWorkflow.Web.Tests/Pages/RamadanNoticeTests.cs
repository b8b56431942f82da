using System.Net;
using System.Net.Http.Json;

namespace PpidWorkflow.Web.Tests.Pages;

/// <summary>Whom the pages ask for the hours of the next Ramadan, and until when.</summary>
public class RamadanNoticeTests
{
    [Fact]
    public async Task From_thirty_days_before_Ramadan_the_board_asks_for_its_hours_until_they_are_entered()
    {
        await using var service = new TestService();
        service.Time.SetUtcNow(new DateTimeOffset(2027, 1, 8, 15, 0, 0, TimeSpan.FromHours(7)));
        using var before = await service.BrowserAsync("kasubid.informasi");
        Assert.DoesNotContain("ramadan-missing", await before.GetStringAsync("/board"), StringComparison.Ordinal);

        service.Time.SetUtcNow(new DateTimeOffset(2027, 1, 9, 9, 0, 0, TimeSpan.FromHours(7)));
        using var head = await service.BrowserAsync("kasubid.informasi");
        using var admin = await service.BrowserAsync("admin");
        using var auditor = await service.BrowserAsync("auditor");
        var board = WebUtility.HtmlDecode(await head.GetStringAsync("/board"));
        Assert.Contains("ramadan-missing", board, StringComparison.Ordinal);
        Assert.Contains("Jam kerja Ramadan 1448 Hijriah", board, StringComparison.Ordinal);
        Assert.Contains("8 Feb 2027 sampai 8 Mar 2027", board, StringComparison.Ordinal);
        Assert.Contains("sidang isbat", board, StringComparison.Ordinal);
        Assert.DoesNotContain("/admin/calendar?", board, StringComparison.Ordinal);
        Assert.Contains("/admin/calendar?year=2027&month=2", WebUtility.HtmlDecode(await admin.GetStringAsync("/board")), StringComparison.Ordinal);
        Assert.Contains("ramadan-missing", await admin.GetStringAsync("/admin/calendar"), StringComparison.Ordinal);
        Assert.DoesNotContain("ramadan-missing", await auditor.GetStringAsync("/admin/calendar"), StringComparison.Ordinal);

        using var api = await service.ApiClientAsync("admin");
        using var added = await api.PostAsJsonAsync("/api/v1/calendar/regimes", new
        {
            name = "Ramadan 1448 Hijriah",
            kind = "ramadan",
            from = "2027-02-09",
            until = "2027-03-08",
            windows = new { monday = "08:00-12:00, 12:30-15:00" }
        });
        added.EnsureSuccessStatusCode();
        Assert.DoesNotContain("ramadan-missing", await head.GetStringAsync("/board"), StringComparison.Ordinal);
    }
}
