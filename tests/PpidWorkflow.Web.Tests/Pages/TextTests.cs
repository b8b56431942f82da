using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using PpidWorkflow.Application;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Tests.Pages;

/// <summary>The words of the pages: both languages have all of them, and no page asks for one that nobody wrote.</summary>
public partial class TextTests
{
    private static readonly string Web = Path.GetFullPath(Path.Combine(SourceFolder(), "../../../src/PpidWorkflow.Web"));
    private static readonly Dictionary<string, string> Indonesian = Read("Text.resx");
    private static readonly Dictionary<string, string> English = Read("Text.en.resx");

    [Fact]
    public void Both_languages_have_the_same_keys() => Assert.Equal(Indonesian.Keys.Order(), English.Keys.Order());

    [Fact]
    public void Both_languages_fill_in_the_same_values() =>
        Assert.All(Indonesian, text => Assert.Equal(Placeholders(text.Value), Placeholders(English[text.Key])));

    [Fact]
    public void Every_key_that_a_page_names_is_written()
    {
        var asked = Directory.EnumerateFiles(Path.Combine(Web, "Pages"), "*.*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".razor" or ".cs")
            .SelectMany(file => Key().Matches(File.ReadAllText(file)).Select(match => match.Groups["key"].Value))
            .Distinct().ToList();

        Assert.True(asked.Count > 100);
        Assert.DoesNotContain(asked, key => !Indonesian.ContainsKey(key));
    }

    [Theory]
    [InlineData("State", "open atRisk overdue paused completed returned cancelled pending running documented faulted resolved")]
    [InlineData("State", "queued troubled sent failed withdrawn active inactive invited")]
    [InlineData("Act", "assign prepare report handOver document step")]
    [InlineData("Complete", "assign prepare report handOver document step")]
    [InlineData("Note", "assign prepare report handOver document step")]
    [InlineData("Role", "INFORMATION_HEAD INFORMATION_OFFICER DOCUMENTATION_HEAD DOCUMENTATION_OFFICER UNIT_PPID_HEAD")]
    [InlineData("Role", "SOP_MANAGER AUDITOR ADMIN")]
    [InlineData("State", "draft proposed approved inForce superseded rejected")]
    [InlineData("State", "whole broken")]
    [InlineData("Outage", "service mail reported")]
    [InlineData("MailTemplate", "guarantee-broken guarantee-whole mail-bounced calendar-missing ramadan-missing case-stopped")]
    [InlineData("Guarantee", "open-items-have-clocks due-rungs-fired fires-have-mails outbox-moves cases-can-go-on items-have-bookmarks")]
    [InlineData("Guarantee", "timers-stand due-timers-resumed children-report events-arrive triggers-stand alterations-add-up")]
    [InlineData("Guarantee", "digests-once paused-clocks actual-times acts-within-appointments one-acting-per-post lists-find-cases removed-is-marked")]
    [InlineData("DeadLetters.Reason", "expired instance-ended event-loop trigger-gone")]
    [InlineData("DelayCause", "waitingForDocuments workload officerAway meetingOrTravel systemOutage powerOrNetwork other None Others")]
    [InlineData("Guarantee", "one-version-in-force versions-sound cached-instants outages-are-credited audit-chains vault-files fires-have-acts everything-read-lately")]
    [InlineData("Fate", "Same Changed Added Removed MovedAway MovedHere")]
    [InlineData("Sop", "Act PerformerRole RecipientRole RequiredInput StandardTime Output Remarks MeasuredFrom Escalation")]
    [InlineData("Revision.Decided", "approved inForce superseded rejected withdrawn")]
    [InlineData("Revision.Act", "propose explain withdraw approve reject withdrawHint rejectHint")]
    [InlineData("Ladder.Action", "notify reassign addHelper banner")]
    [InlineData("MailTemplate", "reminder resumed digest weekly")]
    [InlineData("Preferences", "digest digestHint weekly weeklyHint earlyWarnings earlyWarningsHint")]
    [InlineData("State", "current planned past")]
    [InlineData("AbsenceKind", "leave officialTravel sick other")]
    [InlineData("MailTemplate", "absence-begun absence-returned transfer-declined acting-appointed acting-offered")]
    [InlineData("Event", "transfer-offered transfer-declined task-transferred task-handed-back")]
    [InlineData("MailTemplate", "revision-proposed revision-approved revision-rejected revision-withdrawn revision-in-force")]
    [InlineData("Change", "step-added step-removed step-moved step-number-changed step-description-changed step-act-changed step-role-changed")]
    [InlineData("Change", "step-recipient-changed step-required-input-changed step-standard-changed step-output-changed step-remarks-changed")]
    [InlineData("Change", "step-measured-from-changed step-ladder-changed step-other-changed path-added path-removed path-added.Returned")]
    [InlineData("Change", "path-removed.Returned activity-added activity-removed activity-changed activity-title-changed variable-added")]
    [InlineData("Change", "variable-removed variable-changed input-added input-removed input-changed output-added output-removed output-changed")]
    [InlineData("Change", "name-changed description-changed identity-changed identity-other settings-changed layout-changed other-changed")]
    [InlineData("MailLink.Title", "start acknowledge")]
    [InlineData("MailLink.Done", "start acknowledge")]
    [InlineData("MailLink.At", "start acknowledge")]
    [InlineData("MailLink.Submit", "start acknowledge")]
    [InlineData("MailLink.Hint", "start acknowledge")]
    [InlineData("MailLink.Next", "start acknowledge")]
    [InlineData("Done", "propose explain withdraw approve approveLater reject")]
    [InlineData("Done", "start claim release return takeBack pause resume reassign remind comment upload complete")]
    public void Every_word_of_the_wire_has_words_for_people(string group, string words) =>
        Assert.All(words.Split(' '), word => Assert.Contains($"{group}.{word}", Indonesian.Keys));

    [Fact]
    public void Officers_are_addressed_in_one_way()
    {
        Assert.DoesNotContain(Indonesian.Concat(Read("Problems.resx")), text => FamiliarAddress().IsMatch(text.Value));
        var mails = Directory.EnumerateFiles(Path.Combine(Web, "../PpidWorkflow.Application/Notifications"), "*.liquid", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(Web, "../../workflows"), "*.liquid", SearchOption.AllDirectories)).ToList();
        Assert.True(mails.Count > 100);
        Assert.DoesNotContain(mails, mail => FamiliarAddress().IsMatch(File.ReadAllText(mail)));
    }

    [Fact]
    public void Entries_of_the_history_go_on_after_the_step_that_they_name() => Assert.DoesNotContain(
        Indonesian.Concat(English),
        text => text.Key.StartsWith("Event.", StringComparison.Ordinal) && text.Key != "Event.OfStep" && char.IsUpper(text.Value[0]));

    /// <summary>"07.30" in Indonesian, "07:30" in English: what is asked for is written as the hints beside it are, and is accepted.</summary>
    [Theory]
    [InlineData("time-of-day-invalid")]
    [InlineData("window-invalid")]
    public void Refusals_write_the_time_of_day_as_the_hints_do(string code)
    {
        Assert.Contains("07.30", Indonesian["Calendar.HoursHint"], StringComparison.Ordinal);
        Assert.Contains("07:30", English["Calendar.HoursHint"], StringComparison.Ordinal);
        Assert.Contains("07.30", Read("Problems.resx")[code], StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\d:\d", Read("Problems.resx")[code]);
        Assert.Contains("07:30", Read("Problems.en.resx")[code], StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\d\.\d", Read("Problems.en.resx")[code]);
    }

    [Theory]
    [InlineData("id", "Rentang 07.30–12.00 dan 11.00–16.00 bertumpang tindih.")]
    [InlineData("en", "07:30–12:00")]
    public void Hours_in_a_refusal_are_written_as_the_calendar_writes_them(string language, string part)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        WorkingWindow morning = new(new(7, 30, 0), new(12, 0, 0)), noon = new(new(11, 0, 0), new(16, 0, 0));

        Assert.Contains(part, Resources.Problems.Sentence(Problem.Invalid("windows-overlap", "windows.monday", morning, noon)), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Placeholders(string text) =>
        Placeholder().Matches(text).Select(match => match.Value).Distinct().Order();

    private static Dictionary<string, string> Read(string name) =>
        XDocument.Load(Path.Combine(Web, "Resources", name)).Root!.Elements("data")
            .ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex(
        """(?:\bT|\btext)\[\s*"(?<key>[A-Z][A-Za-z0-9.]+)"|Done\([^;]*?"(?<key>Done\.[A-Za-z]+)"|\("(?<key>Visit\.[A-Za-z]+)",""")]
    private static partial Regex Key();

    [GeneratedRegex(@"\bAnda\b", RegexOptions.IgnoreCase)]
    private static partial Regex FamiliarAddress();

    [GeneratedRegex(@"\{\d")]
    private static partial Regex Placeholder();
}
