using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Hosting;

/// <summary>Whether the process lives, can serve, and keeps its promises (design.md §6). Open to monitors: ids and figures only.</summary>
public static class HealthEndpoints
{
    /// <param name="Status">live, ready or not-ready.</param>
    /// <param name="Reason">Why it is not ready: schema-differs, store-unavailable, no-heartbeat; absent otherwise.</param>
    public sealed record Health(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null);

    /// <param name="Incidents">What the periodic check found broken and not whole again since.</param>
    /// <param name="Outages">Those of the last day and the one that lasts.</param>
    /// <param name="DeadLetters">Events that reached nobody and that nobody has decided about; no violation.</param>
    /// <param name="Deep">The last reading of all years, every audit record and every byte of the vault; null before the first.</param>
    public sealed record GuaranteeHealth(
        string Status, IReadOnlyList<GuaranteeReading> Guarantees, IReadOnlyList<OpenIncident> Incidents, IReadOnlyList<RecentOutage> Outages,
        long DeadLetters, LastDeepReading? Deep);

    /// <param name="Violations">Rows that only this reading sees; they count until the next one.</param>
    public sealed record LastDeepReading(DateTimeOffset TakenAt, long Checked, long Violations);

    public sealed record OpenIncident(string Guarantee, DateTimeOffset OpenedAt, long Violations);

    /// <param name="Kind">service, mail or reported.</param>
    /// <param name="To">Null while it lasts.</param>
    public sealed record RecentOutage(string Kind, DateTimeOffset From, DateTimeOffset? To);

    public static void MapPpidHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").ExcludeFromDescription().AllowAnonymous();
        // Before anybody is recognised: that asks the database, which may be what is away.
        health.MapGet("/live", () => new Health("live")).ShortCircuit();
        health.MapGet("/ready", ReadyAsync).ShortCircuit();
        health.MapGet("/guarantees", GuaranteesAsync);
    }

    private static async Task<IResult> ReadyAsync(
        IServiceScopeFactory scopes, StorageWatch storage, ServicePulse pulse, CancellationToken cancellation) =>
        await ReasonAsync(scopes, storage, pulse, cancellation) is { } reason
            ? Results.Json(new Health("not-ready", reason), statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Ok(new Health("ready"));

    /// <summary>Null: it can serve. A node that can only read is not ready: officers could do nothing at it.</summary>
    private static async Task<string?> ReasonAsync(
        IServiceScopeFactory scopes, StorageWatch storage, ServicePulse pulse, CancellationToken cancellation)
    {
        // A database that swallows questions must not hold up who asks whether it does.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(LongestQuestion);
        try
        {
            if (await PatientQuestion.AskAsync(scopes, DatabaseReasonAsync, patience.Token) is { } reason)
                return reason;
            return storage.IsRefusing ? "store-unavailable" : pulse.IsStale ? "no-heartbeat" : null;
        }
        catch (Exception failure) when (StoreFailures.Describe(failure) is not null || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return "store-unavailable";
        }
    }

    private static async Task<string?> DatabaseReasonAsync(IServiceProvider services, CancellationToken patience) =>
        !await services.GetRequiredService<PpidDbContext>().Database.CanConnectAsync(patience) ? "store-unavailable"
        : !await services.GetRequiredService<SchemaUpgrade>().IsCurrentAsync(patience) ? "schema-differs"
        : null;

    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(5);

    /// <summary>Reads at most once in <see cref="KeepsFor"/>, one at a time, and of what is closed the last days only: the address is open.</summary>
    private static async Task<IResult> GuaranteesAsync(
        Guarantees guarantees, LastReading last, DeadLetterDesk letters, PpidDbContext db, TimeProvider time, CancellationToken cancellation)
    {
        var yesterday = time.GetUtcNow().AddDays(-1);
        var incidents = await db.GuaranteeIncidents.AsNoTracking().Where(i => i.ClosedAt == null).OrderBy(i => i.OpenedAt)
            .Select(i => new OpenIncident(i.Guarantee, i.OpenedAt, i.Violations)).ToListAsync(cancellation);
        var outages = await db.Outages.AsNoTracking().Where(o => o.AnnulledAt == null && (o.To == null || o.To > yesterday)).OrderBy(o => o.From)
            .ToListAsync(cancellation);
        var (readings, deep) = await last.GetAsync(guarantees, time, cancellation);
        var hold = readings.All(r => r.Violations == 0);
        return Results.Json(
            new GuaranteeHealth(
                hold ? "ok" : "violated", readings, incidents, [.. outages.Select(o => new RecentOutage(OutageDesk.Wire(o.Kind), o.From, o.To))],
                await letters.CountAsync(cancellation),
                deep is null ? null : new LastDeepReading(deep.TakenAt, deep.Checked, deep.Found.Sum(f => f.Violations))),
            statusCode: hold ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static readonly TimeSpan KeepsFor = TimeSpan.FromSeconds(5);

    /// <summary>The reading of the last seconds, shared by all who ask.</summary>
    public sealed class LastReading : IDisposable
    {
        private readonly SemaphoreSlim _one = new(1, 1);
        private StandingReading? _reading;
        private DateTimeOffset _takenAt;

        public async Task<StandingReading> GetAsync(Guarantees guarantees, TimeProvider time, CancellationToken cancellation)
        {
            await _one.WaitAsync(cancellation);
            try
            {
                if (_reading is null || time.GetUtcNow() - _takenAt >= KeepsFor)
                    (_reading, _takenAt) = (await guarantees.ReadStandingAsync(cancellation), time.GetUtcNow());
                return _reading;
            }
            finally
            {
                _one.Release();
            }
        }

        public void Dispose() => _one.Dispose();
    }
}
