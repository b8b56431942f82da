using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>More rows than should be in memory at a time.</summary>
internal static class Crowds
{
    /// <summary>As many clocks beside the office's only one, running like it.</summary>
    public static Task<int> AddClocksAsync(this Office office, int many) => office.RowsAsync(async db =>
    {
        var one = await db.StepClocks.AsNoTracking().SingleAsync();
        var rows = Enumerable.Range(1, many).Select(n => new StepClock
        {
            Id = Guid.CreateVersion7(office.Time.GetUtcNow()),
            CaseId = one.CaseId,
            InstanceId = one.InstanceId,
            ActivityId = one.ActivityId,
            ActivityInstanceId = $"{one.ActivityInstanceId}-{n}",
            Visit = 1,
            StepNumber = one.StepNumber,
            BudgetMs = one.BudgetMs,
            Escalation = one.Escalation,
            ReceivedAt = one.ReceivedAt,
            RunningSince = one.RunningSince,
            State = ClockState.Running,
            DueAt = one.DueAt,
            AtRiskAt = one.AtRiskAt,
            NextFireAt = one.NextFireAt
        }).ToList();
        db.StepClocks.AddRange(rows);
        db.ClockEvents.AddRange(rows.Select(clock => new ClockEvent
        {
            Id = Guid.CreateVersion7(office.Time.GetUtcNow()),
            ClockId = clock.Id,
            CaseId = clock.CaseId,
            At = clock.ReceivedAt,
            Kind = "received",
            DueAfter = clock.DueAt
        }));
        return await db.SaveChangesAsync();
    });
}
