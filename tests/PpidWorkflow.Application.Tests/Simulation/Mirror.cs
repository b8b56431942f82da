using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PpidWorkflow.Application.Tests.Simulation;

internal sealed record CaseRow(Guid Id, string Number, Guid InstanceId, string State, int Version);

internal sealed record ItemRow(
    Guid Id, Guid CaseId, string BookmarkId, Guid ClockId, string Label, string Role, Guid? AssigneeId, long ReceivedAt, long? StartedAt, long? ClosedAt,
    string Closure, long? ConsumedMs, long? DueAt, int Revision, Guid? InSteadOfId, Guid? AppointmentId,
    long? WaitingMs, long? ProcessingMs);

internal sealed record ClockRow(
    Guid Id, long BudgetMs, long ConsumedMs, long? RunningSince, string State, long? DueAt, long? NextFireAt, long? AtRiskAt, long? ClosedAt,
    long CreditedMs);

internal sealed record FireRow(
    Guid Id, Guid ClockId, int Rung, int Repetition, long DueAt, long FiredAt, string Addressees, Guid? OfficerId, Guid? FormerOfficerId);

internal sealed record MailRow(
    Guid Id, string MessageId, string Template, string To, Guid? CaseId, Guid? ItemId, Guid? FireId, string State, int Attempts, long CreatedAt,
    long NextAttemptAt, long? LeasedUntil, long? SentAt, string? Error, string? Skipped, string? Figures);

internal sealed record OfferRow(Guid Id, Guid ItemId, Guid FromId, Guid? ToId, string State, int Revision);

internal sealed record OutageRow(Guid Id, string Kind, long From, long? To, long? AnnulledAt);

internal sealed record DigestRunRow(Guid OfficerId, string Kind, DateOnly Day);

internal sealed record BannerRow(Guid FireId, Guid OfficerId);

internal sealed record HelperRow(Guid ItemId, Guid OfficerId, Guid FireId);

internal sealed record BookmarkMirror(string Id, Guid InstanceId, string Name);

internal sealed record AuditMirror(string Chain, long Sequence, string Previous, string Hash);

internal sealed record ChainMirror(string Name, long Sequence, string Head);

internal sealed record VersionMirror(string DefinitionId, int Version, string State);

internal sealed record FileMirror(Guid Id, Guid CaseId, long Size);

/// <summary>
/// The rows that the invariants speak of, in memory and always current: SQLite itself tells which rows a step touched (its update hook), and
/// only those are read again. That is what lets every invariant be checked after every event. Reads by SQL of its own, not through the
/// product's context.
/// </summary>
internal sealed class Mirror : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly HashSet<(string Table, long Row)> _touched = [];
    private readonly Dictionary<string, ITable> _tables = [];
    private readonly Dictionary<Guid, MailRow> _pendingMails = [];
    private readonly Dictionary<Guid, long> _running = [];
    private readonly Dictionary<Guid, HashSet<Guid>> _tellingMails = [];
    private readonly Dictionary<string, Guid> _byMessageId = [];
    private readonly strdelegate_update _hook;

    public Mirror(SqliteConnection connection)
    {
        _connection = connection;
        Cases = Add("Cases", "Id, Number, InstanceId, State, DefinitionVersion",
            r => new CaseRow(r.GetGuid(0), r.GetString(1), r.GetGuid(2), r.GetString(3), r.GetInt32(4)), c => c.Id);
        Items = Add("WorkItems",
            "Id, CaseId, BookmarkId, ClockId, StepNumber || StepPart, Role, AssigneeId, ReceivedAt, StartedAt, ClosedAt, Closure, ConsumedMs, DueAt, Revision, InSteadOfId, AppointmentId, "
                + "WaitingMs, ProcessingMs",
            r => new ItemRow(
                r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.GetGuid(3), r.GetString(4), r.GetString(5), OrNull(r, 6), At(r, 7)!.Value, At(r, 8), At(r, 9),
                r.GetString(10), r.IsDBNull(11) ? null : r.GetInt64(11), At(r, 12), r.GetInt32(13), OrNull(r, 14), OrNull(r, 15),
                r.IsDBNull(16) ? null : r.GetInt64(16), r.IsDBNull(17) ? null : r.GetInt64(17)), i => i.Id);
        Clocks = Add("StepClocks", "Id, BudgetMs, ConsumedMs, RunningSince, State, DueAt, NextFireAt, AtRiskAt, ClosedAt, CreditedMs",
            r => new ClockRow(r.GetGuid(0), r.GetInt64(1), r.GetInt64(2), At(r, 3), r.GetString(4), At(r, 5), At(r, 6), At(r, 7), At(r, 8),
                r.GetInt64(9)), c => c.Id);
        Fires = Add("FireRecords", "Id, ClockId, Rung, Repetition, DueAt, FiredAt, Addressees, OfficerId, FormerOfficerId",
            r => new FireRow(
                r.GetGuid(0), r.GetGuid(1), r.GetInt32(2), r.GetInt32(3), At(r, 4)!.Value, At(r, 5)!.Value, r.GetString(6), OrNull(r, 7), OrNull(r, 8)),
            f => f.Id);
        Mails = Add("Outbox",
            "Id, MessageId, Template, ToAddress, CaseId, WorkItemId, FireRecordId, State, Attempts, CreatedAt, NextAttemptAt, LeasedUntil, SentAt, LastError, json_extract(Model, '$.skipped'), "
                + $"CASE Template WHEN 'digest' THEN {Figures("mineOpen, mineOverdue, mineAtRisk, minePaused; peopleOpen, peopleOverdue, peopleAtRisk, peoplePaused")} "
                + $"WHEN 'weekly' THEN {Figures("mineCompleted, mineLate; peopleCompleted, peopleLate; paused; creditedSteps")} END",
            r => new MailRow(
                r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), OrNull(r, 4), OrNull(r, 5), OrNull(r, 6), r.GetString(7), r.GetInt32(8),
                At(r, 9)!.Value, At(r, 10)!.Value, At(r, 11), At(r, 12), r.IsDBNull(13) ? null : r.GetString(13), r.IsDBNull(14) ? null : r.GetString(14),
                r.IsDBNull(15) ? null : r.GetString(15)), m => m.Id);
        Outages = Add("Outages", "Id, Kind, \"From\", \"To\", AnnulledAt",
            r => new OutageRow(r.GetGuid(0), r.GetString(1), At(r, 2)!.Value, At(r, 3), At(r, 4)), o => o.Id);
        DigestRuns = Add("DigestRuns", "OfficerId, Kind, Day",
            r => new DigestRunRow(r.GetGuid(0), r.GetString(1), DateOnly.Parse(r.GetString(2), CultureInfo.InvariantCulture)), d => (d.OfficerId, d.Kind));
        Offers = Add("TransferOffers", "Id, WorkItemId, FromId, ToId, State, Revision",
            r => new OfferRow(r.GetGuid(0), r.GetGuid(1), r.GetGuid(2), OrNull(r, 3), r.GetString(4), r.GetInt32(5)), o => o.Id);
        Banners = Add("AlertBanners", "FireRecordId, OfficerId", r => new BannerRow(r.GetGuid(0), r.GetGuid(1)), b => b);
        Helpers = Add("TaskHelpers", "WorkItemId, OfficerId, FireRecordId", r => new HelperRow(r.GetGuid(0), r.GetGuid(1), r.GetGuid(2)), h => h);
        Bookmarks = Add("Bookmarks", "Id, InstanceId, Name", r => new BookmarkMirror(r.GetString(0), r.GetGuid(1), r.GetString(2)), b => b.Id);
        Audit = Add("AuditRecords", "Chain, Sequence, PreviousHash, Hash",
            r => new AuditMirror(r.GetString(0), r.GetInt64(1), r.GetString(2), r.GetString(3)), a => (a.Chain, a.Sequence));
        Chains = Add("AuditChains", "Name, Sequence, Head", r => new ChainMirror(r.GetString(0), r.GetInt64(1), r.GetString(2)), c => c.Name);
        Versions = Add("DefinitionVersions", "DefinitionId, Version, State",
            r => new VersionMirror(r.GetString(0), r.GetInt32(1), r.GetString(2)), v => (v.DefinitionId, v.Version));
        Files = Add("DossierFiles", "Id, CaseId, Size", r => new FileMirror(r.GetGuid(0), r.GetGuid(1), r.GetInt64(2)), f => f.Id);
        foreach (var table in _tables.Values)
            table.ReadAll();
        _hook = (_, _, _, table, row) => _touched.Add((table, row));
        raw.sqlite3_update_hook(connection.Handle, _hook, null);
    }

    public Table<Guid, CaseRow> Cases { get; }
    public Table<Guid, ItemRow> Items { get; }
    public Table<Guid, ClockRow> Clocks { get; }
    public Table<Guid, FireRow> Fires { get; }
    public Table<Guid, MailRow> Mails { get; }
    public Table<Guid, OfferRow> Offers { get; }
    public Table<Guid, OutageRow> Outages { get; }
    public Table<(Guid, string), DigestRunRow> DigestRuns { get; }
    public Table<BannerRow, BannerRow> Banners { get; }
    public Table<HelperRow, HelperRow> Helpers { get; }
    public IReadOnlyCollection<MailRow> PendingMails => _pendingMails.Values;

    public MailRow? MailOf(string messageId) => _byMessageId.TryGetValue(messageId, out var id) ? Mails[id] : null;

    /// <summary>The mails that tell somebody of a work item.</summary>
    public IEnumerable<MailRow> TellingOf(Guid item) => _tellingMails.GetValueOrDefault(item, []).Select(id => Mails[id]);

    /// <summary>When the outbox has to do next; null: never.</summary>
    public long? NextMailAt => _pendingMails.Count == 0 ? null : _pendingMails.Values.Min(m => m.NextAttemptAt);

    /// <summary>The earliest rung of any clock; null: none is to come.</summary>
    public long? NextFireAt => _running.Count == 0 ? null : _running.Values.Min();
    public Table<string, BookmarkMirror> Bookmarks { get; }
    public Table<(string, long), AuditMirror> Audit { get; }
    public Table<string, ChainMirror> Chains { get; }
    public Table<(string, int), VersionMirror> Versions { get; }
    public Table<Guid, FileMirror> Files { get; }

    /// <summary>Reads what was touched since the last time; each table then knows what changed.</summary>
    /// <param name="forget">False: what was read earlier in the same event still counts as changed by it.</param>
    /// <returns>Names of the tables of which any row differs now, or was written where the table is not mirrored.</returns>
    public IReadOnlyCollection<string> Follow(bool forget = false)
    {
        if (forget)
        {
            foreach (var table in _tables.Values)
                table.Forget();
        }
        var changed = new HashSet<string>();
        foreach (var (name, row) in _touched)
        {
            if (!_tables.TryGetValue(name, out var table))
                changed.Add(name);
            else if (table.Read(row))
                changed.Add(name);
        }
        _touched.Clear();
        foreach (var mail in Mails.Added.Concat(Mails.Changed.Select(m => m.After)))
        {
            if (Mails[mail.Id].State == "Pending")
                _pendingMails[mail.Id] = Mails[mail.Id];
            else
                _pendingMails.Remove(mail.Id);
        }
        foreach (var mail in Mails.Added)
            _byMessageId[mail.MessageId] = mail.Id;
        foreach (var mail in Mails.Added.Where(m => m is { ItemId: not null, Template: "task" or "returned" }))
        {
            if (!_tellingMails.TryGetValue(mail.ItemId!.Value, out var telling))
                _tellingMails[mail.ItemId.Value] = telling = [];
            telling.Add(mail.Id);
        }
        foreach (var clock in Clocks.Added.Concat(Clocks.Changed.Select(c => c.After)))
        {
            if (Clocks[clock.Id].NextFireAt is { } next)
                _running[clock.Id] = next;
            else
                _running.Remove(clock.Id);
        }
        return changed;
    }

    public void Dispose()
    {
        raw.sqlite3_update_hook(_connection.Handle, (strdelegate_update?)null, null);
        foreach (var table in _tables.Values)
            table.Dispose();
    }

    private Table<TKey, TRow> Add<TKey, TRow>(string name, string columns, Func<SqliteDataReader, TRow> read, Func<TRow, TKey> key)
        where TKey : notnull where TRow : class
    {
        var table = new Table<TKey, TRow>(_connection, name, columns, read, key);
        _tables.Add(name, table);
        return table;
    }

    // "3, 1; 0" of a digest's model.
    private static string Figures(string names) => string.Join(" || '; ' || ", names.Split("; ").Select(part =>
        string.Join(" || ', ' || ", part.Split(", ").Select(name => $"json_extract(Model, '$.{name}')"))));

    private static Guid? OrNull(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);

    // Instants are stored as UTC text.
    private static long? At(SqliteDataReader reader, int column) => reader.IsDBNull(column)
        ? null
        : new DateTimeOffset(DateTime.Parse(reader.GetString(column), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal))
            .ToUnixTimeMilliseconds();

    private interface ITable : IDisposable
    {
        void ReadAll();
        bool Read(long row);
        void Forget();
    }

    /// <summary>One table's rows by key, and what the last event did to them.</summary>
    internal sealed class Table<TKey, TRow> : ITable where TKey : notnull where TRow : class
    {
        private readonly SqliteCommand _one;
        private readonly SqliteCommand _all;
        private readonly Func<SqliteDataReader, TRow> _read;
        private readonly Func<TRow, TKey> _key;
        private readonly Dictionary<long, TRow> _rows = [];
        private readonly Dictionary<TKey, TRow> _byKey = [];

        public Table(SqliteConnection connection, string name, string columns, Func<SqliteDataReader, TRow> read, Func<TRow, TKey> key)
        {
            (_read, _key) = (read, key);
            _all = connection.CreateCommand();
            _one = connection.CreateCommand();
#pragma warning disable CA2100 // names of this file
            _all.CommandText = $"SELECT {columns}, rowid FROM {name}";
            _one.CommandText = $"SELECT {columns} FROM {name} WHERE rowid = $row";
#pragma warning restore CA2100
            _one.Parameters.Add("$row", SqliteType.Integer);
        }

        public IReadOnlyCollection<TRow> All => _byKey.Values;

        public List<TRow> Added { get; } = [];

        public List<(TRow Before, TRow After)> Changed { get; } = [];

        public List<TRow> Gone { get; } = [];

        public TRow this[TKey key] => _byKey[key];

        public TRow? Find(TKey key) => _byKey.GetValueOrDefault(key);

        public void Forget()
        {
            Added.Clear();
            Changed.Clear();
            Gone.Clear();
        }

        public void ReadAll()
        {
            using var reader = _all.ExecuteReader();
            while (reader.Read())
                Put(reader.GetInt64(reader.FieldCount - 1), _read(reader));
            Forget();
        }

        public bool Read(long row)
        {
            _one.Parameters[0].Value = row;
            using var reader = _one.ExecuteReader();
            if (reader.Read())
                return Put(row, _read(reader));
            if (!_rows.Remove(row, out var gone))
                return false;
            _byKey.Remove(_key(gone));
            Gone.Add(gone);
            return true;
        }

        public void Dispose()
        {
            _one.Dispose();
            _all.Dispose();
        }

        private bool Put(long rowId, TRow row)
        {
            if (_rows.TryGetValue(rowId, out var before))
            {
                if (before.Equals(row))
                    return false;
                _byKey.Remove(_key(before));
                // SQLite gives the number of a deleted row out again.
                if (_key(before).Equals(_key(row)))
                {
                    Changed.Add((before, row));
                }
                else
                {
                    Gone.Add(before);
                    Added.Add(row);
                }
            }
            else
            {
                Added.Add(row);
            }
            _rows[rowId] = row;
            _byKey[_key(row)] = row;
            return true;
        }
    }
}
