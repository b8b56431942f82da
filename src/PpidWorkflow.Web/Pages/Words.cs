using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Localization;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Web.Resources;

namespace PpidWorkflow.Web.Pages;

/// <summary>Keys, instants and figures as officers read them, in the language of the request.</summary>
public sealed partial class Words(IStringLocalizer<Text> text, IStringLocalizer<Problems> problems, OfficeTime time)
{
    private static CultureInfo Culture => CultureInfo.CurrentUICulture;

    /// <summary>"Senin, 23 Nov 2026 15.58 WIB"; a dash for none.</summary>
    public string Instant(DateTimeOffset? at) => at is { } instant ? time.DateAndTime(instant, Culture) : "–";

    /// <summary>"sisa 3 menit", "terlambat 12 menit": working time.</summary>
    public string Left(double minutes)
    {
        var span = TimeSpan.FromMinutes(Math.Abs(minutes));
        if (minutes >= 0)
            return text["Time.Left", OfficeTime.Duration(span, Culture)];

        // "0 seconds late" would contradict itself.
        return text["Time.Late", OfficeTime.Duration(span < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : span, Culture)];
    }

    /// <summary>"12 menit", "40 detik".</summary>
    public static string Duration(double minutes) => OfficeTime.Duration(TimeSpan.FromMinutes(Math.Max(0, minutes)), Culture);

    /// <summary>"Langkah 2 — Menyiapkan"; a step of another SOP goes by its own text.</summary>
    public string Step(StepView step) =>
        text["Step.Heading", step.Label, step.Act == "step" ? step.Description : Known($"Act.{step.Act}", step.Act)];

    public string State(string state) => Known($"State.{state}", state);

    public string Role(string code) => Known($"Role.{code}", code);

    public string Event(string action) => Known($"Event.{action}", action);

    public static string Person(PersonView person) =>
        string.IsNullOrWhiteSpace(person.Position) ? person.DisplayName : $"{person.DisplayName}, {person.Position}";

    /// <summary>"1,4 MB".</summary>
    public static string Size(long bytes)
    {
        var format = CultureInfo.GetCultureInfo(Culture.TwoLetterISOLanguageName == "en" ? "en-GB" : "id-ID");
        return bytes switch
        {
            < 1024 => string.Create(format, $"{bytes} B"),
            < 1024 * 1024 => string.Create(format, $"{bytes / 1024.0:0.#} kB"),
            _ => string.Create(format, $"{bytes / (1024.0 * 1024):0.#} MB")
        };
    }

    /// <summary>The sentence for a refusal; the code stays visible where a sentence is missing, so that support can be asked about it.</summary>
    public string Problem(Problem problem)
    {
        var sentence = problems[problem.Code, [.. problem.Arguments.Select(Argument)]];
        if (sentence.ResourceNotFound)
            sentence = text[$"Problem.{problem.Code}"];
        return sentence.ResourceNotFound ? text["Problem.Unknown", problem.Code] : sentence.Value;
    }

    private object Argument(object argument) => argument is DateTimeOffset at ? Instant(at) : argument;

    /// <summary>Another SOP may bring keys that no resource knows: shown in plain words rather than not at all.</summary>
    private string Known(string key, string fallback)
    {
        var found = text[key];
        return found.ResourceNotFound ? Seams().Replace(fallback, " ").ToLower(Culture) : found.Value;
    }

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])|[-_.]+")]
    private static partial Regex Seams();
}
