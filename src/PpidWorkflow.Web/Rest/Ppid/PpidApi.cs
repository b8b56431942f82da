using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>The API of design.md §5: one file per resource, its routes on top.</summary>
public static class PpidApi
{
    public const string Root = "/api/v1";

    public static void MapPpidApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup(Root).RequireAuthorization(Access.Api).DisableAntiforgery();
        Auth.Map(api.MapGroup("/auth").WithTags("Auth"));
        Cases.Map(api.MapGroup("/cases").WithTags("Cases"));
        Tasks.Map(api.MapGroup("/tasks").WithTags("Tasks"));
        Alerts.Map(api.MapGroup("/alerts").WithTags("Alerts"));
        Board.Map(api.MapGroup("/board").WithTags("Board"));
        Me.Map(api.MapGroup("/me").WithTags("Me"));
        Files.Map(api.MapGroup("").WithTags("Files"));
        Definitions.Map(api.MapGroup("/definitions").WithTags("Definitions"));
        People.MapAbsences(api.MapGroup("/absences").WithTags("People"));
        People.MapAppointments(api.MapGroup("/appointments").WithTags("People"));
        People.MapTransfers(api.MapGroup("/transfers").WithTags("People"));
        Calendar.Map(api.MapGroup("/calendar").WithTags("Calendar"));
        DeadLetters.Map(api.MapGroup("/dead-letters").WithTags("Events"));
        Outages.Map(api.MapGroup("/outages").WithTags("Outages"));
        Rehearsals.Map(api.MapGroup("/definitions").WithTags("Definitions"));
    }

    /// <summary>What the route answers and what it refuses with, for the OpenAPI document.</summary>
    internal static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder route, string summary, int status = StatusCodes.Status200OK)
    {
        route.WithSummary(summary).Produces<T>(status);
        foreach (var refusal in (int[])[400, 401, 403, 404, 409, 413, 415, 422, 503])
            route.Produces<ProblemBody>(refusal, ProblemAnswer.MediaType);
        return route;
    }
}
