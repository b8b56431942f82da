using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.People;

/// <summary>
/// The roles that the service itself and its first SOP know (design.md §4); names that an office has changed are left alone.
/// </summary>
public sealed class RoleSeed(PpidDbContext db, Committer committer, Identifiers identifiers)
{
    private static readonly (string Code, string Name)[] Known =
    [
        (Roles.InformationHead, "Kasubid Pengelolaan dan Pelayanan Informasi"),
        (Roles.InformationOfficer, "Petugas Pengelolaan Informasi"),
        (Roles.DocumentationHead, "Kasubid Pengelolaan Dokumentasi dan Arsip"),
        (Roles.DocumentationOfficer, "Petugas Dokumentasi"),
        (Roles.UnitPpidHead, "Kepala Biro Umum (PPID Pembantu)"),
        (Roles.SopManager, "Pengelola SOP"),
        (Roles.Auditor, "Auditor"),
        (Roles.Admin, "Administrator")
    ];

    /// <summary>Indonesian name of a role that the service brings along; null for another.</summary>
    public static string? NameOf(string code) => Known.FirstOrDefault(k => k.Code.Equals(code, StringComparison.OrdinalIgnoreCase)).Name;

    public async Task RunAsync(CancellationToken cancellation = default)
    {
        var present = await db.Roles.Select(r => r.Name).ToListAsync(cancellation);
        var missing = Known.Where(k => !present.Contains(k.Code)).ToList();
        if (missing.Count == 0)
            return;
        var seeded = await committer.RunAsync<bool>(() =>
        {
            db.Roles.AddRange(missing.Select(k => new OfficeRole
            {
                Id = identifiers.Next(),
                Name = k.Code,
                NormalizedName = k.Code,
                DisplayName = k.Name,
                ConcurrencyStamp = Guid.NewGuid().ToString()
            }));
            return Task.FromResult<Result<bool>>(true);
        }, cancellation);
        if (!seeded.Succeeded)
            throw new StoreRefusedException($"Roles could not be written: {seeded.Problems[0].Code}.");
    }
}
