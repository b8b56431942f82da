using PpidWorkflow.Application;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>Outages and what they were credited to; reporting and annulling are for administrators.</summary>
internal static class Outages
{
    public sealed record AnnulBody(string? Reason);

    public static void Map(RouteGroupBuilder outages)
    {
        outages.MapGet("", ListAsync).Answers<Page<OutageView>>("Lists outages, newest first, with the steps and working minutes credited");
        outages.MapPost("", (ApiCall call, OutageDesk desk, CancellationToken cancellation) =>
                call.ChangeAsync<OutageForm, OutageView>((actor, body) => desk.ReportAsync(actor, body, cancellation)))
            .Accepts<OutageForm>(isOptional: true, "application/json")
            .Answers<OutageView>("Reports an outage of the past (from, to: 2026-11-23T08:05 in the office's zone, or with offset) and credits it");
        outages.MapPost("/{id:guid}/annul", (Guid id, ApiCall call, OutageDesk desk, CancellationToken cancellation) =>
                call.ChangeAsync<AnnulBody, OutageView>((actor, body) => desk.AnnulAsync(actor, id, body.Reason, cancellation)))
            .Accepts<AnnulBody>(isOptional: true, "application/json").Answers<OutageView>("Annuls an outage: its credits are taken back, it stays in the list");
    }

    private static Task<IResult> ListAsync(
        ApiCall call, OutageDesk desk, CancellationToken cancellation, string? after = null, string? pageSize = null) =>
        call.ReadAsync(async actor => ApiCall.PageSize(pageSize) is { Succeeded: true } size
            ? await desk.ListAsync(actor, after, size.Value, cancellation)
            : ApiCall.PageSize(pageSize).As<Page<OutageView>>());
}
