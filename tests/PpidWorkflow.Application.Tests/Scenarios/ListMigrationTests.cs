using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>A database of before <c>ListsAtAMillion</c>, with cases, steps and alerts in it, goes up a version.</summary>
public class ListMigrationTests
{
    [Fact]
    public async Task Steps_and_alerts_of_an_older_database_learn_when_their_case_was_opened()
    {
        await using var office = await Office.OpenAsync();
        var first = await office.OpenCaseAsync();
        await office.CompleteOpenAsync(first.Id);
        await office.AdvanceAsync(TimeSpan.FromHours(1));
        await office.OpenCaseAsync("Laporan kedua");

        await office.RowsAsync(async db =>
        {
            await HaveHistoryAsync(db);
            var all = db.Database.GetMigrations().ToList();
            var before = all[all.FindIndex(m => m.EndsWith("_ListsAtAMillion", StringComparison.Ordinal)) - 1];
            await db.GetService<IMigrator>().MigrateAsync(before);
            await db.GetService<IMigrator>().MigrateAsync();
            return true;
        });

        var opened = await office.RowsAsync(db => db.Cases.ToDictionaryAsync(c => c.Id, c => c.CreatedAt));
        var items = await office.RowsAsync(db => db.WorkItems.ToListAsync());
        var mails = await office.MailAsync();
        Assert.Equal(2, opened.Values.Distinct().Count());
        Assert.Equal(3, items.Count);
        Assert.All(items, item => Assert.Equal(opened[item.CaseId], item.CaseCreatedAt));
        Assert.Contains(mails, mail => mail.FireRecordId is not null);
        Assert.All(mails, mail => Assert.Equal(mail.FireRecordId is null ? null : opened[mail.CaseId!.Value], mail.CaseCreatedAt));
        Assert.Empty(await office.ViolatedAsync());
    }

    // A SQLite office is made from the model and knows of no migrations.
    private static async Task HaveHistoryAsync(DbContext db)
    {
        var history = db.GetService<IHistoryRepository>();
        await db.Database.ExecuteSqlRawAsync(history.GetCreateIfNotExistsScript());
        var known = (await history.GetAppliedMigrationsAsync()).Select(m => m.MigrationId).ToHashSet();
        foreach (var migration in db.Database.GetMigrations().Where(m => !known.Contains(m)))
            await db.Database.ExecuteSqlRawAsync(history.GetInsertScript(new HistoryRow(migration, ProductInfo.GetVersion())).Replace("{", "{{").Replace("}", "}}"));
    }
}
