using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Tasks;

/// <summary>Who gets a work item.</summary>
/// <param name="Assignee">Null: nobody yet, one of <paramref name="Told"/> claims it.</param>
/// <param name="InSteadOf">Who would have got it, were he there; null: nobody is stood in for.</param>
/// <param name="Told">To whom the task mail goes.</param>
public sealed record Assignment(Officer? Assignee, Officer? InSteadOf, IReadOnlyList<Officer> Told);

/// <summary>
/// Finds who gets new work: the one wanted if he is there, else who acts for him (Plh.), else his substitute, else the role's other holders,
/// else the nearest supervisor who is there. Never nobody: where all of them are away, it stays with the one wanted.
/// </summary>
public sealed class TaskAssignment(OfficerDirectory directory, TimeProvider time)
{
    /// <param name="role">Candidate role.</param>
    /// <param name="wanted">Who should get it if he still holds the role: whoever plays it in the case. Null: nobody in particular.</param>
    /// <param name="actorUserName">Who causes the assignment: whoever acts himself is there, whatever his absence says.</param>
    public async Task<Assignment> ChooseAsync(string role, Guid? wanted, string actorUserName, CancellationToken cancellation)
    {
        var holders = await directory.HoldersOfAsync(role, cancellation);
        var present = new List<Officer>();
        foreach (var holder in holders)
        {
            if (holder.UserName == actorUserName || !await directory.IsAwayAsync(holder.Id, role, cancellation))
                present.Add(holder);
        }
        var chosen = holders.FirstOrDefault(h => h.Id == wanted);
        if (chosen is null && present.Count == 1)
            chosen = present[0];
        if (chosen is null && (present.Count > 1 || holders.Count == 0))
            return new Assignment(null, null, present);
        if (chosen is not null && present.Contains(chosen))
            return new Assignment(chosen, await StoodInForAsync(chosen, role, cancellation), [chosen]);

        // He is away, or all who hold the role are.
        foreach (var absent in chosen is null ? holders : [chosen])
        {
            if (await StandInAsync(absent, role, cancellation) is { } standIn)
                return new Assignment(standIn, absent, [standIn]);
        }
        if (present.Count == 1)
            return new Assignment(present[0], chosen, [present[0]]);
        if (present.Count > 1)
            return new Assignment(null, null, present);
        var left = chosen ?? holders[0];
        var supervisor = (await directory.PresentSupervisorAsync(left.Id, time.Now(), cancellation)).Officer;
        return supervisor is null ? new Assignment(left, null, [left]) : new Assignment(supervisor, left, [supervisor]);
    }

    /// <summary>
    /// Who does an absent officer's work of a role: who acts for him, else his substitute, else the substitute of that one. Null: nobody of
    /// them is there.
    /// </summary>
    public async Task<Officer?> StandInAsync(Officer absent, string role, CancellationToken cancellation)
    {
        var now = time.Now();
        if (await directory.ActingForAsync(absent.Id, role, cancellation) is { } acting && !await directory.IsAbsentAsync(acting.Id, now, cancellation))
            return acting;
        var seen = new HashSet<Guid> { absent.Id };
        var current = absent.Id;
        while (await directory.AbsenceOfAsync(current, now, cancellation) is { SubstituteId: { } next } && seen.Add(next))
        {
            if (await directory.GetAsync(next, cancellation) is { IsActive: true } substitute && !await directory.IsAbsentAsync(next, now, cancellation))
                return substitute;
            current = next;
        }
        return null;
    }

    /// <summary>In whose stead an officer has a role now; null: it is his own.</summary>
    public async Task<Officer?> StoodInForAsync(Officer officer, string role, CancellationToken cancellation) =>
        (await directory.ActingInAsync(officer.Id, role, cancellation))?.ForOfficerId is { } holder ? await directory.GetAsync(holder, cancellation) : null;

    /// <summary>Who may be given a work item of a role by hand: its holders, and who stands in for one that is away.</summary>
    public async Task<IReadOnlyList<Assignment>> CandidatesAsync(string role, CancellationToken cancellation)
    {
        var found = new List<Assignment>();
        var holders = await directory.HoldersOfAsync(role, cancellation);
        foreach (var holder in holders)
            found.Add(new Assignment(holder, await StoodInForAsync(holder, role, cancellation), [holder]));
        foreach (var holder in holders)
        {
            if (await directory.IsAwayAsync(holder.Id, role, cancellation) && await StandInAsync(holder, role, cancellation) is { } standIn
                && found.TrueForAll(f => f.Assignee!.Id != standIn.Id))
                found.Add(new Assignment(standIn, holder, [standIn]));
        }
        return found;
    }
}
