using Npgsql;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Tests.Storage;

/// <summary>What is added to the operator's connection string, and what is not.</summary>
public sealed class PostgreSqlStoreTests
{
    private const string Given = "Host=db;Database=ppid;Username=ppid";

    [Fact]
    public void A_session_that_hangs_in_a_transaction_is_ended_after_the_time_that_is_set()
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgreSqlStore.Completed(Given, 15));

        Assert.Equal("-c idle_in_transaction_session_timeout=15s", settings.Options);
    }

    [Fact]
    public void For_a_pooler_that_takes_no_start_up_parameters_none_is_told()
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgreSqlStore.Completed(Given, 0));

        Assert.True(string.IsNullOrEmpty(settings.Options));
        Assert.DoesNotContain("Options", PostgreSqlStore.Completed(Given, 0), StringComparison.OrdinalIgnoreCase);
        Assert.True(settings.NoResetOnClose);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    public void What_the_operator_has_written_himself_stays(int seconds)
    {
        var own = Given + ";Options=-c idle_in_transaction_session_timeout=60s;Max Auto Prepare=0;No Reset On Close=false";

        var settings = new NpgsqlConnectionStringBuilder(PostgreSqlStore.Completed(own, seconds));

        Assert.Equal(("-c idle_in_transaction_session_timeout=60s", 0, false), (settings.Options, settings.MaxAutoPrepare, settings.NoResetOnClose));
    }
}
