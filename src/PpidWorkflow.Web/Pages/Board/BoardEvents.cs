using Microsoft.AspNetCore.Http.Features;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Pages.Board;

/// <summary><c>/board/events</c>: server-sent events for whoever is signed in to the pages.</summary>
public static class BoardEvents
{
    /// <summary>Address of the stream.</summary>
    public const string Path = "/board/events";

    public static void MapBoardEvents(this IEndpointRouteBuilder app) =>
        app.MapGet(Path, StreamAsync).RequireAuthorization().ExcludeFromDescription();

    private static async Task StreamAsync(
        HttpContext http, CurrentActor current, BoardWatch watch, IServiceScopeFactory scopes, IHostApplicationLifetime host)
    {
        var actor = await current.RequireAsync();
        if (watch.TryOpen(actor, http.Abort) is not { } stream)
        {
            http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return;
        }
        try
        {
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            // nginx would collect events into blocks.
            http.Response.Headers["X-Accel-Buffering"] = "no";
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, host.ApplicationStopping);
            await stream.RunAsync(http.Response.Body, HoldsAsync, ended.Token);
        }
        finally
        {
            watch.Close(stream);
        }

        // A stream outlives what opened it: with the sign-in or a role gone it ends, and the page asks again.
        async Task<bool> HoldsAsync()
        {
            await using var scope = scopes.CreateAsyncScope();
            var now = await scope.ServiceProvider.GetRequiredService<CurrentActor>().ReadAsync(http.User);
            return now is not null && now.Roles.SetEquals(actor.Roles);
        }
    }
}
