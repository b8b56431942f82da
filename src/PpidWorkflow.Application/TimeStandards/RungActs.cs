using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>
/// What a rung does besides telling (design.md §4: reassign, addHelper, banner), in the commit of its fire record: the record is the claim, so
/// each happens once. What cannot be done is told to the addressees instead.
/// </summary>
public sealed class RungActs(PpidDbContext db, OfficerDirectory directory, EscalationAddressees addressees, StepDesk steps, StepMail mail, AuditTrail audit)
{
    /// <summary>Does it and adds the mails; says to whom they go.</summary>
    public async Task<IReadOnlyList<RungRecipient>> PerformAsync(
        EscalationRung rung, FireRecord record, RungNews news, WorkItem item, CancellationToken cancellation)
    {
        if (rung.Action is EscalationAction.Reassign or EscalationAction.AddHelper)
        {
            var chosen = await ChooseAsync(rung, item, record.FiredAt, cancellation);
            if (chosen is not null)
            {
                record.OfficerId = chosen.Officer!.Id;
                return rung.Action == EscalationAction.Reassign
                    ? await ReassignAsync(chosen, record, news, item, cancellation)
                    : await AddHelperAsync(chosen, record, news, item, cancellation);
            }
        }
        var told = await addressees.ResolveAsync(rung, item, record.FiredAt, cancellation);
        foreach (var to in told)
            mail.Rung(news with { NotDone = rung.Action is EscalationAction.Banner ? EscalationAction.Notify : rung.Action }, item, to);
        if (rung.Action == EscalationAction.Banner)
        {
            db.AlertBanners.AddRange(told.Select(t => t.Officer).OfType<Officer>().DistinctBy(o => o.Id).Select(officer => new AlertBanner
            {
                FireRecordId = record.Id,
                OfficerId = officer.Id,
                ClockId = record.ClockId
            }));
        }
        return told;
    }

    private async Task<IReadOnlyList<RungRecipient>> ReassignAsync(
        RungRecipient chosen, FireRecord record, RungNews news, WorkItem item, CancellationToken cancellation)
    {
        var former = item.AssigneeId is { } id ? await directory.GetAsync(id, cancellation) : null;
        record.FormerOfficerId = former?.Id;
        item.AssigneeId = chosen.Officer!.Id;
        item.Assignee = null;
        var acting = await directory.ActingInAsync(chosen.Officer.Id, item.Role, cancellation);
        (item.InSteadOfId, item.AppointmentId) = (acting?.ForOfficerId, acting?.Id);
        item.Revision++;
        // Whoever steps in from outside the role does this step only.
        if ((await directory.HoldersOfAsync(item.Role, cancellation)).Any(h => h.Id == chosen.Officer.Id))
            await steps.RememberPlayerAsync(item.CaseId, item.Role, chosen.Officer.Id, cancellation);
        mail.Handed("task", news, item, chosen, former is null ? null : await directory.NameInAsync(former.Id, item.Role, cancellation));
        List<RungRecipient> told = [chosen];
        if (former is { IsActive: true })
        {
            told.Add(await InRoleAsync(former, item, cancellation));
            mail.Handed("reassigned", news, item, told[1], await directory.NameInAsync(chosen.Officer.Id, item.Role, cancellation));
        }
        Audit(item, "task-reassigned", new JsonObject { ["assignee"] = chosen.Officer.UserName, ["former"] = former?.UserName, ["fireId"] = record.Id });
        return told;
    }

    private async Task<IReadOnlyList<RungRecipient>> AddHelperAsync(
        RungRecipient chosen, FireRecord record, RungNews news, WorkItem item, CancellationToken cancellation)
    {
        var helper = new TaskHelper
        {
            WorkItemId = item.Id,
            OfficerId = chosen.Officer!.Id,
            CaseId = item.CaseId,
            FireRecordId = record.Id,
            AddedAt = record.FiredAt
        };
        db.TaskHelpers.Add(helper);
        mail.Handed("helper", news, item, chosen, news.Performer);
        List<RungRecipient> told = [chosen];
        if (item.AssigneeId is { } id && await directory.GetAsync(id, cancellation) is { IsActive: true } performer)
        {
            told.Add(await InRoleAsync(performer, item, cancellation));
            mail.Handed("helped", news, item, told[1], await directory.NameInAsync(chosen.Officer.Id, item.Role, cancellation));
        }
        Audit(item, "helper-added", new JsonObject { ["helper"] = chosen.Officer.UserName, ["fireId"] = record.Id });
        return told;
    }

    // Who performs as Plh., or did, is written to as such.
    private async Task<RungRecipient> InRoleAsync(Officer officer, WorkItem item, CancellationToken cancellation)
    {
        var recipient = RungRecipient.Of(officer);
        return recipient with { Mail = recipient.Mail with { Name = await directory.NameInAsync(officer.Id, item.Role, cancellation) } };
    }

    /// <summary>
    /// The first addressee among whom somebody can: active, there, no auditor, not the performer, nor relieved of this step before (or helping
    /// already). Of several, whoever has the fewest open tasks, then by name.
    /// </summary>
    private async Task<RungRecipient?> ChooseAsync(EscalationRung rung, WorkItem item, DateTimeOffset at, CancellationToken cancellation)
    {
        var passed = rung.Action == EscalationAction.Reassign
            ? (await db.FireRecords.AsNoTracking().Where(f => f.ClockId == item.ClockId && f.FormerOfficerId != null).Select(f => f.FormerOfficerId)
                .ToListAsync(cancellation)).Concat(db.Appended<FireRecord>().Where(f => f.ClockId == item.ClockId).Select(f => f.FormerOfficerId)).ToHashSet()
            : (await db.TaskHelpers.AsNoTracking().Where(h => h.WorkItemId == item.Id).Select(h => (Guid?)h.OfficerId)
                .ToListAsync(cancellation)).Concat(db.TaskHelpers.Local.Where(h => h.WorkItemId == item.Id).Select(h => (Guid?)h.OfficerId)).ToHashSet();
        passed.Add(item.AssigneeId);
        var performers = await addressees.PerformersAsync(item, cancellation);
        if (rung.Action == EscalationAction.AddHelper)
            passed.UnionWith(performers.Select(p => (Guid?)p.Id));
        passed.UnionWith((await directory.HoldersOfAsync(Roles.Auditor, cancellation)).Select(a => (Guid?)a.Id));
        foreach (var to in rung.To)
        {
            var able = new List<RungRecipient>();
            foreach (var recipient in await addressees.ResolveAsync(to, performers, at, cancellation))
            {
                if (recipient is { Officer: { } officer, IsLastResort: false } && !passed.Contains(officer.Id)
                    && !await directory.IsAbsentAsync(officer.Id, at, cancellation) && able.TrueForAll(a => a.Officer!.Id != officer.Id))
                    able.Add(recipient);
            }
            if (able.Count > 1)
                able = await ByLoadAsync(able, cancellation);
            if (able.Count > 0)
                return able[0];
        }
        return null;
    }

    private async Task<List<RungRecipient>> ByLoadAsync(List<RungRecipient> able, CancellationToken cancellation)
    {
        var ids = able.Select(r => (Guid?)r.Officer!.Id).ToList();
        var open = await db.WorkItems.Where(w => w.Closure == WorkItemClosure.Open && ids.Contains(w.AssigneeId)).GroupBy(w => w.AssigneeId)
            .Select(g => new { Officer = g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Officer!.Value, g => g.Count, cancellation);
        return [.. able.OrderBy(r => open.GetValueOrDefault(r.Officer!.Id)).ThenBy(r => r.Officer!.DisplayName, StringComparer.Ordinal)];
    }

    private void Audit(WorkItem item, string action, JsonObject data)
    {
        data["taskId"] = item.Id;
        data["step"] = item.StepLabel;
        audit.Add(AuditTrail.ChainOf(item.CaseId), "system", action, data);
    }
}
