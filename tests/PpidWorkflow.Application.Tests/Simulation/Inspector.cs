using System.Text.Json;
using PpidWorkflow.Application.Audit;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// Holds the rows against the oracle after every event: open steps and their clocks, what fired, what was mailed, what the mail server saw,
/// and the invariants of design.md §6. Says in words what does not agree.
/// </summary>
internal sealed class Inspector(OfficeModel model, Mirror mirror, MailServer server, Func<string, Guid> idOf)
{
    /// <summary>An alert that is not later than this goes out in the night as well: it was due at the closing instant, milliseconds.</summary>
    private const long AtOnce = 300_000;

    private readonly Dictionary<Guid, ModelCase> _cases = [];
    private readonly Dictionary<Guid, int> _items = [];
    private readonly Dictionary<Guid, HashSet<string>> _bookmarks = [];
    private readonly HashSet<Guid> _pending = [];

    /// <summary>Alarms that came more than five minutes late disturb nobody before the office opens.</summary>
    private readonly Dictionary<Guid, long> _notBefore = [];
    private readonly Dictionary<string, ChainMirror> _chains = mirror.Chains.All.ToDictionary(c => c.Name);
    private readonly Dictionary<Guid, string> _users = Staff.All.ToDictionary(s => idOf(s.UserName), s => s.UserName);

    /// <summary>Problems of the event in hand, which ended at <paramref name="now"/> of the service's clock.</summary>
    /// <param name="now">The service's clock.</param>
    /// <param name="isUp">The process lives: what is due has been served.</param>
    public List<string> Check(long now, bool isUp)
    {
        var problems = new List<string>();
        Bind(problems);
        if (problems.Count > 0)
            return problems;
        Index();
        CheckCases(problems);
        foreach (var item in model.OpenItems)
            CheckInstants(item, problems);
        CheckFires(problems);
        CheckOwedMails(problems);
        CheckMailLife(now, isUp, problems);
        CheckAudit(problems);
        foreach (var definition in mirror.Versions.All.Where(v => v.State == "InForce").GroupBy(v => v.DefinitionId).Where(g => g.Count() > 1))
            problems.Add($"{definition.Count()} versions of {definition.Key} are in force");
        return problems;
    }

    // Ids are the product's; the oracle learns them where it expects something new, and only there.
    private void Bind(List<string> problems)
    {
        foreach (var row in mirror.Cases.Added)
        {
            var expected = model.Touched.Where(c => c.Id == Guid.Empty).ToList();
            if (expected.Count != 1)
            {
                problems.Add($"case {row.Number} was opened, and nobody had");
                continue;
            }
            (expected[0].Id, expected[0].Number) = (row.Id, row.Number);
            _cases[row.Id] = expected[0];
        }
        foreach (var missing in model.Touched.Where(c => c.Id == Guid.Empty))
            problems.Add($"a case of version {missing.Sop.Version} was opened, and there is no row");
        foreach (var row in mirror.Items.Added)
        {
            _items[row.CaseId] = _items.GetValueOrDefault(row.CaseId) + 1;
            var expected = _cases.GetValueOrDefault(row.CaseId)?.Items.Where(i => i.Id == Guid.Empty).ToList() ?? [];
            if (expected.Count != 1 || expected[0].Step.Label != row.Label)
            {
                problems.Add($"a task of step {row.Label} appeared; expected: {string.Join(", ", expected)}");
                continue;
            }
            expected[0].Id = row.Id;
            if (expected[0].Clock.Id == Guid.Empty)
                expected[0].Clock.Id = row.ClockId;
        }
        foreach (var missing in model.Touched.SelectMany(c => c.Items).Where(i => i.Id == Guid.Empty))
            problems.Add($"{missing} was expected, and there is no row");
    }

    private void Index()
    {
        foreach (var bookmark in mirror.Bookmarks.Added)
        {
            if (!_bookmarks.TryGetValue(bookmark.InstanceId, out var known))
                _bookmarks[bookmark.InstanceId] = known = [];
            known.Add(bookmark.Id);
        }
        foreach (var bookmark in mirror.Bookmarks.Gone)
            _bookmarks[bookmark.InstanceId].Remove(bookmark.Id);
    }

    private void CheckCases(List<string> problems)
    {
        var touched = new HashSet<ModelCase>(model.Touched);
        foreach (var id in mirror.Items.Changed.Select(i => i.After.CaseId).Concat(mirror.Cases.Changed.Select(c => c.After.Id)))
            touched.Add(_cases[id]);
        foreach (var record in touched)
        {
            var row = mirror.Cases[record.Id];
            if (row.State != record.State || row.Version != record.Sop.Version)
                problems.Add($"{record.Number} is {row.State} on version {row.Version}; expected {record.State} on {record.Sop.Version}");
            if (_items[record.Id] != record.Items.Count)
                problems.Add($"{record.Number} has {_items[record.Id]} tasks; expected {record.Items.Count}");
            foreach (var item in record.Items)
                CheckItem(item, problems);
            var waits = record.Items.Where(i => i.IsOpen).Select(i => mirror.Items[i.Id].BookmarkId).ToHashSet();
            var bookmarks = _bookmarks.GetValueOrDefault(row.InstanceId) ?? [];
            if (!bookmarks.SetEquals(waits))
                problems.Add($"{record.Number} waits at {bookmarks.Count} bookmarks; open tasks: {waits.Count}");
        }
        if (mirror.Items.Gone.Count + mirror.Cases.Gone.Count + mirror.Clocks.Gone.Count > 0)
            problems.Add("rows of a case were deleted");
    }

    private void CheckItem(ModelItem item, List<string> problems)
    {
        var row = mirror.Items[item.Id];
        Same(item, "assignee", row.AssigneeId is { } who ? _users[who] : null, item.Assignee, problems);
        Same(item, "received", Text(row.ReceivedAt), Text(item.ReceivedAt), problems);
        Same(item, "started", Text(row.StartedAt), Text(item.StartedAt), problems);
        Same(item, "closure", row.Closure, item.Closure, problems);
        Same(item, "closed", Text(row.ClosedAt), Text(item.ClosedAt), problems);
        Same(item, "consumed at closing", row.ConsumedMs, item.ConsumedAtClose, problems);
        Same(item, "due at closing", Text(row.DueAt), Text(item.DueAtClose), problems);
        Same(item, "clock", row.ClockId, item.Clock.Id, problems);
        Same(item, "credited", mirror.Clocks[row.ClockId].CreditedMs, item.Clock.Credited, problems);
    }

    private void CheckInstants(ModelItem item, List<string> problems)
    {
        var (row, clock) = (mirror.Clocks[item.Clock.Id], item.Clock);
        var (due, risk, next) = clock.Instants(model.Hours);
        Same(item, "clock is", row.State, clock.State.ToString(), problems);
        Same(item, "standard", row.BudgetMs, item.Step.Budget, problems);
        Same(item, "consumed", row.ConsumedMs, clock.Consumed, problems);
        Same(item, "runs since", Text(row.RunningSince), Text(clock.Since), problems);
        Same(item, "due", Text(row.DueAt), Text(due), problems);
        Same(item, "at risk", Text(row.AtRiskAt), Text(risk), problems);
        Same(item, "next rung", Text(row.NextFireAt), Text(next), problems);
    }

    private void CheckFires(List<string> problems)
    {
        if (mirror.Fires.Changed.Count + mirror.Fires.Gone.Count > 0)
            problems.Add("fire records were altered");
        var rest = mirror.Fires.Added.ToList();
        foreach (var expected in model.Fires)
        {
            var row = rest.Find(f => f.ClockId == expected.Item.Clock.Id && f.Rung == expected.Fire.Rung && f.Repetition == expected.Fire.Repetition);
            if (row is null)
            {
                problems.Add($"{expected.Item}: rung {expected.Fire.Rung} ({expected.Fire.Repetition}), due {Text(expected.Fire.At)}, did not fire");
                continue;
            }
            rest.Remove(row);
            if (row.DueAt != expected.Fire.At || row.FiredAt != expected.FiredAt || row.FiredAt < row.DueAt)
                problems.Add($"{expected.Item}: rung {row.Rung} fired {Text(row.FiredAt)}, due {Text(row.DueAt)}; expected {Text(expected.FiredAt)}, due {Text(expected.Fire.At)}");
            var told = JsonSerializer.Deserialize<List<string>>(row.Addressees)!;
            var mails = mirror.Mails.Added.Where(m => m.FireId == row.Id).Select(m => m.To).Order(StringComparer.Ordinal).ToList();
            if (row.FiredAt - row.DueAt > AtOnce)
            {
                foreach (var mail in mirror.Mails.Added.Where(m => m.FireId == row.Id))
                    _notBefore[mail.Id] = model.Hours.Opening(row.FiredAt);
            }
            if (!told.Order(StringComparer.Ordinal).SequenceEqual(expected.Told.Order(StringComparer.Ordinal)) || !mails.SequenceEqual(told.Order(StringComparer.Ordinal)))
                problems.Add($"{expected.Item}: rung {row.Rung} told {string.Join(", ", told)}, mailed {string.Join(", ", mails)}; expected {string.Join(", ", expected.Told)}");
        }
        foreach (var extra in rest)
            problems.Add($"rung {extra.Rung} ({extra.Repetition}) of {model.OpenItems.FirstOrDefault(i => i.Clock.Id == extra.ClockId)} fired {Text(extra.FiredAt)} though it was not due");
    }

    private void CheckOwedMails(List<string> problems)
    {
        var owed = model.Mails.Select(m => $"{m.Template} to {m.Address} of {m.Case.Number}").Order(StringComparer.Ordinal).ToList();
        var found = mirror.Mails.Added.Where(m => m.CaseId is not null).Select(m => $"{m.Template} to {m.To} of {_cases[m.CaseId!.Value].Number}")
            .Order(StringComparer.Ordinal).ToList();
        if (owed.SequenceEqual(found))
            return;
        foreach (var mail in owed.GroupBy(m => m))
        {
            var times = found.Count(f => f == mail.Key);
            if (times != mail.Count())
                problems.Add($"mail {mail.Key}: {times} in the outbox, expected {mail.Count()}");
        }
        foreach (var mail in found.Except(owed))
            problems.Add($"mail {mail} was not owed");
    }

    private void CheckMailLife(long now, bool isUp, List<string> problems)
    {
        foreach (var added in mirror.Mails.Added)
            _pending.Add(added.Id);
        var moved = mirror.Mails.Added.Concat(mirror.Mails.Changed.Select(m => m.After)).Select(m => m.Id).ToHashSet();
        foreach (var (before, after) in mirror.Mails.Changed)
        {
            if (before.State != "Pending" && before != after)
                problems.Add($"mail {after.Template} to {after.To} was {before.State} and is {after.State}");
        }
        foreach (var id in _pending.ToList())
        {
            var mail = mirror.Mails[id];
            var times = server.Accepted.GetValueOrDefault(mail.MessageId);
            var name = $"mail {mail.Template} to {mail.To}";
            switch (mail.State)
            {
                case "Sent":
                    if (mail.SentAt < _notBefore.GetValueOrDefault(id)
                        || (mail.FireId is not null && mail.SentAt - mail.CreatedAt > AtOnce && model.Hours.Opening(now) > now))
                        problems.Add($"{name} went out {Text(mail.SentAt)}, before the office opened");
                    if (times == 0 || mail.SentAt is null)
                        problems.Add($"{name} is marked as sent, the server took it {times} times");
                    _pending.Remove(id);
                    break;
                case "Failed":
                    if ((times > 0 && !server.InDoubt.Remove(mail.MessageId)) || !server.Refused.Contains(mail.MessageId) || mail.Error is null)
                        problems.Add($"{name} is given up, the server never refused it: {mail.Error}");
                    _pending.Remove(id);
                    break;
                case "Withdrawn":
                    if ((times > 0 && !server.InDoubt.Remove(mail.MessageId)) || model.TakenBack.TrueForAll(i => i.Id != mail.ItemId))
                        problems.Add($"{name} was withdrawn, its task had not been taken back unsent");
                    _pending.Remove(id);
                    break;
                default:
                    if (times > 0 && !server.InDoubt.Contains(mail.MessageId))
                        problems.Add($"{name} is pending, the server has it");
                    if (model.TakenBack.Exists(i => i.Id == mail.ItemId))
                        problems.Add($"{name} still waits, its task was taken back");
                    if (isUp && (mail.NextAttemptAt <= now || mail.LeasedUntil is not null))
                        problems.Add($"{name} waits since {Text(mail.NextAttemptAt)} (claimed: {mail.LeasedUntil is not null})");
                    // An alert that was held up until after hours waits for the office to open, by the hours of the moment.
                    var longest = Math.Max(now + 3_600_000, mail.FireId is null ? 0 : model.Hours.Opening(now));
                    if (moved.Contains(id) && mail.NextAttemptAt > longest)
                        problems.Add($"{name} waits until {Text(mail.NextAttemptAt)}");
                    break;
            }
        }
        foreach (var doubled in server.Doubled)
            problems.Add($"mail {doubled} was sent twice");
    }

    private void CheckAudit(List<string> problems)
    {
        foreach (var record in mirror.Audit.Added.OrderBy(a => a.Chain, StringComparer.Ordinal).ThenBy(a => a.Sequence))
        {
            var head = _chains.GetValueOrDefault(record.Chain) ?? new ChainMirror(record.Chain, 0, AuditTrail.Genesis);
            if (record.Sequence != head.Sequence + 1 || record.Previous != head.Head)
                problems.Add($"audit record {record.Sequence} of {record.Chain} does not follow {head.Sequence}");
            _chains[record.Chain] = new ChainMirror(record.Chain, record.Sequence, record.Hash);
        }
        if (mirror.Audit.Changed.Count + mirror.Audit.Gone.Count > 0)
            problems.Add("audit records were altered");
        foreach (var name in mirror.Chains.Added.Concat(mirror.Chains.Changed.Select(c => c.After)).Select(c => c.Name).Distinct())
        {
            var chain = mirror.Chains[name];
            if (_chains.GetValueOrDefault(chain.Name) != chain)
                problems.Add($"the head of {chain.Name} is {chain.Sequence}, its records end at {_chains.GetValueOrDefault(chain.Name)?.Sequence}");
        }
    }

    private static void Same<T>(ModelItem item, string what, T found, T expected, List<string> problems)
    {
        if (!EqualityComparer<T>.Default.Equals(found, expected))
            problems.Add($"{item}: {what} {found?.ToString() ?? "-"}; expected {expected?.ToString() ?? "-"}");
    }

    public static string? Text(long? instant) =>
        instant is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at).ToOffset(TimeSpan.FromHours(7)).ToString("yyyy-MM-dd HH:mm:ss.fff", System.Globalization.CultureInfo.InvariantCulture) : null;
}
