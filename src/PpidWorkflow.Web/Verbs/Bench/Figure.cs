using System.Globalization;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>One printed figure of a benchmark (design.md §5).</summary>
/// <param name="Value">In <paramref name="Unit"/>.</param>
/// <param name="Floor">The same measured of hand-written ADO.NET in the same run; null: there is no such thing.</param>
/// <param name="Settings">What it depends on: provider, durability, sizes.</param>
public sealed record Figure(string Name, double Value, string Unit, double? Floor, string Settings)
{
    /// <summary>Share of the floor.</summary>
    public double? Ratio => Floor is { } floor ? Math.Round(Value / floor, 3) : null;
}

/// <summary>Prints figures as they come, so that a run cut short has told what it measured.</summary>
public sealed class FigurePrinter(bool json)
{
    public async Task PrintAsync(string name, double value, string unit, string settings, double? floor = null)
    {
        var figure = new Figure(name, Math.Round(value, 2), unit, floor is { } known ? Math.Round(known, 2) : null, settings);
        await Console.Out.WriteLineAsync(json
            ? Verb.Json(figure)
            : string.Create(CultureInfo.InvariantCulture, $"{figure.Name,-44} {figure.Value,12:0.##} {figure.Unit,-7} {Of(figure),-28} {figure.Settings}"));
    }

    /// <summary>p50, p95, p99, largest and smallest of what was measured, milliseconds.</summary>
    public async Task DistributionAsync(string name, IReadOnlyCollection<double> milliseconds, string settings)
    {
        var sorted = milliseconds.Order().ToArray();
        if (sorted.Length == 0)
            return;
        foreach (var (label, share) in new[] { ("min", 0.0), ("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0) })
            await PrintAsync($"{name} {label}", sorted[(int)Math.Ceiling(share * (sorted.Length - 1))], "ms", settings);
    }

    private static string Of(Figure figure) =>
        figure.Floor is { } floor ? string.Create(CultureInfo.InvariantCulture, $"floor {floor:0.##}, ratio {figure.Ratio:0.00}") : "";
}
