using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Web.Security;

/// <summary>A token for the API.</summary>
/// <param name="AccessToken">Goes into the header <c>Authorization: Bearer</c>.</param>
/// <param name="ExpiresAt">UTC.</param>
public sealed record IssuedToken(string AccessToken, DateTimeOffset ExpiresAt);

/// <summary>Makes tokens that the bearer scheme reads: encrypted tickets, no state on the server.</summary>
public sealed class AccessTokens(IOptionsMonitor<BearerTokenOptions> options, TimeProvider time)
{
    public IssuedToken Issue(Officer officer) => Issue(OfficerClaims.Ticket(officer, Access.Api), Access.Api, Access.Lifetime);

    /// <summary>For Elsa Studio in the browser of whoever is signed in: a few minutes.</summary>
    public IssuedToken IssueForStudio(ClaimsPrincipal signedIn) =>
        Issue(new ClaimsPrincipal(new ClaimsIdentity(
            signedIn.Claims.Where(c => c.Type is ClaimTypes.NameIdentifier or OfficerClaims.Stamp), Access.Studio)), Access.Studio, Access.StudioLifetime);

    private IssuedToken Issue(ClaimsPrincipal principal, string scheme, TimeSpan lifetime)
    {
        var expiresAt = time.Now() + lifetime;
        var ticket = new AuthenticationTicket(principal, new AuthenticationProperties { ExpiresUtc = expiresAt }, $"{scheme}:AccessToken");
        return new IssuedToken(options.Get(scheme).BearerTokenProtector.Protect(ticket), expiresAt);
    }
}
