using System.Net.Mail;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.People;

/// <summary>An officer's own account: passwords and address, proven by mail.</summary>
public sealed class AccountDesk(PpidDbContext db, UserManager<Officer> users, AccountMail mail, Committer committer, AuditTrail audit, TimeProvider time)
{
    private static readonly TimeSpan BetweenLinks = TimeSpan.FromMinutes(1);

    /// <summary>Mails a link where the account exists; answers the same where it does not.</summary>
    public async Task RequestPasswordResetAsync(string userNameOrEmail, CancellationToken cancellation = default)
    {
        var wanted = users.NormalizeName(userNameOrEmail.Trim());
        await committer.RunAsync<bool>(async () =>
        {
            var officer = await db.Users.SingleOrDefaultAsync(
                o => o.NormalizedUserName == wanted || o.NormalizedEmail == wanted, cancellation);
            if (officer is not { IsActive: true })
                return false;
            // One link at a time: whoever asks in a loop fills neither the mailbox nor the queue.
            var lately = time.Now() - BetweenLinks;
            if (await db.Outbox.AnyAsync(m => m.OfficerId == officer.Id && m.CaseId == null && m.CreatedAt > lately, cancellation))
                return false;
            await mail.PasswordAsync(officer);
            Record(officer.UserName!, "password-link-requested", officer);
            return true;
        }, cancellation);
    }

    /// <summary>
    /// First or forgotten password, with the token of the mail's link. Also ends a lockout: who owns the address owns the account.
    /// </summary>
    public Task<Result<bool>> SetPasswordAsync(Guid officerId, string token, string newPassword,
        CancellationToken cancellation = default) =>
        committer.RunAsync<bool>(async () =>
        {
            var officer = await FindActiveAsync(officerId, cancellation);
            if (officer is null)
                return Problem.Invalid("token-invalid", "token");
            officer.EmailConfirmed = true;
            officer.LockoutEnd = null;
            officer.AccessFailedCount = 0;
            var outcome = await users.ResetPasswordAsync(officer, token, newPassword);
            if (!outcome.Succeeded)
                return ProblemOf(outcome, "newPassword");
            Record(officer.UserName!, "password-set", officer);
            return true;
        }, cancellation);

    public Task<Result<bool>> ChangePasswordAsync(Actor actor, string currentPassword, string newPassword,
        CancellationToken cancellation = default) =>
        committer.RunAsync<bool>(async () =>
        {
            var officer = await FindActiveAsync(actor.Id, cancellation);
            if (officer is null)
                return Problem.NotFound("officer-not-found");
            var outcome = await users.ChangePasswordAsync(officer, currentPassword, newPassword);
            if (!outcome.Succeeded)
                return ProblemOf(outcome, "newPassword");
            Record(actor.UserName, "password-changed", officer);
            return true;
        }, cancellation);

    /// <summary>Mails a confirmation link to the new address; the old one stays until it is followed.</summary>
    public Task<Result<bool>> RequestEmailChangeAsync(Actor actor, string newEmail, string currentPassword,
        CancellationToken cancellation = default) =>
        committer.RunAsync<bool>(async () =>
        {
            var address = newEmail.Trim();
            var officer = await FindActiveAsync(actor.Id, cancellation);
            if (officer is null)
                return Problem.NotFound("officer-not-found");
            if (!await users.CheckPasswordAsync(officer, currentPassword))
                return Problem.Invalid("current-password-wrong", "currentPassword");
            if (!IsAddress(address))
                return Problem.Invalid("email-invalid", "email");
            if (await users.FindByEmailAsync(address) is not null)
                return Problem.Invalid("email-taken", "email");
            officer.PendingEmail = address;
            await mail.EmailChangeAsync(officer);
            Record(actor.UserName, "email-change-requested", officer);
            return true;
        }, cancellation);

    public Task<Result<bool>> ConfirmEmailChangeAsync(Guid officerId, string token, CancellationToken cancellation = default) =>
        committer.RunAsync<bool>(async () =>
        {
            var officer = await FindActiveAsync(officerId, cancellation);
            if (officer?.PendingEmail is not { } address)
                return Problem.Invalid("token-invalid", "token");
            officer.PendingEmail = null;
            var outcome = await users.ChangeEmailAsync(officer, address, token);
            if (!outcome.Succeeded)
                return ProblemOf(outcome, "email");
            Record(officer.UserName!, "email-changed", officer);
            return true;
        }, cancellation);

    /// <summary>One address and nothing else: no display name, no list, no line break that could add a header.</summary>
    internal static bool IsAddress(string text) =>
        text.Length <= 256 && text.All(c => c is > ' ' and < '\x7f') && MailAddress.TryCreate(text, out var address)
            && address.Address == text
        && address.DisplayName.Length == 0;

    /// <summary>Identity's errors as ours; <paramref name="field"/> is where the value at fault was entered.</summary>
    internal static Problem ProblemOf(IdentityResult outcome, string field)
    {
        var code = outcome.Errors.First().Code;
        return code switch
        {
            nameof(IdentityErrorDescriber.InvalidToken) => Problem.Invalid("token-invalid", "token"),
            nameof(IdentityErrorDescriber.PasswordMismatch) => Problem.Invalid("current-password-wrong", "currentPassword"),
            nameof(IdentityErrorDescriber.DuplicateEmail) => Problem.Invalid("email-taken", "email"),
            nameof(IdentityErrorDescriber.InvalidEmail) => Problem.Invalid("email-invalid", "email"),
            nameof(IdentityErrorDescriber.DuplicateUserName) => Problem.Invalid("user-name-taken", "userName"),
            nameof(IdentityErrorDescriber.InvalidUserName) => Problem.Invalid("user-name-invalid", "userName"),
            nameof(IdentityErrorDescriber.ConcurrencyFailure) => Problem.Conflict("stale-revision"),
            _ when code.StartsWith("Password", StringComparison.Ordinal) =>
                Problem.Invalid("password-too-weak", field, PeopleServices.PasswordLength),
            _ => throw new InvalidOperationException($"Identity refused with {code}, which nobody expected here.")
        };
    }

    private Task<Officer?> FindActiveAsync(Guid id, CancellationToken cancellation) =>
        db.Users.SingleOrDefaultAsync(o => o.Id == id && o.IsActive, cancellation);

    private void Record(string by, string action, Officer officer) =>
        audit.Add(AuditTrail.Administration, by, action, new JsonObject { ["officerId"] = officer.Id });
}
