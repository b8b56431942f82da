using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.People;

/// <summary>An officer as administrators enter one.</summary>
public sealed record OfficerForm
{
    public string? UserName { get; init; }
    public string? DisplayName { get; init; }
    public string? Email { get; init; }
    public string? Position { get; init; }
    public string? Nip { get; init; }
    public string? SupervisorUserName { get; init; }
    public IReadOnlyList<string> Roles { get; init; } = [];
    public bool IsActive { get; init; } = true;
}

/// <summary>An officer as administrators see one.</summary>
public sealed record OfficerView(
    Guid Id, string UserName, string DisplayName, string Email, string? Position, string? Nip, string? SupervisorUserName,
    IReadOnlyList<string> Roles, bool IsActive, bool HasPassword);

public sealed record RoleView(string Code, string DisplayName);

/// <summary>
/// Officers and their roles and supervisors, kept by administrators. Nobody is ever removed: an inactive officer keeps the history and gets
/// nothing new.
/// </summary>
public sealed partial class OfficerRegister(
    PpidDbContext db, UserManager<Officer> users, AccountMail mail, Committer committer, AuditTrail audit, Identifiers identifiers)
{
    public async Task<IReadOnlyList<OfficerView>> ListAsync(CancellationToken cancellation = default)
    {
        var roles = (await (
            from link in db.UserRoles.AsNoTracking()
            join role in db.Roles on link.RoleId equals role.Id
            select new { link.UserId, Code = role.Name! }).ToListAsync(cancellation)).ToLookup(r => r.UserId, r => r.Code);
        var officers = await db.Users.AsNoTracking().Include(o => o.Supervisor).OrderBy(o => o.NormalizedUserName)
            .ToListAsync(cancellation);
        return [.. officers.Select(o => View(o, roles[o.Id]))];
    }

    public async Task<Result<OfficerView>> GetAsync(Guid id, CancellationToken cancellation = default) =>
        await FindViewAsync(id, cancellation) is { } view ? view : Problem.NotFound("officer-not-found");

    public async Task<IReadOnlyList<RoleView>> RolesAsync(CancellationToken cancellation = default) =>
        await db.Roles.AsNoTracking().OrderBy(r => r.DisplayName).Select(r => new RoleView(r.Name!, r.DisplayName))
            .ToListAsync(cancellation);

    /// <summary>Creates the account without a password and mails the link to set the first one.</summary>
    public Task<Result<OfficerView>> CreateAsync(Actor actor, OfficerForm form, CancellationToken cancellation = default) =>
        committer.RunAsync<OfficerView>(async () =>
        {
            if (!actor.Is(Roles.Admin))
                return Problem.Forbidden("forbidden");
            var added = await AddAsync(form, password: null, actor.UserName, cancellation);
            if (!added.Succeeded)
                return added.As<OfficerView>();
            var (officer, view) = added.Value;
            if (officer.IsActive)
                await mail.PasswordAsync(officer);
            return view;
        }, cancellation);

    public Task<Result<OfficerView>> UpdateAsync(Actor actor, Guid id, OfficerForm form, CancellationToken cancellation = default) =>
        committer.RunAsync<OfficerView>(async () =>
        {
            if (!actor.Is(Roles.Admin))
                return Problem.Forbidden("forbidden");
            var officer = await db.Users.SingleOrDefaultAsync(o => o.Id == id, cancellation);
            if (officer is null)
                return Problem.NotFound("officer-not-found");
            var held = await RolesOfAsync(id, cancellation);
            var (problems, supervisor, roles) = await CheckAsync(form, officer, cancellation);
            if (held.Contains(Roles.Admin) && (!form.IsActive || !form.Roles.Contains(Roles.Admin))
                && await IsLastAdministratorAsync(id, cancellation))
                problems.Add(Problem.Conflict("last-administrator"));
            if (problems.Count > 0)
                return Result<OfficerView>.Refused(problems);

            // Links and sessions that were given to the old address or the active officer end here.
            var endsSessions = officer.IsActive && !form.IsActive
                || !string.Equals(officer.Email, form.Email!.Trim(), StringComparison.OrdinalIgnoreCase);
            Fill(officer, form, supervisor);
            var saved = endsSessions ? await users.UpdateSecurityStampAsync(officer) : await users.UpdateAsync(officer);
            if (!saved.Succeeded)
                return AccountDesk.ProblemOf(saved, "userName");
            var links = await db.UserRoles.Where(l => l.UserId == id).ToListAsync(cancellation);
            db.UserRoles.RemoveRange(links.Where(l => roles.All(r => r.Id != l.RoleId)));
            db.UserRoles.AddRange(roles.Where(r => links.All(l => l.RoleId != r.Id)).Select(r => Link(officer, r)));
            Record(actor.UserName, "officer-changed", officer, roles);
            return View(officer, roles.Select(r => r.Name!), supervisor);
        }, cancellation);

    public Task<Result<bool>> SendFirstPasswordAsync(Actor actor, Guid id, CancellationToken cancellation = default) =>
        committer.RunAsync<bool>(async () =>
        {
            if (!actor.Is(Roles.Admin))
                return Problem.Forbidden("forbidden");
            var officer = await db.Users.SingleOrDefaultAsync(o => o.Id == id && o.IsActive, cancellation);
            if (officer is null)
                return Problem.NotFound("officer-not-found");
            await mail.PasswordAsync(officer);
            audit.Add(AuditTrail.Administration, actor.UserName, "password-link-requested", new JsonObject { ["officerId"] = id });
            return true;
        }, cancellation);

    /// <summary>Checks and adds an officer to the commit in hand.</summary>
    /// <param name="password">Null: none yet, set later by the link of a mail.</param>
    internal async Task<Result<(Officer Officer, OfficerView View)>> AddAsync(
        OfficerForm form, string? password, string by, CancellationToken cancellation)
    {
        var (problems, supervisor, roles) = await CheckAsync(form, null, cancellation);
        if (problems.Count > 0)
            return Result<(Officer, OfficerView)>.Refused(problems);
        var officer = new Officer { Id = identifiers.Next(), DisplayName = "" };
        Fill(officer, form, supervisor);
        var created = password is null ? await users.CreateAsync(officer) : await users.CreateAsync(officer, password);
        if (!created.Succeeded)
            return AccountDesk.ProblemOf(created, "password");
        db.UserRoles.AddRange(roles.Select(r => Link(officer, r)));
        Record(by, "officer-created", officer, roles);
        return (officer, View(officer, roles.Select(r => r.Name!), supervisor));
    }

    private async Task<(List<Problem> Problems, Officer? Supervisor, List<OfficeRole> Roles)> CheckAsync(
        OfficerForm form, Officer? existing, CancellationToken cancellation)
    {
        var problems = new List<Problem>();
        var userName = form.UserName?.Trim() ?? "";
        var email = form.Email?.Trim() ?? "";
        if (!UserNameShape().IsMatch(userName))
            problems.Add(Problem.Invalid("user-name-invalid", "userName"));
        else if (await IsTakenAsync(o => o.NormalizedUserName == users.NormalizeName(userName)))
            problems.Add(Problem.Invalid("user-name-taken", "userName"));
        if (!AccountDesk.IsAddress(email))
            problems.Add(Problem.Invalid("email-invalid", "email"));
        else if (await IsTakenAsync(o => o.NormalizedEmail == users.NormalizeEmail(email)))
            problems.Add(Problem.Invalid("email-taken", "email"));
        if (string.IsNullOrWhiteSpace(form.DisplayName))
            problems.Add(Problem.Invalid("display-name-required", "displayName"));
        else if (form.DisplayName.Length > 200)
            problems.Add(Problem.Invalid("text-too-long", "displayName", 200));
        if (form.Position?.Length > 200)
            problems.Add(Problem.Invalid("text-too-long", "position", 200));
        if (!string.IsNullOrWhiteSpace(form.Nip) && !NipShape().IsMatch(Digits(form.Nip)))
            problems.Add(Problem.Invalid("nip-invalid", "nip"));

        var all = await db.Roles.ToListAsync(cancellation);
        var roles = all.Where(r => form.Roles.Contains(r.Name)).ToList();
        if (form.Roles.Any(code => all.All(r => r.Name != code)))
            problems.Add(Problem.Invalid("role-unknown", "roles"));

        Officer? supervisor = null;
        if (!string.IsNullOrWhiteSpace(form.SupervisorUserName))
        {
            var wanted = users.NormalizeName(form.SupervisorUserName.Trim());
            supervisor = db.Users.Local.FirstOrDefault(o => o.NormalizedUserName == wanted)
                ?? await db.Users.SingleOrDefaultAsync(o => o.NormalizedUserName == wanted, cancellation);
            if (supervisor is null)
                problems.Add(Problem.Invalid("supervisor-unknown", "supervisorUserName"));
            else if (existing is not null && await AnswersToAsync(supervisor, existing.Id, cancellation))
                problems.Add(Problem.Invalid("supervisor-circle", "supervisorUserName"));
        }
        return (problems, supervisor, roles);

        Task<bool> IsTakenAsync(System.Linq.Expressions.Expression<Func<Officer, bool>> same)
        {
            var self = existing?.Id ?? Guid.Empty;
            return db.Users.Where(same).AnyAsync(o => o.Id != self, cancellation);
        }
    }

    /// <summary>A circle of supervisors would send the alerts of the ladder round for ever.</summary>
    private async Task<bool> AnswersToAsync(Officer supervisor, Guid officerId, CancellationToken cancellation)
    {
        var seen = new HashSet<Guid>();
        for (var next = (Guid?)supervisor.Id; next is { } id && seen.Add(id);)
        {
            if (id == officerId)
                return true;
            next = await db.Users.Where(o => o.Id == id).Select(o => o.SupervisorId).SingleOrDefaultAsync(cancellation);
        }
        return false;
    }

    private async Task<bool> IsLastAdministratorAsync(Guid id, CancellationToken cancellation) => !await (
        from user in db.Users
        join link in db.UserRoles on user.Id equals link.UserId
        join role in db.Roles on link.RoleId equals role.Id
        where role.Name == Roles.Admin && user.IsActive && user.Id != id
        select user.Id).AnyAsync(cancellation);

    private async Task<OfficerView?> FindViewAsync(Guid id, CancellationToken cancellation)
    {
        var officer = await db.Users.AsNoTracking().Include(o => o.Supervisor).SingleOrDefaultAsync(o => o.Id == id, cancellation);
        return officer is null ? null : View(officer, await RolesOfAsync(id, cancellation));
    }

    private Task<List<string>> RolesOfAsync(Guid id, CancellationToken cancellation) => (
        from link in db.UserRoles
        join role in db.Roles on link.RoleId equals role.Id
        where link.UserId == id
        select role.Name!).ToListAsync(cancellation);

    private void Record(string by, string action, Officer officer, IEnumerable<OfficeRole> roles) =>
        audit.Add(AuditTrail.Administration, by, action, new JsonObject
        {
            ["officerId"] = officer.Id,
            ["isActive"] = officer.IsActive,
            ["supervisorId"] = officer.SupervisorId,
            ["roles"] = new JsonArray([.. roles.Select(r => r.Name).Order(StringComparer.Ordinal).Select(code => (JsonNode?)code)])
        });

    private static void Fill(Officer officer, OfficerForm form, Officer? supervisor)
    {
        officer.UserName = form.UserName!.Trim();
        officer.Email = form.Email!.Trim();
        officer.DisplayName = form.DisplayName!.Trim();
        officer.Position = Blank(form.Position);
        officer.Nip = Blank(form.Nip) is { } nip ? Digits(nip) : null;
        officer.SupervisorId = supervisor?.Id;
        officer.IsActive = form.IsActive;
    }

    private static IdentityUserRole<Guid> Link(Officer officer, OfficeRole role) => new() { UserId = officer.Id, RoleId = role.Id };

    private static OfficerView View(Officer officer, IEnumerable<string> roles, Officer? supervisor = null) => new(
        officer.Id, officer.UserName!, officer.DisplayName, officer.Email!, officer.Position, officer.Nip,
        (supervisor ?? officer.Supervisor)?.UserName,
        [.. roles.Order(StringComparer.Ordinal)], officer.IsActive, officer.PasswordHash is not null);

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string Digits(string nip) => nip.Replace(" ", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])\z")]
    private static partial Regex UserNameShape();

    [GeneratedRegex(@"\A[0-9]{18}\z")]
    private static partial Regex NipShape();
}
