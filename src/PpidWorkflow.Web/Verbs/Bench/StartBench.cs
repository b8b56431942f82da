using System.Diagnostics;
using System.Globalization;
using System.Reflection.PortableExecutable;
using PpidWorkflow.Web.Verbs.Bench.Chaos;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>
/// <c>bench start</c>: real processes of this executable, from their beginning to the first answer and the first page (design.md §7), on an empty
/// database and on one that is there already; their processor time and memory at that moment.
/// </summary>
internal sealed class StartBench(string provider, string? server, bool quick, FigurePrinter printer)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // Of the kill loop's nodes, which live for seconds: here everything is as in an office.
    private static readonly string[] NotMeasured = ["DOTNET_TieredPGO", "DOTNET_TC_CallCounting"];

    private readonly int _starts = quick ? 3 : 10;

    public async Task RunAsync()
    {
        using var mails = new MailSink();
        await using var office = new ChaosOffice(provider, server, mails.Port);
        var settings = office.Settings.Where(s => !NotMeasured.Contains(s.Key)).ToDictionary();
        var how = string.Create(CultureInfo.InvariantCulture, $"{provider}, {AlarmBench.BuildOf}, {(IsCompiledAhead ? "compiled ahead" : "compiled at the start")}");
        var first = await StartAsync(office, settings);
        await printer.PrintAsync("start.empty-database.first-answer", first.Answer, "ms", $"tables, SOP and demo officers made; {how}");
        var later = new List<Start>();
        for (var i = 0; i < _starts; i++)
            later.Add(await StartAsync(office, settings));
        await printer.DistributionAsync("start.first-answer", [.. later.Select(s => s.Answer)], $"{_starts} starts; {how}");
        await printer.DistributionAsync("start.first-page", [.. later.Select(s => s.Page)], $"the sign-in page, whole; {how}");
        await printer.PrintAsync("start.processor-time", later.Average(s => s.Processor), "ms", $"of the process until the first page, both cores added; {how}");
        await printer.PrintAsync("start.memory", later.Average(s => s.Memory), "MB", $"resident after the first page; {how}");
    }

    private static async Task<Start> StartAsync(ChaosOffice office, Dictionary<string, string> settings)
    {
        await using var node = new ChaosNode(0, settings, office.Folder);
        using var http = new HttpClient { Timeout = Patience };
        var watch = Stopwatch.StartNew();
        node.Launch();
        await node.ReadyAsync();
        var answer = watch.Elapsed.TotalMilliseconds;
        using var page = await http.GetAsync(new Uri(node.Address!, "/sign-in"));
        _ = await page.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
        var shown = watch.Elapsed.TotalMilliseconds;
        var (processor, memory) = node.Used();
        return new Start(answer, shown, processor.TotalMilliseconds, memory / 1024d / 1024d);
    }

    // What was published for a machine holds its code beside the portable one.
    private static bool IsCompiledAhead
    {
        get
        {
            using var file = new PEReader(File.OpenRead(typeof(StartBench).Assembly.Location));
            return file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
        }
    }

    /// <summary>Milliseconds from the beginning of the process; megabytes.</summary>
    private sealed record Start(double Answer, double Page, double Processor, double Memory);
}
