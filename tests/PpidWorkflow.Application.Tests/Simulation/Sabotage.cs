using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
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
    ForgetToSend,

    /// <summary>An outage that is seen and not credited to one of those who worked in it.</summary>
    ForgetACredit,

    /// <summary>A rung that tells a supervisor who is away, and not the next one who is there.</summary>
    TellTheAbsent,

    /// <summary>An outage that is annulled and still credited to one of those who worked in it.</summary>
    ForgetToTakeBack,

    /// <summary>A step entered later than it was done, charged until it was entered.</summary>
    ChargeUntilEntry,

    /// <summary>A start after which the rungs for a step not begun go on.</summary>
    PressWhoBegan,

    /// <summary>A digest that is mailed and not noted.</summary>
    ForgetADigest
}

/// <summary>Alters the commits of the service as a fault would, every few times that it could.</summary>
internal sealed class Saboteur(Sabotage sabotage) : IDbTransactionInterceptor
{
    private readonly ConditionalWeakTable<PpidDbContext, object> _watched = [];

    // Outages are rarer than mails.
    private readonly int _every = sabotage switch
    {
        Sabotage.ForgetToTakeBack or Sabotage.PressWhoBegan => 1,
        Sabotage.ForgetACredit => 2,
        _ => 5
    };

    private int _chances;
    private long _lastFire;

    public ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is PpidDbContext db && _watched.TryAdd(db, db))
            db.Writing += (_, _) => Alter(db);
        return ValueTask.FromResult(result);
    }

    private void Alter(PpidDbContext db)
    {
        db.ChangeTracker.DetectChanges();
        switch (sabotage)
        {
            case Sabotage.DropAMail:
                foreach (var mail in db.ChangeTracker.Entries<OutboxMessage>().Where(e => e.State == EntityState.Added && IsTime()).ToList())
                    mail.State = EntityState.Detached;
                break;
            case Sabotage.ForgetAResume:
                foreach (var clock in db.ChangeTracker.Entries<StepClock>()
                    .Where(e => e.State == EntityState.Modified && e.OriginalValues[nameof(StepClock.State)] is ClockState.Paused
                        && e.Entity.State == ClockState.Running && IsTime()).ToList())
                    clock.CurrentValues.SetValues(clock.OriginalValues);
                break;
            case Sabotage.ForgetACredit:
                foreach (var clock in db.ChangeTracker.Entries<StepClock>()
                    .Where(e => e.State == EntityState.Modified && !Equals(e.OriginalValues[nameof(StepClock.CreditedMs)], e.Entity.CreditedMs) && IsTime()).ToList())
                {
                    clock.CurrentValues.SetValues(clock.OriginalValues);
                    foreach (var note in db.ChangeTracker.Entries<ClockEvent>().Where(e => e.Entity.ClockId == clock.Entity.Id && e.Entity.OutageId != null).ToList())
                        note.State = EntityState.Detached;
                }
                break;
            case Sabotage.ForgetToTakeBack when db.ChangeTracker.Entries<Outage>().Any(o => o.Entity.AnnulledAt is not null):
                foreach (var clock in db.ChangeTracker.Entries<StepClock>()
                    .Where(e => e.State == EntityState.Modified && (long)e.OriginalValues[nameof(StepClock.CreditedMs)]! > e.Entity.CreditedMs && IsTime()).ToList())
                    clock.CurrentValues.SetValues(clock.OriginalValues);
                break;
            case Sabotage.ChargeUntilEntry:
                foreach (var item in db.ChangeTracker.Entries<WorkItem>()
                    .Where(e => e.State == EntityState.Modified && e.Property(i => i.ActualClosedAt).IsModified && e.Entity.ActualClosedAt is not null && IsTime()))
                    item.Entity.ConsumedMs += (long)(item.Entity.ClosedAt - item.Entity.ActualClosedAt)!.Value.TotalMilliseconds;
                break;
            case Sabotage.PressWhoBegan:
                foreach (var clock in db.ChangeTracker.Entries<StepClock>()
                    .Where(e => e.State == EntityState.Modified && e.Property(c => c.StartedAt).IsModified && e.Entity.State == ClockState.Running && IsTime()))
                    clock.Entity.NextFireAt = clock.Property(c => c.NextFireAt).OriginalValue;
                break;
            case Sabotage.ForgetADigest:
                foreach (var run in db.ChangeTracker.Entries<DigestRun>().Where(e => e.State == EntityState.Added && IsTime()).ToList())
                    run.State = EntityState.Detached;
                break;
        }
    }

    /// <summary>Alarms are written in bulk, past the change tracker: what they wrote is altered right before the commit.</summary>
    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (sabotage == Sabotage.TellTheAbsent)
        {
            foreach (var row in NewFires(transaction))
                TellTheAbsent(transaction, row);
        }
        if (sabotage is Sabotage.DropAFire or Sabotage.FireTwice)
        {
            foreach (var row in NewFires(transaction))
            {
                if (!IsTime())
                    continue;
                if (sabotage == Sabotage.DropAFire)
                {
                    Run(transaction, $"DELETE FROM Outbox WHERE FireRecordId = (SELECT Id FROM FireRecords WHERE rowid = {row})");
                    Run(transaction, $"DELETE FROM FireRecords WHERE rowid = {row}");
                    continue;
                }
                var columns = ((string)Run(transaction, "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info('Outbox')")!).Split(',');
                var copied = columns.Select(c => c is "\"Id\"" ? $"'{Guid.CreateVersion7().ToString().ToUpperInvariant()}'" : c is "\"MessageId\"" ? $"'{Guid.CreateVersion7():n}@localhost'" : c);
                Run(
                    transaction,
                    $"INSERT INTO Outbox ({string.Join(", ", columns)}) SELECT {string.Join(", ", copied)} FROM Outbox "
                    + $"WHERE FireRecordId = (SELECT Id FROM FireRecords WHERE rowid = {row}) LIMIT 1");
            }
        }
        return ValueTask.FromResult(result);
    }

    // As if nobody had looked whether he is there: mail and fire record agree with each other, and only the list of absences does not.
    private static void TellTheAbsent(DbTransaction transaction, long fire)
    {
        var mails = $"FROM Outbox WHERE FireRecordId = (SELECT Id FROM FireRecords WHERE rowid = {fire}) AND json_extract(Model, '$.skipped') IS NOT NULL";
        const string Above = "(SELECT o.Email FROM WorkItems w JOIN Officers p ON p.Id = w.AssigneeId JOIN Officers o ON o.Id = p.SupervisorId WHERE w.Id = Outbox.WorkItemId)";
        if (Run(transaction, $"SELECT ToAddress {mails} AND {Above} IS NOT NULL AND {Above} <> ToAddress LIMIT 1") is not string told)
            return;
        var absent = (string)Run(transaction, $"SELECT {Above} {mails} LIMIT 1")!;
        Run(transaction, $"UPDATE FireRecords SET Addressees = replace(Addressees, '{told}', '{absent}') WHERE rowid = {fire}");
        Run(
            transaction,
            $"UPDATE Outbox SET ToAddress = '{absent}', Model = json_remove(Model, '$.skipped') WHERE ToAddress = '{told}' "
            + $"AND FireRecordId = (SELECT Id FROM FireRecords WHERE rowid = {fire})");
    }

    private List<long> NewFires(DbTransaction transaction)
    {
        using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // a number of this class
        command.CommandText = $"SELECT rowid FROM FireRecords WHERE rowid > {_lastFire} ORDER BY rowid";
#pragma warning restore CA2100
        var found = new List<long>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
            found.Add(_lastFire = reader.GetInt64(0));
        return found;
    }

    private static object? Run(DbTransaction transaction, string sql)
    {
        using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // names and ids of this class
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    private bool IsTime() => ++_chances % _every == 0;
}
