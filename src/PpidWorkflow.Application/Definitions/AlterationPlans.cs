using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.Definitions;

/// <summary>What a plan of alterations did.</summary>
/// <param name="At">UTC.</param>
/// <param name="Types">Elsa's names of the alterations.</param>
/// <param name="Jobs">What became of each trial.</param>
public sealed record AlterationPlan(DateTimeOffset At, IReadOnlyList<string> Types, IReadOnlyList<(Guid InstanceId, bool Succeeded)> Jobs);

/// <summary>Plans of alterations are carried out at once; their record is the one in the administration's audit chain.</summary>
public sealed class AlterationPlans(PpidDbContext db, Committer committer, AuditTrail audit, Identifiers identifiers)
{
    private const string Action = "alterations-run";

    /// <summary>Records a plan that was carried out; its id.</summary>
    public Task<Result<Guid>> RecordAsync(
        Actor actor, IReadOnlyList<string> types, IReadOnlyList<(Guid InstanceId, bool Succeeded)> jobs, CancellationToken cancellation = default) =>
        committer.RunAsync<Guid>(() =>
        {
            var id = identifiers.Next();
            audit.Add(AuditTrail.Administration, actor.UserName, Action, new JsonObject
            {
                ["planId"] = id,
                ["types"] = new JsonArray([.. types.Select(t => (JsonNode?)t)]),
                ["done"] = new JsonArray([.. jobs.Where(j => j.Succeeded).Select(j => (JsonNode?)j.InstanceId)]),
                ["refused"] = new JsonArray([.. jobs.Where(j => !j.Succeeded).Select(j => (JsonNode?)j.InstanceId)])
            });
            return Task.FromResult<Result<Guid>>(id);
        }, cancellation);

    /// <summary>Null: there was none of that id.</summary>
    public async Task<AlterationPlan?> FindAsync(Guid id, CancellationToken cancellation = default)
    {
        var needle = $"\"planId\":\"{id}\"";
        if (await db.AuditRecords.AsNoTracking()
            .FirstOrDefaultAsync(r => r.Chain == AuditTrail.Administration && r.Action == Action && r.Data.Contains(needle), cancellation) is not { } record)
            return null;
        var data = JsonNode.Parse(record.Data)!;
        return new AlterationPlan(
            record.At, [.. data["types"]!.AsArray().Select(t => (string)t!)],
            [.. data["done"]!.AsArray().Select(j => ((Guid)j!, true)), .. data["refused"]!.AsArray().Select(j => ((Guid)j!, false))]);
    }
}
