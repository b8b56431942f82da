namespace PpidWorkflow.Application.Retention;

/// <summary>
/// How long what is no evidence is kept (configuration section <c>Retention</c>), in months; 0, the default of each: for ever. Cases, steps, clocks,
/// fire records, outages, files and the audit chain of a case have no setting: they are records, which go only with their case, by a retention
/// schedule (JRA) and a signed record of destruction (PP 28/2012; domain.md §5).
/// </summary>
public sealed class RetentionOptions
{
    public const int MostMonths = 1200;

    /// <summary>Nothing younger leaves the audit trail, whatever is set: what is recent cannot be made to look like retention.</summary>
    public const int LeastAuditMonths = 12;
    public const int LongestBasis = 300;
    public const int MostBatchRows = 10_000;

    /// <summary>Bodies of mails: after the case was closed, of other mails after they were made. Addressee, instants and state stay.</summary>
    public int MailBodyMonths { get; set; }

    /// <summary>The engine's journal of a case, after it was closed; its history, steps and clocks stay.</summary>
    public int JournalMonths { get; set; }

    /// <summary>The audit chain of administration, up to a seal that is older; 12 at least. Chains of cases stay.</summary>
    public int AuditMonths { get; set; }

    /// <summary>Trials of the designer, after they last moved; they belong to no record.</summary>
    public int TrialMonths { get; set; }

    /// <summary>Runs that triggers started, after they ended; they belong to no record.</summary>
    public int RunMonths { get; set; }

    /// <summary>By what right: the retention schedule or the decision with number and date. Written with every removal.</summary>
    public string? Basis { get; set; }

    /// <summary>Rows in one commit (journals: cases): how long others wait for the writer.</summary>
    public int BatchRows { get; set; } = 500;

    public bool IsConfigured => MailBodyMonths > 0 || JournalMonths > 0 || AuditMonths > 0 || TrialMonths > 0 || RunMonths > 0;

    /// <summary>Of these the office has to know by what right they go.</summary>
    public bool NeedsBasis => MailBodyMonths > 0 || JournalMonths > 0 || AuditMonths > 0;
}
