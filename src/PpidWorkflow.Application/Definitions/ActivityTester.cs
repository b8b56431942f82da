using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Definitions;

/// <summary>What became of one activity, run by itself.</summary>
/// <param name="Root">The activity as written.</param>
/// <param name="State">Kept nowhere.</param>
/// <param name="Status">Completed, Running (it waits) or Faulted.</param>
/// <param name="Workflow">Around the activity.</param>
/// <param name="Values">Its evaluated inputs and its outputs, as far as the journal may hold them.</param>
public sealed record ActivityTest(JsonObject Root, WorkflowState State, ActivityStatus Status, CompiledWorkflow Workflow, ExecutionValues? Values);

/// <summary>
/// Runs one activity of a definition by itself, to see what it does: with the definition's variables as they begin and sample inputs. Nothing
/// is stored; what it would wait for, it waits for in vain.
/// </summary>
public sealed class ActivityTester(PpidDbContext db, WorkflowCompiler compiler, WorkflowRunner runner, Identifiers identifiers, TimeProvider time)
{
    /// <param name="versionId">The version; null: by definition.</param>
    /// <param name="definitionId">The definition, where no version is named.</param>
    /// <param name="word">Elsa's word for its version.</param>
    /// <param name="activityId">The activity, anywhere in the definition.</param>
    public async Task<Result<ActivityTest>> RunAsync(
        Actor actor, Guid? versionId, string? definitionId, string? word, string activityId, CancellationToken cancellation = default)
    {
        if (!actor.Is(Roles.SopManager))
            return Problem.Forbidden("forbidden");
        var version = versionId is { } id
            ? await db.DefinitionVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Id == id, cancellation)
            : await db.DefinitionVersions.ChosenAsync(definitionId ?? "", word, cancellation);
        if (version is null)
            return Problem.NotFound("definition-not-found");
        try
        {
            var document = DefinitionReader.ReadStored(version.Content).Document.DeepClone().AsObject();
            if (Find(document["root"], activityId) is not { } activity)
                return Problem.NotFound("activity-not-found");
            document["root"] = activity.DeepClone();
            var workflow = compiler.Compile(DefinitionReader.FromDocument(document));
            var now = time.Now();
            var (input, _) = TrialInputs.Complete(workflow.Definition, null, now);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(WorkflowRuntime.TrialBurst);
            var result = await runner.StartAsync(workflow, new StartOptions(identifiers.Next().ToString("n"), now, input) { Journaled = JournaledValues.UnlessExcluded }, limit.Token);
            var standing = result.State.GetExecutions().FirstOrDefault(e => e.ActivityId == activityId);
            var last = result.Journal.LastOrDefault(j => j.ActivityId == activityId);
            return new ActivityTest(activity, result.State, result.State switch
            {
                { Incidents.Count: > 0 } => ActivityStatus.Faulted,
                { Status: WorkflowStatus.Finished } => ActivityStatus.Completed,
                _ => ActivityStatus.Running
            }, workflow, standing is not null ? result.State.GetValues(standing.Id) : last is null ? null : result.Values.GetValueOrDefault(last.Sequence));
        }
        catch (Exception cut) when (cut is OperationCanceledException or ActivityFaultException && !cancellation.IsCancellationRequested)
        {
            return Problem.Conflict("trial-too-long", WorkflowRuntime.TrialBurst.TotalSeconds);
        }
        catch (DefinitionInvalidException invalid)
        {
            return Problem.Invalid("definition-has-errors", "definition", invalid.Problems[0].Message);
        }
    }

    private static JsonObject? Find(JsonNode? node, string activityId) => node switch
    {
        JsonObject activity when activity["type"] is JsonValue && activity["id"] is JsonValue id && id.TryGetValue<string>(out var key) && key == activityId => activity,
        JsonObject members => members.Select(m => Find(m.Value, activityId)).FirstOrDefault(found => found is not null),
        JsonArray items => items.Select(item => Find(item, activityId)).FirstOrDefault(found => found is not null),
        _ => null
    };
}
