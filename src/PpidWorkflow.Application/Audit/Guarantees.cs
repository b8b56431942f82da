namespace PpidWorkflow.Application.Audit;

/// <summary>One invariant of design.md §6 with its figure on the live data.</summary>
/// <param name="Name">kebab-case, stable.</param>
/// <param name="Description">What must hold, Indonesian.</param>
/// <param name="Violations">How many rows break it; 0: holds.</param>
/// <param name="Examples">Ids of some of them.</param>
/// <param name="Checked">How many rows were looked at.</param>
public sealed record GuaranteeReading(string Name, string Description, long Checked, long Violations, IReadOnlyList<string> Examples);

/// <summary>Reads every invariant (verb <c>verify</c>, <c>/health/guarantees</c>).</summary>
public sealed class Guarantees
{
    /// <param name="deep">Also re-hashes vault files and audit chains from their first row.</param>
    public Task<IReadOnlyList<GuaranteeReading>> ReadAsync(bool deep, CancellationToken cancellation = default) => throw new NotSupportedException();
}
