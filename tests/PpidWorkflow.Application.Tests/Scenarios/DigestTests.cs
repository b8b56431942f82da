using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>One digest a person and working day, one summary a week; nothing where there is nothing to say.</summary>
public class DigestTests
{
    private static readonly DateTimeOffset Friday = Wib(20, 15, 0);

    [Fact]
    public async Task The_morning_of_a_working_day_tells_each_what_is_his_and_supervisors_what_is_their_peoples()
    {
        await using var office = await Office.OpenAsync(Friday);
        var open = await office.OpenCaseAsync("Judul rahasia");
        await office.WalkToAsync(open.Id, "2");

        // Saturday and Sunday are no working days, and on Monday nothing comes before the hours begin.
        foreach (var at in new[] { Wib(21, 9, 0), Wib(22, 9, 0), Wib(23, 7, 29) })
        {
            office.Time.SetUtcNow(at);
            Assert.Equal(0, await RunAsync(office));
        }
        office.Time.SetUtcNow(Wib(23, 7, 30));
        await office.FireAsync();
        await RunAsync(office);

        var digests = (await office.MailAsync()).Where(m => m.Template == "digest").ToDictionary(m => m.ToAddress.Split('@')[0]);
        Assert.Equal([Office.InformationHead, Office.UnitHead, Office.InformationOfficer], digests.Keys.Order(StringComparer.Ordinal));
        var officer = JsonDocument.Parse(digests[Office.InformationOfficer].Model).RootElement;
        var row = officer.GetProperty("mine").EnumerateArray().Single();
        Assert.Equal((open.Number, "2 Menyiapkan"), (row.GetProperty("caseNumber").GetString(), row.GetProperty("step").GetString()));
        Assert.Equal(0, officer.GetProperty("peopleOpen").GetInt32());
        var head = JsonDocument.Parse(digests[Office.InformationHead].Model).RootElement;
        Assert.Equal((0, 1), (head.GetProperty("mineOpen").GetInt32(), head.GetProperty("peopleOpen").GetInt32()));
        Assert.All(digests.Values, m => Assert.DoesNotContain("Judul rahasia", m.Model, StringComparison.Ordinal));
        Assert.All(digests.Values, m => Assert.StartsWith($"digest-20261123-{m.OfficerId:n}@", m.MessageId, StringComparison.Ordinal));

        var mail = await PreferenceTests.RenderedAsync(office, digests[Office.InformationHead]);
        Assert.Contains("Ringkasan pagi Senin, 23 Nov 2026", mail.Subject, StringComparison.Ordinal);
        Assert.Contains($"- {open.Number}, langkah 2 Menyiapkan, Budi Santoso, A.Md.", mail.Text, StringComparison.Ordinal);
        Assert.Contains(open.Number, mail.Html, StringComparison.Ordinal);
        Assert.Contains("/preferences", mail.Text, StringComparison.Ordinal);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Of_however_many_open_steps_the_first_thirty_by_deadline_are_listed_and_all_are_counted()
    {
        await using var office = await Office.OpenAsync(Friday);
        for (var n = 0; n < 50; n++)
        {
            var open = await office.OpenCaseAsync();
            // Step 2 lasts longer than step 1: the lists of the head and of the officer mesh in that of the head of the unit.
            if (n % 3 == 0)
                await office.WalkToAsync(open.Id, "2");
            office.Time.Advance(TimeSpan.FromSeconds(20));
        }
        office.Time.SetUtcNow(Wib(23, 7, 30));
        await RunAsync(office);

        var all = await office.RowsAsync(db => db.WorkItems.Where(w => w.Closure == WorkItemClosure.Open)
            .OrderBy(w => w.Clock!.DueAt).ThenBy(w => w.Id).Select(w => new { w.Case!.Number, w.StepNumber }).ToListAsync());
        Assert.Equal(["1", "2"], all.Take(30).Select(w => w.StepNumber).Distinct().Order(StringComparer.Ordinal));
        var digests = (await office.MailAsync()).Where(m => m.Template == "digest")
            .ToDictionary(m => m.ToAddress.Split('@')[0], m => JsonDocument.Parse(m.Model).RootElement);
        AssertList(digests[Office.UnitHead], "people", [.. all.Select(w => w.Number)]);
        AssertList(digests[Office.InformationHead], "mine", [.. all.Where(w => w.StepNumber == "1").Select(w => w.Number)]);
        AssertList(digests[Office.InformationHead], "people", [.. all.Where(w => w.StepNumber == "2").Select(w => w.Number)]);
        AssertList(digests[Office.InformationOfficer], "mine", [.. all.Where(w => w.StepNumber == "2").Select(w => w.Number)]);

        static void AssertList(JsonElement model, string name, IReadOnlyList<string> numbers)
        {
            Assert.Equal(numbers.Take(30), model.GetProperty(name).EnumerateArray().Select(r => r.GetProperty("caseNumber").GetString()));
            Assert.Equal(
                (numbers.Count, numbers.Count, Math.Max(0, numbers.Count - 30)),
                (Number(model, $"{name}Open"), Number(model, $"{name}Overdue"), Number(model, $"{name}More")));
        }
    }

    [Fact]
    public async Task A_deadline_beyond_the_list_of_holidays_says_that_it_may_move()
    {
        await using var office = await Office.OpenAsync(new DateTimeOffset(2026, 12, 31, 15, 58, 0, TimeSpan.FromHours(7)));
        await office.OpenCaseAsync();

        office.Time.SetUtcNow(new DateTimeOffset(2027, 1, 1, 7, 30, 0, TimeSpan.FromHours(7)));
        await RunAsync(office);

        var digest = Assert.Single(await office.MailAsync(), m => m.Template == "digest" && m.ToAddress.StartsWith(Office.InformationHead, StringComparison.Ordinal));
        var mail = await PreferenceTests.RenderedAsync(office, digest);
        Assert.Contains("batas Jumat, 1 Jan 2027 07.33 WIB (sementara)", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_comes_once_whatever_restarts_and_however_many_nodes_ask()
    {
        var folder = Directory.CreateTempSubdirectory("ppid-digest-").FullName;
        try
        {
            await using (var office = await Office.OpenAsync(Friday, folder: folder, keep: true))
            {
                await office.OpenCaseAsync();
                office.Time.SetUtcNow(Wib(23, 8, 0));
                await Task.WhenAll(RunAsync(office), RunAsync(office), RunAsync(office));
                Assert.Equal(0, await RunAsync(office));
            }
            await using (var office = await Office.OpenAsync(Wib(23, 8, 5), folder: folder, keep: true))
            {
                Assert.Equal(0, await RunAsync(office));
                Assert.Equal(2, (await office.MailAsync()).Count(m => m.Template == "digest"));
                Assert.Equal(7, await office.RowsAsync(db => db.DigestRuns.CountAsync(r => r.Kind == DigestRun.Daily)));
                office.Time.SetUtcNow(Wib(24, 7, 30));
                Assert.Equal(2, await RunAsync(office));
                Assert.Empty(await office.ViolatedAsync());
            }
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Who_wants_it_later_or_not_at_all_is_heeded_and_what_is_missed_until_closing_is_made_up_for()
    {
        await using var office = await Office.OpenAsync(Friday);
        await office.OpenCaseAsync();
        await PreferenceTests.SetAsync(office, Office.InformationHead, new PreferenceForm(DigestAt: "09:15"));
        await PreferenceTests.SetAsync(office, Office.UnitHead, new PreferenceForm(Digest: false));

        office.Time.SetUtcNow(Wib(23, 7, 30));
        Assert.Equal(0, await RunAsync(office));
        office.Time.SetUtcNow(Wib(23, 9, 14));
        Assert.Equal(0, await RunAsync(office));
        office.Time.SetUtcNow(Wib(23, 9, 15));
        Assert.Equal(1, await RunAsync(office));
        // The service was away on Tuesday until after lunch, and on Wednesday until the evening.
        office.Time.SetUtcNow(Wib(24, 14, 0));
        Assert.Equal(1, await RunAsync(office));
        office.Time.SetUtcNow(Wib(25, 19, 0));
        Assert.Equal(0, await RunAsync(office));
        Assert.DoesNotContain(await office.MailAsync(), m => m.Template == "digest" && m.ToAddress.StartsWith(Office.UnitHead, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_to_say_is_no_mail_unless_the_office_wants_one_and_a_switch_turns_all_off()
    {
        await using (var silent = await Office.OpenAsync())
            Assert.Equal(0, await RunAsync(silent));
        await using (var talkative = await Office.OpenAsync(change: s => s.Configure<DigestOptions>(o => o.SendEmpty = true)))
        {
            Assert.Equal(14, await RunAsync(talkative));
            foreach (var mail in await talkative.MailAsync())
                Assert.NotEmpty((await PreferenceTests.RenderedAsync(talkative, mail)).Html);
        }
        await using var off = await Office.OpenAsync(change: s => s.Configure<DigestOptions>(o => o.Enabled = false));
        await off.OpenCaseAsync();
        Assert.Equal(0, await RunAsync(off));
    }

    [Fact]
    public async Task The_first_working_day_of_a_week_sums_up_the_one_before()
    {
        // Monday 16 to Friday 20 November; two of four steps late, one of them with a cause from the list and words of its own.
        await using var office = await Office.OpenAsync(Wib(16, 8, 0));
        var record = await office.OpenCaseAsync();
        await office.CompleteOpenAsync(record.Id);
        await office.AdvanceAsync(TimeSpan.FromMinutes(20));
        var late = await office.OpenTaskAsync(record.Id);
        Assert.True((await office.CompleteAsync(late, Office.InformationOfficer, new Completion
        {
            DelayReason = "listrik/jaringan padam: rahasia di gedung B",
            Fields = new CompletionFields { HardcopyItems = [new NewHardcopyItem("Laporan", 1, "asli")] }
        })).Succeeded);
        await office.AdvanceAsync(TimeSpan.FromMinutes(10));
        await office.CompleteOpenAsync(record.Id);
        await office.CompleteOpenAsync(record.Id);
        var task = await office.OpenTaskAsync(record.Id);
        await office.InboxAsync(i => i.PauseAsync(office[Office.UnitHead], task.Id, task.Revision, "Rapat"));
        await PreferenceTests.SetAsync(office, Office.UnitHead, new PreferenceForm(Language: "en"));

        office.Time.SetUtcNow(Wib(23, 7, 30));
        await RunAsync(office);
        office.Time.SetUtcNow(Wib(24, 7, 30));
        await RunAsync(office);

        var weekly = (await office.MailAsync()).Where(m => m.Template == "weekly").ToDictionary(m => m.ToAddress.Split('@')[0]);
        var officer = JsonDocument.Parse(weekly[Office.InformationOfficer].Model).RootElement;
        Assert.Equal((2, 2, 0), (Number(officer, "mineCompleted"), Number(officer, "mineLate"), Number(officer, "mineShare")));
        var head = JsonDocument.Parse(weekly[Office.InformationHead].Model).RootElement;
        Assert.Equal((2, 0, 2, 2), (Number(head, "mineCompleted"), Number(head, "mineLate"), Number(head, "peopleCompleted"), Number(head, "peopleLate")));
        var unit = JsonDocument.Parse(weekly[Office.UnitHead].Model).RootElement;
        Assert.Equal((4, 50, 1), (Number(unit, "peopleCompleted"), Number(unit, "peopleShare"), Number(unit, "paused")));
        Assert.Equal(
            [("not given", 1), ("power or network failure", 1)],
            unit.GetProperty("causes").EnumerateArray().Select(c => (c.GetProperty("cause").GetString()!, c.GetProperty("count").GetInt32())).Order());
        Assert.All(weekly.Values, m => Assert.DoesNotContain("rahasia", m.Model, StringComparison.Ordinal));
        Assert.All(weekly.Values, m => Assert.StartsWith("weekly-20261123-", m.MessageId, StringComparison.Ordinal));
        var mail = await PreferenceTests.RenderedAsync(office, weekly[Office.UnitHead]);
        Assert.Contains("Weekly summary 16 Nov 2026 to 22 Nov 2026", mail.Subject, StringComparison.Ordinal);
        Assert.Contains("power or network failure: 1", mail.Text, StringComparison.Ordinal);
        Assert.Contains("Budi Santoso, A.Md.: 2 completed, 0% on time", mail.Text, StringComparison.Ordinal);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task The_summary_says_what_was_late_by_how_much_after_outages_and_pauses_and_why_by_the_cause_chosen()
    {
        await using var office = await Office.OpenAsync(Wib(16, 8, 0));
        var record = await office.OpenCaseAsync("Judul rahasia");
        await office.CompleteOpenAsync(record.Id);
        // Step 2, standard 15 minutes: 40 passed, of which 10 were an outage and 5 a pause: 10 late. Step 3, 5 minutes: 6 passed, all of them in an outage.
        office.Time.Advance(TimeSpan.FromMinutes(10));
        var task = await office.OpenTaskAsync(record.Id);
        await office.InboxAsync(i => i.PauseAsync(office[Office.UnitHead], task.Id, task.Revision, "Rapat rahasia"));
        office.Time.Advance(TimeSpan.FromMinutes(5));
        task = await office.OpenTaskAsync(record.Id);
        await office.InboxAsync(i => i.ResumeAsync(office[Office.UnitHead], task.Id, task.Revision, null));
        office.Time.Advance(TimeSpan.FromMinutes(25));
        Assert.True((await office.CompleteAsync(await office.OpenTaskAsync(record.Id), Office.InformationOfficer, new Completion
        {
            DelayCause = "workload",
            DelayReason = "dua berkas rahasia sekaligus",
            Fields = new CompletionFields { HardcopyItems = [new NewHardcopyItem("Laporan", 1, "asli")] }
        })).Succeeded);
        office.Time.Advance(TimeSpan.FromMinutes(6));
        await office.CompleteOpenAsync(record.Id);
        foreach (var (from, to) in new[] { ("08:20", "08:30"), ("08:40", "08:46") })
        {
            Assert.True((await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(office["admin"],
                new OutageForm { From = $"2026-11-16T{from}", To = $"2026-11-16T{to}", Reason = "Listrik padam" }))).Succeeded);
        }
        // The board sums up the same as the mails of next Monday.
        var week = await office.AskAsync<BoardWeekReader, BoardWeek>(b => b.ReadAsync(office[Office.UnitHead]));
        Assert.Equal((3, 1, 10.0, 16.0, 5.0, 66), (week.Completed, week.Late, week.LateMinutes, week.CreditedMinutes, week.PausedMinutes, week.OnTimePercent));
        Assert.Equal([("workload", 1)], week.Causes);
        Assert.Equal(0, (await office.AskAsync<BoardWeekReader, BoardWeek>(b => b.ReadAsync(office[Office.DocumentationOfficer]))).Completed);
        await PreferenceTests.SetAsync(office, Office.InformationHead, new PreferenceForm(Language: "en"));
        office.Time.SetUtcNow(Wib(23, 7, 30));
        await RunAsync(office);

        var weekly = (await office.MailAsync()).Where(m => m.Template == "weekly").ToDictionary(m => m.ToAddress.Split('@')[0]);
        var officer = JsonDocument.Parse(weekly[Office.InformationOfficer].Model).RootElement;
        Assert.Equal((2, 1, 50), (Number(officer, "mineCompleted"), Number(officer, "mineLate"), Number(officer, "mineShare")));
        Assert.Equal((2, "16 menit", "5 menit", "10 menit"), (
            Number(officer, "creditedSteps"), officer.GetProperty("creditedTime").GetString(), officer.GetProperty("pausedTime").GetString(),
            officer.GetProperty("lateTime").GetString()));
        var own = await PreferenceTests.RenderedAsync(office, weekly[Office.InformationOfficer]);
        Assert.Contains(
            $"- {record.Number}, langkah 2 Menyiapkan: terlambat 10 menit, sebab: beban kerja; 10 menit tidak dihitung karena gangguan; dijeda 5 menit",
            own.Text, StringComparison.Ordinal);
        Assert.Contains("Gangguan layanan atau surel: 16 menit waktu kerja tidak dihitung, pada 2 langkah.", own.Text, StringComparison.Ordinal);
        Assert.Contains("terlambat 10 menit", own.Html, StringComparison.Ordinal);
        Assert.Contains("Pekan 16 Nov 2026 sampai 22 Nov 2026.", own.Text, StringComparison.Ordinal);
        var head = await PreferenceTests.RenderedAsync(office, weekly[Office.InformationHead]);
        Assert.Contains($"- {record.Number}, step 2 Prepare, Budi Santoso, A.Md.: 10 minutes late, cause: workload", head.Text, StringComparison.Ordinal);
        Assert.Contains("- workload: 1", head.Text, StringComparison.Ordinal);
        Assert.All(weekly.Values, m => Assert.DoesNotContain("rahasia", m.Model, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("id", "... dan 3 pelaksana lagi.", "… dan 3 pelaksana lagi.")]
    [InlineData("en", "... and 3 more people.", "… and 3 more people.")]
    public async Task The_summary_says_how_many_people_it_does_not_list(string language, string text, string html)
    {
        await using var office = await Office.OpenAsync(Wib(16, 8, 0));
        for (var n = 0; n < 33; n++)
            await office.CompleteOpenAsync((await office.OpenCaseAsync()).Id);
        // Who acts in 33 capacities stands for 33 people.
        var ids = await office.RowsAsync(db => db.WorkItems.Where(w => w.Closure == WorkItemClosure.Completed).Select(w => w.Id).ToListAsync());
        foreach (var (n, id) in ids.Index())
        {
            await office.RowsAsync(db => db.WorkItems.Where(w => w.Id == id)
                .ExecuteUpdateAsync(set => set.SetProperty(w => w.Capacity, $"Plh. {n}")));
        }
        await PreferenceTests.SetAsync(office, Office.UnitHead, new PreferenceForm(Language: language));

        office.Time.SetUtcNow(Wib(23, 7, 30));
        await RunAsync(office);

        var weekly = Assert.Single(await office.MailAsync(), m => m.Template == "weekly" && m.ToAddress.StartsWith(Office.UnitHead, StringComparison.Ordinal));
        Assert.Equal(30, JsonDocument.Parse(weekly.Model).RootElement.GetProperty("rows").GetArrayLength());
        var mail = await PreferenceTests.RenderedAsync(office, weekly);
        Assert.Contains(text, mail.Text, StringComparison.Ordinal);
        Assert.Contains(html, mail.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_closed_Monday_the_summary_comes_on_Tuesday()
    {
        // Monday 25 May 2026 is open; Wednesday 27 May and Thursday 28 May are closed; Monday 1 June is a holiday.
        await using var office = await Office.OpenAsync(new DateTimeOffset(2026, 5, 25, 9, 0, 0, TimeSpan.FromHours(7)));
        var inputs = office.Inputs();
        inputs["determinationDate"] = "2026-05-04";
        var record = (await office.TryOpenCaseAsync(inputs)).Value;
        await office.CompleteOpenAsync(record.Id);

        office.Time.SetUtcNow(new DateTimeOffset(2026, 6, 1, 9, 0, 0, TimeSpan.FromHours(7)));
        Assert.Equal(0, await RunAsync(office));
        office.Time.SetUtcNow(new DateTimeOffset(2026, 6, 2, 7, 30, 0, TimeSpan.FromHours(7)));
        await RunAsync(office);

        Assert.Contains(await office.MailAsync(), m => m.Template == "weekly" && m.MessageId.StartsWith("weekly-20260601-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_summary_that_the_service_was_not_there_to_send_comes_on_a_later_day_of_the_week()
    {
        await using var office = await Office.OpenAsync(Friday);
        var record = await office.OpenCaseAsync();
        await office.CompleteOpenAsync(record.Id);

        // Down on Monday and Tuesday.
        office.Time.SetUtcNow(Wib(25, 7, 30));
        await RunAsync(office);
        office.Time.SetUtcNow(Wib(26, 7, 30));
        await RunAsync(office);

        var weekly = Assert.Single(await office.MailAsync(), m => m.Template == "weekly" && m.ToAddress.StartsWith(Office.InformationHead, StringComparison.Ordinal));
        Assert.StartsWith("weekly-20261123-", weekly.MessageId, StringComparison.Ordinal);
        Assert.Contains("Ringkasan", (await PreferenceTests.RenderedAsync(office, weekly)).Subject, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_digest_without_its_claim_is_found()
    {
        await using var office = await Office.OpenAsync(Friday);
        await office.OpenCaseAsync();
        office.Time.SetUtcNow(Wib(23, 7, 30));
        await RunAsync(office);
        Assert.DoesNotContain("digests-once", await office.ViolatedAsync());

        await office.TamperAsync("DELETE FROM DigestRuns");

        Assert.Contains("digests-once", await office.ViolatedAsync());
    }

    private static int Number(JsonElement model, string name) => model.GetProperty(name).GetInt32();

    private static DateTimeOffset Wib(int day, int hour, int minute) => new(2026, 11, day, hour, minute, 0, TimeSpan.FromHours(7));

    private static Task<int> RunAsync(Office office) => office.AskAsync<DigestDesk, int>(d => d.RunAsync());
}
