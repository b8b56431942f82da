using System.Globalization;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Web.Hosting;
using PpidWorkflow.Web.Pages;

namespace PpidWorkflow.Web.Verbs;

/// <summary>
/// Runs a definition file on a fake clock and prints who gets which task and mail at which minute. The officers are those of the configured
/// database where there is one, else one a role; nothing is written anywhere.
/// </summary>
internal static class RehearseVerb
{
    private const int Width = 100;

    /// <summary>Of two of the table's columns; all of them with their gaps fill the width.</summary>
    private const int WhoWidth = 38;
    private const int WhatWidth = 28;

    public sealed record Outcome(bool Ok, IReadOnlyList<ValidateVerb.Finding> Problems, RehearsalReport? Rehearsal);

    public static async Task<int> RunAsync(VerbCall call)
    {
        CultureInfo.CurrentUICulture = CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("id");
        DateOnly? from = null;
        if (call.Options.TryGetValue("--from", out var given))
        {
            if (!DateOnly.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                || day.Year is < 2000 or > 2200)
                throw new StartUpRefusedException($"--from harus tanggal (misalnya 2026-11-23), bukan '{given}'.");
            from = day;
        }
        var (definition, unreadable) = await ValidateVerb.ReadAsync(call.Operands[0]);
        if (definition is null)
            return await AnswerAsync(call, new Outcome(false, unreadable, null), null);

        await using var app = ServiceHost.Build(call.Configuration, serves: false);
        await using var scope = app.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var calendar = services.GetRequiredService<OfficeCalendar>();
        RehearsalRoster? roster = null;
        if (await services.GetRequiredService<SchemaUpgrade>().IsCurrentAsync())
        {
            var db = services.GetRequiredService<PpidDbContext>();
            roster = await RehearsalRoster.CopyAsync(db, CancellationToken.None);
            // The office's own holidays and hours, not the delivered ones.
            await calendar.RefreshAsync(db, CancellationToken.None);
        }
        var report = await services.GetRequiredService<Rehearsal>().RunAsync(
            definition, roster, from ?? calendar.Time.Today(services.GetRequiredService<TimeProvider>().GetUtcNow()), CancellationToken.None);
        return await AnswerAsync(
            call, new Outcome(report.Succeeded, ValidateVerb.Findings(report.Problems), report), services.GetRequiredService<Words>());
    }

    private static async Task<int> AnswerAsync(VerbCall call, Outcome outcome, Words? words)
    {
        if (call.Json)
        {
            await Console.Out.WriteLineAsync(Verb.Json(outcome));
        }
        else
        {
            foreach (var problem in outcome.Problems)
                await Console.Out.WriteLineAsync($"{problem.Severity} {problem.Code} {problem.ActivityId}: {problem.Message}");
            if (outcome.Rehearsal is { } report)
                await PrintAsync(report, words!);
            else
                await Console.Out.WriteLineAsync("Tidak dilatih.");
        }
        return outcome.Ok ? 0 : 1;
    }

    private static async Task PrintAsync(RehearsalReport report, Words words)
    {
        var print = Console.Out;
        await print.WriteLineAsync($"Latihan {report.Name}, versi {report.Version}");
        await print.WriteLineAsync(Wrap(words.RehearsalOfficers(report)));
        if (report.Timetables.Count == 0)
            await print.WriteLineAsync(words.NotRehearsed(report));
        foreach (var timetable in report.Timetables)
        {
            await print.WriteLineAsync();
            await print.WriteLineAsync(Wrap($"{words.RehearsalPath(timetable.Path)}: {words.RehearsalPathMeans(timetable.Path)}"));
            await print.WriteLineAsync(Wrap(words.RehearsalBegins(timetable)));
            var day = "";
            foreach (var row in timetable.Rows)
            {
                if (words.Day(row.At) is var today && today != day)
                {
                    day = today;
                    await print.WriteLineAsync($"  {day}");
                    await print.WriteLineAsync(Line("Pukul", "Menit", "Lkh", "Siapa", "Apa", "Batas"));
                }
                await print.WriteLineAsync(Line(
                    words.Clock(row.At), row.WorkingMinutes.ToString("0.##", CultureInfo.CurrentCulture), row.Step ?? "", row.Who,
                    words.RehearsalEvent(row), row.DueAt is { } due ? words.ShortInstant(due) : ""));
            }
            await print.WriteLineAsync($"  {words.RehearsalEnd(timetable)}");
        }
    }

    private static string Line(string at, string minutes, string step, string who, string what, string due) =>
        $"  {at,-5} {minutes,6}  {step,-4}{Fit(who, WhoWidth)} {Fit(what, WhatWidth)} {due}".TrimEnd();

    private static string Wrap(string sentence)
    {
        var (lines, line) = (new List<string>(), "");
        foreach (var word in sentence.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width)
            {
                lines.Add(line);
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        return string.Join(Environment.NewLine, lines.Append(line));
    }

    private static string Fit(string text, int width) => text.Length > width ? text[..(width - 1)] + "…" : text.PadRight(width);
}
