using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>
/// Office life on the real services, held against an oracle after every event (docs/reliability.md): in CI 50 seeds of a month in a quiet
/// office. More seeds, longer lives and a busy office on demand: <c>PPID_SIM_SEEDS</c>, <c>PPID_SIM_DAYS</c>, <c>PPID_SIM_FIRST</c>,
/// <c>PPID_SIM_PACE=busy</c>.
/// </summary>
[Collection(nameof(SimulationTests))]
public class SimulationTests(ITestOutputHelper output)
{
    private const int FewestEventsOfAMonth = 150;

    [Fact]
    public async Task Office_life_keeps_every_invariant()
    {
        var (first, seeds, days) = (Setting("PPID_SIM_FIRST", 1), Setting("PPID_SIM_SEEDS", 50), Setting("PPID_SIM_DAYS", 30));
        var pace = Enum.TryParse<Pace>(Environment.GetEnvironmentVariable("PPID_SIM_PACE"), ignoreCase: true, out var wanted) ? wanted : Pace.Quiet;
        var counts = new ConcurrentDictionary<string, int>();
        var events = new ConcurrentBag<int>();
        var failures = new ConcurrentQueue<string>();
        var finished = 0;
        var watch = Stopwatch.StartNew();
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        await Parallel.ForEachAsync(Enumerable.Range(first, seeds), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (seed, _) =>
        {
            try
            {
                var result = await Simulation.RunAsync((ulong)seed, days, pace);
                events.Add(result.Events);
                foreach (var (name, count) in result.Counts)
                    counts.AddOrUpdate(name, count, (_, sum) => sum + count);
            }
            catch (SimulationFailedException failure)
            {
                failures.Enqueue(failure.Message);
            }
            if (Interlocked.Increment(ref finished) % 50 == 0)
                Progress($"{finished} of {seeds} seeds, {failures.Count} failed, {watch.Elapsed.TotalSeconds:0} s");
        });
        var processor = Process.GetCurrentProcess().TotalProcessorTime - before;
        var table = string.Join("\n", counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key,-28} {c.Value,10:N0}")));
        Progress(string.Create(
            CultureInfo.InvariantCulture,
            $"{seeds} seeds from {first}, {days} days each, {pace} office: {events.Sum():N0} events ({events.DefaultIfEmpty().Min():N0} to {events.DefaultIfEmpty().Max():N0} a seed), {failures.Count} seeds failed, {watch.Elapsed.TotalSeconds:0.0} s ({processor.TotalSeconds:0.0} s of processor time)\n{table}"));
        Assert.True(failures.IsEmpty, string.Join("\n\n", failures.Take(3)));
        Assert.True(events.Min() >= FewestEventsOfAMonth * days / 30, $"A seed had {events.Min()} events: that is no office life.");
    }

    [Fact]
    public async Task The_same_seed_is_the_same_life_to_the_byte()
    {
        var once = await Simulation.RunAsync(7, 8);
        var again = await Simulation.RunAsync(7, 8);
        var other = await Simulation.RunAsync(8, 8);

        Assert.Equal((once.Events, once.Hash), (again.Events, again.Hash));
        Assert.NotEqual(once.Hash, other.Hash);
    }

    [Theory]
    [InlineData(Sabotage.DropAFire)]
    [InlineData(Sabotage.DropAMail)]
    [InlineData(Sabotage.FireTwice)]
    [InlineData(Sabotage.FireEarly)]
    [InlineData(Sabotage.ForgetAResume)]
    [InlineData(Sabotage.ForgetToSend)]
    [InlineData(Sabotage.ForgetACredit)]
    [InlineData(Sabotage.TellTheAbsent)]
    [InlineData(Sabotage.ForgetToTakeBack)]
    [InlineData(Sabotage.ChargeUntilEntry)]
    [InlineData(Sabotage.PressWhoBegan)]
    [InlineData(Sabotage.ForgetADigest)]
    public async Task A_fault_is_seen_within_ten_seeds(Sabotage sabotage)
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            try
            {
                await Simulation.RunAsync(seed, 15, Pace.Busy, sabotage);
            }
            catch (SimulationFailedException seen)
            {
                output.WriteLine($"{sabotage}: seed {seed}, event {seen.Events}: {seen.Problems[0]}");
                return;
            }
        }
        Assert.Fail($"Ten seeds lived through {sabotage} without a word.");
    }

    private void Progress(string line)
    {
        output.WriteLine(line);
        TestContext.Current.SendDiagnosticMessage(line);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}

/// <summary>Takes all processors for itself: beside nothing else.</summary>
[CollectionDefinition(nameof(SimulationTests), DisableParallelization = true)]
public class SimulationTestsCollection;
