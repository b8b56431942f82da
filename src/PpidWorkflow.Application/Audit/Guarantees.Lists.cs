using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Audit;

/// <summary>What the lists are found by agrees with what they show.</summary>
public sealed partial class Guarantees
{
    // SeenCases finds a case by the steps and alerts of an officer: when it was opened stands in these, too; and nobody closes a step who is
    // neither its performer nor one of its helpers.
    private async Task<GuaranteeReading> ListsFindCasesAsync(Guid first, CancellationToken cancellation)
    {
        var reading = new Reading("lists-find-cases", "Setiap langkah dan peringatan menyebut kapan berkasnya dibuka, dan hanya pelaksana atau pembantunya yang menutup sebuah langkah.");
        var items = db.WorkItems.AsNoTracking().Where(w => w.Closure == WorkItemClosure.Open)
            .Concat(db.WorkItems.AsNoTracking().Where(w => w.Closure != WorkItemClosure.Open && w.Id >= first));
        reading.Checked = await items.LongCountAsync(cancellation);
        reading.Blame(await items.Where(w => w.CaseCreatedAt != w.Case!.CreatedAt
                || ((w.Closure == WorkItemClosure.Completed || w.Closure == WorkItemClosure.Returned)
                    && w.ClosedById != w.AssigneeId && !w.Helpers.Any(h => h.OfficerId == w.ClosedById)))
            .Select(w => w.Id).ToListAsync(cancellation));
        reading.Blame(await db.Outbox.AsNoTracking().Where(m => m.Id >= first && m.FireRecordId != null && m.OfficerId != null && m.CaseId != null
                && !db.Cases.Any(c => c.Id == m.CaseId && c.CreatedAt == m.CaseCreatedAt))
            .Select(m => m.Id).ToListAsync(cancellation));
        return reading.Taken;
    }
}
