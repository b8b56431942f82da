using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>
/// The service was away (issue 4): what the heartbeats show is credited once, in working time, before any alarm fires. Step 2 lasts 15
/// minutes; its rungs are at 12, 15 and 30.
/// </summary>
public class OutageTests
{
    private static readonly DateTimeOffset Eight = At(8, 0);

    [Fact]
    public async Task An_outage_found_at_start_moves_what_was_running_by_its_working_time()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-office-").FullName;
        Guid id;
        await using (var before = await Office.OpenAsync(folder: folder, keep: true))
        {
            id = (await before.OpenCaseAsync()).Id;
            await before.WalkToAsync(id, "2");
            before.Time.Advance(TimeSpan.FromMinutes(5));
            Assert.Null(await BeatAsync(before));
        }

        await using var office = await Office.OpenAsync(At(8, 30), folder: folder);
        var outage = await BeatAsync(office);
        await office.FireAsync();

        Assert.Equal((OutageKind.Service, At(8, 5), At(8, 30), At(8, 30)), (outage!.Kind, outage.From, outage.To!.Value, outage.DetectedAt));
        var clock = await ClockAsync(office, id);
        Assert.Equal((At(8, 40), At(8, 37), 25 * 60_000L), (clock.DueAt, clock.NextFireAt, clock.CreditedMs));
        var credit = await office.RowsAsync(db => db.ClockEvents.SingleAsync(e => e.Kind == "credited"));
        Assert.Equal((outage.Id, At(8, 15), At(8, 40), At(8, 5), At(8, 30), 25 * 60_000L),
            (credit.OutageId!.Value, credit.DueBefore, credit.DueAfter, credit.CreditFrom, credit.CreditTo, credit.CreditMs));
        Assert.Equal("Gangguan layanan Senin, 23 Nov 2026 08.05 WIB–08.30 WIB", credit.Reason);
        Assert.Equal(0, await FiresAsync(office));

        office.Time.Advance(TimeSpan.FromMinutes(7));
        await BeatQuietlyAsync(office);
        await office.FireAsync();
        Assert.Equal(1, await FiresAsync(office));
        var step = (await office.CaseAsync(id)).Steps.Single(s => s.State == "atRisk");
        Assert.Equal(12, step.WaitingMinutes + step.ProcessingMinutes);
        Assert.Equal((At(8, 15), At(8, 40)), (Assert.Single(step.DueMoves).Before, step.DueMoves[0].After));
        Assert.Contains((await office.CaseAsync(id)).Events, e => e.Action == "time-credited");
        await AssertWholeAsync(office);
    }

    [Theory]
    [InlineData(45, false)]
    [InlineData(46, true)]
    public async Task Only_a_gap_longer_than_three_beats_is_an_outage(int seconds, bool outage)
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        await BeatAsync(office);

        office.Time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(outage, await BeatAsync(office) is not null);
        Assert.Equal(outage ? seconds * 1000 : 0, await office.RowsAsync(db => db.StepClocks.Select(c => c.CreditedMs).SingleAsync()));
    }

    [Fact]
    public async Task A_first_start_follows_no_outage()
    {
        await using var office = await Office.OpenAsync();

        Assert.Null(await BeatAsync(office));
        Assert.Empty(await OutagesAsync(office));
    }

    [Fact]
    public async Task Only_working_time_of_a_night_is_credited()
    {
        await using var office = await Office.OpenAsync(At(15, 50));
        var id = (await office.OpenCaseAsync()).Id;
        await office.WalkToAsync(id, "2");
        await office.AdvanceAsync(TimeSpan.FromMinutes(8));
        await BeatAsync(office);
        var worth = await office.AskAsync<OfficeCalendar, TimeSpan>(c => Task.FromResult(c.Current.Between(At(15, 58), At(15, 58).AddHours(17))));

        office.Time.Advance(TimeSpan.FromHours(17));
        await BeatAsync(office);

        var clock = await ClockAsync(office, id);
        Assert.InRange(worth, TimeSpan.FromMinutes(2), TimeSpan.FromHours(4));
        Assert.Equal((long)worth.TotalMilliseconds, clock.CreditedMs);
        Assert.Equal(8, (await office.OpenTaskAsync(id)).WaitingMinutes);
        await AssertWholeAsync(office);
    }

    [Fact]
    public async Task An_outage_outside_working_hours_credits_nothing()
    {
        await using var office = await Office.OpenAsync(At(18, 0));
        var id = (await office.OpenCaseAsync()).Id;
        await BeatAsync(office);
        var due = (await ClockAsync(office, id)).DueAt;

        office.Time.Advance(TimeSpan.FromHours(12));

        Assert.NotNull(await BeatAsync(office));
        var clock = await ClockAsync(office, id);
        Assert.Equal((due, 0), (clock.DueAt, clock.CreditedMs));
        Assert.Equal(0, await office.RowsAsync(db => db.ClockEvents.CountAsync(e => e.Kind == "credited")));
    }

    [Fact]
    public async Task A_process_that_was_suspended_credits_before_it_fires()
    {
        await using var office = await Office.OpenAsync();
        var id = (await office.OpenCaseAsync()).Id;
        await office.WalkToAsync(id, "2");
        await BeatAsync(office);

        await office.AdvanceAsync(TimeSpan.FromMinutes(40));

        Assert.Equal(0, await FiresAsync(office));
        Assert.Equal(At(8, 55), (await ClockAsync(office, id)).DueAt);
        Assert.Single(await OutagesAsync(office));
        await office.FireAsync();
        Assert.Single(await OutagesAsync(office));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task A_clock_that_was_moved_is_no_outage(int minutes)
    {
        var wall = new MovedClock();
        await using var office = await Office.OpenAsync(change: s => s.AddSingleton<TimeProvider>(sp => wall));
        wall.Inner = office.Time;
        await office.OpenCaseAsync();
        await BeatAsync(office);

        office.Time.Advance(TimeSpan.FromSeconds(15));
        wall.Offset = TimeSpan.FromMinutes(minutes);
        await office.FireAsync();

        Assert.Null(await BeatAsync(office));
        Assert.Empty(await OutagesAsync(office));
        // Suspended for ten minutes and moved: the ten minutes are the outage.
        office.Time.Advance(TimeSpan.FromMinutes(10));
        wall.Offset += TimeSpan.FromHours(1);
        var outage = await BeatAsync(office);
        Assert.Equal(TimeSpan.FromMinutes(10), outage!.To - outage.From);
    }

    [Fact]
    public async Task After_a_clock_was_set_back_the_last_beat_of_a_process_long_gone_is_not_where_an_outage_began()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-office-").FullName;
        Guid id;
        // One process, soon another, whose clock is fast by two minutes when it stops.
        await using (var first = await Office.OpenAsync(At(8, 0).AddSeconds(-30), folder: folder, keep: true))
            Assert.Null(await BeatAsync(first));
        await using (var second = await Office.OpenAsync(At(8, 0), folder: folder, keep: true))
        {
            Assert.Null(await BeatAsync(second));
            id = (await second.OpenCaseAsync()).Id;
            await second.WalkToAsync(id, "2");
            for (var beats = 0; beats < 14; beats++)
            {
                second.Time.Advance(TimeSpan.FromSeconds(30));
                Assert.Null(await BeatAsync(second));
            }
        }

        await using var office = await Office.OpenAsync(At(8, 5), folder: folder);

        Assert.Null(await BeatAsync(office));
        Assert.Empty(await OutagesAsync(office));
        Assert.Equal(0, (await ClockAsync(office, id)).CreditedMs);
    }

    [Fact]
    public async Task Of_two_nodes_that_see_an_outage_one_writes_it()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("ppid-office-").FullName;
        await using (var before = await Office.OpenAsync(folder: folder, keep: true))
        {
            await before.OpenCaseAsync();
            await BeatAsync(before);
        }
        await using var first = await Office.OpenAsync(At(8, 20), folder: folder, keep: true);
        await using var second = await Office.OpenAsync(At(8, 20), folder: folder);

        var seen = new[] { await BeatAsync(first), await BeatAsync(second) };

        Assert.Single(seen, o => o is not null);
        Assert.Single(await OutagesAsync(second));
        Assert.Equal(20 * 60_000L, await second.RowsAsync(db => db.StepClocks.Select(c => c.CreditedMs).SingleAsync()));
    }

    [Fact]
    public async Task A_node_that_loses_the_race_for_an_outage_goes_on()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        await BeatAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(20));
        await office.RowsAsync(async db =>
        {
            db.Outages.Add(new Outage
            {
                Id = Guid.CreateVersion7(),
                UniqueKey = Outage.ServiceKey(Eight),
                Kind = OutageKind.Service,
                From = Eight,
                To = At(8, 20),
                DetectedAt = At(8, 20),
                DetectedBy = "lain"
            });
            return await db.SaveChangesAsync();
        });

        Assert.Null(await BeatAsync(office));

        Assert.Single(await OutagesAsync(office));
        Assert.Equal(At(8, 20), await office.RowsAsync(db => db.NodeHeartbeats.MaxAsync(b => b.LastBeatAt)));
    }

    [Fact]
    public async Task A_clock_that_stood_is_credited_nothing_for_the_time_it_stood()
    {
        await using var office = await Office.OpenAsync();
        var id = (await office.OpenCaseAsync()).Id;
        var task = await office.WalkToAsync(id, "2");
        await office.AdvanceAsync(TimeSpan.FromMinutes(5));
        await office.InboxAsync(i => i.PauseAsync(office[Office.InformationHead], task.Id, task.Revision, "Menunggu berkas"));
        await BeatAsync(office);

        office.Time.Advance(TimeSpan.FromMinutes(30));
        await BeatAsync(office);
        task = await office.OpenTaskAsync(id);
        await office.InboxAsync(i => i.ResumeAsync(office[Office.InformationHead], task.Id, task.Revision, null));

        var clock = await ClockAsync(office, id);
        Assert.Equal((At(8, 45), 0), (clock.DueAt, clock.CreditedMs));
        await AssertWholeAsync(office);
    }

    [Fact]
    public async Task A_step_done_in_the_moment_before_the_outage_is_seen_is_credited_all_the_same()
    {
        await using var office = await Office.OpenAsync();
        var id = (await office.OpenCaseAsync()).Id;
        await office.WalkToAsync(id, "2");
        await office.AdvanceAsync(TimeSpan.FromMinutes(5));
        await BeatAsync(office);

        office.Time.Advance(TimeSpan.FromMinutes(30));
        await office.CompleteOpenAsync(id);
        await BeatAsync(office);

        var step = (await office.CaseAsync(id)).Steps.Single(s => s.Step.Label == "2");
        Assert.Equal((5, 0), (step.WaitingMinutes + step.ProcessingMinutes, step.LateMinutes));
        await AssertWholeAsync(office);
    }

    [Fact]
    public async Task What_is_taken_back_after_an_outage_is_credited_it()
    {
        await using var office = await Office.OpenAsync();
        var id = (await office.OpenCaseAsync()).Id;
        await office.WalkToAsync(id, "2");
        await office.AdvanceAsync(TimeSpan.FromMinutes(5));
        var done = await office.CompleteOpenAsync(id);
        await BeatAsync(office);

        office.Time.Advance(TimeSpan.FromMinutes(30));
        await BeatAsync(office);
        var task = (await office.InboxAsync(i => i.GetAsync(office[Office.InformationOfficer], done.Id))).Value;
        Assert.True((await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationOfficer], task.Id, task.Revision))).Succeeded);

        Assert.Equal(At(8, 45), (await ClockAsync(office, id)).DueAt);
        await AssertWholeAsync(office);
    }

    [Fact]
    public async Task A_day_closed_afterwards_takes_its_credit_along_and_gives_it_back()
    {
        await using var office = await Office.OpenAsync();
        var id = (await office.OpenCaseAsync()).Id;
        await office.WalkToAsync(id, "2");
        await BeatAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(10));
        await BeatAsync(office);
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());

        var closed = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddDayAsync(
            office["admin"], new ClosedDayForm { Date = "2026-11-23", Name = "Banjir", Kind = "localClosing" }, new CalendarAsk()));

        Assert.True(closed.Succeeded);
        Assert.Equal(0, (await ClockAsync(office, id)).CreditedMs);
        await AssertWholeAsync(office);

        var day = Assert.Single(closed.Value.Edits).Id;
        await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.WithdrawDayAsync(office["admin"], day, "Salah tanggal", new CalendarAsk(), default));
        var clock = await ClockAsync(office, id);
        Assert.Equal((At(8, 25), 10 * 60_000L), (clock.DueAt, clock.CreditedMs));
        await AssertWholeAsync(office);
    }

    [Fact]
    public async Task A_day_closed_and_opened_again_leaves_the_act_that_is_done_what_it_was_charged()
    {
        await using var office = await Office.OpenAsync();
        var id = (await office.OpenCaseAsync()).Id;
        await office.WalkToAsync(id, "5a");
        await BeatAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(10));
        await BeatAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(2));
        await office.CompleteOpenAsync(id);
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());

        var closed = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddDayAsync(
            office["admin"], new ClosedDayForm { Date = "2026-11-23", Name = "Banjir", Kind = "localClosing" }, new CalendarAsk()));
        await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.WithdrawDayAsync(
            office["admin"], Assert.Single(closed.Value.Edits).Id, "Salah tanggal", new CalendarAsk(), default));

        Assert.Equal(10 * 60_000L, (await ClockAsync(office, id)).CreditedMs);
        Assert.Equal(2 * 60_000L, await office.RowsAsync(db => db.WorkItems.Where(w => w.StepPart == "a").Select(w => w.ConsumedMs!.Value).SingleAsync()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_credit_worth_nothing_stays_so_though_the_hours_of_that_night_are_changed_after_it_was_settled(bool takenBack)
    {
        await using var office = await Office.OpenAsync(At(15, 50));
        var id = (await office.OpenCaseAsync()).Id;
        await office.WalkToAsync(id, "2");
        office.Time.Advance(At(18, 0) - office.Time.GetUtcNow());
        await BeatAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.NotNull(await BeatAsync(office));
        office.Time.Advance(TimeSpan.FromHours(14));
        TaskView? done = null;
        if (takenBack)
        {
            done = await office.CompleteOpenAsync(id);
        }
        else
        {
            var task = await office.OpenTaskAsync(id);
            await office.InboxAsync(i => i.PauseAsync(office[Office.InformationHead], task.Id, task.Revision, "Menunggu jawaban"));
            office.Time.Advance(TimeSpan.FromMinutes(5));
            await office.InboxAsync(async i => await i.ResumeAsync(office[Office.InformationHead], task.Id, task.Revision + 1, null));
        }
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());

        // Monday was worked until eight in the evening, it says afterwards.
        var changed = await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddRegimeAsync(
            office["admin"], new RegimeForm
            {
                Name = "Lembur",
                Kind = "office",
                From = "2026-11-23",
                Until = "2026-11-23",
                Windows = new Dictionary<string, string?> { ["monday"] = "07:30-20:00" },
                Reason = "Surat edaran"
            }, new CalendarAsk()));
        Assert.True(changed.Succeeded);
        office.Time.Advance(TimeSpan.FromMinutes(1));
        if (takenBack)
        {
            var task = (await office.InboxAsync(i => i.GetAsync(office[Office.InformationOfficer], done!.Id))).Value;
            Assert.True((await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationOfficer], task.Id, task.Revision))).Succeeded);
        }
        else
        {
            // Whether the mail went out is not known yet, so his beginning settles what he is owed: nothing.
            var task = await office.OpenTaskAsync(id);
            Assert.True((await office.InboxAsync(i => i.StartAsync(office[Office.InformationOfficer], task.Id, task.Revision))).Succeeded);
        }

        Assert.Equal(0, (await ClockAsync(office, id)).CreditedMs);
        Assert.Empty((await office.OpenTaskAsync(id)).Credits);
        await AssertWholeAsync(office);
    }

    [Theory]
    [InlineData("UPDATE StepClocks SET CreditedMs = CreditedMs + 1")]
    [InlineData("DELETE FROM ClockEvents WHERE Kind = 'credited'")]
    [InlineData("UPDATE ClockEvents SET CreditFrom = '2026-11-23 01:10:00', CreditMs = 0 WHERE Kind = 'credited'")]
    [InlineData("UPDATE Outages SET AnnulledAt = '2026-11-23 02:00:00'")]
    public async Task A_broken_row_is_named(string sql)
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        await BeatAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(20));
        await BeatAsync(office);
        await AssertWholeAsync(office);

        await office.TamperAsync(sql);

        Assert.Contains("outages-are-credited", await office.ViolatedAsync());
    }

    private static DateTimeOffset At(int hour, int minute) => new DateTimeOffset(2026, 11, 23, hour, minute, 0, TimeSpan.FromHours(7)).ToUniversalTime();

    private static Task<Outage?> BeatAsync(Office office) => office.AskAsync<OutageWatch, Outage?>(w => w.BeatAsync(CancellationToken.None));

    // As if the beats of the last minutes had been written, which the test's leap left out.
    private static Task<bool> BeatQuietlyAsync(Office office) => office.InScopeAsync(s =>
    {
        s.Get<ServicePulse>().Beat(office.Time.GetUtcNow());
        return Task.FromResult(true);
    });

    // Mails are no matter of these tests: they are sent first.
    private static async Task AssertWholeAsync(Office office)
    {
        await office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());
        Assert.Empty(await office.ViolatedAsync());
    }

    private static Task<StepClock> ClockAsync(Office office, Guid caseId) =>
        office.RowsAsync(db => db.StepClocks.AsNoTracking().Where(c => c.CaseId == caseId && c.State != ClockState.Closed).SingleAsync());

    private static Task<int> FiresAsync(Office office) => office.RowsAsync(db => db.FireRecords.CountAsync());

    private static Task<List<Outage>> OutagesAsync(Office office) => office.RowsAsync(db => db.Outages.AsNoTracking().ToListAsync());

    /// <summary>A wall clock that somebody sets, beside a monotonic one that nobody can.</summary>
    private sealed class MovedClock : TimeProvider
    {
        public TimeProvider? Inner { get; set; }

        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => (Inner?.GetUtcNow() ?? Eight) + Offset;

        public override long GetTimestamp() => Inner?.GetTimestamp() ?? 0;

        public override long TimestampFrequency => Inner?.TimestampFrequency ?? 1;
    }
}
