using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Tests.Storage;

/// <summary>Steps on SQLite that wait for each other share one commit, and each is still all or nothing (design.md §2.2).</summary>
public sealed class GroupCommitTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ppid-group-").FullName;
    private ServiceProvider _services = null!;

    public async ValueTask InitializeAsync()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddOptions();
        services.AddSqliteStore(SqliteStore.ConnectionString(_folder));
        services.AddPpidApplication();
        _services = services.BuildServiceProvider();
        await using var scope = _services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<PpidDbContext>().Database.EnsureCreatedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private WriteGate Gate => _services.GetRequiredService<WriteGate>();

    [Fact]
    public async Task Steps_that_wait_for_each_other_share_one_commit_and_are_answered_after_it()
    {
        var turn = await Gate.EnterAsync(default);
        var steps = Enumerable.Range(1, 6).Select(n => AnsweredAsync(NoteAsync($"n{n}"), $"n{n}")).ToList();
        turn.Dispose();

        Assert.All(await Task.WhenAll(steps), stored => Assert.True(stored));
        Assert.Equal(1, Gate.SharedCommits);
        Assert.Equal(["n1", "n2", "n3", "n4", "n5", "n6"], await StoredAsync());
    }

    [Fact]
    public async Task A_step_alone_waits_for_nobody()
    {
        await NoteAsync("a");
        await NoteAsync("b");

        Assert.Equal(2, Gate.SharedCommits);
        Assert.Equal(["a", "b"], await StoredAsync());
    }

    [Fact]
    public async Task A_refused_step_and_one_that_breaks_take_back_their_own_part_only()
    {
        var turn = await Gate.EnterAsync(default);
        var first = NoteAsync("first");
        var refused = NoteAsync("refused", _ => Problem.Conflict("already-claimed"));
        var broken = NoteAsync("broken", _ => throw new InvalidCastException());
        var last = NoteAsync("last");
        turn.Dispose();

        Assert.True((await first).Succeeded);
        Assert.Equal("already-claimed", (await refused).Problems[0].Code);
        await Assert.ThrowsAsync<InvalidCastException>(() => broken);
        Assert.True((await last).Succeeded);
        Assert.Equal(["first", "last"], await StoredAsync());
        Assert.Equal(1, Gate.SharedCommits);
    }

    [Fact]
    public async Task What_a_refused_step_has_seen_of_others_is_stored_before_it_is_told()
    {
        var turn = await Gate.EnterAsync(default);
        var first = NoteAsync("first");
        var refused = AnsweredAsync(
            NoteAsync("second", db => db.ServiceFacts.Any(f => f.Name == "first") ? Problem.Conflict("already-claimed") : true), "first");
        turn.Dispose();

        Assert.True(await refused);
        Assert.True((await first).Succeeded);
        Assert.Equal(["first"], await StoredAsync());
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_is_passed_over()
    {
        using var impatient = new CancellationTokenSource();
        var turn = await Gate.EnterAsync(default);
        var first = NoteAsync("first");
        var gone = NoteAsync("gone", cancellation: impatient.Token);
        var last = NoteAsync("last");
        await impatient.CancelAsync();
        turn.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.True((await first).Succeeded && (await last).Succeeded);
        Assert.Equal(["first", "last"], await StoredAsync());
    }

    [Fact]
    public async Task Whoever_must_be_alone_finds_everything_committed()
    {
        var turn = await Gate.EnterAsync(default);
        var first = NoteAsync("first");
        var alone = AloneAsync();
        var last = NoteAsync("last");
        turn.Dispose();

        Assert.Equal(["first"], await alone);
        Assert.True((await first).Succeeded && (await last).Succeeded);
        Assert.Equal(2, Gate.SharedCommits);

        async Task<IReadOnlyList<string>> AloneAsync()
        {
            using var own = await Gate.EnterAsync(default);
            return await StoredAsync();
        }
    }

    [Fact]
    public async Task A_full_disk_refuses_whoever_is_not_stored_and_nobody_else()
    {
        Assert.True((await NoteAsync("before")).Succeeded);
        await FillAsync("PRAGMA max_page_count = 1");
        var turn = await Gate.EnterAsync(default);
        // More than a page has room for: the file would have to grow.
        string[] names = ["one", "two", "three"];
        var steps = names.Select(name => NoteAsync(name, size: 20_000)).ToList();
        turn.Dispose();

        var answers = await Task.WhenAll(steps);

        // SQLite undoes the whole transaction, and the connection is given up; the others go through on the next one.
        Assert.Equal("store-unavailable", answers[0].Problems.Single().Code);
        Assert.Equal(names.Where((_, i) => answers[i].Succeeded).Append("before").Order(StringComparer.Ordinal), await StoredAsync());
        Assert.True((await NoteAsync("after", size: 20_000)).Succeeded);
    }

    [Fact]
    public async Task A_commit_that_fails_fails_for_all_who_share_it()
    {
        var turn = await Gate.EnterAsync(default);
        var first = NoteAsync("first");
        // A reference that is only looked at when the transaction ends.
        var spoiler = NoteAsync("spoiler", db =>
        {
            db.Database.ExecuteSqlRaw("PRAGMA defer_foreign_keys = 1");
            db.Database.ExecuteSqlRaw("INSERT INTO AspNetUserRoles (UserId, RoleId) VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002')");
            return true;
        });
        turn.Dispose();

        await Assert.ThrowsAsync<SqliteException>(() => first);
        await Assert.ThrowsAsync<SqliteException>(() => spoiler);
        Assert.Empty(await StoredAsync());
        Assert.True((await NoteAsync("after")).Succeeded);
        Assert.Equal(["after"], await StoredAsync());
    }

    // One request: a scope, a step that writes one fact, and what it then says.
    private async Task<Result<bool>> NoteAsync(
        string name, Func<PpidDbContext, Result<bool>>? then = null, int size = 1, CancellationToken cancellation = default)
    {
        await using var scope = _services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PpidDbContext>();
        var answer = await scope.ServiceProvider.GetRequiredService<Committer>().RunAsync<bool>(
            async () =>
            {
                await db.Database.ExecuteSqlAsync($"INSERT INTO ServiceFacts (Name, Value) VALUES ({name}, {new string('x', size)})", cancellation);
                return then?.Invoke(db) ?? true;
            },
            cancellation);
        // The context is its own again: nothing of others that is not committed is seen through it.
        Assert.IsType<LastingConnection>(db.Database.GetDbConnection());
        return answer;
    }

    private Task<Result<bool>> FillAsync(string pragma) => NoteAsync("pragma", db =>
    {
        db.Database.ExecuteSqlRaw(pragma);
        return Problem.Conflict("stale-revision");
    });

    // Whether a row is on the disk at the moment of an answer, as another process would see it.
    private async Task<bool> AnsweredAsync(Task<Result<bool>> step, string name)
    {
        await step;
        return (await StoredAsync()).Contains(name);
    }

    private async Task<IReadOnlyList<string>> StoredAsync()
    {
        await using var connection = new SqliteConnection(SqliteStore.ConnectionString(_folder) + ";Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT Name FROM ServiceFacts ORDER BY Name";
        await using var reader = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await reader.ReadAsync())
            names.Add(reader.GetString(0));
        return names;
    }
}
