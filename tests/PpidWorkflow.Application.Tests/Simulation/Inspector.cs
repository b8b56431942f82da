using System.Text.Json;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// Holds the rows against the oracle after every event: open steps and their clocks, what fired, what was mailed, what the mail server saw,
/// and the invariants of design.md §6. Says in words what does not agree.
/// </summary>
internal sealed class Inspector(OfficeModel model, Mirror mirror, MailServer server, Func<string, Guid> idOf)
{
    /// <summary>An alert that is not later than this goes out in the night as well: it was due at the closing instant, milliseconds.</summary>
    private const long AtOnce = 300_000;

    /// <summary>Mails of no case that the oracle knows of.</summary>
    private static readonly HashSet<string> OfPeople = ["acting-appointed", "acting-offered", "absence-begun", "absence-returned", "digest", "weekly"];

    private readonly Dictionary<Guid, ModelCase> _cases = [];
    private readonly Dictionary<Guid, int> _items = [];
    private readonly Dictionary<Guid, HashSet<string>> _bookmarks = [];
    private readonly HashSet<Guid> _pending = [];

    /// <summary>Fire records of rungs that may go out at any time.</summary>
    private readonly HashSet<Guid> _anyTime = [];

    /// <summary>When a mail was to go out at the earliest: at once, when the office opens, or when its reader's quiet hours end.</summary>
    private readonly Dictionary<Guid, long> _notBefore = [];

    /// <summary>By which hours it is.</summary>
    private int _hours = model.Hours.Revision;
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
        CheckOffers(problems);
        CheckOutages(problems);
        CheckDigests(problems);
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
        Same(item, "in the stead of", row.InSteadOfId is { } absent ? _users[absent] : null, item.InSteadOf, problems);
        Same(item, "by letter", row.AppointmentId, item.Appointment?.Id, problems);
        Same(item, "received", Text(row.ReceivedAt), Text(item.ReceivedAt), problems);
        Same(item, "started", Text(row.StartedAt), Text(item.StartedAt), problems);
        Same(item, "closure", row.Closure, item.Closure, problems);
        Same(item, "closed", Text(row.ClosedAt), Text(item.ClosedAt), problems);
        Same(item, "consumed at closing", row.ConsumedMs, item.ConsumedAtClose, problems);
        Same(item, "waited", row.WaitingMs, item.Waited, problems);
        Same(item, "processed", row.ProcessingMs, item.Processed, problems);
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
            if (expected.Item.Step.Ladder[row.Rung].AnyTime)
                _anyTime.Add(row.Id);
            if (row.DueAt != expected.Fire.At || row.FiredAt != expected.FiredAt || row.FiredAt < row.DueAt)
                problems.Add($"{expected.Item}: rung {row.Rung} fired {Text(row.FiredAt)}, due {Text(row.DueAt)}; expected {Text(expected.FiredAt)}, due {Text(expected.Fire.At)}");
            CheckTold(row, expected, problems);
            CheckDone(row, expected, problems);
        }
        foreach (var extra in rest)
            problems.Add($"rung {extra.Rung} ({extra.Repetition}) of {model.OpenItems.FirstOrDefault(i => i.Clock.Id == extra.ClockId)} fired {Text(extra.FiredAt)} though it was not due");
    }

    // One mail to each whom the rung means, which names those who are away in their place.
    private void CheckTold(FireRow row, PaperFireRecord expected, List<string> problems)
    {
        var told = JsonSerializer.Deserialize<List<string>>(row.Addressees)!.Order(StringComparer.Ordinal).ToList();
        var mails = mirror.Mails.Added.Where(m => m.FireId == row.Id).ToList();
        if (!told.SequenceEqual(expected.Told.Select(t => t.Address).Order(StringComparer.Ordinal))
            || !mails.Select(m => m.To).Order(StringComparer.Ordinal).SequenceEqual(told))
        {
            problems.Add($"{expected.Item}: rung {row.Rung} told {string.Join(", ", told)}, mailed {string.Join(", ", mails.Select(m => m.To))}; "
                + $"expected {string.Join(", ", expected.Told.Select(t => t.Address))}");
            return;
        }
        foreach (var to in expected.Told)
        {
            var skipped = mails.Find(m => m.To == to.Address)!.Skipped;
            if (skipped is null != (to.Skipped.Count == 0) || to.Skipped.Any(s => skipped?.Contains(Staff.Of(s).Name, StringComparison.Ordinal) != true))
                problems.Add($"{expected.Item}: rung {row.Rung} says to {to.Address} that these are away: {skipped}; expected {string.Join(", ", to.Skipped)}");
        }
    }

    // To whom the task went, who helps, on whose pages a banner stands.
    private void CheckDone(FireRow row, PaperFireRecord expected, List<string> problems)
    {
        var (target, former) = (Name(row.OfficerId), Name(row.FormerOfficerId));
        if (target != expected.Target || former != expected.Former)
            problems.Add($"{expected.Item}: rung {row.Rung} gave it to {target ?? "nobody"} after {former ?? "nobody"}; expected {expected.Target ?? "nobody"} after {expected.Former ?? "nobody"}");
        var banners = mirror.Banners.Added.Where(b => b.FireId == row.Id).Select(b => _users[b.OfficerId]).Order(StringComparer.Ordinal).ToList();
        var wanted = expected.Action == "banner" ? expected.Told.Select(t => t.Who).OfType<string>().Order(StringComparer.Ordinal).ToList() : [];
        if (!banners.SequenceEqual(wanted))
            problems.Add($"{expected.Item}: banners of rung {row.Rung} for {string.Join(", ", banners)}; expected {string.Join(", ", wanted)}");
        var helpers = mirror.Helpers.Added.Where(h => h.FireId == row.Id).Select(h => (h.ItemId, _users[h.OfficerId])).ToList();
        if (!helpers.SequenceEqual(expected is { Action: "addHelper", Target: { } helper } ? [(expected.Item.Id, helper)] : []))
            problems.Add($"{expected.Item}: rung {row.Rung} added {string.Join(", ", helpers)}; expected {expected.Target}");
    }

    private void CheckOffers(List<string> problems)
    {
        foreach (var row in mirror.Offers.Added)
        {
            var expected = model.Offers.Find(o => o.Id == Guid.Empty && o.Item.Id == row.ItemId && o.From == Name(row.FromId) && o.To == Name(row.ToId));
            if (expected is null)
                problems.Add($"an item of {Name(row.FromId)} was offered to {Name(row.ToId) ?? "nobody"} unasked");
            else
                expected.Id = row.Id;
        }
        foreach (var offer in model.Offers)
        {
            if (mirror.Offers.Find(offer.Id) is not { } row)
                problems.Add($"{offer.Item} of {offer.From} was not offered to {offer.To ?? "nobody"}");
            else if (row.State != offer.State)
                problems.Add($"the offer of {offer.Item} to {offer.To ?? "nobody"} is {row.State}; expected {offer.State}");
        }
        if (mirror.Offers.Gone.Count + mirror.Banners.Gone.Count + mirror.Helpers.Gone.Count > 0)
            problems.Add("offers, banners or helpers were deleted");
    }

    private void CheckOutages(List<string> problems)
    {
        foreach (var row in mirror.Outages.Added)
        {
            if (model.Outages.FirstOrDefault(o => o.Id == Guid.Empty && o.From == row.From && row.Kind == KindOf(o)) is { } expected)
                expected.Id = row.Id;
            else
                problems.Add($"an outage ({row.Kind}) from {Text(row.From)} was written, and there was none");
        }
        foreach (var outage in model.Outages)
        {
            if (mirror.Outages.Find(outage.Id) is not { } row)
                problems.Add($"the outage ({KindOf(outage)}) from {Text(outage.From)} is not on record");
            else if (row.To != outage.To || row.AnnulledAt is not null != outage.IsAnnulled)
                problems.Add($"the outage ({row.Kind}) from {Text(row.From)} lasted until {Text(row.To)}, annulled: {row.AnnulledAt is not null}; expected {Text(outage.To)}, {outage.IsAnnulled}");
        }
        if (mirror.Outages.Gone.Count > 0)
            problems.Add("outages were deleted");
    }

    private static string KindOf(PaperOutage outage) => outage.Kind switch
    {
        OutageIs.OfService => "Service",
        OutageIs.OfMail => "Mail",
        _ => "Reported"
    };

    // Who has had which digest: nobody twice, nobody too early.
    private void CheckDigests(List<string> problems)
    {
        var runs = 0;
        foreach (var (who, kind, day) in model.Digested)
        {
            runs++;
            if (mirror.DigestRuns.Find((idOf(who), kind))?.Day != day)
                problems.Add($"{who} had the last {kind} of {mirror.DigestRuns.Find((idOf(who), kind))?.Day}; expected {day}");
        }
        if (mirror.DigestRuns.All.Count != runs)
            problems.Add($"{mirror.DigestRuns.All.Count} digests are claimed; expected {runs}");
    }

    private string? Name(Guid? officer) => officer is { } id ? _users[id] : null;

    private void CheckOwedMails(List<string> problems)
    {
        var owed = model.Mails.Select(m => Owed(m.Template, m.Address, m.Case?.Number, m.NotBefore, m.IsUnwanted, m.Figures)).Order(StringComparer.Ordinal).ToList();
        var found = mirror.Mails.Added.Where(m => m.CaseId is not null || OfPeople.Contains(m.Template))
            .Select(m => Owed(m.Template, m.To, m.CaseId is { } id ? _cases[id].Number : null, m.NextAttemptAt, m.Error == Outbox.TurnedOff, m.Figures))
            .Order(StringComparer.Ordinal).ToList();
        foreach (var mail in mirror.Mails.Added)
            _notBefore[mail.Id] = mail.NextAttemptAt;
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

    private static string Owed(string template, string to, string? number, long from, bool isUnwanted, string? figures) =>
        $"{template} to {to} of {number ?? "no case"} from {Text(from)}{(isUnwanted ? ", turned off" : "")}{(figures is null ? "" : $": {figures}")}";

    private void CheckMailLife(long now, bool isUp, List<string> problems)
    {
        foreach (var added in mirror.Mails.Added)
            _pending.Add(added.Id);
        if (_hours != model.Hours.Revision)
            FollowHours(now, problems);
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
                        || (mail is { FireId: { } fire, Template: not "task" } && !_anyTime.Contains(fire) && mail.SentAt - mail.CreatedAt > AtOnce && model.Hours.Opening(now) > now))
                        problems.Add($"{name} went out {Text(mail.SentAt)}, before the office opened or its reader's quiet hours ended");
                    if (times == 0 || mail.SentAt is null)
                        problems.Add($"{name} is marked as sent, the server took it {times} times");
                    Forget(id);
                    break;
                case "Failed":
                    if ((times > 0 && !server.InDoubt.Remove(mail.MessageId)) || !server.Refused.Contains(mail.MessageId) || mail.Error is null)
                        problems.Add($"{name} is given up, the server never refused it: {mail.Error}");
                    Forget(id);
                    break;
                case "Withdrawn":
                    if ((times > 0 && !server.InDoubt.Remove(mail.MessageId)) || (mail.Error != Outbox.TurnedOff && model.TakenBack.TrueForAll(i => i.Id != mail.ItemId)))
                        problems.Add($"{name} was withdrawn, its task had not been taken back unsent");
                    Forget(id);
                    break;
                default:
                    if (times > 0 && !server.InDoubt.Contains(mail.MessageId))
                        problems.Add($"{name} is pending, the server has it");
                    if (model.TakenBack.Exists(i => i.Id == mail.ItemId))
                        problems.Add($"{name} still waits, its task was taken back");
                    if (isUp && (mail.NextAttemptAt <= now || mail.LeasedUntil is not null))
                        problems.Add($"{name} waits since {Text(mail.NextAttemptAt)} (claimed: {mail.LeasedUntil is not null})");
                    // An alert that was held up until after hours waits for the office to open, by the hours of the moment.
                    var longest = Math.Max(Math.Max(now + 3_600_000, _notBefore[id]), mail.FireId is null ? 0 : model.Hours.Opening(now));
                    if (moved.Contains(id) && mail.NextAttemptAt > longest)
                        problems.Add($"{name} waits until {Text(mail.NextAttemptAt)}");
                    break;
            }
        }
        foreach (var doubled in server.Doubled)
            problems.Add($"mail {doubled} was sent twice");
    }

    // What waits for the office to open waits for the opening of the new hours; what nothing holds any more goes at once.
    private void FollowHours(long now, List<string> problems)
    {
        _hours = model.Hours.Revision;
        foreach (var mail in _pending.Select(id => mirror.Mails[id]).Where(m => (m.FireId is not null || PaperWish.IsWork(m.Template)) && _notBefore[m.Id] > now && _notBefore[m.Id] > m.CreatedAt))
        {
            var at = mail.CreatedAt;
            if (mail.FireId is { } fireId)
            {
                var fire = mirror.Fires[fireId];
                at = fire.FiredAt - fire.DueAt > AtOnce ? model.Hours.Opening(fire.FiredAt) : fire.FiredAt;
            }
            _notBefore[mail.Id] = Math.Max(now, model.WishOf(mail.To)?.Quiet(mail.Template, at, model.Hours) ?? at);
            if (mail is { State: "Pending", Error: null } && mail.NextAttemptAt != _notBefore[mail.Id])
                problems.Add($"mail {mail.Template} to {mail.To} waits until {Text(mail.NextAttemptAt)}, by the new hours until {Text(_notBefore[mail.Id])}");
        }
    }

    private void Forget(Guid mail)
    {
        _pending.Remove(mail);
        _notBefore.Remove(mail);
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
