using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// The floor under an inbox: one prepared keyset query of hand-written ADO.NET over a table made for it (officer, due instant, item, in that order
/// in its index), joined with all that a page of the inbox shows, every value of every row read.
/// </summary>
internal sealed class InboxFloor : IAsyncDisposable
{
    private const int PageSize = 25;
    private readonly AsyncServiceScope _scope;
    private readonly DbCommand _first;
    private readonly DbCommand _next;

    private InboxFloor(AsyncServiceScope scope, DbConnection connection, Guid officer)
    {
        _scope = scope;
        _first = Command("");
        _next = Command("AND (\"Due\", \"Item\") > (@due, @item) ");

        DbCommand Command(string after)
        {
            var command = connection.CreateCommand();
            command.CommandText =
                $"""
                SELECT w.*, c.*, k.*, o.* FROM (
                    SELECT "Due", "Item" FROM "BenchInbox" WHERE "Officer" = @officer {after}ORDER BY "Due", "Item" LIMIT {PageSize + 1}) AS p
                JOIN "WorkItems" AS w ON w."Id" = p."Item" JOIN "Cases" AS c ON c."Id" = w."CaseId"
                JOIN "StepClocks" AS k ON k."Id" = w."ClockId" JOIN "Officers" AS o ON o."Id" = w."AssigneeId"
                ORDER BY p."Due", p."Item"
                """;
            Set(command, "@officer", officer);
            return command;
        }
    }

    public static async Task<InboxFloor> OpenAsync(BenchOffice office, string userName)
    {
        var scope = office.App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PpidDbContext>();
        var officer = await db.Users.Where(o => o.UserName == userName).Select(o => o.Id).SingleAsync();
        var (id, instant) = office.Provider == Databases.PostgreSql ? ("uuid", "timestamptz") : ("TEXT", "TEXT");
        await db.Database.OpenConnectionAsync();
        await using var making = db.Database.GetDbConnection().CreateCommand();
        making.CommandText =
            $"""
            CREATE TABLE "BenchInbox" ("Officer" {id} NOT NULL, "Due" {instant} NOT NULL, "Item" {id} NOT NULL, PRIMARY KEY ("Officer", "Due", "Item"));
            INSERT INTO "BenchInbox" SELECT w."AssigneeId", k."DueAt", w."Id" FROM "WorkItems" AS w JOIN "StepClocks" AS k ON k."Id" = w."ClockId"
            WHERE w."Closure" = 'Open' AND w."AssigneeId" IS NOT NULL AND k."DueAt" IS NOT NULL;
            {(office.Provider == Databases.PostgreSql ? "ANALYZE \"BenchInbox\"" : "")}
            """;
        await making.ExecuteNonQueryAsync();
        return new InboxFloor(scope, db.Database.GetDbConnection(), officer);
    }

    /// <param name="after">A cursor of the inbox; null: the first page.</param>
    public async Task<string?> PageAsync(string? after)
    {
        var command = _first;
        if (after is not null && Cursor.Parse(after) is { } from)
        {
            command = _next;
            Set(command, "@due", from.At.UtcDateTime);
            Set(command, "@item", from.Id);
        }
        await using var reader = await command.ExecuteReaderAsync();
        var values = new object[reader.FieldCount];
        var rows = 0;
        while (await reader.ReadAsync())
        {
            reader.GetValues(values);
            rows++;
        }
        return rows > 0 ? null : throw new InvalidOperationException("The floor found nothing.");
    }

    private static void Set(DbCommand command, string name, object value)
    {
        if (command.Parameters.Contains(name))
        {
            command.Parameters[name].Value = value;
            return;
        }
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _next.DisposeAsync();
        await _scope.DisposeAsync();
    }
}
