using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tests.Definitions;

public sealed class RehearsalTests(ITestOutputHelper output)
{
    private static readonly DateOnly From = new(2026, 11, 20);

    [Fact]
    public async Task Dump()
    {
        var definition = DefinitionReader.Read(await File.ReadAllBytesAsync(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "workflows"), "definition.json", SearchOption.AllDirectories)[0], TestContext.Current.CancellationToken));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var report = await Rehearsal.RunAsync(definition, null, new OfficeCalendar(Options.Create(new OfficeOptions())), From, TestContext.Current.CancellationToken);
        output.WriteLine($"{watch.ElapsedMilliseconds} ms");
        watch.Restart();
        report = await Rehearsal.RunAsync(definition, null, new OfficeCalendar(Options.Create(new OfficeOptions())), From, TestContext.Current.CancellationToken);
        output.WriteLine($"{watch.ElapsedMilliseconds} ms");
        foreach (var p in report.Problems) output.WriteLine(p.ToString());
        foreach (var t in report.Timetables)
        {
            output.WriteLine($"{t.Path} {t.Span} {t.BeginsAtLocalTime} {t.End} {t.EndDetail} {string.Join(", ", t.Closed.Select(c => c.Reason))}");
            foreach (var r in t.Rows) output.WriteLine($"  {r.LocalTime} {r.WorkingMinutes} {r.Step} {r.Who} {r.What} {r.Percent} {r.LateMinutes} due {r.DueLocalTime}");
        }
    }
}
