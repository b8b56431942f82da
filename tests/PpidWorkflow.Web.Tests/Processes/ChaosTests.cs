using System.Text.Json;
using PpidWorkflow.Web.Verbs.Bench.Chaos;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>
/// The kill loop (<c>bench chaos</c>) in its short form: twenty blows at random moments on each database. Any number by hand, see
/// docs/reliability.md.
/// </summary>
[Collection("Processes")]
public sealed class ChaosTests
{
    private const int Rounds = 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(15);

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql")]
    public async Task After_twenty_random_blows_under_load_nothing_is_lost_and_nothing_done_twice(string provider)
    {
        // The verb starts a PostgreSQL of its own, which it may kill; where none is installed, the tests' own is not named either.
        Assert.SkipWhen(
            provider == "PostgreSql" && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("PPID_TEST_POSTGRES")),
            "PPID_TEST_POSTGRES names no PostgreSQL (tests/Shared/postgres.sh starts one).");
        await using var service = new RunningService();

        var (code, output) = await service.RunLongVerbAsync(
            Deadline, "bench", "chaos", "--provider", provider, "--rounds", "20", "--seed", "7", "--json");

        Assert.True(code == 0, output);
        var figures = output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement)
            .ToDictionary(f => f.GetProperty("name").GetString()!, f => f.GetProperty("value").GetDouble());
        Assert.Equal((Rounds, 0), (figures["chaos.rounds"], figures["chaos.violations"]));
        Assert.Equal(4, figures["chaos.stops.node"]);
        Assert.InRange(figures["chaos.kills.node"] + figures["chaos.kills.database"], Rounds - 4, 2 * Rounds);
        if (provider == "PostgreSql")
            Assert.Equal(8, figures["chaos.kills.database"]);
        // There was something to lose.
        Assert.InRange(figures["chaos.cases"], 5, double.MaxValue);
        Assert.InRange(figures["chaos.answers.kept"], 50, double.MaxValue);
        Assert.InRange(figures["chaos.rungs"], 6, double.MaxValue);
        Assert.InRange(figures["chaos.mails.twice"], 0, Rounds);
        TestContext.Current.TestOutputHelper!.WriteLine(output);
    }

    [Fact]
    public void A_seed_draws_the_same_blows_again_and_another_one_others()
    {
        var plan = ChaosPlan.Of(7, 300, 2, ChaosTarget.Both);

        Assert.Equal(plan, ChaosPlan.Of(7, 300, 2, ChaosTarget.Both));
        Assert.NotEqual(plan, ChaosPlan.Of(8, 300, 2, ChaosTarget.Both));
        // A longer run begins as the shorter one.
        Assert.Equal(plan.Take(20), ChaosPlan.Of(7, 20, 2, ChaosTarget.Both));
        Assert.Equal((120, 120, 60), (Of(StrikeKind.Node), Of(StrikeKind.Database), Of(StrikeKind.Stop)));
        Assert.Contains(plan, s => s.Lasts > Strike.LongStop);
        Assert.Contains(plan, s => s.Again is not null);
        Assert.Contains(plan, s => s.Node == 1);

        int Of(StrikeKind kind) => plan.Count(s => s.Kind == kind);
    }
}
