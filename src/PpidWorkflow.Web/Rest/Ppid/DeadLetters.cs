using PpidWorkflow.Application;
using PpidWorkflow.Application.Runtime;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>Events that reached nobody; for administrators and SOP managers.</summary>
internal static class DeadLetters
{
    /// <param name="Revision">As it was listed; absent: whatever it is.</param>
    public sealed record DeliverBody(int? Revision);

    /// <param name="Revision">As it was listed; absent: whatever it is.</param>
    /// <param name="Reason">Why it is not wanted, 1 to 300 characters.</param>
    public sealed record DiscardBody(int? Revision, string? Reason);

    public static void Map(RouteGroupBuilder letters)
    {
        letters.MapGet("", ListAsync).Answers<Page<DeadLetter>>("Lists events that reached nobody, newest first; never what they carried");
        letters.MapPost("/{id:guid}/deliver", (Guid id, ApiCall call, DeadLetterDesk desk, CancellationToken cancellation) =>
                call.ChangeAsync<DeliverBody, DeadLetterOutcome>((actor, body) => desk.DeliverAsync(actor, id, body.Revision, cancellation)))
            .Accepts<DeliverBody>(isOptional: true, "application/json")
            .Answers<DeadLetterOutcome>("Looks once more for who waits for it: delivered, kept for whoever will, or dead again");
        letters.MapPost("/{id:guid}/discard", (Guid id, ApiCall call, DeadLetterDesk desk, CancellationToken cancellation) =>
                call.ChangeAsync<DiscardBody, Guid>((actor, body) => desk.DiscardAsync(actor, id, body.Revision, body.Reason, cancellation)))
            .Accepts<DiscardBody>(isOptional: true, "application/json").Answers<Guid>("Discards it for good; who and why stay in the audit");
    }

    private static Task<IResult> ListAsync(
        ApiCall call, DeadLetterDesk desk, CancellationToken cancellation, string? after = null, string? pageSize = null) =>
        call.ReadAsync(async actor => ApiCall.PageSize(pageSize) is { Succeeded: true } size
            ? await desk.ListAsync(actor, after, size.Value, cancellation)
            : ApiCall.PageSize(pageSize).As<Page<DeadLetter>>());
}
