using System.Collections.Frozen;

namespace PpidWorkflow.Application.Audit;

/// <summary>What each guarantee says in English, for mails to administrators who read that; the readings themselves say it in Indonesian.</summary>
public static class GuaranteeWords
{
    private static readonly FrozenDictionary<string, string> Sentences = new Dictionary<string, string>
    {
        ["open-items-have-clocks"] = "Every open task has a clock that runs, is paused, has not begun, or whose ladder is exhausted.",
        ["due-rungs-fired"] = "No rung is due for more than a second without a record while the service lives.",
        ["fires-have-mails"] = "Every fired rung has exactly one mail for each addressee.",
        ["fires-have-acts"] = "Reassignments, helpers and banners agree with the rungs that caused them.",
        ["outbox-moves"] = "Every mail is sent, failed and shown, or waits for its next attempt.",
        ["digests-once"] = "Every officer gets at most one digest a day and one summary a week, and each is on record.",
        ["cases-can-go-on"] = "Every running case has a bookmark, and every stopped one an incident.",
        ["timers-stand"] = "Every timer has a bookmark in its instance with the same instant, and the other way round.",
        ["due-timers-resumed"] = "No timer is due for more than 10 seconds without being resumed while the service lives.",
        ["children-report"] = "Every child instance that is waited for has a bookmark in its parent, and the other way round.",
        ["events-arrive"] = "Every event reaches who waits for it, is kept until somebody does, or is on record as having reached nobody.",
        ["triggers-stand"] = "Triggers are recorded for exactly what is in force, and none is missed while the service lives.",
        ["alterations-add-up"] = "Every plan of alterations counts its jobs rightly, and is done while the service lives.",
        ["items-have-bookmarks"] = "Every open task has exactly one bookmark, and the other way round; trials never give tasks.",
        ["one-version-in-force"] = "At most one version of each SOP is in force.",
        ["versions-sound"] = "Each version in force or still run by a case passes the checks of definitions.",
        ["cached-instants"] = "Stored deadlines equal those derived anew.",
        ["paused-clocks"] = "Every paused clock says since when and by which record; no other clock does.",
        ["actual-times"] = "Every actual time has a reason, and lies neither after its entry nor before the step was handed over.",
        ["outages-are-credited"] = "Every outage is credited once to every clock that ran in it.",
        ["audit-chains"] = "Every audit chain is whole from its first row, or from the seal that its record of retention names.",
        ["vault-files"] = "Every softcopy in the vault is as recorded.",
        ["acts-within-appointments"] = "Every act as Plh. or Plt. is by the person appointed, within the appointment.",
        ["removed-is-marked"] = "What retention has removed is marked and belongs to no running case; every other journal is whole.",
        ["lists-find-cases"] = "Every step and alert says when its case was opened, and only its performer or a helper closes a step.",
        ["everything-read-lately"] = "The last reading of everything is no older than 48 hours while the service lives (its figure: how many hours ago it was).",
        ["one-acting-per-post"] = "No post is held by two acting officers at one time."
    }.ToFrozenDictionary();

    /// <summary>Names of the guarantees that have a sentence.</summary>
    public static IEnumerable<string> Names => Sentences.Keys;

    /// <param name="name">Of the guarantee, such as <c>due-rungs-fired</c>.</param>
    /// <returns>The sentence; the name itself where a newer node has found what this one does not know.</returns>
    public static string English(string name) => Sentences.GetValueOrDefault(name, name);
}
