using System.Text.Json;
using System.Text.Json.Nodes;
using PpidWorkflow.Application.Audit;

namespace PpidWorkflow.Application.Retention;

/// <summary>
/// The record of a removal from the chain of administration, and the anchor of what is left: from which seal's head on the chain goes on. Part of the
/// chain itself and sealed with it; the newest of them always stays.
/// </summary>
/// <param name="Through">Sequence of the last record removed.</param>
/// <param name="Hash">Its hash: what the oldest record left links to.</param>
/// <param name="Seal">Sequence of the seal that saw it as the head of the chain.</param>
/// <param name="At">When it was removed, UTC.</param>
public sealed record AuditRemoval(long Through, string Hash, long Seal, DateTimeOffset At)
{
    public const string Action = "audit-removed";

    public void AddTo(JsonObject data)
    {
        data["through"] = Through;
        data["hash"] = Hash;
        data["seal"] = Seal;
    }

    /// <summary>Null: no such record, or none that can be read.</summary>
    public static AuditRemoval? Of(AuditRecord record)
    {
        if (record.Action != Action || record.Chain != AuditTrail.Administration)
            return null;
        try
        {
            var data = JsonSerializer.Deserialize<Stated>(record.Data, JsonSerializerOptions.Web)!;
            return data.Hash is null ? null : new AuditRemoval(data.Through, data.Hash, data.Seal, record.At);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// The seal names this head, and was old enough at the removal. Whoever takes out records of last month cannot say so: the seal over them is
    /// younger, and every later one is chained to it.
    /// </summary>
    public bool IsBornOutBy(AuditSeal seal) =>
        seal.Sequence == Seal && seal.At <= At.AddMonths(-RetentionOptions.LeastAuditMonths)
        && SealedHead.Read(seal.Heads).Contains(new SealedHead(AuditTrail.Administration, Through, Hash));

    private sealed record Stated(long Through, string? Hash, long Seal);
}
