using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Notifications.Bounces;

/// <summary>A bounce and when it lay in the mailbox, UTC.</summary>
public sealed record ArrivedBounce(Bounce Bounce, DateTimeOffset At);

/// <summary>
/// What bounces do: the mail is marked with the status code, a failed one becomes failed like one that the server refused at once; its case (or
/// administration) has it on record and the administrators are told, once. Effects and how far the mailbox has been read are one commit.
/// </summary>
public sealed class BounceDesk(
    PpidDbContext db, Committer committer, AuditTrail audit, Outbox outbox, OfficerDirectory directory, IOptions<OfficeOptions> office)
{
    public const string Template = "mail-bounced";

    /// <summary>Case numbers in one mail.</summary>
    private const int MostNamed = 10;

    /// <summary>Clocks of mail servers are not ours.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    /// <summary>How far a mailbox has been read; null: not at all.</summary>
    public Task<string?> ReadUpToAsync(string mailbox, CancellationToken cancellation) =>
        db.ServiceFacts.AsNoTracking().Where(f => f.Name == mailbox).Select(f => f.Value).SingleOrDefaultAsync(cancellation);

    /// <param name="mailbox">Name of the fact that holds how far it has been read.</param>
    /// <param name="upTo">Its new value.</param>
    /// <param name="bounces">In the order of their arrival.</param>
    /// <param name="cancellation">Counts until the commit.</param>
    /// <returns>How many mails were marked.</returns>
    public Task<Result<int>> TakeAsync(string mailbox, string upTo, IReadOnlyList<ArrivedBounce> bounces, CancellationToken cancellation = default) =>
        committer.RunAsync<int>(async () =>
        {
            var marked = 0;
            var failed = new List<(OutboxMessage Message, string Status)>();
            foreach (var (bounce, at) in bounces)
            {
                if (await FindAsync(bounce, cancellation) is not { } message || !message.MarkBounced(bounce.IsFinal, bounce.Status, at, Skew))
                    continue;
                marked++;
                await RecordAsync(message, bounce, cancellation);
                // Of this mail itself nobody is told by another one like it.
                if (bounce.IsFinal && message.Template != Template)
                    failed.Add((message, bounce.Status));
            }
            if (failed.Count > 0)
                await TellAsync(failed, cancellation);
            if (await db.ServiceFacts.SingleOrDefaultAsync(f => f.Name == mailbox, cancellation) is { } fact)
                fact.Value = upTo;
            else
                db.ServiceFacts.Add(new ServiceFact { Name = mailbox, Value = upTo });
            return marked;
        }, cancellation);

    // The surest id first; tracked ones count, two bounces of one look may be of one mail.
    private async Task<OutboxMessage?> FindAsync(Bounce bounce, CancellationToken cancellation)
    {
        foreach (var id in bounce.MessageIds)
            if (await db.Outbox.SingleOrDefaultAsync(m => m.MessageId == id, cancellation) is { } message)
                return message;
        return null;
    }

    private async Task RecordAsync(OutboxMessage message, Bounce bounce, CancellationToken cancellation)
    {
        var data = new JsonObject
        {
            ["mailId"] = message.Id,
            ["template"] = message.Template,
            ["status"] = bounce.Status,
            ["final"] = bounce.IsFinal
        };
        if (message.WorkItemId is { } item)
        {
            data["workItemId"] = item;
            if (await db.WorkItems.AsNoTracking().Where(w => w.Id == item).Select(w => w.StepNumber + w.StepPart).SingleOrDefaultAsync(cancellation) is { } step)
                data["step"] = step;
        }
        audit.Add(
            message.CaseId is { } of ? AuditTrail.ChainOf(of) : AuditTrail.Administration, "system", bounce.IsFinal ? "mail-bounced" : "mail-delayed", data);
    }

    private async Task TellAsync(List<(OutboxMessage Message, string Status)> failed, CancellationToken cancellation)
    {
        var cases = failed.Where(f => f.Message.CaseId is not null).Select(f => f.Message.CaseId!.Value).Distinct().ToArray();
        var numbers = await db.Cases.AsNoTracking().Where(c => EF.Parameter(cases).Contains(c.Id)).OrderBy(c => c.Number).Select(c => c.Number)
            .ToListAsync(cancellation);
        foreach (var administrator in await directory.HoldersOfAsync(Roles.Admin, cancellation))
        {
            var to = StepMail.Addressee(administrator);
            outbox.Add(Template, null, to, new Dictionary<string, object?>
            {
                ["recipientName"] = administrator.DisplayName,
                ["mails"] = failed.Count.ToString(outbox.CultureOf(to, Template)),
                ["statuses"] = string.Join(", ", failed.Select(f => f.Status).Distinct().Order(StringComparer.Ordinal).Take(MostNamed)),
                ["caseNumbers"] = numbers.Count == 0 ? null : string.Join(", ", numbers.Take(MostNamed)) + (numbers.Count > MostNamed ? ", …" : ""),
                ["url"] = $"{office.Value.PublicUrl.TrimEnd('/')}/admin/mail?state=failed",
                ["officeName"] = StepMail.OfficeName
            });
        }
    }
}
