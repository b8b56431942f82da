using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Web.Tests.BadInput;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Verbs;

/// <summary>The verbs <c>rehearse</c> and <c>validate --office</c>, as processes.</summary>
public sealed class RehearseVerbTests(TestService service) : IClassFixture<TestService>
{
    private static readonly string Delivered =
        Path.Combine(RunningService.RepositoryRoot, "workflows", "pendokumentasian-informasi-dikecualikan", "definition.json");

    [Fact]
    public async Task People_read_a_table_of_a_hundred_columns()
    {
        var run = await ServiceProcess.RunAsync("rehearse", Delivered, "--from", "2026-11-20", $"--Storage:DataPath={Path.Combine(service.DataPath, "none")}");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var lines = run.Output.Split('\n', StringSplitOptions.TrimEntries);
        Assert.All(run.Output.Split('\n'), line => Assert.True(line.TrimEnd('\r').Length <= 100, line));
        Assert.Contains(lines, l => l.StartsWith("Petugas: diandaikan", StringComparison.Ordinal));
        Assert.Contains("Dibuka Senin, 23 Nov 2026 15.50 WIB, menjelang malam", run.Output, StringComparison.Ordinal);
        Assert.Contains("Dibuka Jumat, 20 Nov 2026 11.25 WIB, menjelang istirahat Jumat", run.Output, StringComparison.Ordinal);
        Assert.Contains("Dibuka Rabu, 23 Des 2026 15.52 WIB, menjelang hari libur", run.Output, StringComparison.Ordinal);
        Assert.Contains(lines, l => l.StartsWith("15.52", StringComparison.Ordinal) && l.Contains("Petugas pengelolaan informasi", StringComparison.Ordinal)
            && l.EndsWith("24 Nov 07.37", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("07.32", StringComparison.Ordinal) && l.Contains("surel eskalasi (200%)", StringComparison.Ordinal));
        Assert.False(Directory.Exists(Path.Combine(service.DataPath, "none")), "A rehearsal writes nothing.");
    }

    [Fact]
    public async Task Machines_read_JSON_and_the_officers_are_those_of_the_database()
    {
        using var _ = service.CreateClient();

        var run = await ServiceProcess.RunAsync("rehearse", Delivered, "--json", "--from", "2026-11-20", $"--Storage:DataPath={service.DataPath}");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var answer = JsonDocument.Parse(run.Output).RootElement;
        Assert.True(answer.GetProperty("ok").GetBoolean());
        var rehearsal = answer.GetProperty("rehearsal");
        Assert.False(rehearsal.GetProperty("hasAssumedOfficers").GetBoolean());
        var paths = rehearsal.GetProperty("timetables").EnumerateArray().ToList();
        Assert.Equal(["main", "returned", "overdue"], paths.Select(p => p.GetProperty("path").GetString()));
        Assert.Equal(["night", "fridayBreak", "holiday"], paths.Select(p => p.GetProperty("span").GetString()));
        var second = paths[0].GetProperty("rows").EnumerateArray().First(r => r.GetProperty("step").GetString() == "2");
        Assert.Equal(
            ("taskMail", "Dewi Anggraini, S.Kom.", "2026-11-24T00:37:00+00:00"),
            (second.GetProperty("what").GetString(), second.GetProperty("who").GetString(), second.GetProperty("dueAt").GetString()));
    }

    [Theory]
    [InlineData("standardTime", "segera", "step-without-standard")]
    [InlineData("performerRole", "ARSIPARIS", "role-unknown")]
    public async Task What_has_errors_is_not_rehearsed_and_exits_with_1(string input, string value, string code)
    {
        using var _ = service.CreateClient();
        var file = await ChangedAsync(input, value);

        var text = await ServiceProcess.RunAsync("rehearse", file, $"--Storage:DataPath={service.DataPath}");
        var json = await ServiceProcess.RunAsync("rehearse", file, "--json", $"--Storage:DataPath={service.DataPath}");

        Assert.Equal((1, 1), (text.ExitCode, json.ExitCode));
        Assert.Contains(code, text.Output, StringComparison.Ordinal);
        Assert.Contains("2. Menyiapkan berkas", text.Output, StringComparison.Ordinal);
        Assert.Contains("Alur belum dilatih", text.Output, StringComparison.Ordinal);
        Assert.Equal(code, JsonDocument.Parse(json.Output).RootElement.GetProperty("problems")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Without_a_step_there_is_nothing_to_rehearse()
    {
        var file = Path.Combine(service.DataPath, "stepless.json");
        await File.WriteAllTextAsync(
            file, """{"id":"v","definitionId":"d","name":"Uji","root":{"type":"Elsa.WriteLine","id":"w","text":"x"}}""", TestContext.Current.CancellationToken);

        var run = await ServiceProcess.RunAsync("rehearse", file, $"--Storage:DataPath={Path.Combine(service.DataPath, "none")}");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Tidak ada yang dilatih: definisi ini tidak memuat langkah SOP.", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/tidak/ada.json", "2026-11-20", "tidak ada")]
    [InlineData(null, "kemarin", "--from")]
    public async Task What_cannot_be_read_is_a_sentence(string? file, string from, string expected)
    {
        var run = await ServiceProcess.RunAsync("rehearse", file ?? Delivered, "--from", from, $"--Storage:DataPath={service.DataPath}");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(expected, run.Output + run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_knows_the_office_only_where_it_is_asked_to()
    {
        using var _ = service.CreateClient();
        var file = await ChangedAsync("performerRole", "ARSIPARIS");

        var alone = await ServiceProcess.RunAsync("validate", file, "--json");
        var office = await ServiceProcess.RunAsync("validate", file, "--office", "--json", $"--Storage:DataPath={service.DataPath}");

        Assert.Equal((0, 1), (alone.ExitCode, office.ExitCode));
        Assert.Empty(JsonNode.Parse(alone.Output)!["problems"]!.AsArray());
        Assert.Equal("role-unknown", JsonNode.Parse(office.Output)!["problems"]![0]!["code"]!.GetValue<string>());
    }

    /// <summary>The delivered SOP with another value in step 2.</summary>
    private async Task<string> ChangedAsync(string input, string value)
    {
        var definition = JsonNode.Parse(await File.ReadAllTextAsync(Delivered, TestContext.Current.CancellationToken))!;
        definition["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.GetValue<string>() == "Step2")![input]!["expression"]!["value"] = value;
        var file = Path.Combine(service.DataPath, $"{Guid.NewGuid():n}.json");
        await File.WriteAllTextAsync(file, definition.ToJsonString(), TestContext.Current.CancellationToken);
        return file;
    }
}
