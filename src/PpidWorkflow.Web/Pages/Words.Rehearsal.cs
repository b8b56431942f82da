using PpidWorkflow.Application.Definitions;

namespace PpidWorkflow.Web.Pages;

// What a rehearsal tells, for the page and for the verb's table.
public sealed partial class Words
{
    public string RehearsalPath(RehearsalPath path) => text[$"Rehearsal.Path.{path}"];

    /// <summary>How the officers of the path behave.</summary>
    public string RehearsalPathMeans(RehearsalPath path) => text[$"Rehearsal.Path.{path}.Means"];

    /// <summary>"surel peringatan (80%)".</summary>
    public string RehearsalEvent(RehearsalRow row) =>
        text[$"Rehearsal.Event.{row.What}", row.LateMinutes is { } late ? Duration(late) : row.Percent ?? 0];

    /// <summary>When the case was opened, and what closed time the path went through.</summary>
    public string RehearsalBegins(RehearsalTimetable timetable)
    {
        var closed = timetable.Closed.Select(c => c.ReasonIn(Culture)).Distinct().ToList();
        return text["Rehearsal.Begins", Instant(timetable.BeginsAt), text[$"Rehearsal.Span.{timetable.Span}"],
            closed.Count == 0 ? text["Rehearsal.NothingClosed"] : string.Join(", ", closed)];
    }

    public string RehearsalEnd(RehearsalTimetable timetable) => text[
        $"Rehearsal.End.{timetable.End}",
        timetable.End == Application.Definitions.RehearsalEnd.Finished && timetable.Rows is [.., var last]
            ? Duration(last.WorkingMinutes)
            : timetable.EndDetail ?? ""];

    /// <summary>Whose names stand in the timetable.</summary>
    public string RehearsalOfficers(RehearsalReport report) => text[report.HasAssumedOfficers ? "Rehearsal.Assumed" : "Rehearsal.Copied"];

    /// <summary>Why there is no timetable.</summary>
    public string NotRehearsed(RehearsalReport report) => text[report.HasSopSteps ? "Rehearsal.HasErrors" : "Rehearsal.NoSteps"];

    /// <summary>"Senin, 23 Nov 2026".</summary>
    public string Day(DateTimeOffset at)
    {
        var whole = office.Time.DateAndTime(at, Culture);
        return whole[..(whole.Length - office.Time.Time(at, Culture).Length - 1)];
    }

    /// <summary>"15.58".</summary>
    public string Clock(DateTimeOffset at) => office.Time.Time(at, Culture).Split(' ')[0];

    /// <summary>"23 Nov 15.58".</summary>
    public string ShortInstant(DateTimeOffset at)
    {
        var date = office.Time.Date(at, Culture);
        return $"{date[..date.LastIndexOf(' ')]} {Clock(at)}";
    }
}
