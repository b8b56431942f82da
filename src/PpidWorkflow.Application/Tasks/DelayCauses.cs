namespace PpidWorkflow.Application.Tasks;

/// <summary>Why a step was late, as codes that can be counted; beside them free text (issue 4; examples of domain.md §4).</summary>
public static class DelayCauses
{
    /// <summary>Lainnya: says nothing by itself, so that words are wanted.</summary>
    public const string Other = "other";

    /// <summary>In the order in which a page offers them; texts in the resources, <c>DelayCause.code</c>.</summary>
    public static IReadOnlyList<string> All { get; } =
        ["waitingForDocuments", "workload", "officerAway", "meetingOrTravel", "systemOutage", "powerOrNetwork", Other];

    private static readonly Dictionary<string, (string Indonesian, string English)> Names = new(StringComparer.Ordinal)
    {
        ["waitingForDocuments"] = ("menunggu kelengkapan", "waiting for required documents"),
        ["workload"] = ("beban kerja", "workload"),
        ["officerAway"] = ("petugas tidak di tempat", "officer not in the office"),
        ["meetingOrTravel"] = ("pejabat rapat/dinas luar", "official in a meeting or away on duty"),
        ["systemOutage"] = ("gangguan sistem", "system failure"),
        ["powerOrNetwork"] = ("listrik/jaringan padam", "power or network failure"),
        [Other] = ("lainnya", "other")
    };

    /// <summary>
    /// The cause of a late step, to be counted: the code chosen; of free text, as scripts send it, the code whose name it begins with, else
    /// <see cref="Other"/>. Null: nothing was said.
    /// </summary>
    public static string? Counted(string? cause, string? reason) =>
        cause ?? (string.IsNullOrWhiteSpace(reason) ? null
            : All.FirstOrDefault(code => reason.TrimStart().StartsWith(Names[code].Indonesian, StringComparison.OrdinalIgnoreCase)) ?? Other);

    /// <summary>A counted cause in a mail's words, never the officer's own: those may say what is in a dossier.</summary>
    public static string NameOf(string? cause, System.Globalization.CultureInfo culture)
    {
        var english = TimeStandards.OfficeTime.IsEnglish(culture);
        return cause is null ? english ? "not given" : "tidak disebutkan"
            : english ? Names[cause].English : Names[cause].Indonesian;
    }

    /// <summary>What stands against a completion's cause; null: nothing.</summary>
    public static Problem? ProblemOf(string? cause, string? reason) =>
        cause is null ? null
        : !All.Contains(cause) ? Problem.Invalid("delay-cause-unknown", "delayCause", string.Join(", ", All))
        : cause == Other && string.IsNullOrWhiteSpace(reason) ? Problem.Invalid("delay-reason-required", "delayReason")
        : null;
}
