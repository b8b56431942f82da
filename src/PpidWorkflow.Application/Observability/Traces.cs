using System.Collections.Concurrent;
using System.Diagnostics;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Application.Observability;

/// <summary>
/// The way of one request: HTTP, commit, burst of the engine, and later the mails that it owes, each a span of the source <c>PpidWorkflow</c>.
/// Ids only (design.md §2.7). Where nobody listens, nothing is made.
/// </summary>
public static class Traces
{
    public const string SourceName = "PpidWorkflow";

    /// <summary>Mails whose origin is remembered; the oldest is forgotten first, and then its span begins a trace of its own.</summary>
    private const int MostOrigins = 10_000;

    private const string CommitName = "commit";
    private static readonly ActivitySource Source = new(SourceName);
    private static readonly ConcurrentDictionary<Guid, ActivityContext> Origins = new();
    private static readonly ConcurrentQueue<Guid> OriginOrder = new();

    internal static Activity? Commit() => Source.StartActivity(CommitName);

    /// <param name="outcome">As in <see cref="Metrics"/>.</param>
    /// <param name="code">Of the first problem; null: none.</param>
    /// <param name="attempts">How often the step was run.</param>
    internal static void Ended(Activity? commit, string outcome, string? code, int attempts)
    {
        if (commit is null)
            return;
        commit.SetTag("ppid.commit.outcome", outcome).SetTag("ppid.commit.attempts", attempts);
        if (code is not null)
            commit.SetTag("ppid.problem", code);
        if (outcome is "unavailable" or "failed")
            commit.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>The step that the commit in hand is about.</summary>
    internal static void About(WorkItem item)
    {
        if (CommitInHand is { } commit)
            commit.SetTag("ppid.case.id", item.CaseId.ToString()).SetTag("ppid.task.id", item.Id.ToString()).SetTag("ppid.step", item.StepLabel);
    }

    /// <summary>Within a watched commit only: a rehearsal's bursts are nobody's.</summary>
    /// <param name="act">start, resume, retry or cancel.</param>
    internal static Activity? Burst(string act, WorkflowInstance instance, Case? record) => CommitInHand is null
        ? null
        : Source.StartActivity("engine burst")?.SetTag("ppid.burst", act).SetTag("ppid.instance.id", instance.Id.ToString())
            .SetTag("ppid.definition.id", instance.DefinitionId).SetTag("ppid.definition.version", instance.DefinitionVersion)
            .SetTag("ppid.case.id", record?.Id.ToString()).SetTag("ppid.case.number", record?.Number);

    /// <summary>A commit owes this mail: its sending, whenever it comes, belongs to the same trace.</summary>
    internal static void Owes(Guid mailId)
    {
        if (Activity.Current is not { Recorded: true } owing || owing.Source != Source || !Origins.TryAdd(mailId, owing.Context))
            return;
        OriginOrder.Enqueue(mailId);
        while (OriginOrder.Count > MostOrigins && OriginOrder.TryDequeue(out var oldest))
            Origins.TryRemove(oldest, out _);
    }

    internal static Activity? Send(OutboxMessage message) => Source.StartActivity(
            "outbox send", ActivityKind.Producer, Origins.GetValueOrDefault(message.Id))
        ?.SetTag("ppid.mail.id", message.Id.ToString()).SetTag("ppid.mail.template", message.Template).SetTag("ppid.case.id", message.CaseId?.ToString())
        .SetTag("ppid.task.id", message.WorkItemId?.ToString());

    internal static void Ended(Activity? send, string outcome)
    {
        send?.SetTag("ppid.mail.outcome", outcome);
        if (outcome != "sent")
            send?.SetStatus(ActivityStatusCode.Error);
    }

    private static Activity? CommitInHand =>
        Activity.Current is { OperationName: CommitName } current && current.Source == Source ? current : null;
}
