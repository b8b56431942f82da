using Microsoft.AspNetCore.Identity;

namespace PpidWorkflow.Application.People;

/// <summary>Somebody who works with the service. The post (jabatan) is the person's own; the role in an SOP is another thing (domain.md §0.3).</summary>
public sealed class Officer : IdentityUser<Guid>
{
    /// <summary>Name with titles, as printed on letters.</summary>
    public required string DisplayName { get; set; }

    /// <summary>Jabatan.</summary>
    public string? Position { get; set; }

    /// <summary>Nomor Induk Pegawai, 18 digits.</summary>
    public string? Nip { get; set; }

    /// <summary>Who answers for this officer; gets the overdue alerts.</summary>
    public Guid? SupervisorId { get; set; }

    public Officer? Supervisor { get; set; }

    /// <summary>Inactive officers keep their history and get nothing new.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>An address that the officer asked for and has not confirmed yet.</summary>
    public string? PendingEmail { get; set; }
}

/// <summary>A role that an SOP or the service knows; <see cref="IdentityRole{TKey}.Name"/> is its code.</summary>
public sealed class OfficeRole : IdentityRole<Guid>
{
    /// <summary>Indonesian name as printed in the SOP's lane.</summary>
    public required string DisplayName { get; set; }
}

/// <summary>Role codes of design.md §4. SOPs may bring others: roles are data.</summary>
public static class Roles
{
    public const string InformationHead = "INFORMATION_HEAD";
    public const string InformationOfficer = "INFORMATION_OFFICER";
    public const string DocumentationHead = "DOCUMENTATION_HEAD";
    public const string DocumentationOfficer = "DOCUMENTATION_OFFICER";

    /// <summary>Kepala Biro Umum, head of PPID Pembantu: supervisor of the heads.</summary>
    public const string UnitPpidHead = "UNIT_PPID_HEAD";
    public const string SopManager = "SOP_MANAGER";
    public const string Auditor = "AUDITOR";
    public const string Admin = "ADMIN";
}

/// <summary>
/// Who acts, as of now: made anew for every request. <paramref name="Roles"/> holds his own roles and those in which he acts for the time being.
/// </summary>
public sealed record Actor(Guid Id, string UserName, string DisplayName, IReadOnlySet<string> Roles)
{
    /// <summary>Roles that are his only as Plh. or Plt.</summary>
    public IReadOnlyList<ActingRole> Acting { get; init; } = [];

    /// <summary>How he came in, for the audit; null: by his own sign-in.</summary>
    public string? Via { get; init; }

    public bool Is(string role) => Roles.Contains(role);

    /// <summary>In what capacity he has a role; null: it is his own, or not his at all.</summary>
    public ActingRole? ActingIn(string role) => Acting.FirstOrDefault(a => a.Role.Equals(role, StringComparison.OrdinalIgnoreCase));

    /// <summary>The name as it is printed under an act of this role: "Budi Santoso, A.Md. (Plh. Kasubid Informasi)".</summary>
    public string NameIn(string role) => ActingIn(role) is { } acting ? $"{DisplayName} ({acting.Title})" : DisplayName;

    /// <summary>By what role he acts in the stead of this officer, whose staff are his meanwhile; null: by none.</summary>
    public ActingRole? ActingFor(Guid? officerId) => officerId is null ? null : Acting.FirstOrDefault(a => a.ForOfficerId == officerId);

    /// <summary>Sees every case (domain.md §5: PPID head, auditor).</summary>
    public bool SeesAllCases => Is(People.Roles.Auditor) || Is(People.Roles.UnitPpidHead);
}
