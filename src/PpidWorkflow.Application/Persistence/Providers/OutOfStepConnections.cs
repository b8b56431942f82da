using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// A connection on which driver and server disagree about what is prepared fails with every statement from then on, as nothing resets it: seen after
/// the server had been killed. It is thrown away with the others of its pool; what is under way on those ends first.
/// </summary>
internal sealed class OutOfStepConnections : DbCommandInterceptor
{
    public static readonly OutOfStepConnections Instance = new();

    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Discard(command, eventData);

    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Discard(command, eventData);
        return Task.CompletedTask;
    }

    private static void Discard(DbCommand command, CommandErrorEventData failed)
    {
        if (command.Connection is NpgsqlConnection connection && StoreFailures.IsOutOfStep(failed.Exception))
            NpgsqlConnection.ClearPool(connection);
    }
}
