using System.Diagnostics.Metrics;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Observability;

/// <summary>
/// What this process counts: the meter <c>PpidWorkflow</c>. Labels are steps, roles, definition ids, names of templates and outcomes; never a
/// title, a name, an address or a file (design.md §2.7). What a commit brings about is counted after it, and a rehearsal counts for nothing.
/// </summary>
public static class Metrics
{
    /// <summary>Name of the meter, also of <see cref="OfficeFigures"/>' own one.</summary>
    public const string MeterName = "PpidWorkflow";

    internal static readonly Meter Meter = new(MeterName);

    private static readonly InstrumentAdvice<double> CommitBuckets = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
    };

    private static readonly Counter<long> StepsCompleted = Meter.CreateCounter<long>("ppid.steps.completed", "{step}", "Steps completed, by step and role.");
    private static readonly Counter<long> StepsReturned = Meter.CreateCounter<long>("ppid.steps.returned", "{step}", "Steps sent back, by the step that did so.");
    private static readonly Counter<long> CasesOpened = Meter.CreateCounter<long>("ppid.cases.opened", "{case}", "Cases opened.");
    private static readonly Counter<long> CasesDocumented = Meter.CreateCounter<long>("ppid.cases.documented", "{case}", "Cases documented.");
    private static readonly Counter<long> Commits = Meter.CreateCounter<long>("ppid.commits", "{commit}", "Steps of the one commit, by outcome.");
    private static readonly Counter<long> Retries = Meter.CreateCounter<long>("ppid.commit.retries", "{retry}", "Steps run again after a lost race.");
    private static readonly Counter<long> Mails = Meter.CreateCounter<long>("ppid.mails.handled", "{mail}", "Mails tried, by template and outcome.");
    private static readonly Histogram<double> CommitDuration = Meter.CreateHistogram(
        "ppid.commit.duration", "s", "From asking for the turn to the outcome.", tags: null, CommitBuckets);

    internal static void Completed(WorkItem item, string definitionId, bool late) => StepsCompleted.Add(
        1, new("step", item.StepLabel), new("role", item.Role), new("definition", definitionId), new("late", late ? "true" : "false"));

    internal static void Returned(WorkItem item, string definitionId) =>
        StepsReturned.Add(1, new("step", item.StepLabel), new("role", item.Role), new KeyValuePair<string, object?>("definition", definitionId));

    internal static void Opened(string definitionId) => CasesOpened.Add(1, new KeyValuePair<string, object?>("definition", definitionId));

    internal static void Documented(string definitionId) => CasesDocumented.Add(1, new KeyValuePair<string, object?>("definition", definitionId));

    internal static void Retried() => Retries.Add(1);

    /// <param name="outcome">committed, refused (by a rule), conflict, unavailable, malformed or failed.</param>
    /// <param name="took">With the waiting for the turn.</param>
    internal static void Committed(string outcome, TimeSpan took)
    {
        var label = new KeyValuePair<string, object?>("outcome", outcome);
        Commits.Add(1, label);
        CommitDuration.Record(took.TotalSeconds, label);
    }

    internal static void Mailed(OutboxMessage message, string outcome) =>
        Mails.Add(1, new("template", message.Template), new KeyValuePair<string, object?>("outcome", outcome));
}
