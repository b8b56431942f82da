using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// Of a step of thousands of rows: what it has appended so far is written into its transaction by another thread while it composes the next rows,
/// so that it takes the longer of the two and not their sum (docs/performance.md). Rows that were handed over are no longer changed. Whatever asks
/// the database meanwhile waits until they are written, see <see cref="WriteAheadGuard"/>.
/// </summary>
internal sealed class WriteAhead : IAsyncDisposable
{
    private Task _writing = Task.CompletedTask;

    /// <summary>Waits for the rows that were handed over before, and hands over what the context holds now.</summary>
    /// <exception cref="Microsoft.EntityFrameworkCore.DbUpdateConcurrencyException">Of the rows before: one was changed by somebody else.</exception>
    public async Task HandOverAsync(PpidDbContext db, CancellationToken cancellation)
    {
        await _writing;
        if (db.Bulk is { } rows && BulkSave.IsAble(db))
        {
            db.Bulk = new BulkRows();
            _writing = Task.Run(() => BulkSave.WriteAsync(db, rows, cancellation), CancellationToken.None);
        }
    }

    /// <summary>Waits until all that was handed over is written.</summary>
    public Task DoneAsync() => _writing;

    /// <summary>The transaction is about to end: nothing may be written any more. What failed has been told, or no longer matters.</summary>
    public async ValueTask DisposeAsync() => await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

/// <summary>A connection serves one at a time: questions wait for rows that are being written ahead.</summary>
internal sealed class WriteAheadGuard : DbCommandInterceptor
{
    private WriteAheadGuard()
    {
    }

    public static WriteAheadGuard Instance { get; } = new();

    /// <inheritdoc/>
    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        await Written(eventData);
        return result;
    }

    /// <inheritdoc/>
    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        await Written(eventData);
        return result;
    }

    /// <inheritdoc/>
    public override async ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        await Written(eventData);
        return result;
    }

    /// <inheritdoc/>
    public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Written(eventData).GetAwaiter().GetResult();
        return result;
    }

    /// <inheritdoc/>
    public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        Written(eventData).GetAwaiter().GetResult();
        return result;
    }

    /// <inheritdoc/>
    public override InterceptionResult<object> ScalarExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
    {
        Written(eventData).GetAwaiter().GetResult();
        return result;
    }

    private static Task Written(CommandEventData command) => (command.Context as PpidDbContext)?.Ahead?.DoneAsync() ?? Task.CompletedTask;
}
