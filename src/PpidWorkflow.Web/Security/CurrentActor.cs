using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Web.Security;

/// <summary>
/// Who acts in this request, read from the database once per request: a changed password, a role taken away, an acting appointment that begins
/// or ends, or an account closed counts
/// from
/// the next request on, for pages and tokens alike.
/// </summary>
public sealed class CurrentActor(OfficerDirectory directory, IHttpContextAccessor http)
{
    private (Guid Id, string Stamp, Actor? Actor)? _read;

    /// <summary>Null: nobody is signed in.</summary>
    public async Task<Actor?> FindAsync() =>
        http.HttpContext?.User is { Identity.IsAuthenticated: true } principal ? await ReadAsync(principal) : null;

    /// <exception cref="InvalidOperationException">Nobody is signed in: the page or route lacks its authorization.</exception>
    public async Task<Actor> RequireAsync() =>
        await FindAsync() ?? throw new InvalidOperationException("Nobody is signed in; require authorization on this page or route.");

    /// <summary>The officer of a principal, if active and with the security stamp of the sign-in.</summary>
    internal async Task<Actor?> ReadAsync(ClaimsPrincipal principal)
    {
        if (!Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            || principal.FindFirstValue(OfficerClaims.Stamp) is not { } stamp)
            return null;
        if (_read is { } read && read.Id == id && read.Stamp == stamp)
            return read.Actor;
        var actor = await directory.ActorAsync(id, stamp, CancellationToken.None);
        _read = (id, stamp, actor);
        return actor;
    }
}

/// <summary>
/// Turns the ticket of a cookie or token, which only says who signed in when, into the officer as of now; into nobody if that no longer
/// holds.
/// </summary>
public sealed class OfficerClaims(CurrentActor current) : IClaimsTransformation
{
    /// <summary>Claim with the security stamp at sign-in.</summary>
    public const string Stamp = "ppid:stamp";

    /// <summary>What a ticket carries.</summary>
    public static ClaimsPrincipal Ticket(Officer officer, string scheme) => new(new ClaimsIdentity(
        [new(ClaimTypes.NameIdentifier, officer.Id.ToString()), new(Stamp, officer.SecurityStamp!)], scheme));

    public async Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal)
    {
        if (principal.Identity is not { IsAuthenticated: true })
            return principal;
        if (await current.ReadAsync(principal) is not { } actor)
            return new ClaimsPrincipal(new ClaimsIdentity());
        var identity = new ClaimsIdentity(
        [
            new(ClaimTypes.NameIdentifier, actor.Id.ToString()),
            new(Stamp, principal.FindFirstValue(Stamp)!),
            new(ClaimTypes.Name, actor.UserName),
            .. actor.Roles.Select(role => new Claim(ClaimTypes.Role, role))
        ], principal.Identity.AuthenticationType, ClaimTypes.Name, ClaimTypes.Role);
        return new ClaimsPrincipal(identity);
    }
}

/// <summary>
/// A ticket that no longer holds is genuine all the same, so the framework would forbid (403) where the caller has to sign in anew (401).
/// </summary>
public sealed class SignInAnew : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _framework = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy,
        PolicyAuthorizationResult authorizeResult) =>
        _framework.HandleAsync(
            next, context, policy,
            authorizeResult.Forbidden && context.User.Identity is not { IsAuthenticated: true }
                ? PolicyAuthorizationResult.Challenge() : authorizeResult);
}
