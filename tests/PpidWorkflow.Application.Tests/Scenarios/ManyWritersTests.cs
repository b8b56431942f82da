using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Several writers at once: in turn where there is one writer, by retry where there are many; the outcome is the same.</summary>
public class ManyWritersTests
{
    [Fact]
    public async Task Cases_opened_at_once_are_numbered_without_gap_or_double()
    {
        await using var office = await Office.OpenAsync();
        // More than a step is run again: all of them change the year's counter.
        const int Many = 24;
        var asked = Enumerable.Range(1, Many).Select(_ => office.Inputs()).ToList();

        var opened = await Task.WhenAll(asked.Select(inputs => Task.Run(() => office.TryOpenCaseAsync(inputs))));

        Assert.All(opened, r => Assert.True(r.Succeeded));
        Assert.Equal(
            Enumerable.Range(1, Many).Select(n => $"PPID/2026/{n:0000}"), opened.Select(r => r.Value.Number).Order(StringComparer.Ordinal));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Of_one_completion_pressed_many_times_at_once_one_counts_and_the_others_are_told_so()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var task = await office.OpenTaskAsync(opened.Id);
        var completion = new Completion { AssignTo = task.Assignable![0] };

        var pressed = await Task.WhenAll(Enumerable.Range(1, 5).Select(_ => Task.Run(() => office.CompleteAsync(task, Office.InformationHead, completion))));

        Assert.Single(pressed, r => r.Succeeded);
        Assert.All(pressed.Where(r => !r.Succeeded), r => Assert.Equal(ProblemKind.Conflict, r.Problems[0].Kind));
        Assert.Equal(2, await office.RowsAsync(db => db.WorkItems.CountAsync()));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Two_sweeps_at_once_fire_every_rung_once()
    {
        await using var office = await Office.OpenAsync();
        for (var i = 0; i < 5; i++)
            await office.OpenCaseAsync();
        office.Time.Advance(TimeSpan.FromDays(1));

        await Task.WhenAll(Enumerable.Range(1, 3).Select(_ => Task.Run(office.FireAsync)));
        await office.FireAsync();

        var fires = await office.RowsAsync(db => db.FireRecords.AsNoTracking().ToListAsync());
        Assert.Equal(15, fires.Count);
        Assert.Equal(15, fires.DistinctBy(f => (f.ClockId, f.Rung, f.Repetition)).Count());
        Assert.Equal(15, (await office.MailAsync()).Count(m => m.FireRecordId is not null));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task What_is_saved_in_bulk_reads_back_as_it_was()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var mail = (await office.MailAsync()).Single();
        var clock = await office.RowsAsync(db => db.StepClocks.AsNoTracking().SingleAsync());

        await office.RowsAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            var copy = db.Entry((OutboxMessage)db.Entry(mail).CurrentValues.ToObject());
            copy.Property(m => m.Id).CurrentValue = Guid.CreateVersion7();
            copy.Property(m => m.MessageId).CurrentValue = "salinan@ppid.example";
            copy.State = EntityState.Added;
            var changed = await db.StepClocks.SingleAsync();
            (changed.NextFireAt, changed.AtRiskAt, changed.Revision) = (null, changed.AtRiskAt!.Value.AddMilliseconds(1), changed.Revision + 1);
            await BulkSave.SaveAsync(db, default);
            await transaction.CommitAsync();
            return true;
        });

        var stored = (await office.MailAsync()).Single(m => m.MessageId == "salinan@ppid.example");
        Assert.Equal(
            (mail.Template, mail.Model, mail.ToAddress, mail.OfficerId, (Guid?)opened.Id, mail.WorkItemId, mail.State, mail.CreatedAt, mail.NextAttemptAt, mail.SentAt),
            (stored.Template, stored.Model, stored.ToAddress, stored.OfficerId, stored.CaseId, stored.WorkItemId, stored.State, stored.CreatedAt,
                stored.NextAttemptAt, stored.SentAt));
        var after = await office.RowsAsync(db => db.StepClocks.AsNoTracking().SingleAsync());
        Assert.Equal((null, clock.AtRiskAt!.Value.AddMilliseconds(1), clock.DueAt, clock.Revision + 1), (after.NextFireAt, after.AtRiskAt, after.DueAt, after.Revision));
    }

    [Fact]
    public async Task A_row_that_somebody_else_changed_is_not_overwritten_in_bulk()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();

        await office.RowsAsync(async db =>
        {
            var clock = await db.StepClocks.SingleAsync();
            await office.TamperAsync("UPDATE StepClocks SET Revision = Revision + 7");
            await using var transaction = await db.Database.BeginTransactionAsync();
            clock.NextFireAt = null;
            clock.Revision++;
            await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => BulkSave.SaveAsync(db, default));
            return true;
        });

        Assert.NotNull((await office.RowsAsync(db => db.StepClocks.AsNoTracking().SingleAsync())).NextFireAt);
    }

    [Fact]
    public async Task Rows_that_go_come_and_change_in_one_save_end_as_they_should_however_many_they_are()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        // More than go out in one message, and fewer.
        foreach (var many in new[] { 300, 3 })
        {
            await office.RowsAsync(async db =>
            {
                await using var transaction = await db.Database.BeginTransactionAsync();
                db.RemoveRange(await db.HardcopyItems.ToListAsync());
                db.AddRange(Enumerable.Range(1, many).Select(n => new HardcopyItem
                {
                    Id = Guid.CreateVersion7(),
                    CaseId = opened.Id,
                    WorkItemId = db.WorkItems.Single().Id,
                    Description = $"Jilid {n}",
                    Quantity = n,
                    Position = n
                }));
                (await db.Users.OrderBy(u => u.UserName).FirstAsync()).DisplayName = $"Petugas {many}";
                await BulkSave.SaveAsync(db, default);
                await transaction.CommitAsync();
                return true;
            });

            var listed = await office.RowsAsync(db => db.HardcopyItems.AsNoTracking().OrderBy(h => h.Position).ToListAsync());
            Assert.Equal(Enumerable.Range(1, many).Select(n => ($"Jilid {n}", n)), listed.Select(h => (h.Description, h.Quantity)));
            Assert.Equal($"Petugas {many}", await office.RowsAsync(db => db.Users.OrderBy(u => u.UserName).Select(u => u.DisplayName).FirstAsync()));
        }
    }
}
