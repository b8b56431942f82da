using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using static PpidWorkflow.Application.Tests.Scenarios.Flows;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>What reached nobody is listed, delivered once more or discarded, by whoever looks after it, on record.</summary>
public class DeadLetterTests
{
    private const string Admin = "admin";

    [Fact]
    public async Task Delivered_again_it_reaches_all_who_wait_by_now_and_whom_it_starts()
    {
        await using var office = await OpenAsync();
        await office.KeepAsync(Flow("waits", [Event("E", "Sampai"), RunTask("T")], "E-T"));
        var letter = await DeadAsync(office, new OutsideEvent("Sampai", null, null, 7));
        var waiting = new[] { await office.TrialAsync("waits"), await office.TrialAsync("waits") };
        await office.KeepAsync(Flow("starts", [Event("S", "Sampai").Trigger(), RunTask("R")], "S-R"), inForce: true);
        await office.FireAsync();
        Assert.Equal(["E"], await office.WaitsAtAsync(waiting[0]));

        var delivered = await DeliverAsync(office, Manager, letter);

        Assert.Equal(("delivered", null), (delivered.Value.State, delivered.Value.KeptUntil));
        foreach (var id in waiting)
            Assert.Equal("7", (await office.StateAsync(id)).GetOutputs("E")["Result"]!.ToJsonString());
        Assert.Equal(1, await office.RowsAsync(db => db.Instances.CountAsync(i => i.DefinitionId == "starts")));
        Assert.Empty(await office.RowsAsync(db => db.Events.ToListAsync()));
        Assert.Equal(("event-redelivered", Manager), await LastAsync(office));
        Assert.Equal("dead-letter-not-found", (await DeliverAsync(office, Manager, letter)).Problems[0].Code);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Where_nobody_waits_it_is_kept_as_long_as_a_new_one_and_counted_when_it_comes_back()
    {
        await using var office = await OpenAsync();
        await office.KeepAsync(Flow("waits", [Event("E", "Sampai"), RunTask("T")], "E-T"));
        var letter = await DeadAsync(office, new OutsideEvent("Sampai"));
        await office.BeatAsync();

        var kept = await DeliverAsync(office, Admin, letter);

        Assert.Equal(("kept", office.Time.GetUtcNow().AddMinutes(60)), (kept.Value.State, kept.Value.KeptUntil));
        Assert.Empty(await office.ViolatedAsync());
        await office.AdvanceAsync(TimeSpan.FromMinutes(60));
        Assert.Equal(("expired", 2), (Assert.Single(await ListAsync(office)).Reason, (await ListAsync(office))[0].Attempts));
        await DeliverAsync(office, Admin, letter);
        var late = await office.TrialAsync("waits");
        await office.FireAsync();
        // Told from outside it is kept for the office; a trial takes nothing from it.
        Assert.Equal(["E"], await office.WaitsAtAsync(late));
        Assert.Equal(1, await office.RowsAsync(db => db.Events.CountAsync(e => e.State == EventState.Kept)));
    }

    [Fact]
    public async Task What_would_only_come_back_what_is_stale_and_who_may_not_are_refused_and_nothing_is_touched()
    {
        await using var office = await OpenAsync();
        await office.KeepAsync(Flow("late", [RunTask("A"), Event("E", "Sampai")], "A-E"));
        var trial = await office.TrialAsync("late");
        var ended = await DeadAsync(office, new OutsideEvent("Sampai", null, trial));
        await office.AskAsync<TrialDesk, Result<Guid>>(t => t.CancelAsync(office[Manager], trial));
        var gone = await DeadAsync(office, new OutsideEvent("Lain"));
        await office.RowsAsync(db => db.Database.ExecuteSqlAsync($"UPDATE \"Events\" SET \"TriggerId\" = {Guid.NewGuid()}, \"DeadReason\" = 'trigger-gone' WHERE \"Name\" = 'Lain'"));
        var before = await office.RowsAsync(db => db.Events.AsNoTracking().OrderBy(e => e.Id).Select(e => new { e.Id, e.State, e.Revision }).ToListAsync());

        Assert.Equal("instance-ended", (await DeliverAsync(office, Manager, ended)).Problems[0].Code);
        Assert.Equal("dead-letter-trigger-gone", (await DeliverAsync(office, Manager, gone)).Problems[0].Code);
        Assert.Equal("forbidden", (await DeliverAsync(office, Office.UnitHead, gone)).Problems[0].Code);
        Assert.Equal("stale-revision", (await DeliverAsync(office, Manager, gone, revision: 99)).Problems[0].Code);
        Assert.Equal("forbidden", (await DiscardAsync(office, Office.UnitHead, gone, "x")).Problems[0].Code);
        Assert.Equal("reason-required", (await DiscardAsync(office, Admin, gone, " ")).Problems[0].Code);
        Assert.Equal("reason-too-long", (await DiscardAsync(office, Admin, gone, new string('x', 301))).Problems[0].Code);
        Assert.Equal("dead-letter-not-found", (await DiscardAsync(office, Admin, Guid.NewGuid(), "x")).Problems[0].Code);
        Assert.Equal(before, await office.RowsAsync(db => db.Events.AsNoTracking().OrderBy(e => e.Id).Select(e => new { e.Id, e.State, e.Revision }).ToListAsync()));

        Assert.True((await DiscardAsync(office, Admin, gone, "Versi lama")).Succeeded);
        Assert.Equal(ended, Assert.Single(await ListAsync(office)).Id);
        Assert.Equal(("event-discarded", Admin), await LastAsync(office));
        Assert.Contains("Versi lama", await office.RowsAsync(db => db.AuditRecords.Where(r => r.Action == "event-discarded").Select(r => r.Data).SingleAsync()), StringComparison.Ordinal);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task The_list_is_walked_by_pages_and_shows_each_once_also_where_many_died_at_one_instant()
    {
        await using var office = await OpenAsync();
        for (var n = 0; n < 7; n++)
            await office.AskAsync<EventDesk, Result<Guid>>(d => d.TellAsync(office[Manager], new OutsideEvent($"P{n}")));
        await office.AdvanceAsync(TimeSpan.FromMinutes(60));

        var (seen, after) = (new List<Guid>(), (string?)null);
        do
        {
            var page = (await office.AskAsync<DeadLetterDesk, Result<Page<DeadLetter>>>(d => d.ListAsync(office[Admin], after, 3))).Value;
            seen.AddRange(page.Items.Select(l => l.Id));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal((7, 7), (seen.Count, seen.Distinct().Count()));
        Assert.Equal(seen.OrderDescending(), seen);
        Assert.Equal(7, await office.AskAsync<DeadLetterDesk, long>(d => d.CountAsync()));
        foreach (var (size, cursor, code) in ((int, string?, string)[])[(0, null, "page-size-invalid"), (201, null, "page-size-invalid"), (5, "x", "cursor-invalid")])
            Assert.Equal(code, (await office.AskAsync<DeadLetterDesk, Result<Page<DeadLetter>>>(d => d.ListAsync(office[Admin], cursor, size))).Problems[0].Code);
        Assert.Equal("forbidden", (await office.AskAsync<DeadLetterDesk, Result<Page<DeadLetter>>>(d => d.ListAsync(office[Office.UnitHead], null, 5))).Problems[0].Code);
    }

    [Fact]
    public async Task A_chain_that_was_cut_goes_on_by_hand_and_is_cut_again()
    {
        await using var office = await OpenAsync();
        await office.KeepAsync(Flow("round", [Event("E", "Putar").Trigger(), Of("P", "PublishEvent", ("eventName", "Putar"))], "E-P"), inForce: true);
        await office.AskAsync<EventDesk, Result<Guid>>(d => d.TellAsync(office[Manager], new OutsideEvent("Putar")));
        await office.FireAsync();
        var cut = Assert.Single(await ListAsync(office));
        Assert.Equal("event-loop", cut.Reason);

        Assert.Equal("delivered", (await DeliverAsync(office, Manager, cut.Id)).Value.State);
        await office.FireAsync();

        Assert.Equal(2 * (EventPost.MostDepth + 1), await office.RowsAsync(db => db.Instances.CountAsync()));
        Assert.Equal("event-loop", Assert.Single(await ListAsync(office)).Reason);
    }

    private static Task<Office> OpenAsync() => Office.OpenAsync(roster: people =>
    {
        people.Add(Manager, "Pengelola SOP", null, Roles.SopManager);
    });

    private static async Task<Guid> DeadAsync(Office office, OutsideEvent told)
    {
        var id = (await office.AskAsync<EventDesk, Result<Guid>>(d => d.TellAsync(office[Manager], told))).Value;
        await office.AdvanceAsync(TimeSpan.FromMinutes(60));
        Assert.Equal(EventState.Dead, (await office.RowsAsync(db => db.Events.AsNoTracking().SingleAsync(e => e.Id == id))).State);
        return id;
    }

    private static async Task<IReadOnlyList<DeadLetter>> ListAsync(Office office) =>
        (await office.AskAsync<DeadLetterDesk, Result<Page<DeadLetter>>>(d => d.ListAsync(office[Admin], null, 50))).Value.Items;

    private static Task<Result<DeadLetterOutcome>> DeliverAsync(Office office, string by, Guid id, int? revision = null) =>
        office.AskAsync<DeadLetterDesk, Result<DeadLetterOutcome>>(d => d.DeliverAsync(office[by], id, revision));

    private static Task<Result<Guid>> DiscardAsync(Office office, string by, Guid id, string reason) =>
        office.AskAsync<DeadLetterDesk, Result<Guid>>(d => d.DiscardAsync(office[by], id, null, reason));

    private static async Task<(string Action, string Actor)> LastAsync(Office office)
    {
        var last = await office.RowsAsync(db => db.AuditRecords.Where(r => r.Chain == AuditTrail.Administration && r.Action.StartsWith("event-")).OrderBy(r => r.Sequence).LastAsync());
        return (last.Action, last.Actor);
    }
}
