using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.People;

/// <summary>Officers to try the service with (design.md §5); Development only, in an empty database.</summary>
public sealed class DemoOfficers(OfficerRegister register, Committer committer)
{
    // Supervisors first: each is found by user name when its officers are added.
    private static readonly OfficerForm[] Demo =
    [
        Of("kepala.biro", "Dra. Hj. Ratna Kusumawati, M.Si.", "Kepala Biro Umum", null, Roles.UnitPpidHead),
        Of("kasubid.informasi", "Bambang Suryanto, S.Sos., M.AP.", "Kepala Sub Bidang Pengelolaan dan Pelayanan Informasi", "kepala.biro",
            Roles.InformationHead),
        Of("petugas.informasi", "Dewi Anggraini, S.Kom.", "Pengelola Informasi dan Kehumasan", "kasubid.informasi",
            Roles.InformationOfficer),
        Of("kasubid.dokumentasi", "Yulius Tandi, S.IP.", "Kepala Sub Bidang Pengelolaan Dokumentasi dan Arsip", "kepala.biro",
            Roles.DocumentationHead),
        Of("petugas.dokumentasi", "Siti Norhayati, A.Md.", "Arsiparis Terampil", "kasubid.dokumentasi", Roles.DocumentationOfficer),
        Of("pengelola.sop", "Agus Priyono, S.H.", "Analis Tata Laksana", "kepala.biro", Roles.SopManager),
        Of("auditor", "Maria Kristina, S.E., Ak.", "Auditor Ahli Muda", null, Roles.Auditor),
        Of("admin", "Rizky Pratama, S.T.", "Pranata Komputer", "kepala.biro", Roles.Admin)
    ];

    /// <summary>Null when they are there; else why not, so that a weak <c>Demo:Password</c> is told and not guessed at.</summary>
    public async Task<Problem?> AddAsync(string password, CancellationToken cancellation = default)
    {
        var added = await committer.RunAsync<bool>(async () =>
        {
            foreach (var form in Demo)
            {
                var officer = await register.AddAsync(form, password, "system", cancellation);
                if (!officer.Succeeded)
                    return officer.As<bool>();
            }
            return true;
        }, cancellation);
        return added.Succeeded ? null : added.Problems[0];
    }

    private static OfficerForm Of(string userName, string name, string position, string? supervisor, string role) => new()
    {
        UserName = userName,
        DisplayName = name,
        Email = $"{userName}@ppid.example",
        Position = position,
        SupervisorUserName = supervisor,
        Roles = [role]
    };
}
