using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Web.Hosting;

/// <summary>Whether the process lives, can serve, and keeps its promises (design.md §6). Open to monitors: ids and figures only.</summary>
public static class HealthEndpoints
{
    public sealed record Health(string Status);

    public sealed record GuaranteeHealth(string Status, IReadOnlyList<GuaranteeReading> Guarantees);

    public static void MapPpidHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").ExcludeFromDescription().AllowAnonymous();
        health.MapGet("/live", () => new Health("live"));
        health.MapGet("/ready", ReadyAsync);
        health.MapGet("/guarantees", GuaranteesAsync);
    }

    private static async Task<IResult> ReadyAsync(SchemaUpgrade schema, CancellationToken cancellation) =>
        await IsReadyAsync(schema, cancellation)
            ? Results.Ok(new Health("ready"))
            : Results.Json(new Health("not-ready"), statusCode: StatusCodes.Status503ServiceUnavailable);

    private static async Task<bool> IsReadyAsync(SchemaUpgrade schema, CancellationToken cancellation)
    {
        try
        {
            return await schema.IsCurrentAsync(cancellation);
        }
        catch (System.Data.Common.DbException)
        {
            return false;
        }
    }

    private static async Task<IResult> GuaranteesAsync(Guarantees guarantees, CancellationToken cancellation)
    {
        var readings = await guarantees.ReadAsync(deep: false, cancellation);
        var hold = readings.All(r => r.Violations == 0);
        return Results.Json(
            new GuaranteeHealth(hold ? "ok" : "violated", readings),
            statusCode: hold ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
