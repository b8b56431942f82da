using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Localization;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Web.Resources;

namespace PpidWorkflow.Web.Pages;

/// <summary>Keys, instants and figures as officers read them, in the language of the request.</summary>
public sealed partial class Words(IStringLocalizer<Text> text, OfficeCalendar office)
{
    private static CultureInfo Culture => CultureInfo.CurrentUICulture;

    /// <summary>"Senin, 23 Nov 2026 15.58 WIB"; a dash for none.</summary>
    public string Instant(DateTimeOffset? at) => at is { } instant ? office.Time.DateAndTime(instant, Culture) : "–";

    /// <summary>"WIB", beside fields in which an hour is typed.</summary>
    public string Zone(DateTimeOffset at) => office.Time.Zone(at);

    /// <summary>The end of an absence or a letter, to be read after "sampai": "Rabu, 25 Nov 2026" where it ends at midnight.</summary>
    public string Until(DateTimeOffset end) => office.Time.Until(end, Culture);

    /// <summary>
    /// A due instant of an open step: "… (sementara)" beyond the last year with a list of holidays, because it may still move; a dash for none.
    /// </summary>
    public string Due(DateTimeOffset? at) =>
        at is { } due && office.Current.IsProvisional(due) ? text["Time.Provisional", Instant(due)] : Instant(at);

    /// <summary>The same where it is known whether it may still move, by a calendar that is not in force yet.</summary>
    public string Due(DateTimeOffset? at, bool provisional) => provisional ? text["Time.Provisional", Instant(at)] : Instant(at);

    /// <summary>"07.30–12.00"; English: "07:30–12:00".</summary>
    public static string Window(string window) =>
        IsEnglish ? window.Replace('-', '–') : window.Replace(':', '.').Replace('-', '–');

    /// <summary>"Senin", "Monday" for <c>monday</c>.</summary>
    public string Weekday(string day) => Known($"Weekday.{day}", day);

    /// <summary>"November 2026".</summary>
    public static string Month(int year, int month) => OfficeTime.FormalDate(new DateOnly(year, month, 1), Culture)[2..];

    /// <summary>"Selasa, 24 Nov 2026".</summary>
    public string DayAndDate(DateOnly day) => $"{Weekday(day.DayOfWeek.ToString().ToLowerInvariant())}, {OfficeTime.Date(day, Culture)}";

    /// <summary>"sejak 1 Jan 2027", "19 Feb 2026 sampai 17 Mar 2026".</summary>
    public string Period(DateOnly? from, DateOnly? until) => (from, until) switch
    {
        ({ } first, { } last) => text["Calendar.FromUntil", OfficeTime.Date(first, Culture), OfficeTime.Date(last, Culture)],
        ({ } first, null) => text["Calendar.Since", OfficeTime.Date(first, Culture)],
        (null, { } last) => text["Calendar.UntilDate", OfficeTime.Date(last, Culture)],
        _ => text["Calendar.Always"]
    };

    /// <summary>"37,5".</summary>
    public static string Number(double number) => number.ToString("0.##", CultureInfo.GetCultureInfo(IsEnglish ? "en-GB" : "id-ID"));

    /// <summary>"gangguan layanan" for <c>service</c>.</summary>
    public string Outage(string kind) => Known($"Outage.{kind}", kind);

    /// <summary>"Tidak dihitung 12 menit: gangguan layanan, Senin, 23 Nov 2026 10.02 WIB–10.14 WIB".</summary>
    public string Credit(CreditView credit)
    {
        var (from, to) = (office.Time.Today(credit.From), office.Time.Today(credit.To));
        var until = from == to ? office.Time.Time(credit.To, Culture) : Instant(credit.To);
        return text["Credit.Text", Duration(credit.Minutes), Outage(credit.Kind), Instant(credit.From), until];
    }

    /// <summary>"akhir pekan", "libur nasional: Natal".</summary>
    public static string Closed(ClosedSpan span) => span.ReasonIn(Culture);

    /// <summary>What must hold, for people; Indonesian texts come with the reading.</summary>
    public string Guarantee(string name, string otherwise) => Known($"Guarantee.{name}", otherwise);

    public string CalendarAct(string act) => Known($"CalendarAct.{act}", act);

    public string CalendarKind(string kind) => Known($"CalendarKind.{kind}", kind);

    /// <summary>"23 Nov 2026"; what is no ISO date is shown as it was written.</summary>
    public static string Date(string value) =>
        DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? OfficeTime.FormalDate(date, Culture)
            : value;

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

    /// <summary>Why an event reached nobody.</summary>
    public string DeadReason(string reason) => Known($"DeadLetters.Reason.{reason}", reason);

    public string State(string state) => Known($"State.{state}", state);

    public string Role(string code) => Known($"Role.{code}", code);

    public string MailTemplate(string name) => Known($"MailTemplate.{name}", name);

    /// <summary>"Langkah 2 selesai"; the step where the entry names one.</summary>
    public string Event(CaseEventView entry)
    {
        var words = Known($"Event.{entry.Action}", entry.Action);
        return entry.Data.ValueKind == JsonValueKind.Object && entry.Data.TryGetProperty("step", out var step)
            ? text["Event.OfStep", step.ToString(), words]
            : words;
    }

    /// <summary>Label of a case's field: the definition's own words, which are Indonesian; a translation where one is known.</summary>
    public string Input(CaseFieldView field) => IsEnglish ? Known($"Input.{field.Name}", field.Label) : field.Label;

    public string InputValue(CaseFieldView field) =>
        IsEnglish && text[$"Input.{field.Name}.{field.Value}"] is { ResourceNotFound: false } known ? known.Value : Date(field.Text ?? "");

    private static bool IsEnglish => Culture.TwoLetterISOLanguageName == "en";

    /// <summary>A counted cause of delay; null: none was given.</summary>
    public string Cause(string? cause) => text[cause is null ? "DelayCause.None" : cause == DelayCauses.Other ? "DelayCause.Others" : $"DelayCause.{cause}"];

    /// <summary>"Beban kerja: dua berkas sekaligus"; null: nothing was said.</summary>
    public string? Delay(string? cause, string? reason) =>
        cause is null ? reason : reason is null ? text[$"DelayCause.{cause}"].Value : $"{text[$"DelayCause.{cause}"].Value}: {reason}";

    public static string Person(PersonView person) =>
        person.Capacity is not null ? person.Printed
        : string.IsNullOrWhiteSpace(person.Position) ? person.DisplayName : $"{person.DisplayName}, {person.Position}";

    public static readonly IReadOnlyList<string> AbsenceKinds = ["leave", "officialTravel", "sick", "other"];

    /// <summary>"Cuti"; who may not know why somebody is away reads a dash.</summary>
    public string AbsenceKind(string? kind) => kind is null ? "–" : Known($"AbsenceKind.{kind}", kind);

    /// <summary>"24 Nov 2026 (sejak pukul 12.00) sampai 26 Nov 2026".</summary>
    public string Days(AbsenceView absence)
    {
        var first = OfficeTime.Date(absence.FirstDay, Culture) + (absence.FromNoon ? $" {text["Absence.SinceNoon"]}" : "");
        var last = OfficeTime.Date(absence.LastDay, Culture) + (absence.UntilNoon ? $" {text["Absence.TillNoon"]}" : "");
        return absence.FirstDay != absence.LastDay ? text["Calendar.FromUntil", first, last]
            : absence.UntilNoon ? last : first;
    }

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

    /// <summary>What a revision changes, as a sentence.</summary>
    public string Change(RevisionChange change)
    {
        var subject = change.Code switch
        {
            "identity-changed" => Known($"Identity.{change.Subject}", change.Subject ?? ""),
            _ when change.Code.StartsWith("path-", StringComparison.Ordinal) || change.Code.StartsWith("activity-", StringComparison.Ordinal) =>
                Place(change.Subject),
            _ => change.Subject ?? ""
        };
        if (change.Code is "path-added" or "path-removed")
            return change.Before == "Returned"
                ? text[$"Change.{change.Code}.Returned", subject, "", Place(change.After)]
                : text[$"Change.{change.Code}", subject, change.Before ?? "", Place(change.After)];
        return change is { Code: "identity-changed", Before: null, After: null }
            ? text["Change.identity-other", subject]
            : text[$"Change.{change.Code}", subject, Value(change.Code, change.Before), Value(change.Code, change.After)];
    }

    /// <summary>"80 %: pelaksana; 100 %: atasan"; in the words of people.</summary>
    public string Ladder(IEnumerable<EscalationRung> rungs) => string.Join("; ", rungs.Select(rung =>
    {
        var to = string.Join(", ", rung.To.Select(Addressee));
        if (rung.Action is not EscalationAction.Notify)
            to += $" ({text[$"Ladder.Action.{JsonNamingPolicy.CamelCase.ConvertName(rung.Action.ToString())}"]})";
        if (rung.When == RungCondition.NotStarted)
            to += $" ({text["Ladder.NotStarted"]})";
        if (rung.Every is { } every)
            to += $" ({text["Ladder.Every", OfficeTime.Duration(every, Culture), rung.Max]})";
        if (rung.AnyTime)
            to += $" ({text["Ladder.AnyTime"]})";
        return text["Ladder.Rung", At(rung), to].Value;
    }));

    private string At(EscalationRung rung) => rung switch
    {
        { Percent: { } percent } => $"{percent} %",
        { FromDue: { } span } => text[span < TimeSpan.Zero ? "Ladder.BeforeDue" : "Ladder.AfterDue", OfficeTime.Duration(span.Duration(), Culture)],
        _ => OfficeTime.Duration(rung.After!.Value, Culture)
    };

    /// <summary>An activity type of the SOP as people call it.</summary>
    public string ActivityType(string type) => Known($"ActivityType.{type}", type);

    private string Addressee(string to)
    {
        if (RungAddressee.TryParse(to) is not { } addressee)
            return to;
        string whom = addressee.Kind switch
        {
            RungAddresseeKind.Assignee => text["Ladder.assignee"],
            RungAddresseeKind.Role => Role(addressee.Name),
            _ => addressee.Name
        };
        if (addressee.Level == 0)
            return whom;
        string superior = addressee.Level == 1 ? text["Ladder.supervisor"] : text["Ladder.supervisorAt", addressee.Level];
        return addressee.Kind == RungAddresseeKind.Assignee ? superior : text["Ladder.supervisorOf", superior, whom];
    }

    private string Value(string code, string? value)
    {
        if (string.IsNullOrEmpty(value))
            return text["Sop.None"];
        return code switch
        {
            "step-role-changed" or "step-recipient-changed" => Role(value),
            "step-standard-changed" => System.Xml.XmlConvert.ToTimeSpan(value) is { Ticks: > 0 } standard ? OfficeTime.Duration(standard, Culture) : text["Sop.None"],
            "step-measured-from-changed" => text[$"MeasuredFrom.{value}"],
            "step-act-changed" => ActivityType(value),
            "step-ladder-changed" => Ladder(EscalationLadder.Read(System.Text.Json.Nodes.JsonNode.Parse(value), out _)),
            _ => value
        };
    }

    /// <summary>"langkah 4" where the activity is a step, known by its number; else its name in quotation marks.</summary>
    private string Place(string? subject) =>
        subject is null ? "" : text[subject.All(char.IsAsciiDigit) ? "Place.Step" : "Place.Activity", subject];

    /// <summary>The sentence for a refusal; the code stays visible where a sentence is missing.</summary>
    public string Problem(Problem problem)
    {
        var sentence = Problems.Sentence(problem.Code, [.. problem.Arguments.Select(Argument)]);
        if (sentence != problem.Code)
            return sentence;

        // Refusals that only pages know (two passwords that differ).
        var own = text[$"Problem.{problem.Code}"];
        return own.ResourceNotFound ? text["Problem.Unknown", problem.Code] : own.Value;
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
