using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>An officer as far as a rehearsal needs to know: no password, no address.</summary>
public sealed record RehearsalOfficer(
    Guid Id, string UserName, string DisplayName, string? Position, Guid? SupervisorId, bool IsActive, IReadOnlyList<string> Roles);

/// <summary>The people of a rehearsal: copied from the office, or one invented officer a role.</summary>
/// <param name="Roles">Code and name of every role that the office knows.</param>
/// <param name="Officers">All of them, the inactive too.</param>
/// <param name="IsAssumed">Invented.</param>
public sealed record RehearsalRoster(
    IReadOnlyList<(string Code, string Name)> Roles, IReadOnlyList<RehearsalOfficer> Officers, bool IsAssumed)
{
    /// <summary>The office as its database has it; null where it has no officers yet.</summary>
    public static async Task<RehearsalRoster?> CopyAsync(PpidDbContext db, CancellationToken cancellation)
    {
        var held = (await (
                from link in db.UserRoles.AsNoTracking()
                join role in db.Roles.AsNoTracking() on link.RoleId equals role.Id
                orderby role.Name
                select new { link.UserId, role.Name }).ToListAsync(cancellation))
            .ToLookup(h => h.UserId, h => h.Name!);
        var officers = (await db.Users.AsNoTracking().OrderBy(u => u.UserName)
                .Select(u => new { u.Id, u.UserName, u.DisplayName, u.Position, u.SupervisorId, u.IsActive }).ToListAsync(cancellation))
            .Select(u => new RehearsalOfficer(u.Id, u.UserName!, u.DisplayName, u.Position, u.SupervisorId, u.IsActive, [.. held[u.Id]])).ToList();
        if (officers.Count == 0)
            return null;
        var roles = await db.Roles.AsNoTracking().OrderBy(r => r.Name).Select(r => new { r.Name, r.DisplayName }).ToListAsync(cancellation);
        return new RehearsalRoster([.. roles.Select(r => (r.Name!, r.DisplayName))], officers, IsAssumed: false);
    }

    /// <summary>
    /// One officer for every role that the definition names, called as the role is. The supervisor of an X_OFFICER is the X_HEAD; of everybody
    /// else, the head of the unit.
    /// </summary>
    public static RehearsalRoster Assume(WorkflowDefinition definition, IReadOnlyList<SopStepOutline> steps)
    {
        var names = NamesOf(definition);
        var codes = steps.SelectMany(s => (string?[])[s.PerformerRole, s.RecipientRole])
            .Concat(steps.SelectMany(s => s.Escalation).SelectMany(r => r.To).Select(RungAddressee.TryParse)
                .Where(to => to?.Kind == RungAddresseeKind.Role).Select(to => to!.Name))
            .Append(People.Roles.UnitPpidHead).OfType<string>().Where(code => code.Length > 0)
            .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).ToList();
        var ids = codes.Select((code, i) => (Code: code, Id: new Guid(i + 1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1])))
            .ToDictionary(c => c.Code, c => c.Id, StringComparer.OrdinalIgnoreCase);
        // The head of the unit answers to nobody in the definition; to somebody all the same, or a step of his could not be alarmed.
        var above = new RehearsalOfficer(new Guid(0, 0, 0, [0, 0, 0, 0, 0, 0, 0, 2]), "atasan", "Atasan Kepala Unit", null, null, true, []);
        return new RehearsalRoster(
            [.. codes.Select(code => (code, Name(code)))],
            [above, .. codes.Select(code => new RehearsalOfficer(ids[code], code, Name(code), null, SupervisorOf(code), true, [code]))],
            IsAssumed: true);

        string Name(string code) => names.GetValueOrDefault(code) ?? RoleSeed.NameOf(code) ?? code;

        Guid SupervisorOf(string code) =>
            code.EndsWith("_OFFICER", StringComparison.OrdinalIgnoreCase) && ids.TryGetValue($"{code[..^"_OFFICER".Length]}_HEAD", out var head) ? head
            : code.Equals(People.Roles.UnitPpidHead, StringComparison.OrdinalIgnoreCase) ? above.Id
            : ids[People.Roles.UnitPpidHead];
    }

    // As the identity block prints the lanes.
    private static Dictionary<string, string> NamesOf(WorkflowDefinition definition)
    {
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if ((definition.CustomProperties["sop"] as JsonObject)?["roles"] is not JsonArray roles)
            return names;
        foreach (var role in roles.OfType<JsonObject>())
        {
            if (role["code"] is JsonValue code && code.TryGetValue<string>(out var key) && role["asPrinted"] is JsonValue printed
                && printed.TryGetValue<string>(out var name) && name.Length > 0)
                names.TryAdd(key, name);
        }
        return names;
    }
}
