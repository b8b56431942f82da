using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Persistence;

/// <summary>An officer with what makes him one of a role's holders.</summary>
internal sealed class HolderRow
{
    public required Officer Officer { get; init; }

    /// <summary>By a role of his own.</summary>
    public required bool IsOwn { get; init; }
    public required List<ActingAppointment> Acting { get; init; }
    public required List<Absence> Absences { get; init; }
}

/// <summary>
/// An item with what an act on it changes, and of what there is anything: most steps have no softcopy, remark, alarm or outage yet, and asking for
/// each was half of a step.
/// </summary>
internal sealed class ItemRow
{
    public required WorkItem Item { get; init; }

    public required WorkflowInstance Instance { get; init; }

    /// <summary>Null: the item's wait is over.</summary>
    public BookmarkRow? Bookmark { get; init; }

    /// <summary>Other open items of the instance.</summary>
    public required bool HasOthers { get; init; }

    /// <summary>Other clocks of the instance that are not closed.</summary>
    public required bool HasOtherClocks { get; init; }

    /// <summary>A location or a reason for a missing medium, of an earlier visit.</summary>
    public required bool HasDocumented { get; init; }

    /// <summary>Softcopies of the case.</summary>
    public required bool HasFiles { get; init; }

    /// <summary>Hardcopies of the case, listed now or once.</summary>
    public required bool HasHardcopies { get; init; }

    /// <summary>Remarks on the item.</summary>
    public required bool HasComments { get; init; }

    /// <summary>Rungs of its clock that have fired.</summary>
    public required bool HasFires { get; init; }

    /// <summary>Outages that count and did not end before the step was received.</summary>
    public required bool HasOutages { get; init; }
}

/// <summary>The counter of a year, and whether a case has the key of the one that is to be opened.</summary>
internal sealed class NumberRow
{
    public required CaseNumberSequence Sequence { get; init; }
    public required bool IsTaken { get; init; }
}

/// <summary>A version and how often it has changed.</summary>
internal sealed record VersionKey(Guid Id, int Revision);

/// <summary>
/// The questions of every step, compiled once a model: EF Core's way from a LINQ expression to its plan costs more than SQLite needs for the
/// answer (docs/performance.md). Anything that is not asked at each step has no use for it.
/// </summary>
internal sealed class HotQueries
{
    private static readonly ConditionalWeakTable<IModel, HotQueries> Known = [];

    /// <summary>A work item with its case, clock, assignee and helpers; tracked.</summary>
    public readonly Func<PpidDbContext, Guid, CancellationToken, Task<WorkItem?>> Item = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid id, CancellationToken c) => db.WorkItems
            .Include(w => w.Case).Include(w => w.Clock).Include(w => w.Assignee).Include(w => w.Helpers).SingleOrDefault(w => w.Id == id));

    /// <summary>The same for an act on it, with its instance and wait, tracked, too, and what need not be asked for because there is none.</summary>
    public readonly Func<PpidDbContext, Guid, CancellationToken, Task<ItemRow?>> ItemToAct = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid id, CancellationToken c) =>
            (from w in db.WorkItems.Include(w => w.Case).Include(w => w.Clock).Include(w => w.Assignee).Include(w => w.Helpers)
             join instance in db.Instances on w.InstanceId equals instance.Id
             join wait in db.Bookmarks on w.BookmarkId equals wait.Id into waits
             from bookmark in waits.DefaultIfEmpty()
             where w.Id == id
             select new ItemRow
             {
                 Item = w,
                 Instance = instance,
                 Bookmark = bookmark,
                 HasOthers = db.WorkItems.Any(o => o.InstanceId == w.InstanceId && o.Closure == WorkItemClosure.Open && o.Id != w.Id),
                 HasOtherClocks = db.StepClocks.Any(k => k.InstanceId == w.InstanceId && k.State != ClockState.Closed && k.Id != w.ClockId),
                 HasDocumented = db.StorageLocations.Any(l => l.CaseId == w.CaseId) || db.MissingMedia.Any(m => m.CaseId == w.CaseId),
                 HasFiles = db.DossierFiles.Any(f => f.CaseId == w.CaseId),
                 HasHardcopies = db.HardcopyItems.Any(h => h.CaseId == w.CaseId),
                 HasComments = db.TaskComments.Any(t => t.WorkItemId == w.Id),
                 HasFires = db.FireRecords.Any(f => f.ClockId == w.ClockId),
                 HasOutages = db.Outages.Any(o => o.AnnulledAt == null && (o.To == null || o.To > w.Clock!.ReceivedAt))
             }).SingleOrDefault());

    /// <summary>The counter of a year, tracked, and whether a definition has a case of that key: openings wait for each other, so in one question.</summary>
    public readonly Func<PpidDbContext, int, string, string, CancellationToken, Task<NumberRow?>> Number = EF.CompileAsyncQuery(
        (PpidDbContext db, int year, string definitionId, string key, CancellationToken c) => db.CaseNumberSequences.Where(s => s.Year == year)
            .Select(s => new NumberRow { Sequence = s, IsTaken = db.Cases.Any(o => o.DefinitionId == definitionId && o.UniqueKey == key) }).SingleOrDefault());

    /// <summary>The clock of a visit; tracked.</summary>
    public readonly Func<PpidDbContext, Guid, string, int, CancellationToken, Task<StepClock?>> Visit = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid instanceId, string activityInstanceId, int visit, CancellationToken c) => db.StepClocks.SingleOrDefault(
            k => k.InstanceId == instanceId && k.ActivityInstanceId == activityInstanceId && k.Visit == visit));

    /// <summary>Who plays which role in a case; tracked.</summary>
    public readonly Func<PpidDbContext, Guid, IAsyncEnumerable<CaseRolePlayer>> Players = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid caseId) => db.CaseRolePlayers.Where(p => p.CaseId == caseId));

    /// <summary>What happened to a clock, as stored.</summary>
    public readonly Func<PpidDbContext, Guid, IAsyncEnumerable<ClockEvent>> Events = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid clockId) => db.ClockEvents.AsNoTracking().Where(e => e.ClockId == clockId));

    /// <summary>Rungs of a clock that have fired.</summary>
    public readonly Func<PpidDbContext, Guid, IAsyncEnumerable<FireRecord>> Fires = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid clockId) => db.FireRecords.AsNoTracking().Where(f => f.ClockId == clockId));

    /// <summary>Softcopies of a case by their arrival; tracked.</summary>
    public readonly Func<PpidDbContext, Guid, IAsyncEnumerable<Archive.DossierFile>> Files = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid caseId) => db.DossierFiles.Where(f => f.CaseId == caseId).OrderBy(f => f.UploadedAt).AsQueryable());

    /// <summary>Hardcopies of a case that are listed now; tracked.</summary>
    public readonly Func<PpidDbContext, Guid, IAsyncEnumerable<Archive.HardcopyItem>> Hardcopies = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid caseId) => db.HardcopyItems.Where(h => h.CaseId == caseId && h.ReplacedAt == null));

    /// <summary>Open items of an instance, and those of one bookmark, with their clocks; tracked. Every completion of the delivered SOP burns one.</summary>
    public readonly Func<PpidDbContext, Guid, string, IAsyncEnumerable<WorkItem>> StandingOrOf = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid instanceId, string bookmark) => db.WorkItems.Include(w => w.Clock)
            .Where(w => w.InstanceId == instanceId && (w.Closure == WorkItemClosure.Open || w.BookmarkId == bookmark)).AsQueryable());

    /// <summary>A wait of an instance; tracked.</summary>
    public readonly Func<PpidDbContext, string, IAsyncEnumerable<BookmarkRow>> Bookmark = EF.CompileAsyncQuery(
        (PpidDbContext db, string id) => db.Bookmarks.Where(b => b.Id == id));

    /// <summary>Versions in force with their revision, by definition: what has not changed since it was read last is not read again.</summary>
    public readonly Func<PpidDbContext, IAsyncEnumerable<VersionKey>> InForce = EF.CompileAsyncQuery(
        (PpidDbContext db) => db.DefinitionVersions.Where(v => v.State == Definitions.RevisionState.InForce).OrderBy(v => v.DefinitionId)
            .Select(v => new VersionKey(v.Id, v.Revision)));

    /// <summary>An officer as stored.</summary>
    public readonly Func<PpidDbContext, Guid, CancellationToken, Task<Officer>> Officer = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid id, CancellationToken c) => db.Users.AsNoTracking().Single(o => o.Id == id));

    /// <summary>Outages that count within a time; tracked.</summary>
    public readonly Func<PpidDbContext, DateTimeOffset, DateTimeOffset, IAsyncEnumerable<Outage>> Outages = EF.CompileAsyncQuery(
        (PpidDbContext db, DateTimeOffset from, DateTimeOffset to) =>
            db.Outages.Where(o => o.AnnulledAt == null && o.From < to && (o.To == null || o.To > from)).OrderBy(o => o.Id).AsQueryable());

    /// <summary>All items of a case with their clocks; tracked.</summary>
    public readonly Func<PpidDbContext, Guid, IAsyncEnumerable<WorkItem>> CaseItems = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid caseId) => db.WorkItems.Include(w => w.Clock).Where(w => w.CaseId == caseId).AsQueryable());

    /// <summary>What happened to the clocks of a case, as stored.</summary>
    public readonly Func<PpidDbContext, Guid, IAsyncEnumerable<ClockEvent>> CaseEvents = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid caseId) => db.ClockEvents.AsNoTracking().Where(e => e.CaseId == caseId));

    /// <summary>Rungs of a case that have fired.</summary>
    public readonly Func<PpidDbContext, Guid, IAsyncEnumerable<FireRecord>> CaseFires = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid caseId) => db.FireRecords.AsNoTracking().Where(f => f.CaseId == caseId));

    /// <summary>What history has of a chain, in its order.</summary>
    public readonly Func<PpidDbContext, string, IAsyncEnumerable<Audit.AuditRecord>> ChainRecords = EF.CompileAsyncQuery(
        (PpidDbContext db, string chain) => db.AuditRecords.AsNoTracking().Where(r => r.Chain == chain).OrderBy(r => r.Sequence).AsQueryable());

    /// <summary>Open items of an instance, and those of some bookmarks, with their clocks; tracked.</summary>
    public readonly Func<PpidDbContext, Guid, IReadOnlyList<string>, IAsyncEnumerable<WorkItem>> Standing = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid instanceId, IReadOnlyList<string> bookmarks) => db.WorkItems.Include(w => w.Clock)
            .Where(w => w.InstanceId == instanceId && (w.Closure == WorkItemClosure.Open || bookmarks.Contains(w.BookmarkId))).AsQueryable());

    /// <summary>Remarks on an item; tracked.</summary>
    public readonly Func<PpidDbContext, Guid, Guid, IAsyncEnumerable<TaskComment>> Comments = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid caseId, Guid itemId) => db.TaskComments.Where(c => c.CaseId == caseId && c.WorkItemId == itemId));

    /// <summary>
    /// Active officers who hold a role or may act in it on a day or later, by name, with what says so and their absences from that day on: one
    /// statement, for every step asks.
    /// </summary>
    public readonly Func<PpidDbContext, string, DateOnly, IAsyncEnumerable<HolderRow>> Holders = EF.CompileAsyncQuery(
        (PpidDbContext db, string role, DateOnly today) => db.Users.AsNoTracking()
            .Where(u => u.IsActive
                && (db.UserRoles.Any(l => l.UserId == u.Id && db.Roles.Any(r => r.Id == l.RoleId && r.NormalizedName == role))
                    || db.ActingAppointments.Any(a =>
                        a.OfficerId == u.Id && a.Role == role && a.WithdrawnAt == null && a.FirstDay <= today && a.LastDay >= today)))
            .OrderBy(u => u.DisplayName)
            .Select(u => new HolderRow
            {
                Officer = u,
                IsOwn = db.UserRoles.Any(l => l.UserId == u.Id && db.Roles.Any(r => r.Id == l.RoleId && r.NormalizedName == role)),
                Acting = db.ActingAppointments.Where(a =>
                    a.OfficerId == u.Id && a.Role == role && a.WithdrawnAt == null && a.FirstDay <= today && a.LastDay >= today).ToList(),
                Absences = db.Absences.Where(a => a.OfficerId == u.Id && a.WithdrawnAt == null && a.LastDay >= today).OrderBy(a => a.FirstDay).ToList()
            }));

    /// <summary>Name of a role as people read it.</summary>
    public readonly Func<PpidDbContext, string, CancellationToken, Task<string?>> RoleName = EF.CompileAsyncQuery(
        (PpidDbContext db, string role, CancellationToken c) => db.Roles.Where(r => r.NormalizedName == role).Select(r => r.DisplayName).FirstOrDefault());

    /// <summary>Whether the last completion of an instance was this item's.</summary>
    public readonly Func<PpidDbContext, Guid, Guid, CancellationToken, Task<bool>> IsLastCompletion = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid instanceId, Guid itemId, CancellationToken c) => db.Instances.Any(i => i.Id == instanceId && i.StateBeforeWorkItemId == itemId));

    /// <summary>Whether anybody has started an open step of an instance, other than this item.</summary>
    public readonly Func<PpidDbContext, Guid, Guid, CancellationToken, Task<bool>> IsFollowerStarted = EF.CompileAsyncQuery(
        (PpidDbContext db, Guid instanceId, Guid itemId, CancellationToken c) => db.WorkItems.Any(
            w => w.InstanceId == instanceId && w.Closure == WorkItemClosure.Open && w.StartedAt != null && w.Id != itemId));

    /// <summary>
    /// The earliest instant of each kind of thing that is due by itself: rungs, timers, triggers, events on their way, events that somebody has got,
    /// kept ones that somebody waits for by now, and those that expire. The same as the arms of <see cref="AlarmRinger.NextAsync"/>.
    /// </summary>
    public readonly Func<PpidDbContext, IAsyncEnumerable<DateTimeOffset?>> Next = EF.CompileAsyncQuery((PpidDbContext db) =>
        db.StepClocks.Where(c => c.NextFireAt != null).OrderBy(c => c.NextFireAt).Select(c => c.NextFireAt).Take(1)
            .Concat(db.Bookmarks.Where(b => b.DueAt != null).OrderBy(b => b.DueAt).Select(b => b.DueAt).Take(1))
            .Concat(db.Triggers.Where(t => t.NextAt != null).OrderBy(t => t.NextAt).Select(t => t.NextAt).Take(1))
            .Concat(db.Bookmarks.Where(b => b.EventId != null).OrderBy(b => b.EventId).Select(b => (DateTimeOffset?)b.CreatedAt).Take(1))
            // One arm for all kinds of events: PostgreSQL plans each anew at every look, and there are few events.
            .Concat(db.Events.Where(e => e.State == EventState.Pending || e.State == EventState.Kept || e.State == EventState.Told)
                .Select(e => e.State == EventState.Pending || (e.State == EventState.Kept
                    && db.Bookmarks.Any(b => b.EventName == e.Name && b.EventId == null && (e.InstanceId == null || b.InstanceId == e.InstanceId)
                        && db.Instances.Any(i => i.Id == b.InstanceId && (e.CorrelationId == null || i.CorrelationId == e.CorrelationId)
                            && (e.OfTrial == null ? e.InstanceId != null || !i.IsTrial : i.IsTrial == e.OfTrial))))
                    ? (DateTimeOffset?)e.CreatedAt : e.ExpiresAt)
                .OrderBy(at => at).Take(1)));

    /// <summary>A chain of audit records; tracked.</summary>
    public readonly Func<PpidDbContext, string, CancellationToken, Task<Audit.AuditChain?>> Chain = EF.CompileAsyncQuery(
        (PpidDbContext db, string name, CancellationToken c) => db.AuditChains.SingleOrDefault(a => a.Name == name));

    public static HotQueries Of(PpidDbContext db) => Known.GetValue(db.Model, _ => new HotQueries());

    public static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> rows, CancellationToken cancellation)
    {
        var list = new List<T>();
        await foreach (var row in rows.WithCancellation(cancellation))
            list.Add(row);
        return list;
    }
}
