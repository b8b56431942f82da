using System.Net.Mail;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// Turns a rung's addressees into people, when it fires and not before: posts change hands. A rung never speaks to nobody: where no
/// supervisor or holder is active, the head of the unit is told, and failing that the administrators.
/// </summary>
public sealed class EscalationAddressees(OfficerDirectory directory)
{
    public async Task<IReadOnlyList<MailAddressee>> ResolveAsync(EscalationRung rung, WorkItem item, CancellationToken cancellation)
    {
        var performers = item.AssigneeId is { } assignee
            ? [await directory.GetAsync(assignee, cancellation)]
            : await directory.HoldersOfAsync(item.Role, cancellation);
        var found = new List<MailAddressee>();
        foreach (var to in rung.To)
            found.AddRange(await ResolveAsync(to, performers, cancellation));
        if (found.Count == 0)
            found.AddRange(await LastResortAsync(cancellation));
        return [.. found.DistinctBy(a => a.Address.ToUpperInvariant())];
    }

    /// <summary>Whom one addressee of a rung means for these performers; nobody for an empty role, no supervisor, or an address that is none.</summary>
    public async Task<IReadOnlyList<MailAddressee>> ResolveAsync(string to, IReadOnlyList<Officer> performers, CancellationToken cancellation)
    {
        if (to.StartsWith("mailbox:", StringComparison.Ordinal))
        {
            var mailbox = to["mailbox:".Length..];
            return MailAddress.TryCreate(mailbox, out var address) && address.Address == mailbox ? [new MailAddressee(mailbox, mailbox)] : [];
        }
        if (to.StartsWith("role:", StringComparison.Ordinal))
            return [.. (await directory.HoldersOfAsync(to["role:".Length..], cancellation)).Select(Addressee)];
        if (to == "assignee")
            return [.. performers.Where(p => p.IsActive).Select(Addressee)];
        var supervisors = new List<MailAddressee>();
        foreach (var performer in performers)
        {
            if (await directory.ActiveSupervisorOfAsync(performer.Id, cancellation) is { } supervisor)
                supervisors.Add(Addressee(supervisor));
        }
        return supervisors;
    }

    private async Task<IEnumerable<MailAddressee>> LastResortAsync(CancellationToken cancellation)
    {
        var heads = await directory.HoldersOfAsync(Roles.UnitPpidHead, cancellation);
        return (heads.Count > 0 ? heads : await directory.HoldersOfAsync(Roles.Admin, cancellation)).Select(Addressee);
    }

    private static MailAddressee Addressee(Officer officer) => StepMail.Addressee(officer);
}
