using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Web.Security;

/// <summary>
/// Signs officers in and out, for pages and for tokens. The password is verified before the commit: hashing takes tens of milliseconds, and
/// SQLite has one writer. Only failures are written, and a success after failures.
/// </summary>
public sealed class SignInDesk(
    PpidDbContext db, UserManager<Officer> users, Committer committer, AuditTrail audit, SignInLimiter limiter, IHttpContextAccessor http,
    TimeProvider time, ILogger<SignInDesk> logger)
{
    // Verified where no such officer is, so that the time of the answer does not tell which names exist.
    private static readonly string NobodysHash = new PasswordHasher<Officer>().HashPassword(null!, Guid.NewGuid().ToString());

    /// <summary>Sets the page cookie.</summary>
    public async Task<Result<bool>> SignInAsync(string userName, string password)
    {
        var officer = await AuthenticateAsync(userName, password);
        if (!officer.Succeeded)
            return officer.As<bool>();
        await http.HttpContext!.SignInAsync(Access.Pages, OfficerClaims.Ticket(officer.Value, Access.Pages));
        return true;
    }

    public Task SignOutAsync() => http.HttpContext!.SignOutAsync(Access.Pages);

    /// <summary>The officer of this name and password: sign-in-failed, locked-out or too-many-requests otherwise.</summary>
    public async Task<Result<Officer>> AuthenticateAsync(string userName, string password)
    {
        var address = http.HttpContext?.Connection.RemoteIpAddress?.ToString() ?? "";
        var name = users.NormalizeName(userName.Trim());
        if (!limiter.MayTry(address, name))
            return new Problem("too-many-requests", ProblemKind.Forbidden);

        var officer = await db.Users.AsNoTracking().SingleOrDefaultAsync(o => o.NormalizedUserName == name && o.IsActive);
        var verified = users.PasswordHasher.VerifyHashedPassword(officer!, officer?.PasswordHash ?? NobodysHash, password);
        if (officer?.PasswordHash is null)
        {
            limiter.CountFailure(address, name);
            return new Problem("sign-in-failed", ProblemKind.Forbidden);
        }
        if (verified != PasswordVerificationResult.Failed && officer.AccessFailedCount == 0 && officer.LockoutEnd is null)
            return officer;

        var outcome = await committer.RunAsync<SignInOutcome>(() => CountAsync(officer.Id, verified != PasswordVerificationResult.Failed));
        if (outcome is { Succeeded: true, Value: SignInOutcome.Allowed })
            return officer;
        limiter.CountFailure(address, name);
        logger.LogWarning("Sign-in of {OfficerId} refused: {Outcome}", officer.Id,
            outcome.Succeeded ? outcome.Value : outcome.Problems[0].Code);
        return outcome is { Succeeded: true, Value: SignInOutcome.LockedOut }
            ? new Problem("locked-out", ProblemKind.Forbidden) { Arguments = [(int)PeopleServices.LockoutTime.TotalMinutes] }
            : outcome.Succeeded ? new Problem("sign-in-failed", ProblemKind.Forbidden) : outcome.As<Officer>();
    }

    private enum SignInOutcome
    {
        Allowed,
        WrongPassword,
        LockedOut
    }

    // An outcome and no refusal: a refused step would be rolled back, and the count of failures with it.
    private async Task<Result<SignInOutcome>> CountAsync(Guid officerId, bool isRight)
    {
        var officer = await db.Users.SingleAsync(o => o.Id == officerId);
        if (officer.LockoutEnd > time.GetUtcNow())
            return SignInOutcome.LockedOut;
        officer.LockoutEnd = null;
        if (isRight)
        {
            officer.AccessFailedCount = 0;
            return SignInOutcome.Allowed;
        }
        if (++officer.AccessFailedCount < PeopleServices.AttemptsBeforeLockout)
            return SignInOutcome.WrongPassword;
        officer.AccessFailedCount = 0;
        officer.LockoutEnd = time.Now() + PeopleServices.LockoutTime;
        audit.Add(AuditTrail.Administration, "system", "officer-locked-out", new JsonObject { ["officerId"] = officer.Id });
        return SignInOutcome.LockedOut;
    }
}
