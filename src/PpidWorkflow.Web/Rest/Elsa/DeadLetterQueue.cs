using PpidWorkflow.Application;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Web.Rest.Ppid;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>Events that reached nobody, as Elsa's clients ask for its dead letters. Beyond Elsa a deletion says why, in
/// its body (<c>{reason}</c>): addresses stand in logs of proxies, and what a person writes does not belong there.</summary>
internal static class DeadLetterQueue
{
    private sealed record Discard(string? Reason);

    public static void Map(RouteGroupBuilder api)
    {
        var letters = api.MapGroup("/bookmark-queue/dead-letters");
        letters.MapGet("", ListAsync);
        letters.MapGet("/{id}", GetAsync);
        letters.MapPost("/{id}/replay", ReplayAsync);
        letters.MapDelete("/{id}", DeleteAsync);
    }

    private static async Task<IResult> ListAsync(ApiCall call, DeadLetterDesk desk, CancellationToken cancellation)
    {
        if (InstanceJournal.Span(call.Context.Request.Query) is not var (skip, take))
            return ElsaApi.Refuse([Problem.Invalid("page-size-invalid", "take", InstanceJournal.LargestTake)]);
        var (dead, total) = await desk.SpanAsync(await call.ActorAsync(), skip, take, cancellation);
        return ElsaApi.Ok(new { Items = dead.Select(Shape), TotalCount = total });
    }

    private static async Task<IResult> GetAsync(string id, ApiCall call, DeadLetterDesk desk, CancellationToken cancellation) =>
        Guid.TryParse(id, out var key) && await desk.FindAsync(await call.ActorAsync(), key, cancellation) is { } letter
            ? ElsaApi.Ok(Shape(letter))
            : ElsaApi.Missing;

    private static async Task<IResult> ReplayAsync(string id, ApiCall call, DeadLetterDesk desk, CancellationToken cancellation)
    {
        if (!Guid.TryParse(id, out var key))
            return ElsaApi.Missing;
        var outcome = await desk.DeliverAsync(await call.ActorAsync(), key, null, cancellation);
        return Answer(outcome, told => ElsaApi.Ok(new { Replayed = told.State != "dead", QueueItemId = InstanceShapes.Id(told.Id), Reason = told.State }));
    }

    private static async Task<IResult> DeleteAsync(string id, ApiCall call, DeadLetterDesk desk, CancellationToken cancellation)
    {
        if (!Guid.TryParse(id, out var key))
            return ElsaApi.Missing;
        var body = await call.BodyAsync<Discard>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        return Answer(
            await desk.DiscardAsync(await call.ActorAsync(), key, null, body.Value.Value.Reason, cancellation), _ => TypedResults.NoContent());
    }

    private static IResult Answer<T>(Result<T> result, Func<T, IResult> answer) => result.Succeeded ? answer(result.Value)
        : result.Problems[0].Code == "dead-letter-not-found" ? ElsaApi.Missing
        : ElsaApi.Refuse(result.Problems);

    private static object Shape(DeadLetter letter) => new
    {
        Id = InstanceShapes.Id(letter.Id),
        OriginalQueueItemId = InstanceShapes.Id(letter.Id),
        WorkflowInstanceId = letter.InstanceId is { } only ? InstanceShapes.Id(only) : null,
        letter.CorrelationId,
        ActivityTypeName = "Elsa.Event",
        Stimulus = new { EventName = letter.Name },
        letter.Reason,
        letter.CreatedAt,
        OriginalCreatedAt = letter.CreatedAt,
        DeadLetteredAt = letter.DeadAt,
        DeliveryAttempts = letter.Attempts,
        CanReplay = letter.CanBeDelivered
    };
}
