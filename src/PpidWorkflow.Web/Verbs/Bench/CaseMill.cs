using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// Fills an office with cases: one goes through the real services, then all its rows are copied by the database itself, one
/// <c>INSERT … SELECT</c> a row of the template, with other ids, numbers, titles, people and instants. So a copy has just the rows of a real
/// case, whatever tables there are.
/// </summary>
internal sealed partial class CaseMill(BenchOffice office)
{
    /// <summary>Heads and officers so many times over: each section has its share of the cases.</summary>
    public const int Sections = 10;

    /// <summary>Titles hold one of so many unit names.</summary>
    public const int Units = 20_000;

    /// <summary>An officer who has worked on one old case and on nothing else.</summary>
    public const string Newcomer = "petugas.baru";

    private const int Chunk = 20_000;
    private const int LeanShare = 100;
    private static readonly string[] Posts = ["kasubid.informasi", "petugas.informasi", "kasubid.dokumentasi", "petugas.dokumentasi"];

    // What lists never read.
    private static readonly string[] Histories = ["Journal", "AuditRecords", "ClockEvents", "HardcopyItems"];

    private readonly Dictionary<Guid, Guid[]> _people = [];
    private long _made;

    /// <summary>Heads and officers of the other sections, as copies of the first one's.</summary>
    public Task<int> StaffAsync() => office.InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<PpidDbContext>();
        var first = await db.Users.AsNoTracking().Where(o => Posts.Contains(o.UserName)).ToListAsync();
        var links = await db.UserRoles.AsNoTracking().ToListAsync();
        var sections = first.ToDictionary(o => o.Id, o => new List<Guid> { o.Id });
        for (var n = 1; n < Sections; n++)
        {
            foreach (var officer in first.OrderBy(o => Array.IndexOf(Posts, o.UserName)))
                sections[officer.Id].Add(Join(db, links, officer, $"{officer.UserName}.{n}", sections));
        }
        Join(db, links, first.Single(o => o.UserName == Posts[1]), Newcomer, []);
        foreach (var (id, all) in sections)
            _people[id] = [.. all];
        return await db.SaveChangesAsync();
    });

    private static Guid Join(
        PpidDbContext db, List<IdentityUserRole<Guid>> links, Application.People.Officer like, string userName, Dictionary<Guid, List<Guid>> sections)
    {
        var id = Guid.CreateVersion7();
        var head = like.SupervisorId is { } supervisor && sections.TryGetValue(supervisor, out var heads) ? heads[^1] : like.SupervisorId;
        BenchOffice.Add(db, like, ("Id", id), ("UserName", userName), ("NormalizedUserName", userName.ToUpperInvariant()),
            ("Email", $"{userName}@ppid.example"), ("NormalizedEmail", $"{userName}@ppid.example".ToUpperInvariant()), ("SupervisorId", head!));
        foreach (var link in links.Where(l => l.UserId == like.Id))
            db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = id, RoleId = link.RoleId });
        return id;
    }

    /// <summary>A case that stands at the step with this label; null: documented.</summary>
    public async Task<Guid> WalkAsync(string determination, string? label)
    {
        var id = await office.OpenCaseAsync(determination);
        while (await office.InScopeAsync(services => StepAsync(services, id, label)))
        {
        }
        return id;
    }

    private static async Task<bool> StepAsync(IServiceProvider services, Guid caseId, string? label)
    {
        var db = services.GetRequiredService<PpidDbContext>();
        var item = await db.WorkItems.AsNoTracking().Include(w => w.Assignee).SingleOrDefaultAsync(w => w.CaseId == caseId && w.Closure == WorkItemClosure.Open);
        if (item is null || item.StepLabel == label)
            return false;
        var actor = await BenchOffice.ActorAsync(services, item.Assignee!.UserName!);
        var inbox = services.GetRequiredService<TaskInbox>();
        var task = (await inbox.GetAsync(actor, item.Id)).Value;
        var done = await inbox.CompleteAsync(actor, item.Id, new Completion
        {
            Revision = task.Revision,
            AssignTo = task.Assignable?[0],
            Fields = task.Step.Act switch
            {
                "prepare" => new CompletionFields { HardcopyItems = [new NewHardcopyItem("Laporan, satu jilid", 1, "asli")] },
                "document" => new CompletionFields
                {
                    Location = new LocationView("Gedung B", "Lemari 2", null, "A", null, null),
                    MissingMedia = [new MissingMediumView("softcopy", "Belum dipindai")]
                },
                _ => null
            }
        });
        return done.Succeeded ? true : throw new InvalidOperationException($"{item.StepLabel}: {done.Problems[0].Code}");
    }

    /// <summary>Copies of a finished case, opened at even distances over the three years before yesterday.</summary>
    /// <param name="template">The case.</param>
    /// <param name="count">How many.</param>
    /// <param name="isLean">Histories, which lists never read, for one copy in a hundred only.</param>
    public Task FinishAsync(Guid template, int count, bool isLean)
    {
        var begin = DateTimeOffset.UtcNow.AddDays(-3 * 365 - 1).ToUnixTimeSeconds();
        var step = 3 * 365 * 86_400.0 / count;
        var first = _made;
        return CopyAsync(template, count, string.Create(CultureInfo.InvariantCulture, $"CAST({begin} + (i - {first}) * {step:0.000} AS BIGINT)"), 600, isLean);
    }

    /// <summary>Copies of a case in hand, due from two hours ago to a quarter of an hour ahead.</summary>
    public Task OpenAsync(Guid template, int count)
    {
        var begin = DateTimeOffset.UtcNow.AddHours(-2).AddMinutes(-15).ToUnixTimeSeconds();
        return CopyAsync(template, count, $"{begin} + (i * 7919) % 8100", 1, isLean: false);
    }

    // stretch: the template was walked in a second, an office takes ten minutes for it.
    private async Task CopyAsync(Guid template, int count, string at, int stretch, bool isLean)
    {
        var tables = await office.InScopeAsync(services => ReadAsync(services.GetRequiredService<PpidDbContext>(), template));
        var own = tables.SelectMany(t => t.Rows).SelectMany(r => r.Keys).Distinct().Select((id, k) => (id, k)).ToDictionary(x => x.id, x => x.k);
        var opened = tables.Single(t => t.Name == "Cases");
        var origin = (DateTime)opened.Rows[0].Values[opened.Columns.IndexOf("CreatedAt")]!;
        var number = (string)opened.Rows[0].Values[opened.Columns.IndexOf("Number")]!;
        var isPostgres = office.Provider == Databases.PostgreSql;
        var writer = new RowWriter(isPostgres, own, _people, origin, number, stretch);
        await using var connection = await OpenAsync(isPostgres);
        for (var from = 0; from < count; from += Chunk)
        {
            var (low, high) = (_made + from, _made + Math.Min(count, from + Chunk) - 1);
            await using var transaction = await connection.BeginTransactionAsync();
            foreach (var table in tables)
            {
                var which = isLean && Histories.Contains(table.Name) ? $" WHERE i % {LeanShare} = 0" : "";
                foreach (var row in table.Rows)
                    await ExecuteAsync(connection, $"{writer.Copies(low, high, at)}{writer.Insert(table, row)} FROM c{which}", transaction);
            }
            await transaction.CommitAsync();
        }
        _made += count;
    }

    // Nothing is at stake: no fsync, no checks of references that are copied with what they refer to. The journal stays as it is: the service's
    // connections stay open, and it could not be changed under them.
    private async Task<DbConnection> OpenAsync(bool isPostgres)
    {
        SqliteConnection.ClearAllPools();
        DbConnection connection = isPostgres
            ? new NpgsqlConnection(office.Connection)
            : new SqliteConnection(new SqliteConnectionStringBuilder(office.Connection) { ForeignKeys = false, Pooling = false }.ToString());
        await connection.OpenAsync();
        await ExecuteAsync(connection, isPostgres
            ? "SET session_replication_role = replica; SET synchronous_commit = off"
            : "PRAGMA synchronous=OFF; PRAGMA cache_size=-2000000; PRAGMA temp_store=MEMORY");
        return connection;
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql, DbTransaction? transaction = null)
    {
        await using var command = connection.CreateCommand();
        // SQLite's counts the waiting for others alone, and waits for ever with none.
        (command.CommandText, command.Transaction, command.CommandTimeout) = (sql, transaction, command is SqliteCommand ? 60 : 0);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>One old case is the newcomer's; and a server learns what its tables hold now.</summary>
    public Task<int> SettleAsync() => office.InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<PpidDbContext>();
        var officer = await db.Users.Where(o => o.UserName == Newcomer).Select(o => o.Id).SingleAsync();
        var old = await db.Cases.OrderBy(c => c.Id).Select(c => c.Id).FirstAsync();
        var given = await db.WorkItems.Where(w => w.CaseId == old && w.AssigneeId != null && w.StepNumber == "2")
            .ExecuteUpdateAsync(w => w.SetProperty(x => x.AssigneeId, officer).SetProperty(x => x.ClosedById, officer));
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(30));
        if (db.Database.IsNpgsql())
            await db.Database.ExecuteSqlRawAsync("VACUUM ANALYZE");
        return given;
    });

    /// <summary>All rows of a case, by the model: whatever refers to it, its instance or its audit chain.</summary>
    public static async Task<List<CaseTable>> ReadAsync(PpidDbContext db, Guid caseId)
    {
        var instance = await db.Cases.Where(c => c.Id == caseId).Select(c => c.InstanceId).SingleAsync();
        var chain = AuditTrail.ChainOf(caseId);
        await db.Database.OpenConnectionAsync();
        var tables = new List<CaseTable>();
        foreach (var type in db.Model.GetEntityTypes())
        {
            var (column, value) = type.ClrType == typeof(Case) ? ("Id", (object)caseId)
                : type.ClrType == typeof(WorkflowInstance) ? ("Id", instance)
                : type.ClrType == typeof(AuditChain) ? ("Name", chain)
                : type.ClrType == typeof(AuditRecord) ? ("Chain", chain)
                : type.FindProperty("CaseId") is not null ? ("CaseId", caseId)
                : type.FindProperty("InstanceId") is not null ? ("InstanceId", instance)
                : ("", "");
            if (column.Length > 0)
                tables.Add(await CaseTable.ReadAsync(db, type, column, value));
        }
        return tables;
    }

    [GeneratedRegex("[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")]
    private static partial Regex Ids();

    /// <summary>The SQL of a copy's values: <c>c</c> is one copy, with its number, instant and the two ends of its ids.</summary>
    private sealed class RowWriter(bool isPostgres, Dictionary<Guid, int> own, Dictionary<Guid, Guid[]> people, DateTime origin, string number, int stretch)
    {
        private string Number => isPostgres ? "('TU/' || lpad(c.i::text, 8, '0'))" : "printf('TU/%08d', c.i)";

        /// <param name="low">First copy.</param>
        /// <param name="high">Last one.</param>
        /// <param name="at">When copy <c>i</c> was opened, seconds since 1970.</param>
        public string Copies(long low, long high, string at) => isPostgres
            ? $"WITH n AS (SELECT i FROM generate_series({low}::bigint, {high}::bigint) AS s(i)), m AS (SELECT i, {at} AS s FROM n), "
                + "x AS (SELECT i, s, lpad(to_hex(s * 1000), 12, '0') AS ms, lpad(to_hex(i), 12, '0') AS t FROM m), "
                + "c AS (SELECT i, s, substr(ms, 1, 8) || '-' || substr(ms, 9) AS h, ms AS hn, t FROM x) "
            : $"WITH RECURSIVE n(i) AS (SELECT {low} UNION ALL SELECT i + 1 FROM n WHERE i < {high}), m AS (SELECT i, {at} AS s FROM n), "
                + "x AS (SELECT i, s, printf('%012x', s * 1000) AS ms, printf('%012x', i) AS t FROM m), "
                + "c AS MATERIALIZED (SELECT i, s, substr(ms, 1, 8) || '-' || substr(ms, 9) AS h, ms AS hn, t FROM x) ";

        public string Insert(CaseTable table, CaseRow row) =>
            $"INSERT INTO \"{table.Name}\" ({string.Join(", ", table.Columns.Select(c => $"\"{c}\""))}) "
            + $"SELECT {string.Join(", ", table.Columns.Select((column, i) => Of(table.Name, column, row.Values[i])))}";

        // SQLite's WITH stands before the INSERT as PostgreSQL's does.
        private string Of(string table, string column, object? value) => (table, column, value) switch
        {
            ("Cases", "Number", _) => Number,
            ("Cases", "SequenceNo", _) => "c.i + 1000",
            ("Cases", "UniqueKey", _) => $"'tu ' || {Text("c.i")}",
            ("Cases", "Title", _) => $"'Laporan ' || {OneOf("c.i", ["pemeriksaan internal", "kontrak pengadaan", "kepegawaian", "sengketa tanah", "keuangan", "arsip vital", "pengamanan data", "perjanjian kerja sama"])} || ' unit U' || {Text($"(c.i % {Units})")}",
            (_, _, null) => "NULL",
            (_, _, Guid id) when people.TryGetValue(id, out var sections) => OneOf("c.i", sections.Select(s => s.ToString()), isId: true),
            (_, _, Guid id) => own.TryGetValue(id, out var k) ? Id(k) : Literal(id),
            (_, _, DateTime instant) => At(instant),
            (_, _, string text) when text == number => Number,
            (_, _, string text) => InText(text),
            _ => Literal(value!)
        };

        private string Id(int k) => isPostgres ? $"(c.h || '-7{k:x3}-8000-' || c.t)::uuid" : $"upper(c.h || '-7{k:X3}-8000-' || c.t)";

        private string At(DateTime instant)
        {
            var seconds = (long)Math.Round((instant - origin).TotalSeconds * stretch);
            return isPostgres ? $"to_timestamp(c.s + {seconds})" : $"strftime('%Y-%m-%d %H:%M:%S', c.s + {seconds}, 'unixepoch')";
        }

        private string InText(string text)
        {
            var parts = new List<string>();
            var done = 0;
            foreach (Match match in Ids().Matches(text))
            {
                if (!Guid.TryParse(match.Value, out var id) || !own.TryGetValue(id, out var k))
                    continue;
                if (match.Index > done)
                    parts.Add(Quoted(text[done..match.Index]));
                var spelled = match.Groups[1].Length > 0 ? $"c.h || '-7{k:x3}-8000-' || c.t" : $"c.hn || '7{k:x3}8000' || c.t";
                parts.Add(match.Value.Any(char.IsUpper) ? $"upper({spelled})" : spelled);
                done = match.Index + match.Length;
            }
            if (done < text.Length || parts.Count == 0)
                parts.Add(Quoted(text[done..]));
            return string.Join(" || ", parts);
        }

        private string OneOf(string by, IEnumerable<string> values, bool isId = false)
        {
            var all = values.ToArray();
            var sql = new StringBuilder($"(CASE ({by}) % {all.Length}");
            for (var i = 0; i < all.Length; i++)
                sql.Append(CultureInfo.InvariantCulture, $" WHEN {i} THEN {(isId ? Literal(Guid.Parse(all[i])) : Quoted(all[i]))}");
            return sql.Append(" END)").ToString();
        }

        private string Text(string number) => isPostgres ? $"{number}::text" : number;

        private string Literal(object value) => value switch
        {
            Guid id => isPostgres ? $"'{id}'::uuid" : $"'{id.ToString().ToUpperInvariant()}'",
            bool flag => isPostgres ? (flag ? "TRUE" : "FALSE") : flag ? "1" : "0",
            DateOnly day => $"'{day:yyyy-MM-dd}'",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!
        };

        private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }
}
