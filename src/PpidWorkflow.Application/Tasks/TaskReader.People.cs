using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Tasks;

/// <summary>People as they stand to an item: by name, capacity, and whether they are there.</summary>
public sealed partial class TaskReader
{
    public static PersonView? Person(Officer? officer) =>
        officer is null ? null : new PersonView(officer.UserName!, officer.DisplayName, officer.Position);

    /// <summary>An officer as he stands in a role now: whether he only acts in it, and until when he is away.</summary>
    public async Task<PersonView> PersonInAsync(Officer officer, string role, CancellationToken cancellation) => Person(officer)! with
    {
        Capacity = await directory.TitleAsync(officer.Id, role, cancellation),
        AwayUntil = await directory.AwayUntilAsync(officer.Id, time.Now(), cancellation)
    };

    /// <summary>Who has or had an item: a closed one keeps the capacity of then.</summary>
    public async Task<PersonView?> AssigneeAsync(WorkItem item, CancellationToken cancellation)
    {
        if (item.AssigneeId is not { } id)
            return null;
        var officer = item.Assignee?.Id == id ? item.Assignee : await directory.GetAsync(id, cancellation);
        if (!item.IsOpen)
            return Person(officer)! with { Capacity = item.Capacity };
        var person = await PersonInAsync(officer, item.Role, cancellation);
        return person.Capacity is null ? person with { Capacity = await InSteadAsync(item, id, cancellation) } : person;
    }

    /// <summary>In what capacity an actor does an act of an item, as printed; null: in his own role.</summary>
    public async Task<string?> CapacityAsync(Actor actor, WorkItem item, CancellationToken cancellation) =>
        actor.ActingIn(item.Role)?.Title ?? (actor.Is(item.Role) ? null : await InSteadAsync(item, actor.Id, cancellation));

    /// <summary>Who has an open item of a role, as printed.</summary>
    public async Task<string> HolderAsync(Guid assigneeId, string role, Guid? inSteadOf, CancellationToken cancellation)
    {
        var person = await PersonInAsync(await directory.GetAsync(assigneeId, cancellation), role, cancellation);
        return (person.Capacity is null ? person with { Capacity = await InSteadAsync(inSteadOf, assigneeId, cancellation) } : person).Printed;
    }

    private Task<string?> InSteadAsync(WorkItem item, Guid officerId, CancellationToken cancellation) =>
        item.AssigneeId == officerId ? InSteadAsync(item.InSteadOfId, officerId, cancellation) : Task.FromResult<string?>(null);

    private async Task<string?> InSteadAsync(Guid? inSteadOf, Guid officerId, CancellationToken cancellation) =>
        inSteadOf is { } absent && absent != officerId ? $"menggantikan {(await directory.GetAsync(absent, cancellation)).DisplayName}" : null;

    /// <summary>
    /// Who may be given an item of a role by hand: its holders, and who stands in for one that is away. Who is away himself is not offered.
    /// </summary>
    public async Task<IReadOnlyList<PersonView>> CandidatesAsync(string role, CancellationToken cancellation)
    {
        var people = new List<PersonView>();
        foreach (var candidate in await assignment.CandidatesAsync(role, cancellation))
        {
            var person = await PersonInAsync(candidate.Assignee!, role, cancellation);
            if (person.AwayUntil is not null)
                continue;
            people.Add(person.Capacity is null && candidate.InSteadOf is { } absent ? person with { Capacity = $"menggantikan {absent.DisplayName}" } : person);
        }
        return people;
    }

    // Who is there first; of who is not, who gets what is meant for him.
    private async Task<List<PersonView>> PeopleAsync(string role, CancellationToken cancellation)
    {
        var (there, away) = (new List<PersonView>(), new List<PersonView>());
        var holders = await directory.HoldersOfAsync(role, cancellation);
        foreach (var officer in holders)
            directory.Know(officer);
        await directory.PrepareAsync(holders.Select(o => o.Id), cancellation);
        foreach (var officer in holders)
        {
            var person = await PersonInAsync(officer, role, cancellation);
            if (await directory.IsAwayAsync(officer.Id, role, cancellation))
                away.Add(person with { StandIn = await StandInAsync(officer, role, cancellation) });
            else
                there.Add(person);
        }
        return [.. there, .. away];
    }

    private async Task<string?> StandInAsync(Officer absent, string role, CancellationToken cancellation) =>
        await assignment.StandInAsync(absent, role, cancellation) is { } standIn ? await directory.NameInAsync(standIn.Id, role, cancellation) : null;

    private async Task<IReadOnlyList<PersonView>> HelpersAsync(WorkItem item, CancellationToken cancellation)
    {
        var people = new List<PersonView>();
        foreach (var helper in item.Helpers.OrderBy(h => h.AddedAt))
        {
            var officer = await directory.GetAsync(helper.OfficerId, cancellation);
            people.Add(item.IsOpen
                ? await PersonInAsync(officer, item.Role, cancellation)
                : Person(officer)! with { Capacity = await directory.TitleAsync(officer.Id, item.Role, helper.AddedAt, cancellation) });
        }
        return people;
    }
}
