using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using static PpidWorkflow.Application.Tests.Scenarios.Ladders;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>What rungs do besides telling, each in the commit of its fire record. Monday, 09.00 WIB; step 2 is due at 09.15.</summary>
public class LadderActTests
{
    private const string Morning = "2026-11-23 09:00";
    private const string Second = "petugas.informasi2";
    private const string Third = "petugas.informasi3";
    private static readonly TimeSpan Standard = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task A_reassignment_moves_the_open_task_and_tells_both()
    {
        await using var office = await OpenAsync(Morning, "[{'at':'100%','to':['supervisor'],'action':'reassign'}]");
        var task = await PrepareAsync(office);

        await office.AdvanceAsync(Standard);

        var moved = await office.OpenTaskAsync(task.CaseId);
        Assert.Equal((task.Id, Office.InformationHead, task.DueAt), (moved.Id, moved.Assignee!.UserName, moved.DueAt));
        Assert.Equal([("task", Office.InformationHead), ("reassigned", Office.InformationOfficer)], await ToldAsync(office));
        var mails = await AlarmsAsync(office);
        Assert.Contains("Tugas ini dialihkan kepada Bapak/Ibu dari Bapak/Ibu Budi Santoso, A.Md.", (await SentAsync(office, mails[0])).TextBody, StringComparison.Ordinal);
        Assert.Contains("dialihkan dari Bapak/Ibu kepada Bapak/Ibu Dra. Sari Wulan, M.Si.", (await SentAsync(office, mails[1])).TextBody, StringComparison.Ordinal);
        var refused = await office.CompleteAsync(task, Office.InformationOfficer);
        Assert.Equal("not-your-task", refused.Problems[0].Code);
        var entry = await office.RowsAsync(db => db.AuditRecords.SingleAsync(r => r.Action == "task-reassigned"));
        Assert.Equal("system", entry.Actor);
        Assert.Empty(await office.ViolatedAsync());

        await office.CompleteOpenAsync(task.CaseId);

        // Whoever steps in from outside the role does this step only.
        Assert.Equal(("3", Office.InformationOfficer), (await office.OpenTaskAsync(task.CaseId)) is var next ? (next.Step.Label, next.Assignee!.UserName) : default);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Of_a_role_whoever_has_least_to_do_and_is_there_gets_the_task_and_keeps_the_role()
    {
        await using var office = await OpenAsync(
            Morning, "[{'at':'100%','to':['role:INFORMATION_OFFICER','supervisor'],'action':'reassign','every':'PT5M','max':3}]", roster: TwoMore);
        await GiveAsync(office, Second);
        var task = await PrepareAsync(office);

        await office.AdvanceAsync(Standard);
        var first = (await office.OpenTaskAsync(task.CaseId)).Assignee!.UserName;
        await AwayAsync(office, Second, "2026-11-23", "2026-11-23");
        await office.AdvanceAsync(TimeSpan.FromMinutes(5));
        var second = (await office.OpenTaskAsync(task.CaseId)).Assignee!.UserName;

        // Second is away, and nobody gets back what was taken from him.
        Assert.Equal((Third, Office.InformationHead), (first, second));
        await office.AdvanceAsync(TimeSpan.FromMinutes(5));
        // The supervisor is now hers: it climbs.
        Assert.Equal(Office.UnitHead, (await office.OpenTaskAsync(task.CaseId)).Assignee!.UserName);
        var fires = await FiresAsync(office);
        Assert.Equal([office[Third].Id, office[Office.InformationHead].Id, office[Office.UnitHead].Id], fires.Select(f => f.OfficerId!.Value));
        Assert.Equal([office[Office.InformationOfficer].Id, office[Third].Id, office[Office.InformationHead].Id], fires.Select(f => f.FormerOfficerId!.Value));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Where_nobody_can_take_it_the_addressees_are_told_that()
    {
        await using var office = await OpenAsync(
            Morning, "[{'at':'100%','to':['role:SOP_MANAGER'],'action':'reassign'},{'at':'200%','to':['role:SOP_MANAGER'],'action':'addHelper'}]");
        await AwayAsync(office, Revisions.Manager, "2026-11-23", "2026-11-27");
        var task = await PrepareAsync(office);

        await office.AdvanceAsync(Standard);
        await office.AdvanceAsync(Standard);

        Assert.Equal(Office.InformationOfficer, (await office.OpenTaskAsync(task.CaseId)).Assignee!.UserName);
        var mails = await AlarmsAsync(office);
        Assert.Equal([("overdue", Office.UnitHead), ("escalation", Office.UnitHead)], await ToldAsync(office));
        Assert.Contains("Tugas seharusnya dialihkan secara otomatis, tetapi tidak ada", (await SentAsync(office, mails[0])).TextBody, StringComparison.Ordinal);
        Assert.Contains("Pembantu seharusnya ditambahkan secara otomatis", (await SentAsync(office, mails[1])).HtmlBody, StringComparison.Ordinal);
        Assert.Equal(2, await office.RowsAsync(db => db.AuditRecords.CountAsync(r => r.Action == "rung-fired" && r.Data.Contains("\"done\":false"))));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Two_sweeps_at_once_reassign_once()
    {
        await using var office = await OpenAsync(
            Morning, "[{'at':'100%','to':['role:INFORMATION_OFFICER'],'action':'reassign'}]", roster: TwoMore);
        await PrepareAsync(office);
        office.Time.Advance(Standard);

        await Task.WhenAll(office.FireAsync(), office.FireAsync());
        await office.FireAsync();

        Assert.Single(await FiresAsync(office));
        Assert.Equal(1, await office.RowsAsync(db => db.AuditRecords.CountAsync(r => r.Action == "task-reassigned")));
        Assert.Equal(2, (await AlarmsAsync(office)).Count);
    }

    [Fact]
    public async Task A_helper_sees_the_task_and_does_it_under_his_own_name()
    {
        await using var office = await OpenAsync(
            Morning, "[{'at':'60%','to':['officer:petugas.dokumentasi','role:INFORMATION_OFFICER'],'action':'addHelper','every':'PT3M','max':2}]", roster: TwoMore);
        var task = await PrepareAsync(office);
        Assert.Equal("task-not-found", (await office.InboxAsync(i => i.GetAsync(office[Office.DocumentationOfficer], task.Id))).Problems[0].Code);

        await office.AdvanceAsync(TimeSpan.FromMinutes(9));
        await office.AdvanceAsync(TimeSpan.FromMinutes(3));

        Assert.Equal(
            [("helper", Office.DocumentationOfficer), ("helped", Office.InformationOfficer), ("helper", Second), ("helped", Office.InformationOfficer)],
            await ToldAsync(office));
        var listed = Assert.Single((await office.AskAsync<TaskInbox, Result<Page<TaskSummary>>>(i =>
            i.ListAsync(office[Office.DocumentationOfficer], new TaskQuery()))).Value.Items);
        Assert.True(listed.IsHelping);
        var seen = (await office.InboxAsync(i => i.GetAsync(office[Office.DocumentationOfficer], task.Id))).Value;
        Assert.Equal([Office.DocumentationOfficer, Second], seen.Helpers.Select(h => h.UserName));
        Assert.Contains("complete", seen.Actions);
        Assert.Contains("upload", seen.Actions);
        Assert.DoesNotContain("claim", seen.Actions);
        Assert.True((await office.UploadAsync(seen, Office.DocumentationOfficer, "berkas.pdf", "isi")).Succeeded);
        var latest = await office.OpenTaskAsync(task.CaseId);
        var done = await office.CompleteAsync(latest, Office.DocumentationOfficer);

        Assert.True(done.Succeeded, done.Succeeded ? "" : done.Problems[0].Code);
        var item = await office.RowsAsync(db => db.WorkItems.AsNoTracking().SingleAsync(w => w.Id == task.Id));
        Assert.Equal((office[Office.InformationOfficer].Id, office[Office.DocumentationOfficer].Id), (item.AssigneeId!.Value, item.ClosedById!.Value));
        Assert.Equal(
            Office.DocumentationOfficer, await office.RowsAsync(db => db.AuditRecords.Where(r => r.Action == "task-completed").OrderByDescending(r => r.Sequence).Select(r => r.Actor).FirstAsync()));
        Assert.Equal(Office.InformationOfficer, (await office.OpenTaskAsync(task.CaseId)).Assignee!.UserName);
        Assert.DoesNotContain("complete", (await office.InboxAsync(i => i.GetAsync(office[Second], task.Id))).Value.Actions);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_banner_stands_until_it_is_acknowledged_and_the_mail_goes_out_besides()
    {
        await using var office = await OpenAsync(
            Morning, "[{'at':'100%','to':['supervisor','mailbox:arsip@ppid.example'],'action':'banner','every':'PT5M','max':3}]");
        var task = await PrepareAsync(office);

        await office.AdvanceAsync(Standard);
        await office.AdvanceAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(4, (await AlarmsAsync(office)).Count);
        var alert = Assert.Single(await BannersAsync(office, Office.InformationHead));
        Assert.Equal((task.Id, task.CaseNumber, "2", task.DueAt), (alert.TaskId, alert.CaseNumber, alert.Step.Label, alert.DueAt));
        Assert.Empty(await BannersAsync(office, Office.InformationOfficer));
        office.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("alert-not-found", (await AcknowledgeAsync(office, alert.Id, Office.InformationOfficer)).Problems[0].Code);
        Assert.Equal("alert-not-found", (await AcknowledgeAsync(office, Guid.CreateVersion7(), Office.InformationHead)).Problems[0].Code);

        var taken = (await AcknowledgeAsync(office, alert.Id, Office.InformationHead)).Value;
        office.Time.Advance(TimeSpan.FromMinutes(1));
        var again = (await AcknowledgeAsync(office, alert.Id, Office.InformationHead)).Value;

        Assert.Equal("2026-11-23 09:21", At(taken.AcknowledgedAt!.Value));
        Assert.Equal(taken.AcknowledgedAt, again.AcknowledgedAt);
        // The first banner of the step went with the second.
        Assert.Empty(await BannersAsync(office, Office.InformationHead));
        Assert.Equal(2, await office.RowsAsync(db => db.AlertAcknowledgements.CountAsync()));
        Assert.Equal(1, await office.RowsAsync(db => db.AuditRecords.CountAsync(r => r.Action == "alert-acknowledged" && r.Actor == Office.InformationHead)));
        await office.AdvanceAsync(TimeSpan.FromMinutes(3));
        Assert.Single(await BannersAsync(office, Office.InformationHead));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_banner_goes_with_its_step_and_comes_back_with_it()
    {
        await using var office = await OpenAsync(Morning, "[{'at':'100%','to':['assignee'],'action':'banner'}]");
        var task = await PrepareAsync(office);
        await office.AdvanceAsync(Standard);

        var completed = await office.CompleteOpenAsync(task.CaseId);
        var afterwards = await BannersAsync(office, Office.InformationOfficer);
        await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationOfficer], task.Id, completed.Revision));

        Assert.Empty(afterwards);
        Assert.Single(await BannersAsync(office, Office.InformationOfficer));
    }

    [Fact]
    public async Task An_alert_without_a_banner_can_be_acknowledged_too()
    {
        await using var office = await OpenAsync(Morning, "[{'at':'80%','to':['assignee']}]");
        await PrepareAsync(office);
        await office.AdvanceAsync(Standard);

        var taken = await AcknowledgeAsync(office, Assert.Single(await FiresAsync(office)).Id, Office.InformationOfficer);

        Assert.Equal("2", taken.Value.Step.Label);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData("DELETE FROM TaskHelpers")]
    [InlineData("DELETE FROM AlertBanners")]
    [InlineData("UPDATE FireRecords SET OfficerId = FormerOfficerId WHERE Action = 'Reassign'")]
    [InlineData("UPDATE FireRecords SET OfficerId = NULL WHERE Action = 'AddHelper'")]
    [InlineData("INSERT INTO AlertAcknowledgements SELECT f.Id, o.Id, f.FiredAt FROM FireRecords f, Officers o WHERE o.UserName = 'auditor' LIMIT 1")]
    public async Task An_act_that_its_record_does_not_know_is_named(string damage)
    {
        await using var office = await OpenAsync(
            Morning,
            "[{'at':'60%','to':['role:INFORMATION_OFFICER'],'action':'addHelper'},{'at':'80%','to':['supervisor'],'action':'banner'},"
            + "{'at':'100%','to':['role:INFORMATION_OFFICER'],'action':'reassign'}]",
            roster: TwoMore);
        await PrepareAsync(office);
        await office.AdvanceAsync(Standard);
        Assert.Empty(await office.ViolatedAsync());

        await office.TamperAsync(damage);

        Assert.Equal(["fires-have-acts"], await office.ViolatedAsync());
    }

    private static void TwoMore(OfficeRoster people)
    {
        people.Add(Second, "Citra", Office.InformationHead, Roles.InformationOfficer);
        people.Add(Third, "Dewi", Office.InformationHead, Roles.InformationOfficer);
    }

    /// <summary>A case whose step 2 this officer has.</summary>
    private static async Task GiveAsync(Office office, string userName)
    {
        var opened = await office.OpenCaseAsync("Berkas lain");
        var first = await office.OpenTaskAsync(opened.Id);
        await office.CompleteAsync(first, Office.InformationHead, new Completion { AssignTo = userName });
        var second = await office.OpenTaskAsync(opened.Id);
        // Not begun and paused: it tells nobody anything.
        await office.InboxAsync(i => i.PauseAsync(office[Office.InformationHead], second.Id, second.Revision, "Menunggu"));
    }

    private static Task<IReadOnlyList<AlertView>> BannersAsync(Office office, string reader) =>
        office.AskAsync<AlertDesk, IReadOnlyList<AlertView>>(d => d.BannersAsync(office[reader]));

    private static Task<Result<AlertView>> AcknowledgeAsync(Office office, Guid fire, string by) =>
        office.AskAsync<AlertDesk, Result<AlertView>>(d => d.AcknowledgeAsync(fire, office[by]));
}
