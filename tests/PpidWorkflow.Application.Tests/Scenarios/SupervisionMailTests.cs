using System.Text.Json;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Whom a supervisor's act on a step concerns is told of it, and not of its reason. Monday 23 November 2026, 08.00 WIB.</summary>
public class SupervisionMailTests
{
    private const string Second = "petugas.informasi2";

    [Fact]
    public async Task Both_are_told_of_a_step_given_to_somebody_else_and_neither_of_the_reason()
    {
        await using var office = await OpenAsync();
        var task = await Ladders.PrepareAsync(office);

        Assert.True((await GiveAsync(office, Office.InformationHead, task, Second, "Rahasia dokter")).Succeeded);

        var mails = (await office.MailAsync())[^2..];
        Assert.Equal([("task", $"{Second}@ppid.example"), ("reassigned", "petugas.informasi@ppid.example")], mails.Select(m => (m.Template, m.ToAddress)));
        Assert.All(mails, m => Assert.DoesNotContain("Rahasia", m.Model, StringComparison.Ordinal));
        var (taken, relieved) = (await Ladders.SentAsync(office, mails[0]), await Ladders.SentAsync(office, mails[1]));
        Assert.Contains(
            "Dra. Sari Wulan, M.Si. mengalihkan tugas ini dari Bapak/Ibu Budi Santoso, A.Md. kepada Bapak/Ibu. Waktu bakunya berjalan terus.",
            taken.TextBody, StringComparison.Ordinal);
        Assert.Contains(
            "dialihkan dari Bapak/Ibu kepada Bapak/Ibu Citra oleh Dra. Sari Wulan, M.Si., sehingga Bapak/Ibu tidak perlu menyelesaikannya lagi.",
            relieved.TextBody, StringComparison.Ordinal);
        // He sees the case no more: a link to the step would lead nowhere.
        Assert.Equal("task-not-found", (await office.AskAsync<TaskInbox, Result<TaskView>>(i => i.GetAsync(office[Office.InformationOfficer], task.Id))).Problems[0].Code);
        Assert.Contains($"tasks/{task.Id}", taken.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain($"tasks/{task.Id}", relieved.TextBody, StringComparison.Ordinal);
        Assert.Contains("Buka daftar tugas:", relieved.TextBody, StringComparison.Ordinal);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_step_given_on_while_its_clock_stands_is_not_said_to_run()
    {
        await using var office = await OpenAsync();
        var task = await Ladders.PrepareAsync(office);
        var paused = (await office.InboxAsync(i => i.PauseAsync(office[Office.InformationHead], task.Id, task.Revision, "Rapat"))).Value;

        await GiveAsync(office, Office.InformationHead, paused, Second, null);

        var mail = (await office.MailAsync()).Last(m => m.Template == "task");
        var text = (await Ladders.SentAsync(office, mail)).TextBody!;
        Assert.DoesNotContain("berjalan terus", text, StringComparison.Ordinal);
        Assert.Contains("Batas waktu  : sedang dijeda; dihitung lagi setelah jeda berakhir\n", text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.False((await office.CaseAsync(task.CaseId)).Events.Single(e => e.Action == "task-reassigned").Data.TryGetProperty("reason", out _));
    }

    [Fact]
    public async Task Who_gives_his_own_step_away_and_who_never_had_it_are_not_told_of_losing_it()
    {
        await using var office = await Office.OpenAsync(roster: people => people.Add("kasubid.dua", "Anwar", Office.UnitHead, Roles.InformationHead, Roles.UnitPpidHead));
        var own = await office.OpenTaskAsync((await office.OpenCaseAsync()).Id);
        var given = (await GiveAsync(office, Office.UnitHead, own, "kasubid.dua", null)).Value;
        Assert.Single(await office.MailAsync(), m => m.Template == "reassigned");

        var back = (await GiveAsync(office, "kasubid.dua", given, Office.InformationHead, null)).Value;
        Assert.Single(await office.MailAsync(), m => m.Template == "reassigned");

        // To whoever has it already: nobody loses it, and nothing is said of whom it came from.
        Assert.True((await GiveAsync(office, Office.UnitHead, back, Office.InformationHead, null)).Succeeded);
        Assert.Single(await office.MailAsync(), m => m.Template == "reassigned");
        var again = (await office.MailAsync())[^1];
        Assert.Equal(
            JsonValueKind.Null, JsonDocument.Parse(again.Model).RootElement.GetProperty("performerName").ValueKind);
    }

    [Fact]
    public async Task The_end_of_a_pause_is_told_with_the_new_limit_and_what_is_left()
    {
        await using var office = await OpenAsync();
        var task = await Ladders.PrepareAsync(office);
        office.Time.AdjustTime(Wib.At("2026-11-23 08:10"));
        var paused = (await office.InboxAsync(i => i.PauseAsync(office[Office.InformationHead], task.Id, task.Revision, "Rahasia listrik"))).Value;
        office.Time.AdjustTime(Wib.At("2026-11-25 09:00"));

        var resumed = (await office.InboxAsync(i => i.ResumeAsync(office[Office.InformationHead], task.Id, paused.Revision, "Rahasia genset"))).Value;

        Assert.Equal(Wib.At("2026-11-25 09:05"), resumed.DueAt);
        var mail = (await office.MailAsync())[^1];
        Assert.Equal(("resumed", "petugas.informasi@ppid.example", task.Id), (mail.Template, mail.ToAddress, mail.WorkItemId));
        Assert.DoesNotContain("Rahasia", mail.Model, StringComparison.Ordinal);
        var sent = await Ladders.SentAsync(office, mail);
        Assert.Contains("batas 09.05 WIB, Rabu, 25 Nov 2026", sent.Subject, StringComparison.Ordinal);
        Assert.Contains("Jeda langkah berikut diakhiri oleh Dra. Sari Wulan, M.Si.: waktu bakunya berjalan lagi.", sent.TextBody, StringComparison.Ordinal);
        Assert.Contains("Sisa waktu   : 5 menit kerja", sent.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_a_pause_is_told_to_all_who_may_take_the_step_and_not_to_whoever_ended_it()
    {
        await using var office = await Office.OpenAsync(roster: people => people.Add(
            "kasubid.dokumentasi2", "Dedi Kurnia", Office.UnitHead, Roles.DocumentationHead, Roles.UnitPpidHead));
        var record = await office.OpenCaseAsync();
        await office.WalkToAsync(record.Id, "4");
        await office.CompleteOpenAsync(record.Id);
        var pool = await office.OpenTaskAsync(record.Id);
        Assert.Null(pool.Assignee);

        var resumed = await PauseAndResumeAsync(office, Office.UnitHead, pool);
        Assert.Equal(["kasubid.dokumentasi2@ppid.example", "kasubid.dokumentasi@ppid.example"], await ResumedAsync(office));
        Assert.All((await office.MailAsync()).Where(m => m.Template == "resumed"), m => Assert.Contains("\"isPool\":true", m.Model, StringComparison.Ordinal));

        var claimed = (await office.InboxAsync(i => i.ClaimAsync(office["kasubid.dokumentasi2"], pool.Id, resumed.Revision))).Value;
        await PauseAndResumeAsync(office, "kasubid.dokumentasi2", claimed);
        Assert.Equal(2, (await ResumedAsync(office)).Count);
    }

    private static Task<Office> OpenAsync() =>
        Office.OpenAsync(roster: people => people.Add(Second, "Citra", Office.InformationHead, Roles.InformationOfficer));

    private static Task<Result<TaskView>> GiveAsync(Office office, string by, TaskView task, string to, string? reason) =>
        office.InboxAsync(i => i.ReassignAsync(office[by], task.Id, task.Revision, to, reason));

    private static async Task<TaskView> PauseAndResumeAsync(Office office, string by, TaskView task)
    {
        var paused = (await office.InboxAsync(i => i.PauseAsync(office[by], task.Id, task.Revision, "Rapat"))).Value;
        return (await office.InboxAsync(i => i.ResumeAsync(office[by], task.Id, paused.Revision, null))).Value;
    }

    private static async Task<List<string>> ResumedAsync(Office office) =>
        [.. (await office.MailAsync()).Where(m => m.Template == "resumed").Select(m => m.ToAddress).Order(StringComparer.Ordinal)];
}
