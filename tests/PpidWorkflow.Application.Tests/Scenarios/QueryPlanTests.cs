using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>
/// What officers do every minute stays as quick with a million finished cases and ten thousand open tasks as with one: SQLite's own plans of
/// everything it is asked meanwhile walk through none of the tables that grow, nor through all that is open.
/// </summary>
public class QueryPlanTests
{
    private static readonly string[] Growing =
    [
        "Cases", "Instances", "WorkItems", "StepClocks", "ClockEvents", "FireRecords", "Bookmarks", "Journal", "Incidents", "Outbox", "AuditRecords",
        "AuditChains", "DossierFiles", "HardcopyItems", "CaseRolePlayers", "TaskHelpers", "AlertBanners", "IdempotencyRecords"
    ];

    /// <summary>Indexes of what is open or owed: short beside their tables, and long in a busy office all the same.</summary>
    private static readonly string[] Short = ["IX_WorkItems_Open", "IX_StepClocks_Open"];

    // From before any office opens: a context that has found nobody listening does not look again for a second, and pooled ones live long.
    private static readonly Statements Listening = new("nowhere");

    // Made before the first office, and keeps nothing itself.
    public QueryPlanTests() => Listening.Stop();

    [Fact]
    public async Task A_case_from_opening_to_the_archive_walks_through_no_table_that_grows()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") is { Length: > 0 }, "Of SQLite's plans, which depend on nothing but the schema.");
        await using var office = await Office.OpenAsync();
        using var statements = new Statements(office.Folder);

        var opened = await office.OpenCaseAsync();
        while ((await office.CaseAsync(opened.Id)).State == "running")
            await office.CompleteOpenAsync(opened.Id);

        await AssertPlansAsync(office, statements);
    }

    [Fact]
    public async Task Alarms_walk_through_no_table_that_grows()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") is { Length: > 0 }, "Of SQLite's plans, which depend on nothing but the schema.");
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        using var statements = new Statements(office.Folder);

        for (var minute = 0; minute < 20; minute++)
            await office.AdvanceAsync(TimeSpan.FromMinutes(1));

        await AssertPlansAsync(office, statements);
        Assert.NotEmpty(await office.RowsAsync(db => db.FireRecords.ToListAsync()));
    }

    [Fact]
    public async Task A_pause_a_return_and_a_taking_back_walk_through_no_table_that_grows()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") is { Length: > 0 }, "Of SQLite's plans, which depend on nothing but the schema.");
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        using var statements = new Statements(office.Folder);

        var second = await office.WalkToAsync(opened.Id, "2");
        var paused = await office.InboxAsync(i => i.PauseAsync(office[Office.InformationHead], second.Id, second.Revision, "Menunggu berkas"));
        Assert.True(paused.Succeeded);
        var resumed = await office.InboxAsync(i => i.ResumeAsync(office[Office.InformationHead], second.Id, paused.Value.Revision, null));
        Assert.True(resumed.Succeeded);
        var done = await office.CompleteOpenAsync(opened.Id);
        Assert.True((await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationOfficer], done.Id, done.Revision))).Succeeded);

        await AssertPlansAsync(office, statements);
    }

    [Fact]
    public async Task Lists_walk_through_no_table_that_grows()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") is { Length: > 0 }, "Of SQLite's plans, which depend on nothing but the schema.");
        await using var office = await OfficeWithWorkAsync();
        using var statements = new Statements(office.Folder);

        foreach (var who in (string[])[Office.UnitHead, Office.InformationHead, Office.InformationOfficer])
        {
            foreach (var state in (string[])["open", "overdue", "atRisk", "paused", "completed", "returned", "cancelled", "closed", "all"])
                await PagesAsync(after => office.AskAsync<TaskInbox, Result<Page<TaskSummary>>>(i => i.ListAsync(office[who], new TaskQuery(true, state, after, 2))));
            foreach (var state in (string[])["completed", "returned", "cancelled", "closed"])
                await PagesAsync(after => office.AskAsync<TaskInbox, Result<Page<TaskSummary>>>(i => i.ListAsync(office[who], new TaskQuery(false, state, after, 2))));
            foreach (var state in (string?[])[null, "running", "documented", "cancelled", "faulted"])
                await PagesAsync(after => office.AskAsync<CaseRegister, Result<Page<CaseSummary>>>(r => r.ListAsync(office[who], new CaseQuery(null, state, after, 2))));
            foreach (var word in (string[])["internal", "2026/0003", "tidak ada \"itu\""])
                await PagesAsync(after => office.AskAsync<CaseRegister, Result<Page<CaseSummary>>>(r => r.ListAsync(office[who], new CaseQuery(word, null, after, 2))));
            await office.AskAsync<BoardWeekReader, BoardWeek>(b => b.ReadAsync(office[who]));
        }

        await AssertPlansAsync(office, statements, "IX_Cases_CreatedAt_Id", "IX_WorkItems_Closed", "IX_WorkItems_Returned", "IX_WorkItems_Cancelled",
            "IX_WorkItems_AssigneeId_Closure_ReceivedAt_Id");
    }

    /// <summary>A known fault of stock Elsa: definitions with 60 versions and 1,000 instances that get slower.</summary>
    [Fact]
    public async Task With_sixty_versions_and_a_thousand_instances_a_run_asks_what_it_asked_with_one_and_walks_through_none()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") is { Length: > 0 }, "Of SQLite's plans, which depend on nothing but the schema.");
        await using var office = await Revisions.OpenOfficeAsync();
        string Version(int n) => Flows.Flow("many", [Flows.Of($"W{n}", "WriteLine", ("text", $"versi {n}")), Flows.RunTask("T"), Flows.Delay("D", "00:01:00"), Flows.Event("E", "Lanjut")],
            $"W{n}-T", "T-D", "D-E");
        await office.KeepAsync(Version(1), inForce: true);
        await WalkAsync();
        int few, many;
        using (var statements = new Statements(office.Folder))
        {
            await WalkAsync();
            few = statements.Count;
        }

        for (var n = 2; n <= 60; n++)
            await office.KeepAsync(Version(n), inForce: true);
        var waiting = await office.TrialAsync("many");
        await office.RowsAsync(async db =>
        {
            var (instance, bookmark) = (await db.Instances.AsNoTracking().SingleAsync(i => i.Id == waiting), await db.Bookmarks.AsNoTracking().SingleAsync());
            var journal = await db.Journal.AsNoTracking().Where(j => j.InstanceId == waiting).ToListAsync();
            for (var n = 0; n < 1_000; n++)
            {
                var id = Guid.CreateVersion7();
                string Moved(string old) => old.Replace(waiting.ToString("n"), id.ToString("n"), StringComparison.Ordinal);
                db.Add(db.Entry(instance).CurrentValues.Clone() is var values && Set(values, "Id", id) && Set(values, "State", Moved(instance.State)) ? values.ToObject() : instance);
                db.Add(db.Entry(bookmark).CurrentValues.Clone() is var place && Set(place, "Id", Moved(bookmark.Id)) && Set(place, "InstanceId", id) ? place.ToObject() : bookmark);
                foreach (var line in journal)
                    db.Add(db.Entry(line).CurrentValues.Clone() is var told && Set(told, "InstanceId", id) && Set(told, "ActivityInstanceId", Moved(line.ActivityInstanceId)) ? told.ToObject() : line);
            }
            return await db.SaveChangesAsync();

            static bool Set(Microsoft.EntityFrameworkCore.ChangeTracking.PropertyValues values, string name, object value)
            {
                values[name] = value;
                return true;
            }
        });
        Assert.Equal((60, 1_003), (await office.RowsAsync(db => db.DefinitionVersions.CountAsync(v => v.DefinitionId == "many")), await office.RowsAsync(db => db.Instances.CountAsync())));

        await WalkAsync();
        using (var statements = new Statements(office.Folder))
        {
            await WalkAsync();
            many = statements.Count;
            await AssertPlansAsync(office, statements);
        }
        Assert.Equal(few, many);

        async Task WalkAsync()
        {
            var id = await office.TrialAsync("many");
            Assert.True((await office.ResumeAsync(id, (await office.StateAsync(id)).Bookmarks.Single().Id)).Succeeded);
            await office.AdvanceAsync(TimeSpan.FromMinutes(1));
            Assert.Equal(["E"], await office.WaitsAtAsync(id));
            Assert.True((await office.AskAsync<Runtime.EventDesk, Result<Guid>>(d => d.TellAsync(office[Flows.Manager], new Runtime.OutsideEvent("Lanjut", null, id)))).Succeeded);
            Assert.Empty(await office.WaitsAtAsync(id));
        }
    }

    /// <summary>What shows all that is open walks through that, and through nothing that is done.</summary>
    [Fact]
    public async Task Lists_of_all_open_work_walk_through_what_is_open_alone()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") is { Length: > 0 }, "Of SQLite's plans, which depend on nothing but the schema.");
        await using var office = await OfficeWithWorkAsync();
        using var statements = new Statements(office.Folder);

        foreach (var who in (string[])[Office.UnitHead, Office.InformationHead, "admin"])
        {
            await office.AskAsync<BoardReader, Result<Page<BoardRow>>>(b => b.ListAsync(office[who], new BoardQuery(PageSize: 2)));
            await office.AskAsync<BoardReader, BoardFrame>(b => b.FrameAsync(office[who]));
            await office.AskAsync<TaskInbox, Result<Page<TaskSummary>>>(i => i.ListAsync(office[who], new TaskQuery(Mine: false)));
        }

        await AssertPlansAsync(office, statements, Short);
    }

    /// <summary>Every few minutes, however many years the database is old.</summary>
    [Fact]
    public async Task What_guarantees_are_read_of_walks_through_what_is_open_alone()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") is { Length: > 0 }, "Of SQLite's plans, which depend on nothing but the schema.");
        await using var office = await OfficeWithWorkAsync();
        await office.AdvanceAsync(TimeSpan.FromMinutes(20));
        using var statements = new Statements(office.Folder);

        await office.AskAsync<Guarantees, IReadOnlyList<GuaranteeReading>>(g => g.ReadRecentAsync());

        // Waits are gone when they are over: all that there are belong to what is open.
        await AssertPlansAsync(office, statements, [.. Short, "SCAN b"]);
    }

    [Fact]
    public async Task Settling_an_outage_walks_through_what_is_open_alone()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") is { Length: > 0 }, "Of SQLite's plans, which depend on nothing but the schema.");
        await using var office = await OfficeWithWorkAsync();
        await office.AskAsync<OutageWatch, bool>(async w =>
        {
            await w.BeatAsync(default);
            return true;
        });
        office.Time.Advance(TimeSpan.FromMinutes(10));
        using var statements = new Statements(office.Folder);

        await office.AskAsync<OutageWatch, bool>(async w =>
        {
            await w.BeatAsync(default);
            return true;
        });

        Assert.NotEmpty(await office.RowsAsync(db => db.Outages.ToListAsync()));
        await AssertPlansAsync(office, statements, Short);
    }

    [Fact]
    public async Task A_changed_calendar_and_an_annulled_outage_walk_through_what_is_open_alone()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") is { Length: > 0 }, "Of SQLite's plans, which depend on nothing but the schema.");
        await using var office = await OfficeWithWorkAsync();
        await office.AskAsync<CalendarWatch, int?>(w => w.ApplyAsync());
        await office.AdvanceAsync(TimeSpan.FromMinutes(20));
        var today = office.Time.GetUtcNow().ToOffset(TimeSpan.FromHours(7));
        var reported = await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.ReportAsync(office["admin"], new OutageForm
        {
            From = today.AddMinutes(-10).ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture),
            To = today.AddMinutes(-5).ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture),
            Reason = "Listrik padam"
        }));
        using var statements = new Statements(office.Folder);

        Assert.True((await office.AskAsync<CalendarDesk, Result<CalendarOutcome>>(d => d.AddDayAsync(office["admin"], new ClosedDayForm
        {
            Date = today.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            Name = "Banjir",
            Kind = "localClosing"
        }, new CalendarAsk()))).Succeeded);
        Assert.True((await office.AskAsync<OutageDesk, Result<OutageView>>(d => d.AnnulAsync(office["admin"], reported.Value.Id, "Uji jaringan"))).Succeeded);

        await AssertPlansAsync(office, statements, Short);
    }

    /// <summary>Thousands of open steps, of which a few columns are wanted: neither their ladders nor what officers wrote is read with them.</summary>
    [Fact]
    public async Task Guarantees_digests_and_the_boards_marks_read_of_open_steps_what_they_use()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PPID_TEST_PROVIDER") is { Length: > 0 }, "Of what SQLite is asked, which is the same elsewhere.");
        await using var office = await OfficeWithWorkAsync();
        using var statements = new Statements(office.Folder);

        await office.AskAsync<Guarantees, IReadOnlyList<GuaranteeReading>>(g => g.ReadRecentAsync());
        Assert.NotEmpty(await office.AskAsync<BoardReader, Dictionary<Guid, BoardMark>>(b => b.MarksAsync()));
        await office.AskAsync<DigestReader, DigestDay>(d => d.ReadAsync(null, office.Time.GetUtcNow(), default));

        var ofOpen = statements.Stop().Keys.Where(sql => sql.Contains("FROM \"WorkItems\"", StringComparison.Ordinal)).ToList();
        Assert.True(ofOpen.Count > 5, $"{ofOpen.Count} statements");
        Assert.All(ofOpen, sql => Assert.DoesNotContain("\"Escalation\"", sql, StringComparison.Ordinal));
        Assert.All(ofOpen, sql => Assert.DoesNotContain("\"ReturnReason\"", sql, StringComparison.Ordinal));
    }

    private static async Task<Office> OfficeWithWorkAsync()
    {
        var office = await Office.OpenAsync();
        await office.RowsAsync(async db =>
        {
            await CaseSearch.EnsureAsync(db);
            return true;
        });
        for (var i = 0; i < 6; i++)
        {
            var opened = await office.OpenCaseAsync();
            while (i < 3 && (await office.CaseAsync(opened.Id)).State == "running")
                await office.CompleteOpenAsync(opened.Id);
        }
        return office;
    }

    private static async Task PagesAsync<T>(Func<string?, Task<Result<Page<T>>>> page)
    {
        for (var after = (await page(null)).Value.Next; after is not null;)
            after = (await page(after)).Value.Next;
    }

    /// <param name="walked">Indexes that run in the order of a list: a page of it ends the walk, where nothing is sorted.</param>
    private static async Task AssertPlansAsync(Office office, Statements statements, params string[] walked)
    {
        var asked = statements.Stop();
        Assert.True(asked.Count > 5, $"{asked.Count} statements");
        var walks = await office.RowsAsync(async db =>
        {
            var found = new List<string>();
            await db.Database.OpenConnectionAsync();
            foreach (var (sql, parameters) in asked)
            {
                await using var command = db.Database.GetDbConnection().CreateCommand();
                command.CommandText = $"EXPLAIN QUERY PLAN {sql}";
                foreach (var (name, value) in parameters)
                {
                    var parameter = command.CreateParameter();
                    (parameter.ParameterName, parameter.Value) = (name, value);
                    command.Parameters.Add(parameter);
                }
                await using var plan = await command.ExecuteReaderAsync();
                var steps = new List<string>();
                while (await plan.ReadAsync())
                    steps.Add(plan.GetString(3));
                var isSorted = steps.Exists(step => step.StartsWith("USE TEMP B-TREE FOR ORDER BY", StringComparison.Ordinal));
                foreach (var step in steps.Where(step => IsWalk(step, sql)))
                {
                    if (!Array.Exists(walked, index => step.Contains(index, StringComparison.Ordinal) && (Short.Contains(index) || index == "SCAN b" || !isSorted)))
                        found.Add($"{step}: {sql}");
                }
            }
            return found;
        });
        Assert.True(walks.Count == 0, string.Join("\n\n", walks));
    }

    // "SCAN w", "SCAN WorkItems USING INDEX …", "SEARCH w USING INDEX IX_WorkItems_Open (…)"; aliases are told by the statement.
    private static bool IsWalk(string step, string sql) =>
        Short.Any(step.Contains) || IsHistory(step, sql) || (step.StartsWith("SCAN ", StringComparison.Ordinal) && step.Split(' ')[1] is var name
            && Growing.Any(table => name == table || sql.Contains($"\"{table}\" AS \"{name}\"", StringComparison.Ordinal)));

    // All that an officer has ever done, one search for each officer: it had been asked for at the end of every case, and grew with the years.
    private static bool IsHistory(string step, string sql) =>
        step.Contains("(AssigneeId=?", StringComparison.Ordinal) && !step.Contains("CaseId=?", StringComparison.Ordinal) && !sql.Contains("\"Closure\" = 'Open'", StringComparison.Ordinal);

    /// <summary>What one office's database is asked: each statement once, with parameters of one time.</summary>
    private sealed class Statements : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly string _folder;
        private readonly List<IDisposable> _subscriptions = [];
        private readonly ConcurrentDictionary<string, IReadOnlyList<(string Name, object? Value)>> _seen = new(StringComparer.Ordinal);
        private volatile bool _stopped;
        private int _count;

        /// <summary>How many were asked, repetitions included.</summary>
        public int Count => _count;

        public Statements(string folder)
        {
            _folder = folder;
            _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
        }

        public ConcurrentDictionary<string, IReadOnlyList<(string Name, object? Value)>> Stop()
        {
            _stopped = true;
            return _seen;
        }

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == DbLoggerCategory.Name)
                _subscriptions.Add(value.Subscribe(this, name => name == RelationalEventId.CommandExecuting.Name));
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (_stopped || value.Value is not CommandEventData { Command: var command } || command.Connection?.DataSource.StartsWith(_folder, StringComparison.Ordinal) != true)
                return;
            if (command.CommandText.TrimStart() is ['S' or 'U' or 'D', ..] sql)
            {
                Interlocked.Increment(ref _count);
                _seen.TryAdd(sql, [.. command.Parameters.Cast<DbParameter>().Select(p => (p.ParameterName, p.Value))]);
            }
        }

        public void OnError(Exception error)
        {
        }

        public void OnCompleted()
        {
        }

        public void Dispose() => _subscriptions.ForEach(s => s.Dispose());
    }
}
