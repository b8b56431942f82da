using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>
/// The mail server was away (issue 4): whoever could not be told of his task is credited the time until he was, or began without. Step 1 lasts 5
/// minutes, its warning comes after 4.
/// </summary>
public class MailOutageTests
{
    [Fact]
    public async Task A_step_is_credited_from_receipt_until_its_mail_went_out()
    {
        var server = new Server { IsAway = true };
        await using var office = await OpenAsync(server);
        var id = (await office.OpenCaseAsync()).Id;
        await SweepAsync(office);

        office.Time.Advance(TimeSpan.FromMinutes(4));
        await office.FireAsync();
        Assert.Equal(0, await office.RowsAsync(db => db.FireRecords.CountAsync()));
        Assert.Equal(At(8, 8), (await ClockAsync(office, id)).NextFireAt);
        office.Time.Advance(TimeSpan.FromMinutes(6));
        server.IsAway = false;
        await SweepAsync(office);

        var outage = await office.RowsAsync(db => db.Outages.SingleAsync());
        Assert.Equal((OutageKind.Mail, At(8, 0), At(8, 10)), (outage.Kind, outage.From, outage.To));
        var clock = await ClockAsync(office, id);
        Assert.Equal((At(8, 15), At(8, 14), 10 * 60_000L), (clock.DueAt, clock.NextFireAt, clock.CreditedMs));
        var task = await office.OpenTaskAsync(id);
        Assert.Equal(["mail", "mail"], task.Credits.Select(c => c.Kind));
        Assert.Equal((10, 0), (task.Credits.Sum(c => c.Minutes), task.WaitingMinutes));
        await office.AdvanceAsync(TimeSpan.FromMinutes(4));
        Assert.Equal(1, await office.RowsAsync(db => db.FireRecords.CountAsync()));
        await SweepAsync(office);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Who_begins_without_his_mail_is_credited_until_then()
    {
        var server = new Server { IsAway = true };
        await using var office = await OpenAsync(server);
        var id = (await office.OpenCaseAsync()).Id;
        await SweepAsync(office);

        office.Time.Advance(TimeSpan.FromMinutes(3));
        var task = await office.OpenTaskAsync(id);
        await office.InboxAsync(i => i.StartAsync(office[Office.InformationHead], task.Id, task.Revision));
        Assert.Equal(At(8, 8), (await ClockAsync(office, id)).DueAt);
        office.Time.Advance(TimeSpan.FromMinutes(7));
        server.IsAway = false;
        await SweepAsync(office);

        var clock = await ClockAsync(office, id);
        Assert.Equal((At(8, 8), 3 * 60_000L), (clock.DueAt, clock.CreditedMs));
    }

    [Fact]
    public async Task Who_finishes_without_his_mail_is_not_late_for_it()
    {
        var server = new Server { IsAway = true };
        await using var office = await OpenAsync(server);
        var id = (await office.OpenCaseAsync()).Id;
        await SweepAsync(office);

        office.Time.Advance(TimeSpan.FromMinutes(20));
        await office.CompleteOpenAsync(id);

        var step = (await office.CaseAsync(id)).Steps[0];
        Assert.Equal((0, 0, 0), (step.WaitingMinutes, step.ProcessingMinutes, step.LateMinutes));
        Assert.Equal(20, Assert.Single(step.Credits).Minutes);
    }

    [Fact]
    public async Task What_ends_because_the_act_before_is_taken_back_is_not_charged_what_that_gives_back()
    {
        var server = new Server();
        await using var office = await OpenAsync(server);
        var id = (await office.OpenCaseAsync()).Id;
        await office.WalkToAsync(id, "5a");
        await SweepAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(2));
        server.IsAway = true;
        var done = await office.CompleteOpenAsync(id);
        await SweepAsync(office);

        // Nobody could be told of 5b, and so its minutes go back to the clock that both share.
        office.Time.Advance(TimeSpan.FromMinutes(10));
        var task = (await office.InboxAsync(i => i.GetAsync(office[Office.DocumentationHead], done.Id))).Value;
        Assert.True((await office.InboxAsync(i => i.TakeBackAsync(office[Office.DocumentationHead], task.Id, task.Revision))).Succeeded);

        Assert.Equal(10 * 60_000L, await office.RowsAsync(db => db.StepClocks.Where(c => c.State == ClockState.Running).Select(c => c.CreditedMs).SingleAsync()));
        // What was withdrawn is late for nobody.
        Assert.Equal(0, (await office.CaseAsync(id)).Steps.Single(s => s.Step.Label == "5b").LateMinutes);

        // Done again, as of an earlier minute: what was given to the clock stays with it, though the mail of then is withdrawn.
        task = await office.OpenTaskAsync(id);
        var again = await office.CompleteAsync(task, Office.DocumentationHead, new Completion
        {
            AssignTo = Office.DocumentationOfficer,
            ActualAt = office.Time.GetUtcNow() - TimeSpan.FromMinutes(11),
            ActualReason = "Dikerjakan di atas kertas"
        });
        Assert.True(again.Succeeded);
        Assert.Equal(10 * 60_000L, await office.RowsAsync(db => db.StepClocks.Where(c => c.State == ClockState.Running).Select(c => c.CreditedMs).SingleAsync()));
    }

    [Fact]
    public async Task Whose_act_was_cancelled_is_not_told_of_the_end_though_an_outage_makes_the_service_look_at_it()
    {
        const string other = "petugas.dokumentasi.dua";
        var server = new Server();
        await using var office = await Office.OpenAsync(
            change: s => s.AddScoped<INotificationChannel>(_ => server),
            roster: people => people.Add(other, "Dewi Anggraini", Office.DocumentationHead, Roles.DocumentationOfficer));
        var id = (await office.OpenCaseAsync()).Id;
        var assign = await office.WalkToAsync(id, "5a");
        await office.CompleteAsync(assign, Office.DocumentationHead, new Completion { AssignTo = Office.DocumentationOfficer });
        assign = (await office.InboxAsync(i => i.GetAsync(office[Office.DocumentationHead], assign.Id))).Value;
        Assert.True((await office.InboxAsync(i => i.TakeBackAsync(office[Office.DocumentationHead], assign.Id, assign.Revision))).Succeeded);
        assign = await office.OpenTaskAsync(id);
        await office.CompleteAsync(assign, Office.DocumentationHead, new Completion { AssignTo = other });
        server.IsAway = true;
        await SweepAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(1));

        await office.CompleteOpenAsync(id);

        var told = (await office.MailAsync()).Where(m => m.Template == "documented").Select(m => m.ToAddress.Split('@')[0]).ToList();
        Assert.Contains(other, told);
        Assert.DoesNotContain(Office.DocumentationOfficer, told);
    }

    [Fact]
    public async Task A_step_of_which_the_mail_had_told_goes_on()
    {
        var server = new Server();
        await using var office = await OpenAsync(server);
        var told = (await office.OpenCaseAsync()).Id;
        await SweepAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(1));
        server.IsAway = true;
        var untold = (await office.OpenCaseAsync("Laporan kedua")).Id;
        await SweepAsync(office);

        await office.AdvanceAsync(TimeSpan.FromMinutes(3));
        Assert.Equal(1, await office.RowsAsync(db => db.FireRecords.CountAsync()));
        server.IsAway = false;
        office.Time.Advance(TimeSpan.FromMinutes(1));
        await SweepAsync(office);

        Assert.Equal(0, (await ClockAsync(office, told)).CreditedMs);
        Assert.Equal(4 * 60_000L, (await ClockAsync(office, untold)).CreditedMs);
    }

    [Fact]
    public async Task No_minute_is_credited_twice_where_the_service_was_away_as_well()
    {
        var server = new Server { IsAway = true };
        await using var office = await OpenAsync(server);
        var id = (await office.OpenCaseAsync()).Id;
        await SweepAsync(office);
        office.Time.Advance(TimeSpan.FromMinutes(2));
        await BeatAsync(office);

        office.Time.Advance(TimeSpan.FromMinutes(10));
        await BeatAsync(office);
        Assert.Equal(10 * 60_000L, (await ClockAsync(office, id)).CreditedMs);
        office.Time.Advance(TimeSpan.FromMinutes(3));
        server.IsAway = false;
        await SweepAsync(office);

        var clock = await ClockAsync(office, id);
        Assert.Equal((At(8, 20), 15 * 60_000L), (clock.DueAt, clock.CreditedMs));
        Assert.Equal([("mail", 2.0), ("service", 10.0), ("mail", 3.0)], (await office.OpenTaskAsync(id)).Credits.Select(c => (c.Kind, c.Minutes)));
        Assert.DoesNotContain("outages-are-credited", await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_failure_that_lasts_is_one_outage()
    {
        var server = new Server { IsAway = true };
        await using var office = await OpenAsync(server);
        await office.OpenCaseAsync();

        for (var minute = 0; minute < 10; minute++)
        {
            await SweepAsync(office);
            office.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Null((await office.RowsAsync(db => db.Outages.SingleAsync())).To);
    }

    [Fact]
    public async Task What_the_outage_held_up_goes_out_with_the_first_mail_that_passes_and_nothing_else()
    {
        var server = new Server { IsAway = true };
        await using var office = await OpenAsync(server);
        await office.OpenCaseAsync();
        await SweepAsync(office);
        // Later ones are put off without being tried; one waits for a reason of its own, one for the morning.
        for (var n = 0; n < 3; n++)
            await office.OpenCaseAsync($"Laporan {n}");
        await SweepAsync(office);
        var rows = await office.MailAsync();
        await office.RowsAsync(async db =>
        {
            foreach (var (id, error, attempts) in new[] { (rows[^1].Id, "450 greylisted", 1), (rows[^2].Id, NightRest.Waits, 0) })
            {
                var mail = await db.Outbox.SingleAsync(m => m.Id == id);
                (mail.LastError, mail.Attempts, mail.NextAttemptAt) = (error, attempts, At(8, 30));
            }
            return await db.SaveChangesAsync();
        });
        var held = rows.Where(m => m.Id != rows[^1].Id && m.Id != rows[^2].Id).ToList();
        Assert.Contains(held, m => m.NextAttemptAt > At(8, 0));

        // The server is back half a minute later, and a new mail finds it so.
        office.Time.Advance(TimeSpan.FromSeconds(30));
        server.IsAway = false;
        await office.InScopeAsync(s =>
        {
            s.Get<OutboxPace>().Resume();
            return Task.FromResult(true);
        });
        await office.OpenCaseAsync("Laporan baru");
        await SweepAsync(office);

        var now = (await office.MailAsync()).ToDictionary(m => m.Id);
        Assert.All(held, m => Assert.Equal(OutboxState.Sent, now[m.Id].State));
        Assert.Equal([OutboxState.Pending, OutboxState.Pending], new[] { now[rows[^1].Id].State, now[rows[^2].Id].State });
        Assert.Equal(At(8, 30), now[rows[^1].Id].NextAttemptAt);
    }

    private static Task<Office> OpenAsync(Server server) => Office.OpenAsync(change: s => s.AddScoped<INotificationChannel>(_ => server));

    private static Task<SweepReport> SweepAsync(Office office) => office.AskAsync<OutboxSweep, SweepReport>(s => s.RunAsync());

    private static Task<Outage?> BeatAsync(Office office) => office.AskAsync<OutageWatch, Outage?>(w => w.BeatAsync(CancellationToken.None));

    private static Task<StepClock> ClockAsync(Office office, Guid caseId) =>
        office.RowsAsync(db => db.StepClocks.AsNoTracking().SingleAsync(c => c.CaseId == caseId));

    private static DateTimeOffset At(int hour, int minute) => new DateTimeOffset(2026, 11, 23, hour, minute, 0, TimeSpan.FromHours(7)).ToUniversalTime();

    private sealed class Server : INotificationChannel
    {
        public bool IsAway { get; set; }

        public Task<Delivery> DeliverAsync(OutboxMessage message, RenderedMail mail, CancellationToken cancellation) =>
            Task.FromResult(IsAway ? Delivery.Unreachable("cannot be reached") : Delivery.Sent);

        public Task FinishAsync() => Task.CompletedTask;
    }
}
