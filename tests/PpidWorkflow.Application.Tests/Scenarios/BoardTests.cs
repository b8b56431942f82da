using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.People;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Who sees which open steps in what order, and what he may do about them (issue 4, domain.md §5).</summary>
public class BoardTests
{
    private static readonly string[] WholeHouse = [Office.UnitHead, "auditor", "admin"];

    [Fact]
    public async Task The_most_urgent_steps_come_first_and_the_paused_ones_last_with_who_and_why()
    {
        await using var office = await Office.OpenAsync();
        var paused = await office.OpenCaseAsync("Dijeda");
        var overdue = await office.OpenCaseAsync("Lewat batas");
        await office.AdvanceAsync(TimeSpan.FromMinutes(1));
        var pausedTask = await office.OpenTaskAsync(paused.Id);
        await OkAsync(office.InboxAsync(i => i.PauseAsync(office[Office.UnitHead], pausedTask.Id, pausedTask.Revision, "Listrik padam")));
        // Standards of 5 minutes: opened at 08.00, 08.02 and 08.06.30.
        await office.AdvanceAsync(TimeSpan.FromMinutes(1));
        var atRisk = await office.OpenCaseAsync("Hampir habis");
        await office.AdvanceAsync(TimeSpan.FromSeconds(270));
        var fresh = await office.OpenCaseAsync("Baru");

        var rows = await RowsAsync(office, Office.UnitHead);

        Assert.Equal([overdue.Id, atRisk.Id, fresh.Id, paused.Id], rows.Select(r => r.CaseId));
        Assert.Equal(["overdue", "atRisk", "open", "paused"], rows.Select(r => r.State));
        Assert.Equal((-1.5, 0.5, 5.0), (rows[0].RemainingMinutes, rows[1].RemainingMinutes, rows[2].RemainingMinutes));
        Assert.Equal(new BoardNote(new DateTimeOffset(2026, 11, 23, 1, 1, 0, TimeSpan.Zero), "Kepala Biro Umum", "Listrik padam"), rows[3].Paused);
        Assert.Null(rows[3].DueAt);
        Assert.Equal(["remind", "reassign", "pause"], rows[0].Actions);
        Assert.Equal(["resume", "reassign"], rows[3].Actions);

        var frame = await office.AskAsync<BoardReader, BoardFrame>(b => b.FrameAsync(office[Office.UnitHead]));
        Assert.Equal((4, 1, 1, 1), (frame.Open, frame.Overdue, frame.AtRisk, frame.Paused));
        Assert.Equal([Roles.InformationHead], frame.Roles.Select(r => r.Code));
        Assert.Equal([Office.InformationHead], frame.People.Select(p => p.UserName));
        Assert.Equal(["pendokumentasian-informasi-dikecualikan"], frame.Definitions.Select(d => d.Id));
    }

    /// <summary>A standard longer than there is time is due on the last day of it: the board must read the cursor that it wrote.</summary>
    [Fact]
    public async Task A_page_may_end_at_a_step_that_is_never_due()
    {
        await using var office = await Office.OpenAsync();
        for (var i = 0; i < 2; i++)
            await office.OpenCaseAsync();
        await office.RowsAsync(db => db.StepClocks.ExecuteUpdateAsync(c => c.SetProperty(x => x.DueAt, StandardClock.Last)));

        var first = (await office.AskAsync<BoardReader, Result<Page<BoardRow>>>(b => b.ListAsync(office[Office.UnitHead], new BoardQuery(PageSize: 1)))).Value;
        var next = await office.AskAsync<BoardReader, Result<Page<BoardRow>>>(
            b => b.ListAsync(office[Office.UnitHead], new BoardQuery(After: first.Next, PageSize: 1)));

        Assert.True(next.Succeeded);
        Assert.NotEqual(first.Items[0].CaseId, Assert.Single(next.Value.Items).CaseId);
    }

    [Fact]
    public async Task Heads_see_their_own_unit_and_their_officers_the_house_sees_all_and_the_administrator_no_title()
    {
        await using var office = await Office.OpenAsync(roster: people =>
        {
            people.Add("petugas.informasi2", "Citra Dewi, A.Md.", Office.InformationHead, Roles.InformationOfficer);
            people.Add("kasubid.lain", "Orang Lain", Office.UnitHead, Roles.SopManager);
        });
        var first = await office.OpenCaseAsync();
        var second = await office.OpenCaseAsync();
        await office.WalkToAsync(second.Id, "2");

        Assert.Equal(2, (await RowsAsync(office, Office.InformationHead)).Count);
        var officers = Assert.Single(await RowsAsync(office, Office.InformationOfficer));
        Assert.Equal(second.Id, officers.CaseId);
        Assert.Empty(officers.Actions);
        Assert.Empty(await RowsAsync(office, Office.DocumentationHead));
        Assert.Empty(await RowsAsync(office, "kasubid.lain"));
        foreach (var name in WholeHouse)
            Assert.Equal([first.Id, second.Id], (await RowsAsync(office, name)).Select(r => r.CaseId));
        Assert.All(await RowsAsync(office, "admin"), r => Assert.Null(r.CaseTitle));
        Assert.All(await RowsAsync(office, "admin"), r => Assert.Empty(r.Actions));
        Assert.All(await RowsAsync(office, "auditor"), r => Assert.Empty(r.Actions));
        Assert.All(await RowsAsync(office, "auditor"), r => Assert.NotNull(r.CaseTitle));
        var head = (await RowsAsync(office, Office.InformationHead)).Single(r => r.CaseId == second.Id);
        Assert.Equal(["petugas.informasi2"], head.Assignable.Select(p => p.UserName));
    }

    [Fact]
    public async Task A_step_that_nobody_has_taken_is_seen_by_the_supervisor_of_those_to_whom_it_is_offered()
    {
        await using var office = await Office.OpenAsync(roster: people => people.Add(
            "petugas.dokumentasi2", "Dedi Kurnia", Office.DocumentationHead, Roles.DocumentationHead));
        var record = await office.OpenCaseAsync();
        await office.WalkToAsync(record.Id, "4");
        await office.CompleteOpenAsync(record.Id);

        // Two hold the role: nobody has step 5a yet. The second one answers to the first.
        var row = Assert.Single(await RowsAsync(office, Office.DocumentationHead));
        Assert.Null(row.Assignee);
        Assert.Contains("remind", row.Actions);
        Assert.Equal(row.Id, Assert.Single(await RowsAsync(office, Office.UnitHead, new BoardQuery(Person: BoardQuery.Unclaimed))).Id);
        Assert.Empty(await RowsAsync(office, Office.UnitHead, new BoardQuery(Person: Office.DocumentationOfficer)));
    }

    [Fact]
    public async Task Filters_narrow_and_wrong_ones_are_named()
    {
        await using var office = await Office.OpenAsync();
        var first = await office.OpenCaseAsync();
        var second = await office.OpenCaseAsync();
        await office.WalkToAsync(second.Id, "2");

        async Task<IEnumerable<Guid>> Cases(BoardQuery query) => (await RowsAsync(office, Office.UnitHead, query)).Select(r => r.CaseId);
        Assert.Equal([first.Id], await Cases(new BoardQuery(Role: Roles.InformationHead)));
        Assert.Equal([second.Id], await Cases(new BoardQuery(Person: Office.InformationOfficer)));
        Assert.Equal(2, (await Cases(new BoardQuery(DefinitionId: "pendokumentasian-informasi-dikecualikan"))).Count());
        Assert.Empty(await Cases(new BoardQuery(DefinitionId: "lain")));
        Assert.Empty(await Cases(new BoardQuery(State: "paused")));

        foreach (var (query, code) in new[]
        {
            (new BoardQuery(State: "late"), "unknown-state-filter"), (new BoardQuery(After: "bukan"), "cursor-invalid"),
            (new BoardQuery(After: new string('A', 5000)), "cursor-invalid"), (new BoardQuery(PageSize: 0), "page-size-invalid"),
            (new BoardQuery(PageSize: 201), "page-size-invalid")
        })
        {
            var refused = await office.AskAsync<BoardReader, Result<Page<BoardRow>>>(b => b.ListAsync(office[Office.UnitHead], query));
            Assert.Equal(code, refused.Problems[0].Code);
        }
    }

    [Fact]
    public async Task Pages_hold_every_step_once_though_they_grow_urgent_in_between()
    {
        await using var office = await Office.OpenAsync();
        var opened = new List<Guid>();
        for (var i = 0; i < 7; i++)
        {
            opened.Add((await office.OpenCaseAsync($"Berkas {i}")).Id);
            await office.AdvanceAsync(TimeSpan.FromSeconds(50));
        }

        var seen = new List<Guid>();
        string? after = null;
        do
        {
            var page = (await office.AskAsync<BoardReader, Result<Page<BoardRow>>>(
                b => b.ListAsync(office[Office.UnitHead], new BoardQuery(After: after, PageSize: 2)))).Value;
            seen.AddRange(page.Items.Select(r => r.CaseId));
            after = page.Next;
            await office.AdvanceAsync(TimeSpan.FromMinutes(1));
        }
        while (after is not null);

        Assert.Equal(opened, seen);
    }

    [Fact]
    public async Task A_step_whose_performer_is_away_says_until_when()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        Assert.Null(Assert.Single(await RowsAsync(office, Office.UnitHead)).Assignee!.AwayUntil);

        await office.AwayAsync(Office.InformationHead, "2026-11-23", "2026-11-24");

        foreach (var reader in (string[])[Office.UnitHead, "auditor"])
            Assert.Equal(PeopleOffice.Wib("2026-11-25 00:00"), Assert.Single(await RowsAsync(office, reader)).Assignee!.AwayUntil);
    }

    [Fact]
    public async Task A_page_asks_the_same_few_questions_however_many_steps_it_shows()
    {
        using var counter = new CommandCounter();
        await using var office = await Office.OpenAsync();
        counter.Database = await office.RowsAsync(db => Task.FromResult(db.Database.GetConnectionString()));
        await office.OpenCaseAsync();
        var one = await counter.WithinAsync(async () => Assert.Single(await RowsAsync(office, Office.InformationHead)));
        for (var i = 0; i < 12; i++)
        {
            var record = await office.OpenCaseAsync($"Berkas {i}");
            if (i % 2 == 0)
                await office.WalkToAsync(record.Id, i % 4 == 0 ? "2" : "3");
        }
        var many = await counter.WithinAsync(async () => Assert.Equal(13, (await RowsAsync(office, Office.InformationHead)).Count));

        // One for the rows, one for what happened to their clocks, one for the holders of each of the two roles.
        Assert.InRange(many, 1, one + 2);
        Assert.InRange(many, 1, 5);
    }

    internal static async Task<IReadOnlyList<BoardRow>> RowsAsync(Office office, string by, BoardQuery? query = null) =>
        (await office.AskAsync<BoardReader, Result<Page<BoardRow>>>(b => b.ListAsync(office[by], query ?? new BoardQuery()))).Value.Items;

    private static async Task OkAsync<T>(Task<Result<T>> act) => Assert.True((await act).Succeeded);

    /// <summary>
    /// Commands that a database is asked. Listens from the beginning: a context looks only once a second whether anybody does, and a pooled one has
    /// looked before.
    /// </summary>
    private sealed class CommandCounter : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly List<IDisposable> _subscriptions = [];
        private int _count;

        public CommandCounter() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

        /// <summary>Whose commands count; null: none yet.</summary>
        public string? Database { get; set; }

        public async Task<int> WithinAsync(Func<Task> act)
        {
            var before = Volatile.Read(ref _count);
            await act();
            return Volatile.Read(ref _count) - before;
        }

        public void Dispose() => _subscriptions.ForEach(s => s.Dispose());

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == DbLoggerCategory)
                _subscriptions.Add(value.Subscribe(this));
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value is CommandExecutedEventData { Connection: { } connection } && connection.ConnectionString == Database)
                Interlocked.Increment(ref _count);
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        private static string DbLoggerCategory => Microsoft.EntityFrameworkCore.DbLoggerCategory.Name;
    }
}
