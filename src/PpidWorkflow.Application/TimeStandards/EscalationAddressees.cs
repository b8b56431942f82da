using System.Net.Mail;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.TimeStandards;

/// <summary>Somebody whom a rung means.</summary>
/// <param name="Mail">Where he is told.</param>
/// <param name="Officer">Null: a mailbox.</param>
/// <param name="InsteadOf">Who should have been told and is away.</param>
public sealed record RungRecipient(MailAddressee Mail, Officer? Officer, IReadOnlyList<SkippedOfficer> InsteadOf)
{
    /// <summary>Told because nobody else is there; no task goes to him.</summary>
    public bool IsLastResort { get; init; }

    public static RungRecipient Of(Officer officer, params IReadOnlyList<SkippedOfficer> insteadOf) => new(StepMail.Addressee(officer), officer, insteadOf);
}

/// <summary>
/// Turns a rung's addressees into people, when it fires and not before: posts change hands and people are away. A rung never speaks to
/// nobody: where no supervisor or holder is there, the head of the unit is told, and failing that the administrators.
/// </summary>
public sealed class EscalationAddressees(OfficerDirectory directory)
{
    /// <summary>Everybody whom a rung tells now, each once.</summary>
    public async Task<IReadOnlyList<RungRecipient>> ResolveAsync(EscalationRung rung, WorkItem item, DateTimeOffset at, CancellationToken cancellation)
    {
        var performers = await PerformersAsync(item, cancellation);
        var found = new List<RungRecipient>();
        foreach (var to in rung.To)
            found.AddRange(await ResolveAsync(to, performers, at, cancellation));
        for (var i = 0; i < found.Count; i++)
        {
            // Who performs as Plh. is written to as such.
            if (found[i] is { Officer: { } officer, Mail: var own } && own.Name == officer.DisplayName && performers.Any(p => p.Id == officer.Id))
                found[i] = found[i] with { Mail = own with { Name = await directory.NameInAsync(officer.Id, item.Role, cancellation) } };
        }
        if (found.Count == 0)
            found.AddRange(await LastResortAsync([], at, cancellation));
        return [.. found.GroupBy(r => r.Mail.Address.ToUpperInvariant()).Select(same => same.First() with
        {
            InsteadOf = [.. same.SelectMany(r => r.InsteadOf).DistinctBy(s => s.Officer.Id)]
        })];
    }

    /// <summary>Who has the task; all holders of its role while nobody has.</summary>
    public async Task<IReadOnlyList<Officer>> PerformersAsync(WorkItem item, CancellationToken cancellation) => item.AssigneeId is { } assignee
        ? [await directory.GetAsync(assignee, cancellation)]
        : await directory.HoldersOfAsync(item.Role, cancellation);

    /// <summary>
    /// Whom one addressee of a rung means for these performers; nobody for an empty role, an unknown name, no supervisor, or an address that
    /// is none.
    /// </summary>
    /// <param name="to">As <see cref="RungAddressee"/> reads it.</param>
    /// <param name="performers">Who has the task, or may take it.</param>
    /// <param name="at">Supervisors and holders of a role who are away at this instant are passed over; null: nobody is taken for away.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<IReadOnlyList<RungRecipient>> ResolveAsync(
        string to, IReadOnlyList<Officer> performers, DateTimeOffset? at, CancellationToken cancellation)
    {
        if (RungAddressee.TryParse(to) is not { } addressee)
            return [];
        if (addressee.Kind == RungAddresseeKind.Mailbox)
        {
            return MailAddress.TryCreate(addressee.Name, out var address) && address.Address == addressee.Name
                ? [new RungRecipient(new MailAddressee(addressee.Name, addressee.Name), null, [])]
                : [];
        }
        IReadOnlyList<Officer> meant = addressee.Kind switch
        {
            RungAddresseeKind.Role => await directory.HoldersOfAsync(addressee.Name, cancellation),
            RungAddresseeKind.Officer => await directory.FindAsync(addressee.Name, cancellation) is { } officer ? [officer] : [],
            _ => performers
        };
        if (addressee is { Level: 0, Kind: RungAddresseeKind.Role or RungAddresseeKind.Officer } && at is { } instant)
        {
            var role = addressee.Kind == RungAddresseeKind.Role ? addressee.Name : null;
            return await ThereAsync(role, [.. meant.Where(officer => officer.IsActive)], instant, cancellation);
        }
        if (addressee.Level == 0)
        {
            var told = new List<RungRecipient>();
            foreach (var officer in meant.Where(officer => officer.IsActive))
            {
                var recipient = RungRecipient.Of(officer);
                told.Add(addressee.Kind != RungAddresseeKind.Role ? recipient
                    : recipient with { Mail = recipient.Mail with { Name = await directory.NameInAsync(officer.Id, addressee.Name, cancellation) } });
            }
            return told;
        }
        var superiors = new List<RungRecipient>();
        foreach (var officer in meant)
            superiors.AddRange(await SuperiorAsync(officer, addressee.Level, at, cancellation));
        return superiors;
    }

    // Of those whom a rung means by their role or name, those who are there; where all of them are away, whoever is above them. A task or a
    // helper's part does not go up with the news.
    private async Task<IReadOnlyList<RungRecipient>> ThereAsync(
        string? role, IReadOnlyList<Officer> holders, DateTimeOffset at, CancellationToken cancellation)
    {
        var (there, away) = (new List<Officer>(), new List<SkippedOfficer>());
        foreach (var holder in holders)
        {
            if (await directory.AwayUntilAsync(holder.Id, at, cancellation) is { } until)
                away.Add(new SkippedOfficer(holder, until));
            else
                there.Add(holder);
        }
        var told = new List<RungRecipient>();
        foreach (var officer in there)
        {
            var recipient = RungRecipient.Of(officer, away);
            told.Add(role is null ? recipient
                : recipient with { Mail = recipient.Mail with { Name = await directory.NameInAsync(officer.Id, role, cancellation) } });
        }
        if (there.Count > 0)
            return told;
        foreach (var absent in away)
        {
            var above = await directory.PresentSupervisorAsync(absent.Officer.Id, at, cancellation);
            SkippedOfficer[] skipped = [.. away.Concat(above.Skipped).DistinctBy(s => s.Officer.Id)];
            told.AddRange(above.Officer is { } superior
                ? [new RungRecipient(StepMail.Addressee(superior) with { Name = above.Name! }, superior, skipped) { IsLastResort = true }]
                : await LastResortAsync(skipped, at, cancellation));
        }
        return told;
    }

    // Posts are counted whether or not their holders are there; only the last step passes over those who are away.
    private async Task<IEnumerable<RungRecipient>> SuperiorAsync(Officer officer, int level, DateTimeOffset? at, CancellationToken cancellation)
    {
        var below = officer;
        for (var i = 1; i < level; i++)
        {
            if (await directory.ActiveSupervisorOfAsync(below.Id, cancellation) is not { } next)
                return [];
            below = next;
        }
        if (at is not { } instant)
            return await directory.ActiveSupervisorOfAsync(below.Id, cancellation) is { } superior ? [RungRecipient.Of(superior)] : [];
        var present = await directory.PresentSupervisorAsync(below.Id, instant, cancellation);
        return present.Officer is { } there
            ? [new RungRecipient(StepMail.Addressee(there) with { Name = present.Name! }, there, present.Skipped)]
            : present.Skipped.Count > 0 ? await LastResortAsync(present.Skipped, instant, cancellation)
            : [];
    }

    private async Task<IEnumerable<RungRecipient>> LastResortAsync(
        IReadOnlyList<SkippedOfficer> skipped, DateTimeOffset at, CancellationToken cancellation)
    {
        var away = skipped.ToList();
        var heads = new List<Officer>();
        foreach (var head in await directory.HoldersOfAsync(Roles.UnitPpidHead, cancellation))
        {
            if (await directory.AwayUntilAsync(head.Id, at, cancellation) is not { } until)
                heads.Add(head);
            else if (away.TrueForAll(s => s.Officer.Id != head.Id))
                away.Add(new SkippedOfficer(head, until));
        }
        return (heads.Count > 0 ? heads : await directory.HoldersOfAsync(Roles.Admin, cancellation))
            .Select(officer => RungRecipient.Of(officer, away) with { IsLastResort = true });
    }
}
