using System.Text.Json;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Notifications;

/// <summary>Somebody to whom a mail goes.</summary>
public sealed record MailAddressee(string Address, string Name, Guid? OfficerId = null);

/// <summary>Puts mails beside what they tell of: rows of the commit in hand, sent after it.</summary>
public sealed class Outbox(PpidDbContext db, Identifiers identifiers, TimeProvider time, IOptions<OfficeOptions> office)
{
    /// <param name="template">Name of the template; see <c>mail/</c> of the SOP.</param>
    /// <param name="sopSlug">SOP folder whose templates apply; null: the service's own.</param>
    /// <param name="to">The addressee.</param>
    /// <param name="model">Values for the template; never a title, file name or content.</param>
    /// <param name="caseId">Whose thread it belongs to.</param>
    /// <param name="workItemId">What it tells of.</param>
    /// <param name="fireRecordId">The rung that caused it.</param>
    /// <param name="goesOutAt">Not before this instant, UTC; null: at once.</param>
    public OutboxMessage Add(
        string template, string? sopSlug, MailAddressee to, IReadOnlyDictionary<string, object?> model, Guid? caseId = null, Guid? workItemId = null,
        Guid? fireRecordId = null, DateTimeOffset? goesOutAt = null)
    {
        var id = identifiers.Next();
        var message = new OutboxMessage
        {
            Id = id,
            MessageId = $"{id:n}@{new Uri(office.Value.PublicUrl).Host}",
            Template = template,
            SopSlug = sopSlug,
            Model = JsonSerializer.Serialize(model),
            ToAddress = to.Address,
            ToName = to.Name,
            OfficerId = to.OfficerId,
            CaseId = caseId,
            WorkItemId = workItemId,
            FireRecordId = fireRecordId,
            CreatedAt = time.Now(),
            NextAttemptAt = goesOutAt ?? time.Now()
        };
        db.Outbox.Add(message);
        return message;
    }
}
