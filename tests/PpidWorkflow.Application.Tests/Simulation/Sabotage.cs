using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>Faults that a build of the service might have. The simulation must see each.</summary>
public enum Sabotage
{
    None,

    /// <summary>A sweep that goes on to the next rung without having told the one before.</summary>
    DropAFire,

    /// <summary>A commit that loses one of its mails.</summary>
    DropAMail,

    /// <summary>A rung that tells its people once more.</summary>
    FireTwice,

    /// <summary>A sweep whose clock is a tick fast.</summary>
    FireEarly,

    /// <summary>A pause that ends for people and not for the clock.</summary>
    ForgetAResume,

    /// <summary>A mail that is marked as sent and never was.</summary>
    ForgetToSend
}

/// <summary>Alters the commits of the service as a fault would, every few times that it could.</summary>
internal sealed class Saboteur(Sabotage sabotage) : SaveChangesInterceptor
{
    private const int Every = 5;

    private int _chances;

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        var db = eventData.Context!;
        db.ChangeTracker.DetectChanges();
        switch (sabotage)
        {
            case Sabotage.DropAFire:
                foreach (var fire in db.ChangeTracker.Entries<FireRecord>().Where(e => e.State == EntityState.Added && IsTime()).ToList())
                {
                    foreach (var mail in db.ChangeTracker.Entries<OutboxMessage>().Where(m => m.Entity.FireRecordId == fire.Entity.Id).ToList())
                        mail.State = EntityState.Detached;
                    fire.State = EntityState.Detached;
                }
                break;
            case Sabotage.DropAMail:
                foreach (var mail in db.ChangeTracker.Entries<OutboxMessage>().Where(e => e.State == EntityState.Added && IsTime()).ToList())
                    mail.State = EntityState.Detached;
                break;
            case Sabotage.FireTwice:
                foreach (var mail in db.ChangeTracker.Entries<OutboxMessage>()
                    .Where(e => e.State == EntityState.Added && e.Entity.FireRecordId is not null && IsTime()).Select(e => e.Entity).ToList())
                    db.Add(Copy(mail));
                break;
            case Sabotage.ForgetAResume:
                foreach (var clock in db.ChangeTracker.Entries<StepClock>()
                    .Where(e => e.State == EntityState.Modified && e.OriginalValues[nameof(StepClock.State)] is ClockState.Paused
                        && e.Entity.State == ClockState.Running && IsTime()).ToList())
                    clock.CurrentValues.SetValues(clock.OriginalValues);
                break;
        }
        return ValueTask.FromResult(result);
    }

    private bool IsTime() => ++_chances % Every == 0;

    private static OutboxMessage Copy(OutboxMessage mail)
    {
        var id = Guid.CreateVersion7();
        return new OutboxMessage
        {
            Id = id,
            MessageId = $"{id:n}@localhost",
            Template = mail.Template,
            SopSlug = mail.SopSlug,
            Model = mail.Model,
            ToAddress = mail.ToAddress,
            ToName = mail.ToName,
            OfficerId = mail.OfficerId,
            CaseId = mail.CaseId,
            WorkItemId = mail.WorkItemId,
            FireRecordId = mail.FireRecordId,
            CreatedAt = mail.CreatedAt,
            NextAttemptAt = mail.NextAttemptAt
        };
    }
}
