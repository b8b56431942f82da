using Npgsql;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Tests.Storage;

/// <summary>What is the store's fault is told apart from a bug of ours, which must surface.</summary>
public class StoreFailuresTests
{
    [Fact]
    public void A_slip_of_the_driver_when_its_connection_breaks_is_the_stores()
    {
        var driver = typeof(NpgsqlException).Assembly.GetName().Name;

        Assert.Equal(StoreFailure.Unavailable, StoreFailures.Describe(new Slip { Source = driver }));
        Assert.Equal(StoreFailure.Unavailable, StoreFailures.Describe(new InvalidOperationException("", new ObjectDisposedException("connector") { Source = driver })));
    }

    [Theory]
    [InlineData(PostgresErrorCodes.DuplicatePreparedStatement)]
    [InlineData(PostgresErrorCodes.InvalidSqlStatementName)]
    public void A_connection_that_is_out_of_step_is_the_stores(string state) =>
        Assert.Equal(StoreFailure.Unavailable, StoreFailures.Describe(new InvalidOperationException("", new PostgresException("", "ERROR", "ERROR", state))));

    [Fact]
    public void A_message_that_the_driver_did_not_expect_is_the_stores_and_one_of_ours_a_bug()
    {
        Assert.Equal(StoreFailure.Unavailable, StoreFailures.Describe(Plain(typeof(NpgsqlException))));
        Assert.Null(StoreFailures.Describe(Plain(typeof(StoreFailures))));
        Assert.Null(StoreFailures.Describe(new PostgresException("", "ERROR", "ERROR", PostgresErrorCodes.UndefinedTable)));
    }

    [Fact]
    public void The_same_slip_of_ours_is_a_bug()
    {
        Assert.Null(StoreFailures.Describe(new Slip { Source = typeof(StoreFailures).Assembly.GetName().Name }));
        Assert.Null(StoreFailures.Describe(new Slip()));
    }

    // The driver throws the mere base class ("Received unexpected backend message"), which we never do.
    private static Exception Plain(Type thrower)
    {
        var plain = Activator.CreateInstance<Exception>();
        plain.Source = thrower.Assembly.GetName().Name;
        return plain;
    }

    private sealed class Slip : NullReferenceException;
}
