namespace PpidWorkflow.Application.Alterations;

/// <summary>How far an instance of a plan is.</summary>
public enum AlterationJobState
{
    /// <summary>Not looked at yet: its turn comes, after a crash by the next sweep.</summary>
    Pending,

    /// <summary>Altered, as a whole.</summary>
    Completed,

    /// <summary>Refused; nothing of it was changed.</summary>
    Failed
}

/// <summary>
/// Alterations that somebody has ordered for chosen instances (Elsa contract: alteration plan). The plan and its jobs are stored in one commit; each
/// job is then carried out in a commit of its own, which changes the instance, the job and the plan's count together.
/// </summary>
public sealed class AlterationPlanRow
{
    public required Guid Id { get; init; }

    /// <summary>JSON array in Elsa's form. Values are taken out of it when a plan for a case is done: they may be what is in a dossier.</summary>
    public required string Alterations { get; set; }

    /// <summary>Why; null only where it is for trials alone.</summary>
    public string? Reason { get; init; }

    /// <summary>User name of who ordered it, and the name that is printed.</summary>
    public required string OrderedBy { get; init; }
    public required string OrderedByName { get; init; }

    /// <summary>One of its instances belongs to a case.</summary>
    public required bool OfCases { get; init; }

    /// <summary>How many jobs it has, and how many of them are done, refused ones among them.</summary>
    public required int Jobs { get; init; }
    public int Done { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the last job was done, UTC; null: there is some left.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }
}

/// <summary>One instance of a plan.</summary>
public sealed class AlterationJobRow
{
    public required Guid Id { get; init; }
    public required Guid PlanId { get; init; }

    /// <summary>May be gone by now: a trial can be removed.</summary>
    public required Guid InstanceId { get; init; }

    public AlterationJobState State { get; set; }

    /// <summary>What was done or why not: <see cref="AlterationNote"/>s as JSON; null: nothing yet.</summary>
    public string? Log { get; set; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? DoneAt { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }
}

/// <summary>One line of what alterations did, would do, or were refused for. Names of activities and variables, never a value.</summary>
/// <param name="Code">Its sentence.</param>
/// <param name="Arguments">For the sentence.</param>
/// <param name="Refuses">It is why nothing was done.</param>
public sealed record AlterationNote(string Code, IReadOnlyList<string> Arguments, bool Refuses = false)
{
    public static AlterationNote Of(Problem refusal) =>
        new(refusal.Code, [.. refusal.Arguments.Select(a => Convert.ToString(a, System.Globalization.CultureInfo.InvariantCulture) ?? "")], true);
}
