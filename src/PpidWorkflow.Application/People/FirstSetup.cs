using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.People;

/// <summary>The first administrator of a new installation, by a one-time token printed at first start.</summary>
public sealed class FirstSetup(PpidDbContext db, OfficerRegister register, Committer committer)
{
    private const string TokenFact = "first-setup-token";

    public async Task<bool> IsNeededAsync(CancellationToken cancellation = default) => !await db.Users.AnyAsync(cancellation);

    /// <summary>Makes a new token (the old one is void) and returns it for printing; only its hash is kept.</summary>
    public async Task<string> IssueTokenAsync(CancellationToken cancellation = default)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        var kept = await committer.RunAsync<bool>(async () =>
        {
            var fact = await db.ServiceFacts.SingleOrDefaultAsync(f => f.Name == TokenFact, cancellation);
            if (fact is null)
                db.ServiceFacts.Add(new ServiceFact { Name = TokenFact, Value = HashOf(token) });
            else
                fact.Value = HashOf(token);
            return true;
        }, cancellation);
        return kept.Succeeded
            ? token
            : throw new StoreRefusedException($"The set-up token could not be kept: {kept.Problems[0].Code}.");
    }

    public Task<Result<OfficerView>> CreateAdministratorAsync(
        string token, OfficerForm form, string password, CancellationToken cancellation = default) =>
        committer.RunAsync<OfficerView>(async () =>
        {
            if (!await IsNeededAsync(cancellation))
                return Problem.Conflict("setup-not-needed");
            var fact = await db.ServiceFacts.SingleOrDefaultAsync(f => f.Name == TokenFact, cancellation);
            var given = Encoding.ASCII.GetBytes(HashOf(token.Trim()));
            if (fact is null || !CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(fact.Value)))
                return Problem.Invalid("setup-token-invalid", "token");
            var added = await register.AddAsync(
                form with { Roles = [.. form.Roles.Append(Roles.Admin).Distinct()], IsActive = true }, password, "system", cancellation);
            if (!added.Succeeded)
                return added.As<OfficerView>();
            db.ServiceFacts.Remove(fact);
            return added.Value.View;
        }, cancellation);

    private static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
