using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// Brings exported instances in, as trials. One exported here goes on where it stood; one that stock Elsa wrote holds that engine's state, so
/// only what it became is kept, and only if it had ended. All files or none.
/// </summary>
public sealed class TrialTransfer(
    PpidDbContext db, Committer committer, CompiledDefinitions compiled, AuditTrail audit, Identifiers identifiers, TimeProvider time)
{
    /// <summary>Name of our own part of an exported instance: state and journal, as only this engine reads them.</summary>
    public const string OwnPart = "PpidInstance";

    /// <summary>Files of one import.</summary>
    public const int MostFiles = 100;

    private const int MostLines = 20_000;

    /// <summary>What a trial needs to go on elsewhere.</summary>
    public async Task<JsonObject> OwnPartAsync(InstanceView instance, CancellationToken cancellation = default) => new()
    {
        ["state"] = JsonNode.Parse(instance.Row.State),
        ["journal"] = JsonSerializer.SerializeToNode(
            (await db.Journal.AsNoTracking().Where(j => j.InstanceId == instance.Row.Id).OrderBy(j => j.Sequence).ToListAsync(cancellation)).Select(Line.Of),
            JsonSerializerOptions.Web)
    };

    /// <summary>How many trials came of the files.</summary>
    public Task<Result<int>> ImportAsync(Actor actor, IReadOnlyList<byte[]> files, CancellationToken cancellation = default) =>
        committer.RunAsync<int>(async () =>
        {
            if (!actor.Is(Roles.SopManager))
                return Problem.Forbidden("forbidden");
            if (files.Count is 0 or > MostFiles)
                return Problem.Invalid("instance-files-count", "files", MostFiles);
            foreach (var file in files)
            {
                Problem? refused;
                try
                {
                    refused = await ImportAsync(actor, JsonNode.Parse(file, null, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false }), cancellation);
                }
                catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException or ArgumentException or KeyNotFoundException)
                {
                    refused = Problem.Invalid("instance-file-unreadable", "files");
                }
                if (refused is not null)
                    return refused;
            }
            return files.Count;
        }, cancellation);

    private async Task<Problem?> ImportAsync(Actor actor, JsonNode? file, CancellationToken cancellation)
    {
        if ((file as JsonObject)?["WorkflowState"] is not JsonObject told || (string?)told["id"] is not { Length: > 0 } oldId
            || (string?)told["definitionId"] is not { } definitionId)
            return Problem.Invalid("instance-file-unreadable", "files");
        var number = (int?)told["definitionVersion"];
        var version = await db.DefinitionVersions.ChosenAsync(definitionId, number?.ToString(CultureInfo.InvariantCulture), cancellation);
        if (version is null)
            return Problem.Invalid("instance-definition-missing", "files", definitionId.Length > 100 ? definitionId[..100] : definitionId);
        CompiledWorkflow workflow;
        try
        {
            workflow = compiled.Get(version);
        }
        catch (DefinitionInvalidException invalid)
        {
            return Problem.Invalid("definition-has-errors", "definition", invalid.Problems[0].Message);
        }

        var id = identifiers.Next();
        var own = file[OwnPart] as JsonObject;
        var (state, lines) = own is null ? Finished(id, told, file["WorkflowExecutionLogRecords"] as JsonArray, workflow) : Own(id, oldId, own);
        if (state is null || lines.Count > MostLines || !Fits(state, lines, workflow))
            return Problem.Invalid("instance-not-importable", "files");

        var trial = new WorkflowInstance
        {
            Id = id,
            DefinitionVersionId = version.Id,
            DefinitionId = version.DefinitionId,
            DefinitionVersion = version.Version,
            Name = state.Name is { Length: > TrialDesk.LongestName } name ? name[..TrialDesk.LongestName] : state.Name,
            CorrelationId = state.CorrelationId is { Length: > TrialDesk.LongestName } key ? key[..TrialDesk.LongestName] : state.CorrelationId,
            IsTrial = true,
            StartedBy = actor.UserName,
            TrialContent = version.State == RevisionState.Draft ? version.Content : null,
            Status = state.Status,
            SubStatus = state.SubStatus,
            State = state.ToJson(),
            OpenIncidents = state.Incidents.Count,
            CreatedAt = lines.Count > 0 ? lines[0].At : time.Now(),
            UpdatedAt = lines.Count > 0 ? lines[^1].At : time.Now(),
            FinishedAt = state is { Status: WorkflowStatus.Finished, SubStatus: not WorkflowSubStatus.Faulted } ? lines.Count > 0 ? lines[^1].At : time.Now() : null,
            JournalSequence = lines.Count > 0 ? lines[^1].Sequence : 0
        };
        db.Instances.Add(trial);
        foreach (var line in lines)
            db.Journal.Add(line.Row(id));
        foreach (var bookmark in state.Bookmarks)
            db.Bookmarks.Add(WorkflowRuntime.Row(bookmark, id));
        foreach (var incident in state.Incidents)
            db.Incidents.Add(WorkflowRuntime.Row(incident, id, identifiers.Next()));
        audit.Add(AuditTrail.Administration, actor.UserName, "trial-imported", new JsonObject
        {
            ["instanceId"] = id,
            ["definitionId"] = version.DefinitionId,
            ["version"] = version.Version
        });
        return null;
    }

    // Ids of everything in an instance begin with its own.
    private static (WorkflowState?, List<Line>) Own(Guid id, string oldId, JsonObject own)
    {
        if (oldId.Length != 32 || !oldId.All(char.IsAsciiHexDigit) || own["state"] is not JsonObject kept || kept.ContainsKey("scheduled")
            || own["journal"] is not JsonArray)
            return (null, []);
        var moved = JsonNode.Parse(own.ToJsonString().Replace(oldId, id.ToString("n"), StringComparison.Ordinal))!;
        var state = WorkflowState.FromJson(moved["state"]!.ToJsonString());
        var prefix = id.ToString("n") + "-";
        var lines = moved["journal"]!.Deserialize<List<Line>>(JsonSerializerOptions.Web)!;
        var ids = state.Bookmarks.Select(b => b.Id).Concat(state.Incidents.Select(i => i.Id)).Concat(state.GetExecutions().Select(e => e.Id))
            .Concat(lines.Select(l => l.ActivityInstanceId));
        return state.InstanceId == id.ToString("n") && ids.All(i => i.StartsWith(prefix, StringComparison.Ordinal)) ? (state, lines) : (null, []);
    }

    // Stock Elsa's state is another engine's: what came of it can be shown, not continued.
    private static (WorkflowState?, List<Line>) Finished(Guid id, JsonObject told, JsonArray? log, CompiledWorkflow workflow)
    {
        var subStatus = (string?)told["subStatus"];
        if ((string?)told["status"] != "Finished" || subStatus is not ("Finished" or "Cancelled"))
            return (null, []);
        var runs = new Dictionary<string, string>();
        var lines = new List<Line>();
        foreach (var record in log?.OfType<JsonObject>() ?? [])
        {
            var activityId = (string)record["activityId"]!;
            lines.Add(new Line(
                (long)record["sequence"]!, (DateTimeOffset)record["timestamp"]!, (string)record["eventName"]!, activityId, (string)record["activityType"]!,
                Moved((string)record["activityInstanceId"]!), (string?)record["parentActivityInstanceId"] is { } parent ? Moved(parent) : null, null, null));
        }
        var root = (told["activityExecutionContexts"]?["$values"] ?? told["activityExecutionContexts"] as JsonArray)?.AsArray().OfType<JsonObject>()
            .FirstOrDefault(c => c["parentContextId"] is null);
        var variables = (root?["properties"]?["Variables"] as JsonObject ?? []).Where(v => workflow.Definition.Variables.Any(d => d.Id == v.Key));
        var state = new JsonObject
        {
            ["instanceId"] = id.ToString("n"),
            ["status"] = "Finished",
            ["subStatus"] = subStatus,
            ["correlationId"] = (string?)told["correlationId"],
            ["input"] = (told["input"] as JsonObject)?.DeepClone() ?? new JsonObject(),
            ["output"] = (told["output"] as JsonObject)?.DeepClone() ?? new JsonObject(),
            ["journalSequence"] = lines.Count > 0 ? lines[^1].Sequence + 1 : 0,
            ["finalVariables"] = new JsonObject(variables.Select(v => KeyValuePair.Create(v.Key, v.Value?.DeepClone())))
        };
        return (WorkflowState.FromJson(state.ToJsonString()), lines);

        string Moved(string old)
        {
            if (!runs.TryGetValue(old, out var now))
                runs[old] = now = $"{id:n}-{runs.Count + 1}";
            return now;
        }
    }

    /// <summary>Everything in it belongs to the definition, and the store takes it.</summary>
    private static bool Fits(WorkflowState state, List<Line> lines, CompiledWorkflow workflow)
    {
        var known = new HashSet<string>();
        var roots = 0;
        foreach (var execution in state.GetExecutions())
        {
            // Parents come before their children.
            if (workflow.FindActivity(execution.ActivityId) is null || (execution.ParentId is { } parent ? !known.Contains(parent) : roots++ > 0))
                return false;
            known.Add(execution.Id);
        }
        return state.Bookmarks.All(b => known.Contains(b.ActivityInstanceId) && b.Name.Length <= 100 && b.ActivityId.Length <= 200)
            && state.Bookmarks.Select(b => b.Id).Distinct().Count() == state.Bookmarks.Count
            && state.Incidents.All(i => known.Contains(i.ActivityInstanceId) && i is { Code.Length: <= 60, Message.Length: <= 2000, ActivityId.Length: <= 200 })
            && lines.Zip(lines.Skip(1)).All(pair => pair.First.Sequence < pair.Second.Sequence)
            && lines.All(l => workflow.FindActivity(l.ActivityId) is not null
                && l is { EventName.Length: <= 40, ActivityType.Length: <= 100, ActivityInstanceId.Length: <= 80, Message: null or { Length: <= 2000 } }
                && (l.Payload is null || JsonNode.Parse(l.Payload) is JsonObject));
    }

    private sealed record Line(
        long Sequence, DateTimeOffset At, string EventName, string ActivityId, string ActivityType, string ActivityInstanceId, string? ParentActivityInstanceId,
        string? Message, string? Payload)
    {
        public static Line Of(JournalRow row) => new(
            row.Sequence, row.At, row.EventName, row.ActivityId, row.ActivityType, row.ActivityInstanceId, row.ParentActivityInstanceId, row.Message, row.Payload);

        public JournalRow Row(Guid instanceId) => new()
        {
            InstanceId = instanceId,
            Sequence = Sequence,
            At = At,
            EventName = EventName,
            ActivityId = ActivityId,
            ActivityType = ActivityType,
            ActivityInstanceId = ActivityInstanceId,
            ParentActivityInstanceId = ParentActivityInstanceId,
            Message = Message,
            Payload = Payload
        };
    }
}
