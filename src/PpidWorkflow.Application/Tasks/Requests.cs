using System.Text.Json;

namespace PpidWorkflow.Application.Tasks;

/// <summary>A new case: the definition and the values of its inputs by wire name (title, exemptionBasis, determinationNumber ...).</summary>
public sealed record NewCase(string? DefinitionId, IReadOnlyDictionary<string, JsonElement> Inputs);

/// <summary>What list of work items. <paramref name="State"/>: open (all not closed), overdue, atRisk, closed, all.</summary>
public sealed record TaskQuery(bool Mine = true, string State = "open", string? After = null, int PageSize = 50);

/// <summary>What list of cases. <paramref name="State"/>: running, documented, cancelled, faulted, or null for all.</summary>
public sealed record CaseQuery(string? Search = null, string? State = null, string? After = null, int PageSize = 50);

/// <summary>Completion of a work item (design.md §5).</summary>
public sealed record Completion
{
    public int? Revision { get; init; }
    public string? Outcome { get; init; }
    public string? Note { get; init; }

    /// <summary>Why it was late, free text; with the cause "other" wanted.</summary>
    public string? DelayReason { get; init; }

    /// <summary>Why it was late: waitingForDocuments, workload, officerAway, meetingOrTravel, systemOutage, powerOrNetwork or other.</summary>
    public string? DelayCause { get; init; }

    /// <summary>When the work was really done, where that is entered later (UTC): not in the future, not before the step was received or begun.</summary>
    public DateTimeOffset? ActualAt { get; init; }

    /// <summary>Why it is entered later; wanted with <see cref="ActualAt"/>.</summary>
    public string? ActualReason { get; init; }

    /// <summary>User name, for an assigning act.</summary>
    public string? AssignTo { get; init; }
    public CompletionFields? Fields { get; init; }
}

public sealed record CompletionFields
{
    public IReadOnlyList<NewHardcopyItem>? HardcopyItems { get; init; }
    public LocationView? Location { get; init; }
    public IReadOnlyList<MissingMediumView>? MissingMedia { get; init; }
}

public sealed record NewHardcopyItem(string? Description, int? Quantity, string? CopyStatus);
