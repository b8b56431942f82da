using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>The simulated process has died: nothing it does from here on reaches the database.</summary>
internal sealed class ProcessDiedException() : Exception("The simulated process has died.");

/// <summary>
/// Lets the process die where <c>CrashPoints</c> lets a real one die, and at any statement besides: what was not committed is gone, and not
/// even a <c>finally</c> of the dying process writes any more. One instance a process; a restart has its own.
/// </summary>
internal sealed class ProcessFate : DbCommandInterceptor, IDbTransactionInterceptor
{
    private int _statements = -1;
    private bool _beforeCommit;
    private bool _afterCommit;

    public bool IsDead { get; private set; }

    /// <summary>How many transactions this process has committed.</summary>
    public int Commits { get; private set; }

    public void DieBeforeCommit() => _beforeCommit = true;

    public void DieAfterCommit() => _afterCommit = true;

    /// <summary>At the n-th statement from now, from 1.</summary>
    public void DieAtStatement(int n) => _statements = n;

    /// <summary>The act is over and nothing came of the danger.</summary>
    public void Spare() => (_statements, _beforeCommit, _afterCommit) = (-1, false, false);

    public void Die()
    {
        IsDead = true;
        throw new ProcessDiedException();
    }

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (IsDead || _beforeCommit)
            Die();
        return ValueTask.FromResult(result);
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Commits++;
        if (_afterCommit)
            Die();
        return Task.CompletedTask;
    }

    public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Count();
        return result;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Count();
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        Count();
        return result;
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Count();
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<object> ScalarExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
    {
        Count();
        return result;
    }

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        Count();
        return ValueTask.FromResult(result);
    }

    private void Count()
    {
        if (IsDead || (_statements > 0 && --_statements == 0))
            Die();
    }
}
