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

    [Fact]
    public void The_same_slip_of_ours_is_a_bug()
    {
        Assert.Null(StoreFailures.Describe(new Slip { Source = typeof(StoreFailures).Assembly.GetName().Name }));
        Assert.Null(StoreFailures.Describe(new Slip()));
    }

    private sealed class Slip : NullReferenceException;
}
