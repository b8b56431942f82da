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
        var found = new List<MailAddressee>();
        foreach (var to in rung.To)
            found.AddRange(await ResolveAsync(to, item, cancellation));
        if (found.Count == 0)
            found.AddRange(await LastResortAsync(cancellation));
        return [.. found.DistinctBy(a => a.Address.ToUpperInvariant())];
    }

    private async Task<IEnumerable<MailAddressee>> ResolveAsync(string to, WorkItem item, CancellationToken cancellation)
    {
        if (to.StartsWith("mailbox:", StringComparison.Ordinal))
            return [new MailAddressee(to["mailbox:".Length..], to["mailbox:".Length..])];
        if (to.StartsWith("role:", StringComparison.Ordinal))
            return (await directory.HoldersOfAsync(to["role:".Length..], cancellation)).Select(Addressee);

        var performers = item.AssigneeId is { } assignee
            ? [await directory.GetAsync(assignee, cancellation)]
            : await directory.HoldersOfAsync(item.Role, cancellation);
        if (to == "assignee")
            return performers.Where(p => p.IsActive).Select(Addressee);
        var supervisors = new List<Officer>();
        foreach (var performer in performers)
        {
            if (await directory.ActiveSupervisorOfAsync(performer.Id, cancellation) is { } supervisor)
                supervisors.Add(supervisor);
        }
        return supervisors.Select(Addressee);
    }

    private async Task<IEnumerable<MailAddressee>> LastResortAsync(CancellationToken cancellation)
    {
        var heads = await directory.HoldersOfAsync(Roles.UnitPpidHead, cancellation);
        return (heads.Count > 0 ? heads : await directory.HoldersOfAsync(Roles.Admin, cancellation)).Select(Addressee);
    }

    private static MailAddressee Addressee(Officer officer) => StepMail.Addressee(officer);
}
