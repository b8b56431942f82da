using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Audit;

/// <summary>One invariant of design.md §6 with its figure on the live data.</summary>
/// <param name="Name">kebab-case, stable.</param>
/// <param name="Description">What must hold, Indonesian.</param>
/// <param name="Checked">How many rows were looked at; of <c>everything-read-lately</c> the hours since then.</param>
/// <param name="Violations">How many rows break it; 0: holds.</param>
/// <param name="Examples">Ids of some of them.</param>
public sealed record GuaranteeReading(string Name, string Description, long Checked, long Violations, IReadOnlyList<string> Examples);

/// <summary>
/// Reads every invariant (verb <c>verify</c>, <c>/health/guarantees</c>). Each looks at the rows themselves and derives anew what is cached;
/// none trusts what another part of the service believes.
/// </summary>
public sealed partial class Guarantees(
    PpidDbContext db, OfficeCalendar office, ClockKeeper clocks, DossierVault vault, WorkflowCompiler compiler, IOptions<OutageOptions> outages,
    IOptions<Runtime.EventOptions> events, IOptions<GuaranteeOptions> guarantees, TimeProvider time)
{
    private const int MostExamples = 5;
    private const int RecentDays = 2;

    /// <summary>So many rows are read whole at a time, with what belongs to them.</summary>
    private const int RowsAtOnce = 500;

    /// <summary>After a start it catches up first.</summary>
    private static readonly TimeSpan StartGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RungGrace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MailGrace = TimeSpan.FromMinutes(2);

    /// <summary>How far back digests are counted.</summary>
    private static readonly TimeSpan DigestsLookedAt = TimeSpan.FromDays(8);

    /// <summary>No back-off of the outbox reaches further ahead.</summary>
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromHours(24);

    /// <param name="deep">Also re-hashes every vault file and walks every audit chain from its first row.</param>
    public Task<IReadOnlyList<GuaranteeReading>> ReadAsync(bool deep, CancellationToken cancellation = default) => ReadAsync(deep, null, cancellation);

    /// <summary>
    /// The same at a price that does not grow with the years: all that is open, and of what is closed (fires, sent mails, chains, files) the
    /// last <see cref="RecentDays"/> days. The rest was looked at in its time, and <see cref="ReadAsync(bool, CancellationToken)"/> walks it; whether
    /// that was done lately is a guarantee itself.
    /// </summary>
    public async Task<IReadOnlyList<GuaranteeReading>> ReadRecentAsync(CancellationToken cancellation = default) =>
        [.. await ReadAsync(false, time.Now().AddDays(-RecentDays), cancellation), await EverythingReadLatelyAsync(cancellation)];

    private async Task<IReadOnlyList<GuaranteeReading>> ReadAsync(bool deep, DateTimeOffset? since, CancellationToken cancellation)
    {
        // Ids ascend with time: the primary key finds what is recent.
        var first = since is { } instant ? Identifiers.FirstOf(instant) : Guid.Empty;
        var now = time.Now();
        await office.RefreshAsync(db, cancellation);
        var beats = await db.NodeHeartbeats.AsNoTracking().ToListAsync(cancellation);
        // What was due before a beat was due while that node lived; what came due after it may be the debt of one that has just died.
        var alive = beats.Where(b => b.LastBeatAt >= now - outages.Value.Gap && b.StartedAt < b.LastBeatAt - StartGrace).Max(b => (DateTimeOffset?)b.LastBeatAt);
        return
        [
            await OpenItemsHaveClocksAsync(cancellation),
            await DueRungsFiredAsync(alive, cancellation),
            await FiresHaveMailsAsync(first, cancellation),
            await FiresHaveActsAsync(first, cancellation),
            await OutboxMovesAsync(alive, now, first, cancellation),
            await DigestsOnceAsync(now, cancellation),
            await CasesCanGoOnAsync(cancellation),
            await TimersStandAsync(first, cancellation),
            await DueTimersResumedAsync(alive, cancellation),
            await ChildrenReportAsync(cancellation),
            await EventsArriveAsync(alive, cancellation),
            await TriggersStandAsync(alive, cancellation),
            await AlterationsAddUpAsync(alive, cancellation),
            await ItemsHaveBookmarksAsync(first, cancellation),
            await OneVersionInForceAsync(cancellation),
            await VersionsInUseAreSoundAsync(cancellation),
            await CachedInstantsAsync(since, cancellation),
            await PausedClocksAsync(since, cancellation),
            await ActualTimesAsync(since, cancellation),
            await OutagesAreCreditedAsync(now, first, cancellation),
            await AuditChainsAsync(deep, since, cancellation),
            await VaultFilesAsync(deep, first, cancellation),
            await ActsWithinAppointmentsAsync(since, cancellation),
            await OnePersonPerPostAsync(cancellation),
            await ListsFindCasesAsync(first, cancellation),
            await RemovedIsMarkedAsync(first, cancellation)
        ];
    }

    // Open, or closed since then; all of them where everything is walked. Each half along an index of its own.
    private IQueryable<StepClock> Clocks(DateTimeOffset? since) => since is null
        ? db.StepClocks.AsNoTracking()
        : db.StepClocks.AsNoTracking().Where(c => c.State != ClockState.Closed)
            .Concat(db.StepClocks.AsNoTracking().Where(c => c.State == ClockState.Closed && c.ClosedAt >= since));

    private IQueryable<WorkItem> Items(DateTimeOffset? since) => since is null
        ? db.WorkItems.AsNoTracking()
        : db.WorkItems.AsNoTracking().Where(w => w.Closure == WorkItemClosure.Open)
            .Concat(db.WorkItems.AsNoTracking().Where(w => w.Closure != WorkItemClosure.Open && w.ClosedAt >= since));

    private async Task<GuaranteeReading> FiresHaveMailsAsync(Guid first, CancellationToken cancellation)
    {
        var reading = new Reading("fires-have-mails", "Setiap jenjang yang terpicu mempunyai tepat satu surel untuk setiap penerima.");
        var mails = (await db.Outbox.AsNoTracking().Where(m => m.FireRecordId != null && m.FireRecordId >= first).Select(m => new { m.FireRecordId, m.ToAddress }).ToListAsync(cancellation))
            .ToLookup(m => m.FireRecordId!.Value, m => m.ToAddress);
        await foreach (var fire in db.FireRecords.AsNoTracking().Where(f => f.Id >= first).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            reading.Look(fire.Id, () => fire.FiredAt < fire.DueAt || !JsonSerializer.Deserialize<List<string>>(fire.Addressees)!
                .Order(StringComparer.Ordinal).SequenceEqual(mails[fire.Id].Order(StringComparer.Ordinal)));
        }
        return reading.Taken;
    }

    private async Task<GuaranteeReading> FiresHaveActsAsync(Guid first, CancellationToken cancellation)
    {
        var reading = new Reading("fires-have-acts", "Pengalihan, pembantu dan spanduk sesuai dengan catatan jenjang yang menyebabkannya.");
        var acts = db.FireRecords.AsNoTracking().Where(f => f.Id >= first && f.Action != EscalationAction.Notify);
        reading.Checked = await acts.LongCountAsync(cancellation);
        reading.Blame(await acts.Where(f =>
            (f.Action == EscalationAction.Reassign && f.OfficerId != null && f.OfficerId == f.FormerOfficerId)
            || (f.Action == EscalationAction.AddHelper && f.OfficerId != null && !db.TaskHelpers.Any(h => h.FireRecordId == f.Id && h.OfficerId == f.OfficerId))
            || (f.Action == EscalationAction.Banner && db.Outbox.Any(m => m.FireRecordId == f.Id && m.OfficerId != null
                && !db.AlertBanners.Any(b => b.FireRecordId == f.Id && b.OfficerId == m.OfficerId))))
            .Select(f => f.Id).ToListAsync(cancellation));
        // Nobody helps, sees a banner or took note of what the record does not know.
        reading.Blame(await db.TaskHelpers.AsNoTracking()
            .Where(h => h.FireRecordId >= first && !db.FireRecords.Any(f => f.Id == h.FireRecordId && f.Action == EscalationAction.AddHelper && f.OfficerId == h.OfficerId))
            .Select(h => h.WorkItemId).ToListAsync(cancellation));
        reading.Blame(await db.AlertBanners.AsNoTracking()
            .Where(b => b.FireRecordId >= first && !db.Outbox.Any(m => m.FireRecordId == b.FireRecordId && m.OfficerId == b.OfficerId)).Select(b => b.FireRecordId).ToListAsync(cancellation));
        reading.Blame(await db.AlertAcknowledgements.AsNoTracking()
            .Where(a => a.FireRecordId >= first && !db.Outbox.Any(m => m.FireRecordId == a.FireRecordId && m.OfficerId == a.OfficerId)).Select(a => a.FireRecordId).ToListAsync(cancellation));
        return reading.Taken;
    }

    private async Task<GuaranteeReading> OutboxMovesAsync(DateTimeOffset? alive, DateTimeOffset now, Guid first, CancellationToken cancellation)
    {
        var reading = new Reading("outbox-moves", "Setiap surel terkirim, gagal dan ditampilkan, atau menunggu percobaan berikutnya.");
        var late = (alive ?? DateTimeOffset.MinValue + MailGrace) - MailGrace;
        // An alarm that came late waits for the office to open.
        var absurd = office.Current.NextOpening(now) + LongestBackOff;
        // A mail that is owed is looked at however old it is.
        var mails = db.Outbox.AsNoTracking().Where(m => m.Id >= first || m.State == OutboxState.Pending);
        reading.Checked = await mails.LongCountAsync(cancellation);
        reading.Blame(await mails.Where(m =>
            (m.State == OutboxState.Sent && m.SentAt == null)
            || (m.State == OutboxState.Failed && m.LastError == null)
            || (m.State == OutboxState.Pending && m.NextAttemptAt > absurd)
            || (m.State == OutboxState.Pending && m.NextAttemptAt < late && (m.LeasedUntil == null || m.LeasedUntil < late)))
            .Select(m => m.Id).ToListAsync(cancellation));
        return reading.Taken;
    }

    private async Task<GuaranteeReading> DigestsOnceAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var reading = new Reading("digests-once", "Setiap petugas menerima paling banyak satu ringkasan sehari dan satu seminggu, dan masing-masing tercatat.");
        var since = now - DigestsLookedAt;
        var runs = await db.DigestRuns.AsNoTracking().ToDictionaryAsync(r => (r.OfficerId, r.Kind), r => r.Day, cancellation);
        var mails = await db.Outbox.AsNoTracking()
            .Where(m => (m.Template == DigestRun.Daily || m.Template == DigestRun.Weekly) && m.OfficerId != null && m.CreatedAt >= since)
            .Select(m => new { m.Id, m.Template, OfficerId = m.OfficerId!.Value, m.CreatedAt }).ToListAsync(cancellation);
        foreach (var day in mails.GroupBy(m => (m.OfficerId, m.Template, Day: office.Time.Today(m.CreatedAt))))
        {
            // A weekly one is claimed for the Monday of its week.
            var claimed = day.Key.Template == DigestRun.Daily ? day.Key.Day : day.Key.Day.AddDays(-6);
            reading.Look(day.First().Id, day.Count() > 1 || !runs.TryGetValue((day.Key.OfficerId, day.Key.Template), out var last) || last < claimed);
        }
        return reading.Taken;
    }

    private async Task<GuaranteeReading> CasesCanGoOnAsync(CancellationToken cancellation)
    {
        var reading = new Reading("cases-can-go-on", "Setiap berkas berjalan mempunyai penanda tunggu, dan yang terhenti mempunyai insiden.");
        reading.Checked = await db.Cases.LongCountAsync(c => c.State == CaseState.Running || c.State == CaseState.Faulted, cancellation);
        reading.Blame(await db.Cases.AsNoTracking().Where(c =>
            (c.State == CaseState.Running && !db.Bookmarks.Any(b => b.InstanceId == c.InstanceId))
            || (c.State == CaseState.Faulted && !db.Incidents.Any(i => i.InstanceId == c.InstanceId && i.ResolvedAt == null)))
            .Select(c => c.Id).ToListAsync(cancellation));
        return reading.Taken;
    }

    private async Task<GuaranteeReading> ItemsHaveBookmarksAsync(Guid first, CancellationToken cancellation)
    {
        var reading = new Reading("items-have-bookmarks", "Setiap tugas terbuka mempunyai tepat satu penanda tunggu, dan sebaliknya; uji coba tidak pernah memberi tugas.");
        reading.Checked = await db.WorkItems.LongCountAsync(w => w.Closure == WorkItemClosure.Open, cancellation);
        reading.Blame(await db.WorkItems.AsNoTracking()
            .Where(w => w.Closure == WorkItemClosure.Open && !db.Bookmarks.Any(b => b.Id == w.BookmarkId && b.InstanceId == w.InstanceId))
            .Select(w => w.Id).ToListAsync(cancellation));
        reading.Blame(await db.WorkItems.AsNoTracking().Where(w => w.Id >= first && db.Instances.Any(i => i.Id == w.InstanceId && i.IsTrial))
            .Select(w => w.Id).ToListAsync(cancellation));
        foreach (var orphan in await db.Bookmarks.AsNoTracking()
            .Where(b => b.Name == SopTask.StimulusName && !db.Instances.Any(i => i.Id == b.InstanceId && i.IsTrial)
                && db.WorkItems.Count(w => w.BookmarkId == b.Id && w.Closure == WorkItemClosure.Open) != 1)
            .Select(b => b.Id).ToListAsync(cancellation))
            reading.Blame(orphan);
        return reading.Taken;
    }

    private async Task<GuaranteeReading> OneVersionInForceAsync(CancellationToken cancellation)
    {
        var reading = new Reading("one-version-in-force", "Paling banyak satu versi setiap SOP berlaku.");
        reading.Checked = await db.DefinitionVersions.Select(v => v.DefinitionId).Distinct().LongCountAsync(cancellation);
        foreach (var definition in await db.DefinitionVersions.Where(v => v.State == RevisionState.InForce).GroupBy(v => v.DefinitionId)
            .Where(g => g.Count() > 1).Select(g => g.Key).ToListAsync(cancellation))
            reading.Blame(definition);
        return reading.Taken;
    }

    private async Task<GuaranteeReading> VersionsInUseAreSoundAsync(CancellationToken cancellation)
    {
        var reading = new Reading("versions-sound", "Setiap versi yang berlaku atau masih dijalani berkas lolos pemeriksaan definisi.");
        foreach (var version in await db.DefinitionVersions.AsNoTracking()
            .Where(v => v.State == RevisionState.InForce || db.Cases.Any(c => c.DefinitionId == v.DefinitionId && c.DefinitionVersion == v.Version
                && (c.State == CaseState.Running || c.State == CaseState.Faulted)))
            .OrderBy(v => v.DefinitionId).ThenBy(v => v.Version).Select(v => new { v.DefinitionId, v.Version, v.Content }).ToListAsync(cancellation))
        {
            reading.Checked++;
            // It goes on running all the same (CompiledDefinitions): this is where it is told.
            if (FaultIn(version.Content) is { } fault)
                reading.Blame($"{version.DefinitionId} versi {version.Version}: {fault}");
        }
        return reading.Taken;
    }

    private string? FaultIn(string content)
    {
        try
        {
            return DefinitionCheck.ProblemsWithoutOffice(compiler, DefinitionReader.Read(Encoding.UTF8.GetBytes(content)), office.Current)
                .FirstOrDefault(p => p.Severity == ProblemSeverity.Error)?.Code;
        }
        catch (DefinitionInvalidException invalid)
        {
            return invalid.Problems[0].Code;
        }
    }

    private async Task<GuaranteeReading> VaultFilesAsync(bool deep, Guid first, CancellationToken cancellation)
    {
        var reading = new Reading("vault-files", "Setiap berkas softcopy di brankas sama dengan yang dicatat.");
        await foreach (var file in db.DossierFiles.AsNoTracking().Where(f => f.Id >= first).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            var info = new FileInfo(vault.PathOf(file.Id));
            reading.Look(file.Id, !info.Exists || info.Length != file.Size || (deep && await vault.HashAsync(file.Id, cancellation) != file.Sha256));
        }
        return reading.Taken;
    }

    private async Task<GuaranteeReading> ActsWithinAppointmentsAsync(DateTimeOffset? since, CancellationToken cancellation)
    {
        var reading = new Reading("acts-within-appointments", "Setiap tindakan sebagai Plh. atau Plt. dilakukan oleh yang ditunjuk, dalam masa penunjukannya.");
        var appointments = await db.ActingAppointments.AsNoTracking().ToDictionaryAsync(a => a.Id, cancellation);
        foreach (var act in await Items(since)
            .Where(w => w.AppointmentId != null && (w.Closure == WorkItemClosure.Completed || w.Closure == WorkItemClosure.Returned))
            .Select(w => new { w.Id, w.AppointmentId, w.ClosedAt, w.ClosedById, w.Role, w.Capacity }).ToListAsync(cancellation))
        {
            reading.Look(act.Id, !appointments.TryGetValue(act.AppointmentId!.Value, out var by) || act.ClosedById != by.OfficerId
                || act.ClosedAt is not { } at || at < by.Begins(office.Time) || at >= by.Ends(office.Time)
                || !act.Role.Equals(by.Role, StringComparison.OrdinalIgnoreCase) || act.Capacity?.StartsWith($"{by.Capacity}. ", StringComparison.Ordinal) != true);
        }
        return reading.Taken;
    }

    private async Task<GuaranteeReading> OnePersonPerPostAsync(CancellationToken cancellation)
    {
        var reading = new Reading("one-acting-per-post", "Satu jabatan tidak dijalankan oleh dua Plh. atau Plt. pada saat yang sama.");
        foreach (var post in (await db.ActingAppointments.AsNoTracking().Where(a => a.WithdrawnAt == null).ToListAsync(cancellation))
            .GroupBy(a => (a.Role, a.ForOfficerId)))
        {
            var ends = DateTimeOffset.MinValue;
            foreach (var appointment in post.OrderBy(a => a.Begins(office.Time)))
            {
                reading.Look(appointment.Id, appointment.Begins(office.Time) < ends);
                ends = appointment.Ends(office.Time) > ends ? appointment.Ends(office.Time) : ends;
            }
        }
        return reading.Taken;
    }

    private sealed class Reading(string name, string description)
    {
        private readonly List<string> _examples = [];
        private long _violations;

        public long Checked { get; set; }

        public GuaranteeReading Taken => new(name, description, Checked, _violations, _examples);

        public void Look(Guid id, bool broken)
        {
            Checked++;
            if (broken)
                Blame(id.ToString());
        }

        /// <summary>The same of a row that is read as well as looked at: one that cannot be read is broken, and the others are looked at all the same.</summary>
        public void Look(Guid id, Func<bool> isBroken)
        {
            bool broken;
            try
            {
                broken = isBroken();
            }
            catch (Exception unreadable) when (unreadable is JsonException or ArgumentException or FormatException or OverflowException or InvalidOperationException)
            {
                broken = true;
            }
            Look(id, broken);
        }

        public void Blame(IEnumerable<Guid> ids)
        {
            foreach (var id in ids)
                Blame(id.ToString());
        }

        public void Blame(string id)
        {
            _violations++;
            if (_examples.Count < MostExamples)
                _examples.Add(id);
        }
    }
}
