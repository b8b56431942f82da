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
    public IssuedToken Issue(Officer officer)
    {
        var expiresAt = time.Now() + Access.Lifetime;
        var ticket = new AuthenticationTicket(
            OfficerClaims.Ticket(officer, Access.Api), new AuthenticationProperties { ExpiresUtc = expiresAt },
            $"{Access.Api}:AccessToken");
        return new IssuedToken(options.Get(Access.Api).BearerTokenProtector.Protect(ticket), expiresAt);
    }
}
