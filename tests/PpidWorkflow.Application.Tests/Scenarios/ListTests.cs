using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using static PpidWorkflow.Application.Tests.Scenarios.Ladders;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>
/// Lists are put together of short ranges of indexes, a page at a time: all pages together must be what the rule for one case
/// (<see cref="Visibility"/>) and for one work item says, in one order, nothing twice, whatever the size of a page.
/// </summary>
public class ListTests
{
    private const string Second = "petugas.informasi2";
    private const string Outsider = "petugas.lain";

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    public async Task Pages_of_the_register_are_the_cases_that_the_rule_lets_each_officer_see(int pageSize)
    {
        await using var office = await BusyOfficeAsync();
        foreach (var who in Everybody)
        {
            var actor = office[who];
            foreach (var (state, search) in new (string?, string?)[] { (null, null), ("running", null), ("documented", null), (null, "hasil"), ("documented", "HASIL"), (null, "/0003"), (null, "s") })
            {
                var seen = await office.RowsAsync(db => db.Cases.AsNoTracking().VisibleTo(db, actor).ToListAsync());
                var right = seen.Where(c => (state is null || c.State.ToString().Equals(state, StringComparison.OrdinalIgnoreCase))
                        && (search is null || c.Title.Contains(search, StringComparison.OrdinalIgnoreCase) || c.Number.Contains(search, StringComparison.OrdinalIgnoreCase)))
                    .OrderByDescending(c => c.CreatedAt).ThenByDescending(c => c.Id).Select(c => c.Number).ToList();

                Assert.Equal(right, await PagesAsync(
                    after => office.AskAsync<CaseRegister, Result<Page<CaseSummary>>>(r => r.ListAsync(actor, new CaseQuery(search, state, after, pageSize))), c => c.Number));
            }
        }
        Assert.Empty(await office.ViolatedAsync());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(200)]
    public async Task Pages_of_work_are_what_is_each_officers_in_their_order(int pageSize)
    {
        await using var office = await BusyOfficeAsync();
        var rows = await office.RowsAsync(db => db.WorkItems.AsNoTracking().Include(w => w.Clock).Include(w => w.Helpers).ToListAsync());
        foreach (var who in Everybody)
        {
            var actor = office[who];
            var cases = await office.RowsAsync(db => db.Cases.VisibleTo(db, actor).Select(c => c.Id).ToListAsync());
            foreach (var mine in (bool[])[true, false])
            {
                var his = rows.Where(w => mine
                    ? w.AssigneeId == actor.Id || (w.AssigneeId is null && actor.Is(w.Role)) || w.Helpers.Exists(h => h.OfficerId == actor.Id)
                    : cases.Contains(w.CaseId)).ToList();
                foreach (var state in (string[])["open", "paused", "completed", "returned", "cancelled", "closed", "all"])
                {
                    var wanted = his.Where(w => state switch
                    {
                        "open" => w.IsOpen,
                        "paused" => w.IsOpen && w.Clock!.State == ClockState.Paused,
                        "closed" => !w.IsOpen,
                        "all" => true,
                        _ => w.Closure.ToString().Equals(state, StringComparison.OrdinalIgnoreCase)
                    });
                    var right = state is "open" or "paused"
                        ? wanted.OrderBy(w => w.Clock!.DueAt ?? DateTimeOffset.MaxValue).ThenBy(w => w.Id)
                        : wanted.OrderByDescending(w => w.ReceivedAt).ThenByDescending(w => w.Id);

                    Assert.Equal(right.Select(w => w.Id).ToList(), await PagesAsync(
                        after => office.AskAsync<TaskInbox, Result<Page<TaskSummary>>>(i => i.ListAsync(actor, new TaskQuery(mine, state, after, pageSize))), w => w.Id));
                }
            }
        }
    }

    private static readonly string[] Everybody =
        [Office.UnitHead, Office.InformationHead, Office.InformationOfficer, Second, Office.DocumentationHead, Office.DocumentationOfficer, "auditor", Outsider];

    private static async Task<List<TKey>> PagesAsync<T, TKey>(Func<string?, Task<Result<Page<T>>>> page, Func<T, TKey> key)
    {
        var all = new List<TKey>();
        string? after = null;
        do
        {
            var found = (await page(after)).Value;
            all.AddRange(found.Items.Select(key));
            after = found.Next;
        }
        while (after is not null && all.Count < 1000);
        return all;
    }

    // Documented, running at several steps, offered to several, returned, taken back, paused, moved by hand, helped and alerted; several opened at
    // one instant.
    private static async Task<Office> BusyOfficeAsync()
    {
        var office = await OpenAsync("2026-11-23 09:00", "[{'at':'100%','to':['supervisor'],'action':'addHelper'},{'at':'100%','to':['role:UNIT_PPID_HEAD']}]", roster: people =>
        {
            people.Add(Second, "Joko Susilo, S.Kom.", Office.InformationHead, Roles.InformationOfficer);
            people.Add(Outsider, "Rina Marlina", null, Roles.SopManager);
        });
        for (var i = 0; i < 8; i++)
        {
            var opened = await office.OpenCaseAsync(i % 2 == 0 ? "Laporan hasil audit" : "Arsip kepegawaian");
            if (i % 3 == 0)
                office.Time.Advance(TimeSpan.FromMilliseconds(7));
            // Filled with what is there, then by the trigger.
            if (i == 4)
                await office.RowsAsync(async db =>
                {
                    await CaseSearch.EnsureAsync(db);
                    return true;
                });
            if (i == 1)
            {
                while ((await office.CaseAsync(opened.Id)).State == "running")
                    await office.CompleteOpenAsync(opened.Id);
            }
            if (i == 2)
                await office.WalkToAsync(opened.Id, "5a");
            if (i == 3)
            {
                // Given by mistake, taken back unstarted, given to another one.
                var task = await office.OpenTaskAsync(opened.Id);
                var given = await office.CompleteAsync(task, Office.InformationHead, new Completion { AssignTo = Second });
                var back = await office.InboxAsync(t => t.TakeBackAsync(office[Office.InformationHead], task.Id, given.Value.Revision));
                Assert.True((await office.CompleteAsync(back.Value, Office.InformationHead, new Completion { AssignTo = Office.InformationOfficer })).Succeeded);
            }
            if (i == 4)
            {
                var task = await office.WalkToAsync(opened.Id, "4");
                Assert.True((await office.InboxAsync(t => t.ReturnAsync(office[Office.InformationHead], task.Id, task.Revision, "Kurang lengkap"))).Succeeded);
            }
            if (i == 5)
            {
                var task = await office.WalkToAsync(opened.Id, "2");
                Assert.True((await office.InboxAsync(t => t.PauseAsync(office[Office.InformationHead], task.Id, task.Revision, "Menunggu"))).Succeeded);
            }
        }
        await office.AdvanceAsync(TimeSpan.FromMinutes(20));
        return office;
    }
}
