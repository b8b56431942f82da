using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// The mails of a revision, as rows of the commit that causes them. They name the SOP, its version and revision number and the reason given;
/// of the SOP's content nothing. Everybody is told once, whatever roles he holds.
/// </summary>
public sealed class RevisionMail(
    PpidDbContext db, Outbox outbox, OfficerDirectory directory, WorkflowCompiler compiler, OfficeCalendar office, IOptions<OfficeOptions> options)
{
    /// <summary>To those who may approve it.</summary>
    /// <param name="by">Name of the proposer; null: the service itself, from <c>workflows/</c>.</param>
    public async Task ProposedAsync(DefinitionVersion revision, string? by, CancellationToken cancellation) =>
        Add("revision-proposed", revision, by, await ApproversAsync(cancellation));

    /// <summary>To authors and proposer.</summary>
    public async Task ApprovedAsync(DefinitionVersion revision, string by, CancellationToken cancellation) =>
        Add("revision-approved", revision, by, await AuthorsAsync(revision, cancellation));

    /// <summary>To authors and proposer.</summary>
    public async Task RejectedAsync(DefinitionVersion revision, string by, CancellationToken cancellation) =>
        Add("revision-rejected", revision, by, await AuthorsAsync(revision, cancellation));

    /// <summary>To authors and proposer, and to those who were asked to decide.</summary>
    public async Task WithdrawnAsync(DefinitionVersion revision, string by, CancellationToken cancellation) =>
        Add("revision-withdrawn", revision, by, (await AuthorsAsync(revision, cancellation)).Concat(await ApproversAsync(cancellation)));

    /// <summary>To all who hold a role in the SOP.</summary>
    public async Task InForceAsync(DefinitionVersion revision, CancellationToken cancellation)
    {
        var roles = compiler.Survey(DefinitionReader.ReadStored(revision.Content)).SopSteps
            .SelectMany(step => (string?[])[step.PerformerRole, step.RecipientRole]).OfType<string>().Where(role => role.Length > 0).Distinct();
        var told = new List<Officer>();
        foreach (var role in roles)
            told.AddRange(await directory.HoldersOfAsync(role, cancellation));
        Add("revision-in-force", revision, null, told);
    }

    private Task<IReadOnlyList<Officer>> ApproversAsync(CancellationToken cancellation) => directory.HoldersOfAsync(Roles.UnitPpidHead, cancellation);

    private Task<List<Officer>> AuthorsAsync(DefinitionVersion revision, CancellationToken cancellation)
    {
        var names = RevisionDesk.AuthorsOf(revision).Append(revision.ProposedBy ?? "").Select(name => name.ToUpperInvariant()).Distinct().ToList();
        return db.Users.AsNoTracking().Where(o => o.IsActive && names.Contains(o.NormalizedUserName!)).OrderBy(o => o.DisplayName).ToListAsync(cancellation);
    }

    private void Add(string template, DefinitionVersion revision, string? by, IEnumerable<Officer> to)
    {
        foreach (var officer in to.DistinctBy(o => o.Id))
        {
            var addressee = StepMail.Addressee(officer);
            outbox.Add(template, null, addressee, new Dictionary<string, object?>
            {
                ["recipientName"] = officer.DisplayName,
                ["sopName"] = revision.Name,
                ["versionNumber"] = revision.Version,
                ["revisionNumber"] = revision.RevisionNumber,
                ["byName"] = by,
                ["revisionReason"] = revision.Reason,
                ["decisionReason"] = revision.DecisionReason,
                ["effectiveAt"] = Instant(revision.InForceSince ?? revision.EffectiveAt, outbox.CultureOf(addressee, template)),
                ["url"] = $"{options.Value.PublicUrl.TrimEnd('/')}/definitions/{Uri.EscapeDataString(revision.DefinitionId)}/versions/{revision.Version}",
                ["officeName"] = StepMail.OfficeName
            });
        }
    }

    private string? Instant(DateTimeOffset? at, CultureInfo culture) => at is { } instant ? office.Time.DateAndTime(instant, culture) : null;
}
