using System.Globalization;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Definitions;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>Rehearsals of the versions that the service keeps: a timetable, nothing changed.</summary>
internal static class Rehearsals
{
    public static void Map(RouteGroupBuilder definitions) => definitions.MapGet("/{definitionId}/versions/{version:int}/rehearsal", RehearseAsync)
        .Answers<RehearsalReport>(
            "Runs a version on a fake clock: who gets which task and mail when. ?from= is the first day that a path may begin on");

    private static Task<IResult> RehearseAsync(
        string definitionId, int version, ApiCall call, RehearsalDesk desk, CancellationToken cancellation, string? from = null) =>
        call.ReadAsync(async actor =>
        {
            if (from is null)
                return await desk.OfVersionAsync(actor, definitionId, version, null, cancellation);
            return DateOnly.TryParseExact(from, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                ? await desk.OfVersionAsync(actor, definitionId, version, day, cancellation)
                : Problem.Invalid("date-invalid", "from");
        });
}
