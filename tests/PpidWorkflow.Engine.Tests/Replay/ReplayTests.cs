using System.Text.Json;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Engine.Tests.Replay;

/// <summary>
/// Instances that earlier commits stored continue under this one with the same journal, lines, outputs and variables (README.md in this folder
/// says how a snapshot is added). A snapshot is never changed: what it says is what that commit did.
/// </summary>
public class ReplayTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "replay");

    public static TheoryData<string, string> Stored { get; } = new(
        from file in Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal)
        from run in Read(file)
        select (Path.GetFileName(file), run.Name));

    [Theory]
    [MemberData(nameof(Stored))]
    public async Task What_an_earlier_commit_stored_goes_on_as_it_did_there(string snapshot, string name)
    {
        var run = Read(Path.Combine(Folder, snapshot)).Single(r => r.Name == name);
        var definition = DefinitionReader.ReadStored(run.Definition.ToJsonString());
        Assert.NotEmpty(run.Stops);

        foreach (var (stop, given) in Replays.StopsOf(run))
            Assert.Equal(Told(stop), Told(await Replays.RestAsync(definition, stop.State, run.Answers, given)));
    }

    [Fact]
    public void There_are_snapshots_and_each_holds_waits_and_faults()
    {
        var snapshots = Stored.Select(row => row.Data).GroupBy(d => d.Item1).ToList();

        Assert.NotEmpty(snapshots);
        Assert.All(snapshots, s => Assert.True(s.Count(d => d.Item2.EndsWith(" waits", StringComparison.Ordinal)) >= 39));
        Assert.All(snapshots, s => Assert.True(s.Count(d => d.Item2.EndsWith(" faults", StringComparison.Ordinal)) >= 30));
    }

    /// <summary>What the tool below would write today: it comes to an end, and what it says is what this build does.</summary>
    [Fact]
    public async Task A_snapshot_of_this_build_can_be_made_and_goes_on_as_it_says()
    {
        foreach (var run in await Replays.MakeAllAsync())
        {
            Assert.NotEmpty(run.Stops);
            var definition = DefinitionReader.ReadStored(run.Definition.ToJsonString());
            foreach (var (stop, given) in Replays.StopsOf(run))
                Assert.Equal(Told(stop), Told(await Replays.RestAsync(definition, stop.State, run.Answers, given)));
        }
    }

    /// <summary>No test but the tool that writes a snapshot into the file that <c>PPID_REPLAY_SNAPSHOT</c> names; run when asked for only.</summary>
    [Fact(Explicit = true)]
    public async Task A_snapshot_is_written_on_demand()
    {
        var made = await Replays.MakeAllAsync();

        if (Environment.GetEnvironmentVariable("PPID_REPLAY_SNAPSHOT") is { Length: > 0 } file)
            await File.WriteAllTextAsync(file, $"[\n{string.Join(",\n", made.Select(run => JsonSerializer.Serialize(run, Replays.Json)))}\n]\n", TestContext.Current.CancellationToken);
    }

    private static List<StoredRun> Read(string file) => JsonSerializer.Deserialize<List<StoredRun>>(File.ReadAllBytes(file), Replays.Json)!;

    private static string Told(StoredStop stop) => JsonSerializer.Serialize(stop with { State = "" }, Replays.Json);
}
