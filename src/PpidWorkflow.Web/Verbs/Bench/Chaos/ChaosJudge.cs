using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Verbs.Bench.Chaos;

public sealed record ItemRow(Guid Id, Guid CaseId, string Step, WorkItemClosure Closure);

public sealed record MailRow(string MessageId, string To, OutboxState State, string Template, Guid? WorkItemId, Guid? CaseId, Guid? FireRecordId);

public sealed record FireRow(Guid ClockId, int Rung, int Repetition, DateTimeOffset DueAt, DateTimeOffset FiredAt);

/// <param name="Rungs">How many rungs its ladder has.</param>
public sealed record ClockRow(Guid Id, Guid CaseId, ClockState State, DateTimeOffset? NextFireAt, int Rungs);

/// <summary>The rows of a database that are held against what clients and the mail server know.</summary>
/// <param name="Cases">Number by id.</param>
/// <param name="Files">SHA-256 by id.</param>
/// <param name="Audit">Records by action.</param>
/// <param name="Keys">Idempotency-Keys with an answer.</param>
/// <param name="Clocks">Of step 2.</param>
public sealed record ChaosRows(
    IReadOnlyDictionary<Guid, string> Cases, IReadOnlyList<ItemRow> Items, IReadOnlyDictionary<Guid, string> Files, IReadOnlyDictionary<string, int> Audit,
    IReadOnlyList<string> Keys, IReadOnlyList<MailRow> Mails, IReadOnlyList<FireRow> Fires, IReadOnlyList<ClockRow> Clocks);

/// <summary>A blow that was struck.</summary>
/// <param name="End">The killed process was gone, the stopped one awake, the database there again.</param>
public sealed record Fault(StrikeKind Kind, DateTimeOffset Begin, DateTimeOffset End);

/// <summary>
/// Says in sentences what does not agree: between the rows and what clients were told, and between the rows and the mails that have come. Knows
/// nothing of nodes or databases.
/// </summary>
internal static class ChaosJudge
{
    /// <summary>A mail that went out so long before a blow has been recorded long since.</summary>
    private static readonly TimeSpan RecordedBy = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(3);

    /// <summary>Nothing acknowledged is lost, nothing is there that nobody ordered, nothing was done twice.</summary>
    public static IEnumerable<string> Orders(ChaosRows rows, IReadOnlyList<Told> told)
    {
        var opened = told.Where(t => t.Order.Path == "/api/v1/cases").ToList();
        foreach (var one in opened.Where(t => rows.Cases.GetValueOrDefault(t.Json.GetProperty("id").GetGuid()) != t.Json.GetProperty("number").GetString()))
            yield return $"lost: case {one.Json.GetProperty("number")}";
        if (Differs("cases", rows.Cases.Count, opened.Count) is { } cases)
            yield return cases;
        if (rows.Cases.Values.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1) is { } twin)
            yield return $"twice: number {twin.Key}";

        var completed = told.Where(t => t.Order.Path.EndsWith("/complete", StringComparison.Ordinal)).ToList();
        var closed = rows.Items.Where(i => i.Closure == WorkItemClosure.Completed).Select(i => i.Id).ToHashSet();
        foreach (var one in completed.Where(t => !closed.Contains(TaskOf(t))))
            yield return $"lost: completion of {TaskOf(one)}";
        if (Differs("completed steps", closed.Count, completed.Count) is { } steps)
            yield return steps;
        foreach (var twice in rows.Items.GroupBy(i => (i.CaseId, i.Step)).Where(g => g.Count() > 1))
            yield return $"twice: step {twice.Key.Step} of case {twice.Key.CaseId}";

        var uploaded = told.Where(t => t.Order.Path.EndsWith("/files", StringComparison.Ordinal)).ToList();
        foreach (var one in uploaded.Where(t => rows.Files.GetValueOrDefault(t.Json.GetProperty("id").GetGuid()) != HashOf(t)))
            yield return $"lost: file {one.Json.GetProperty("id")}";
        if (Differs("files", rows.Files.Count, uploaded.Count) is { } files)
            yield return files;

        foreach (var (action, count) in new[] { ("case-created", opened.Count), ("task-completed", completed.Count), ("file-added", uploaded.Count) })
        {
            if (Differs($"audit records {action}", rows.Audit.GetValueOrDefault(action), count) is { } audit)
                yield return audit;
        }
        var keys = rows.Keys.ToHashSet();
        foreach (var one in told.Where(t => !keys.Contains(t.Order.Key)))
            yield return $"lost: answer to {one.Order.Key}";
        if (Differs("answers kept", rows.Keys.Count, told.Count) is { } kept)
            yield return kept;
    }

    /// <summary>Every rung once, and of a ladder that has run out all of them.</summary>
    /// <param name="resting">Cases that were left alone at step 2 from its receipt on.</param>
    public static IEnumerable<string> Rungs(ChaosRows rows, IReadOnlyCollection<Guid> resting)
    {
        foreach (var twice in rows.Fires.GroupBy(f => (f.ClockId, f.Rung, f.Repetition)).Where(g => g.Count() > 1))
            yield return $"twice: rung {twice.Key.Rung} of clock {twice.Key.ClockId}";
        foreach (var early in rows.Fires.Where(f => f.FiredAt < f.DueAt))
            yield return $"early: rung {early.Rung} of clock {early.ClockId}";
        var fires = rows.Fires.ToLookup(f => f.ClockId);
        foreach (var clock in rows.Clocks.Where(c => resting.Contains(c.CaseId) && c.NextFireAt is null && fires[c.Id].Count() != c.Rungs))
            yield return string.Create(CultureInfo.InvariantCulture, $"rungs: clock {clock.Id} has fired {fires[clock.Id].Count()} of {clock.Rungs}");
    }

    /// <summary>
    /// Every mail that was sent has come, none has come that nobody owes, each is owed once, and what came twice goes back to a blow, at most one
    /// to each.
    /// </summary>
    /// <param name="sunk">Looked at after the rows.</param>
    /// <param name="readAt">When the rows began to be read: what came later may be owed since.</param>
    public static IEnumerable<string> Mails(ChaosRows rows, IReadOnlyList<SunkMail> sunk, IReadOnlyList<Fault> faults, DateTimeOffset readAt)
    {
        var came = sunk.GroupBy(m => m.MessageId).ToDictionary(g => g.Key, g => g.OrderBy(m => m.At).ToList());
        var owed = rows.Mails.ToDictionary(m => m.MessageId);
        foreach (var lost in rows.Mails.Where(m => m.State == OutboxState.Sent && !came.ContainsKey(m.MessageId)))
            yield return $"mail: {lost.MessageId} is marked as sent and has not come";
        foreach (var failed in rows.Mails.Where(m => m.State is OutboxState.Failed or OutboxState.Withdrawn))
            yield return $"mail: {failed.MessageId} is {failed.State}";
        foreach (var (id, copies) in came)
        {
            if (copies[0].At < readAt && (!owed.TryGetValue(id, out var row) || copies.Exists(c => c.To != row.To)))
                yield return $"mail: {id} is owed to nobody, or to somebody else";
        }
        // One for each step and addressee, one for each rung and addressee, one for each case and addressee at its end.
        foreach (var twice in rows.Mails.GroupBy(m => (m.Template, m.To, Of: m.FireRecordId ?? m.WorkItemId ?? m.CaseId)).Where(g => g.Count() > 1))
            yield return $"twice: mail {twice.Key.Template} of {twice.Key.Of} to {twice.Key.To}";
        foreach (var silent in rows.Items.Select(i => i.Id).Except(rows.Mails.Where(m => m.Template == "task").Select(m => m.WorkItemId!.Value)))
            yield return $"lost: task mail of {silent}";
        foreach (var problem in Copies(came, faults))
            yield return problem;
    }

    /// <summary>How many mails came more than once.</summary>
    public static int Twice(IReadOnlyList<SunkMail> sunk) => sunk.Count - sunk.DistinctBy(m => m.MessageId).Count();

    private static IEnumerable<string> Copies(Dictionary<string, List<SunkMail>> came, IReadOnlyList<Fault> faults)
    {
        var blamed = new Dictionary<Fault, int>();
        foreach (var (id, copies) in came.Where(c => c.Value.Count > 1))
        {
            // The blow that kept the copy before from being recorded.
            for (var i = 0; i + 1 < copies.Count; i++)
            {
                var fault = faults.FirstOrDefault(f => copies[i].At >= f.Begin - RecordedBy && copies[i].At <= f.End + Aftermath && copies[i + 1].At >= f.Begin);
                if (fault is null)
                    yield return $"mail: {id} came twice without a blow ({copies[i].At:HH:mm:ss.fff}, {copies[i + 1].At:HH:mm:ss.fff})";
                else
                    blamed[fault] = blamed.GetValueOrDefault(fault) + 1;
            }
        }
        foreach (var (fault, count) in blamed.Where(b => b.Value > 1))
            yield return string.Create(CultureInfo.InvariantCulture, $"mail: {count} came twice by one blow ({fault.Kind} at {fault.Begin:HH:mm:ss.fff})");
    }

    private static Guid TaskOf(Told told) => Guid.Parse(told.Order.Path.Split('/')[4]);

    // The part between the blank line after its headers and the boundary.
    private static string HashOf(Told told)
    {
        var text = Encoding.Latin1.GetString(told.Order.Body);
        var begin = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(text[begin..text.LastIndexOf("\r\n--", StringComparison.Ordinal)])));
    }

    private static string? Differs(string what, int found, int expected) =>
        found == expected ? null : string.Create(CultureInfo.InvariantCulture, $"{what}: {found} found, {expected} told");
}
