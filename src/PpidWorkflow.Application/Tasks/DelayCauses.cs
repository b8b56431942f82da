namespace PpidWorkflow.Application.Tasks;

/// <summary>Why a step was late, as codes that can be counted; beside them free text (issue 4; examples of domain.md §4).</summary>
public static class DelayCauses
{
    /// <summary>Lainnya: says nothing by itself, so that words are wanted.</summary>
    public const string Other = "other";

    /// <summary>In the order in which a page offers them; texts in the resources, <c>DelayCause.code</c>.</summary>
    public static IReadOnlyList<string> All { get; } =
        ["waitingForDocuments", "workload", "officerAway", "meetingOrTravel", "systemOutage", "powerOrNetwork", Other];

    /// <summary>What stands against a completion's cause; null: nothing.</summary>
    public static Problem? ProblemOf(string? cause, string? reason) =>
        cause is null ? null
        : !All.Contains(cause) ? Problem.Invalid("delay-cause-unknown", "delayCause", string.Join(", ", All))
        : cause == Other && string.IsNullOrWhiteSpace(reason) ? Problem.Invalid("delay-reason-required", "delayReason")
        : null;
}
