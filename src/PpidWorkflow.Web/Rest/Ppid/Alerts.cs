using PpidWorkflow.Application;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>Alerts of the ladder that their addressee has to take note of.</summary>
internal static class Alerts
{
    /// <summary>Nothing need be said.</summary>
    public sealed record AcknowledgeBody;

    public static void Map(RouteGroupBuilder alerts)
    {
        alerts.MapGet("", (ApiCall call, AlertDesk desk, CancellationToken cancellation) =>
                call.ReadAsync<Page<AlertView>>(async actor => new Page<AlertView>(await desk.BannersAsync(actor, cancellation), null)))
            .Answers<Page<AlertView>>("Banners that stand on the reader's pages now: one a step, the newest first");
        alerts.MapPost("/{id:guid}/acknowledge", (Guid id, ApiCall call, AlertDesk desk, CancellationToken cancellation) =>
                call.ChangeAsync<AcknowledgeBody, AlertView>((actor, _) => desk.AcknowledgeAsync(id, actor, cancellation)))
            .Accepts<AcknowledgeBody>(isOptional: true, "application/json")
            .Answers<AlertView>("Takes note of an alert that told the caller, and of his earlier banners of the same step");
    }
}
