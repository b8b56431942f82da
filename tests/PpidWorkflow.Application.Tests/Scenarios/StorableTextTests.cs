using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Text that PostgreSQL cannot keep and SQLite would: the same answer on both, and nothing stored.</summary>
public class StorableTextTests
{
    [Fact]
    public async Task A_comment_with_a_nul_character_is_refused_with_its_field()
    {
        await using var office = await Office.OpenAsync();
        var task = await office.OpenTaskAsync((await office.OpenCaseAsync()).Id);

        var refused = await office.InboxAsync(i => i.CommentAsync(office[Office.InformationHead], task.Id, "Mohon\0segera"));

        Assert.Equal(("text-not-storable", "text"), Assert.Single(refused.Problems.Select(p => (p.Code, p.Field))));
        Assert.Empty(await office.RowsAsync(db => db.TaskComments.ToListAsync()));
    }

    [Fact]
    public async Task Text_longer_than_its_column_is_refused_where_no_desk_looked()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();

        var refused = await office.InScopeAsync(s => s.Get<Committer>().RunAsync<bool>(async () =>
        {
            (await s.Get<PpidDbContext>().WorkItems.SingleAsync(w => w.CaseId == opened.Id)).Note = new string('x', 2001);
            return true;
        }));

        var problem = Assert.Single(refused.Problems);
        Assert.Equal(("text-too-long", "note", 2000), (problem.Code, problem.Field, problem.Arguments[0]));
        Assert.DoesNotContain(await office.RowsAsync(db => db.WorkItems.ToListAsync()), w => w.Note is not null);
    }

    [Fact]
    public async Task A_search_for_a_nul_character_is_refused()
    {
        await using var office = await Office.OpenAsync();

        var refused = await office.AskAsync<CaseRegister, Result<Page<CaseSummary>>>(r => r.ListAsync(office[Office.UnitHead], new CaseQuery("a\0b")));

        Assert.Equal("text-not-storable", Assert.Single(refused.Problems).Code);
    }

    [Fact]
    public async Task A_question_that_the_database_cannot_read_is_the_requests_fault()
    {
        await using var office = await Office.OpenAsync();
        var sought = "a\0b";

        var failure = await Record.ExceptionAsync(() => office.RowsAsync(db => db.Cases.AnyAsync(c => c.Number == sought)));

        // SQLite and SQL Server know the character.
        Assert.Equal(OfficeStore.IsPostgreSql ? StoreFailure.Unreadable : null, failure is null ? null : StoreFailures.Describe(failure));
    }
}
