using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>What the driver believes to be prepared on a connection and what the server knows there may differ: nobody is to get that connection again.</summary>
public class OutOfStepTests
{
    [Fact]
    public async Task A_connection_that_is_out_of_step_is_thrown_away()
    {
        Assert.SkipUnless(OfficeStore.IsPostgreSql, "PPID_TEST_PROVIDER=PostgreSql only.");
        await using var office = await Office.OpenAsync();
        var session = await SessionAsync();
        Assert.Equal(session, await SessionAsync());

        await office.RowsAsync(db => db.Database.ExecuteSqlRawAsync("PREPARE _auto3 AS SELECT 1"));
        var failure = await Assert.ThrowsAsync<PostgresException>(
            () => office.RowsAsync(db => db.Database.ExecuteSqlRawAsync("PREPARE _auto3 AS SELECT 1")));

        Assert.Equal(PostgresErrorCodes.DuplicatePreparedStatement, failure.SqlState);
        Assert.NotEqual(session, await SessionAsync());

        Task<int> SessionAsync() => office.RowsAsync(db => db.Database.SqlQueryRaw<int>("SELECT pg_backend_pid() AS \"Value\"").SingleAsync());
    }
}
