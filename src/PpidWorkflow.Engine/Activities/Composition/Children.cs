using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Composition;

/// <summary>What the activities that start instances have in common.</summary>
internal static class Children
{
    public static string Definition(ActivityExecutionContext context, Input<string>? input) =>
        context.Get(input) is { Length: > 0 } id ? id : throw new ActivityFaultException("missing-input", "Alur kerja yang harus dijalankan tidak disebut.");

    public static JsonObject Stimulus(string definitionId, bool waits) =>
        new() { ["workflowDefinitionId"] = definitionId, ["waitForCompletion"] = waits };

    /// <summary>The child's answer; its id goes into the journal.</summary>
    /// <exception cref="ActivityFaultException">The child was not started.</exception>
    public static ChildAnswer OnlyAnswer(ActivityExecutionContext context)
    {
        if (ChildAnswers.Of(context.BookmarkInput) is not [var answer, ..])
            throw new ActivityFaultException("child-unknown", "Tidak diketahui apa yang terjadi dengan alur kerja yang dijalankan.");
        if (answer.ErrorCode is not null)
            Refuse(answer);
        // Whoever reads the journal finds the child by it; the id says nothing of what it holds.
        context.JournalData["WorkflowInstanceId"] = answer.InstanceId;
        return answer;
    }

    public static JsonObject Output(ChildAnswer child) => new(child.Output.Select(o => KeyValuePair.Create(o.Key, o.Value?.DeepClone())));

    /// <summary>Nothing was started, so that a retry starts it anew.</summary>
    public static void Refuse(ChildAnswer answer) =>
        throw new ActivityFaultException(answer.ErrorCode!, answer.Error ?? "Alur kerja tidak dapat dimulai.") { StartsAnew = true };
}
