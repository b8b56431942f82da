using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using PpidWorkflow.Application.Alterations;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Persistence;

/// <summary>
/// One context, so that one step is one commit (design.md §2.2). Portable by rule: enums as strings, JSON as text, instants as UTC
/// <see cref="DateTime"/>, lengths stated, integer revisions as concurrency tokens. A derived context per provider carries its migrations.
/// </summary>
public abstract class PpidDbContext(DbContextOptions options) : IdentityDbContext<Officer, OfficeRole, Guid>(options)
{
    public DbSet<Case> Cases => Set<Case>();
    public DbSet<CaseNumberSequence> CaseNumberSequences => Set<CaseNumberSequence>();
    public DbSet<CaseRolePlayer> CaseRolePlayers => Set<CaseRolePlayer>();
    public DbSet<TaskComment> TaskComments => Set<TaskComment>();
    public DbSet<WorkItem> WorkItems => Set<WorkItem>();
    public DbSet<StepClock> StepClocks => Set<StepClock>();
    public DbSet<ClockEvent> ClockEvents => Set<ClockEvent>();
    public DbSet<Outage> Outages => Set<Outage>();
    public DbSet<FireRecord> FireRecords => Set<FireRecord>();
    public DbSet<TaskHelper> TaskHelpers => Set<TaskHelper>();
    public DbSet<AlertBanner> AlertBanners => Set<AlertBanner>();
    public DbSet<AlertAcknowledgement> AlertAcknowledgements => Set<AlertAcknowledgement>();
    public DbSet<ClosedDay> ClosedDays => Set<ClosedDay>();
    public DbSet<HoursRegime> HoursRegimes => Set<HoursRegime>();
    public DbSet<CalendarState> CalendarStates => Set<CalendarState>();
    public DbSet<Absence> Absences => Set<Absence>();
    public DbSet<OfficerPreference> OfficerPreferences => Set<OfficerPreference>();
    public DbSet<DigestRun> DigestRuns => Set<DigestRun>();
    public DbSet<ActingAppointment> ActingAppointments => Set<ActingAppointment>();
    public DbSet<TransferOffer> TransferOffers => Set<TransferOffer>();
    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();
    public DbSet<DossierFile> DossierFiles => Set<DossierFile>();
    public DbSet<HardcopyItem> HardcopyItems => Set<HardcopyItem>();
    public DbSet<StorageLocation> StorageLocations => Set<StorageLocation>();
    public DbSet<MissingMedium> MissingMedia => Set<MissingMedium>();
    public DbSet<WorkflowInstance> Instances => Set<WorkflowInstance>();
    public DbSet<BookmarkRow> Bookmarks => Set<BookmarkRow>();
    public DbSet<EventRow> Events => Set<EventRow>();
    public DbSet<TriggerRow> Triggers => Set<TriggerRow>();
    public DbSet<AlterationPlanRow> AlterationPlans => Set<AlterationPlanRow>();
    public DbSet<AlterationJobRow> AlterationJobs => Set<AlterationJobRow>();
    public DbSet<JournalRow> Journal => Set<JournalRow>();
    public DbSet<IncidentRow> Incidents => Set<IncidentRow>();
    public DbSet<DefinitionVersion> DefinitionVersions => Set<DefinitionVersion>();
    public DbSet<SeededContent> SeededContents => Set<SeededContent>();
    public DbSet<AuditRecord> AuditRecords => Set<AuditRecord>();
    public DbSet<AuditChain> AuditChains => Set<AuditChain>();
    public DbSet<AuditSeal> AuditSeals => Set<AuditSeal>();
    public DbSet<IdempotencyRecord> IdempotencyRecords => Set<IdempotencyRecord>();
    public DbSet<GuaranteeIncident> GuaranteeIncidents => Set<GuaranteeIncident>();
    public DbSet<NodeHeartbeat> NodeHeartbeats => Set<NodeHeartbeat>();
    public DbSet<ServiceFact> ServiceFacts => Set<ServiceFact>();

    /// <summary>Where a step of thousands of rows keeps them; null: an ordinary step, whose rows are all tracked. <see cref="Committer"/> decides.</summary>
    internal BulkRows? Bulk { get; set; }

    /// <summary>Where such a step hands over rows before it is done; null: an ordinary step.</summary>
    internal Providers.WriteAhead? Ahead { get; set; }

    /// <summary>Raised when a step is done and its rows are about to be written, whichever way; the change tracker shows them.</summary>
    public event EventHandler? Writing;

    internal void OnWriting() => Writing?.Invoke(this, EventArgs.Empty);

    /// <summary>What the step in hand has asked for and will ask for again, by what it is and whose; forgotten with the step.</summary>
    internal Dictionary<(Type What, Guid Of), object> Remembered { get; } = [];

    /// <summary>Within a commit: the database has no row of this kind for that owner; what the step itself adds is in memory.</summary>
    internal void RememberNone<T>(Guid owner)
    {
        if (Database.CurrentTransaction is not null)
            Remembered[(typeof(None<T>), owner)] = owner;
    }

    /// <summary>Within a commit: the case comes into being in it, so the database has nothing of it at all.</summary>
    internal void RememberNew(Case record)
    {
        RememberNone<Case>(record.Id);
        RememberNone<Case>(record.InstanceId);
    }

    /// <summary>Whether the step in hand knows that there is none stored.</summary>
    internal bool HasNone<T>(Guid owner) =>
        Remembered.Count > 0 && (Remembered.ContainsKey((typeof(None<T>), owner)) || Remembered.ContainsKey((typeof(None<Case>), owner)));

    private sealed class None<T>;

    /// <summary>What the step in hand brings about, to be counted once it is committed; forgotten with the step.</summary>
    internal List<Action> Happened { get; } = [];

    /// <summary>A context serves scope after scope: nothing of the last one stays.</summary>
    internal void ForgetStep()
    {
        Bulk = null;
        Ahead = null;
        Writing = null;
        Remembered.Clear();
        Happened.Clear();
    }

    internal void CountHappened()
    {
        foreach (var count in Happened)
            count();
    }

    /// <summary>Adds a row that the step in hand will not look for by a query: past the change tracker where it writes thousands.</summary>
    public void Append<T>(T row) where T : class
    {
        if (Bulk is { } bulk)
            bulk.Add(row);
        else
            Add(row);
    }

    /// <summary>Rows that the step in hand has appended, not stored yet.</summary>
    public IEnumerable<T> Appended<T>() where T : class => Bulk is { } bulk ? bulk.Added<T>() : Set<T>().Local;

    /// <summary>
    /// Lower case as the database has it, for columns and parameters alike: what is looked for must be folded as that in which it is looked for
    /// (SQLite folds ASCII only, PostgreSQL by its locale). In queries only.
    /// </summary>
    public static string Lower(string? text) => throw new NotSupportedException("For queries only.");

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcInstantConverter>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(24);
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasDbFunction(() => Lower(default)).HasName("lower").IsBuiltIn();

        builder.Entity<Officer>(officer =>
        {
            officer.ToTable("Officers");
            officer.Property(o => o.DisplayName).HasMaxLength(200);
            officer.Property(o => o.Position).HasMaxLength(200);
            officer.Property(o => o.Nip).HasMaxLength(18);
            officer.Property(o => o.PendingEmail).HasMaxLength(256);
            officer.HasOne(o => o.Supervisor).WithMany().HasForeignKey(o => o.SupervisorId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<Absence>(absence =>
        {
            absence.Property(a => a.Note).HasMaxLength(500);
            absence.Property(a => a.RecordedBy).HasMaxLength(256);
            absence.Property(a => a.BackdatedReason).HasMaxLength(500);
            absence.Property(a => a.EndedBy).HasMaxLength(256);
            absence.Property(a => a.WithdrawnBy).HasMaxLength(256);
            absence.Property(a => a.Revision).IsConcurrencyToken();
            absence.HasIndex(a => new { a.OfficerId, a.LastDay });
            absence.HasIndex(a => a.LastDay);
            absence.HasOne(a => a.Officer).WithMany().HasForeignKey(a => a.OfficerId).OnDelete(DeleteBehavior.Restrict);
            absence.HasOne(a => a.Substitute).WithMany().HasForeignKey(a => a.SubstituteId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<ActingAppointment>(appointment =>
        {
            appointment.Property(a => a.Role).HasMaxLength(100);
            appointment.Property(a => a.LetterNumber).HasMaxLength(100);
            appointment.Property(a => a.BackdatedReason).HasMaxLength(500);
            appointment.Property(a => a.RecordedBy).HasMaxLength(256);
            appointment.Property(a => a.EndedBy).HasMaxLength(256);
            appointment.Property(a => a.WithdrawnBy).HasMaxLength(256);
            appointment.Property(a => a.Revision).IsConcurrencyToken();
            appointment.HasIndex(a => new { a.OfficerId, a.LastDay });
            appointment.HasIndex(a => new { a.Role, a.LastDay });
            appointment.HasOne(a => a.Officer).WithMany().HasForeignKey(a => a.OfficerId).OnDelete(DeleteBehavior.Restrict);
            appointment.HasOne(a => a.ForOfficer).WithMany().HasForeignKey(a => a.ForOfficerId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<TransferOffer>(offer =>
        {
            offer.Property(o => o.Reason).HasMaxLength(500);
            offer.Property(o => o.Revision).IsConcurrencyToken();
            offer.HasIndex(o => new { o.State, o.ToId });
            offer.HasIndex(o => o.WorkItemId);
            offer.HasIndex(o => o.AbsenceId);
            offer.HasOne(o => o.WorkItem).WithMany().HasForeignKey(o => o.WorkItemId).OnDelete(DeleteBehavior.Restrict);
            offer.HasOne(o => o.From).WithMany().HasForeignKey(o => o.FromId).OnDelete(DeleteBehavior.Restrict);
            offer.HasOne(o => o.To).WithMany().HasForeignKey(o => o.ToId).OnDelete(DeleteBehavior.Restrict);
            offer.HasOne<Absence>().WithMany().HasForeignKey(o => o.AbsenceId).OnDelete(DeleteBehavior.Restrict);
            offer.HasOne<ActingAppointment>().WithMany().HasForeignKey(o => o.AppointmentId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<OfficeRole>(role => role.Property(r => r.DisplayName).HasMaxLength(200));

        builder.Entity<Case>(record =>
        {
            record.Property(c => c.Number).HasMaxLength(40);
            record.Property(c => c.Title).HasMaxLength(500);
            record.Property(c => c.UniqueKey).HasMaxLength(400);
            record.Property(c => c.DefinitionId).HasMaxLength(100);
            record.Property(c => c.Revision).IsConcurrencyToken();
            record.HasIndex(c => c.Number).IsUnique();
            record.HasIndex(c => new { c.DefinitionId, c.UniqueKey }).IsUnique();
            // The register, newest first: all of it, of one state, and what one officer opened.
            record.HasIndex(c => new { c.CreatedAt, c.Id });
            record.HasIndex(c => new { c.State, c.CreatedAt, c.Id });
            record.HasIndex(c => new { c.CreatedById, c.CreatedAt, c.Id });
            record.HasIndex(c => c.InstanceId).IsUnique();
            record.HasOne<WorkflowInstance>().WithOne().HasForeignKey<Case>(c => c.InstanceId).OnDelete(DeleteBehavior.Restrict);
            record.HasOne<Officer>().WithMany().HasForeignKey(c => c.CreatedById).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<CaseNumberSequence>(sequence =>
        {
            sequence.HasKey(s => s.Year);
            sequence.Property(s => s.Year).ValueGeneratedNever();
            sequence.Property(s => s.Revision).IsConcurrencyToken();
        });
        builder.Entity<CaseRolePlayer>(player =>
        {
            player.HasKey(p => new { p.CaseId, p.Role });
            player.Property(p => p.Role).HasMaxLength(100);
            player.HasOne<Case>().WithMany().HasForeignKey(p => p.CaseId).OnDelete(DeleteBehavior.Restrict);
            player.HasOne<Officer>().WithMany().HasForeignKey(p => p.OfficerId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<TaskComment>(comment =>
        {
            comment.Property(c => c.Text).HasMaxLength(2000);
            comment.Property(c => c.Capacity).HasMaxLength(300);
            comment.HasIndex(c => c.CaseId);
            comment.HasOne<WorkItem>().WithMany().HasForeignKey(c => c.WorkItemId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<WorkItem>(item =>
        {
            item.Property(w => w.BookmarkId).HasMaxLength(80);
            item.Property(w => w.ActivityId).HasMaxLength(200);
            item.Property(w => w.StepNumber).HasMaxLength(10);
            item.Property(w => w.StepPart).HasMaxLength(2);
            item.Property(w => w.Role).HasMaxLength(100);
            item.Property(w => w.Note).HasMaxLength(2000);
            item.Property(w => w.DelayReason).HasMaxLength(500);
            item.Property(w => w.DelayCause).HasMaxLength(40);
            item.Property(w => w.ActualStartReason).HasMaxLength(500);
            item.Property(w => w.ActualCloseReason).HasMaxLength(500);
            item.Property(w => w.ReturnReason).HasMaxLength(2000);
            item.Property(w => w.Capacity).HasMaxLength(300);
            item.Property(w => w.Revision).IsConcurrencyToken();
            item.Ignore(w => w.IsOpen).Ignore(w => w.StepLabel);
            item.HasIndex(w => w.BookmarkId).IsUnique();
            item.HasIndex(w => new { w.AssigneeId, w.Closure, w.ReceivedAt, w.Id });
            // Offered to the holders of a role: the few that nobody has taken.
            item.HasIndex(w => new { w.Role, w.Closure, w.ReceivedAt }).HasFilter("\"AssigneeId\" IS NULL").HasDatabaseName("IX_WorkItems_Pool");
            // Cases of an officer, newest first (SeenCases): one range an officer, however many cases there are.
            item.HasIndex(w => new { w.AssigneeId, w.CaseCreatedAt, w.CaseId });
            item.HasIndex(w => new { w.InSteadOfId, w.CaseCreatedAt, w.CaseId }).HasFilter("\"InSteadOfId\" IS NOT NULL");
            // Done work, newest first. The rare ends have an index each: among a million completed ones nobody would find them.
            item.HasIndex(w => new { w.ReceivedAt, w.Id }, "IX_WorkItems_Closed").HasFilter("\"Closure\" <> 'Open'");
            item.HasIndex(w => new { w.ReceivedAt, w.Id }, "IX_WorkItems_Returned").HasFilter("\"Closure\" = 'Returned'");
            item.HasIndex(w => new { w.ReceivedAt, w.Id }, "IX_WorkItems_Cancelled").HasFilter("\"Closure\" = 'Cancelled'");
            // A week of it, for board and digests.
            item.HasIndex(w => w.ClosedAt).HasFilter("\"ClosedAt\" IS NOT NULL");
            item.HasIndex(w => w.CaseId);
            item.HasIndex(w => w.InstanceId);
            // What the board and the digests walk: the few open ones among all that are done. Not over Closure: SQLite, which knows nothing of how
            // many are open, would take it before the index of the case or the clock, and each step would look at all open ones.
            item.HasIndex(w => w.ReceivedAt).HasFilter("\"Closure\" = 'Open'").HasDatabaseName("IX_WorkItems_Open");
            item.HasOne(w => w.Case).WithMany().HasForeignKey(w => w.CaseId).OnDelete(DeleteBehavior.Restrict);
            item.HasOne(w => w.Clock).WithMany().HasForeignKey(w => w.ClockId).OnDelete(DeleteBehavior.Restrict);
            item.HasOne(w => w.Assignee).WithMany().HasForeignKey(w => w.AssigneeId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<StepClock>(clock =>
        {
            clock.Property(c => c.ActivityId).HasMaxLength(200);
            clock.Property(c => c.ActivityInstanceId).HasMaxLength(80);
            clock.Property(c => c.StepNumber).HasMaxLength(10);
            clock.Property(c => c.Revision).IsConcurrencyToken();
            clock.HasIndex(c => new { c.InstanceId, c.ActivityInstanceId, c.Visit }).IsUnique();
            clock.HasIndex(c => c.NextFireAt);
            clock.HasIndex(c => c.CaseId);
            // What outages are credited to and what guarantees derive anew: the few that are open among all that ever were, and those closed lately.
            clock.HasIndex(c => c.Id).HasFilter("\"State\" <> 'Closed'").HasDatabaseName("IX_StepClocks_Open");
            clock.HasIndex(c => c.ClosedAt).HasFilter("\"ClosedAt\" IS NOT NULL");
        });
        builder.Entity<ClockEvent>(happening =>
        {
            happening.Property(e => e.Kind).HasMaxLength(24);
            happening.Property(e => e.ActorUserName).HasMaxLength(256);
            happening.Property(e => e.Capacity).HasMaxLength(300);
            happening.Property(e => e.Reason).HasMaxLength(500);
            happening.HasIndex(e => e.ClockId);
            happening.HasIndex(e => e.CaseId);
            happening.HasIndex(e => e.OutageId);
            happening.HasOne<StepClock>().WithMany().HasForeignKey(e => e.ClockId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<Outage>(outage =>
        {
            outage.Property(o => o.UniqueKey).HasMaxLength(60);
            outage.Property(o => o.DetectedBy).HasMaxLength(256);
            outage.Property(o => o.Reason).HasMaxLength(300);
            outage.Property(o => o.AnnulledBy).HasMaxLength(256);
            outage.Property(o => o.AnnulledReason).HasMaxLength(300);
            outage.Property(o => o.Revision).IsConcurrencyToken();
            outage.Ignore(o => o.Counts);
            outage.HasIndex(o => o.UniqueKey).IsUnique();
            outage.HasIndex(o => o.From);
        });
        builder.Entity<FireRecord>(fire =>
        {
            fire.HasIndex(f => new { f.ClockId, f.Rung, f.Repetition }).IsUnique();
            fire.HasIndex(f => f.CaseId);
            fire.HasOne<StepClock>().WithMany().HasForeignKey(f => f.ClockId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<TaskHelper>(helper =>
        {
            helper.HasKey(h => new { h.WorkItemId, h.OfficerId });
            helper.HasIndex(h => h.OfficerId);
            helper.HasIndex(h => h.CaseId);
            helper.HasOne<WorkItem>().WithMany(w => w.Helpers).HasForeignKey(h => h.WorkItemId).OnDelete(DeleteBehavior.Restrict);
            helper.HasOne(h => h.Officer).WithMany().HasForeignKey(h => h.OfficerId).OnDelete(DeleteBehavior.Restrict);
            helper.HasOne<FireRecord>().WithMany().HasForeignKey(h => h.FireRecordId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<AlertBanner>(banner =>
        {
            banner.HasKey(b => new { b.FireRecordId, b.OfficerId });
            banner.HasIndex(b => b.OfficerId);
            banner.HasOne<FireRecord>().WithMany().HasForeignKey(b => b.FireRecordId).OnDelete(DeleteBehavior.Restrict);
            banner.HasOne<Officer>().WithMany().HasForeignKey(b => b.OfficerId).OnDelete(DeleteBehavior.Restrict);
            banner.HasOne(b => b.Clock).WithMany().HasForeignKey(b => b.ClockId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<AlertAcknowledgement>(note =>
        {
            note.HasKey(a => new { a.FireRecordId, a.OfficerId });
            note.HasOne<FireRecord>().WithMany().HasForeignKey(a => a.FireRecordId).OnDelete(DeleteBehavior.Restrict);
            note.HasOne<Officer>().WithMany().HasForeignKey(a => a.OfficerId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<ClosedDay>(day =>
        {
            day.Property(d => d.Name).HasMaxLength(200);
            day.Property(d => d.Source).HasMaxLength(300);
            day.Property(d => d.ConfirmedBy).HasMaxLength(256);
            day.Property(d => d.WithdrawnBy).HasMaxLength(256);
            day.Property(d => d.WithdrawnReason).HasMaxLength(300);
            day.Property(d => d.ChangedBy).HasMaxLength(256);
            day.HasIndex(d => d.Date);
        });
        builder.Entity<HoursRegime>(regime =>
        {
            regime.Property(r => r.Name).HasMaxLength(200);
            regime.Property(r => r.Windows).HasMaxLength(4000);
            regime.Property(r => r.Source).HasMaxLength(300);
            regime.Property(r => r.Remark).HasMaxLength(500);
            regime.Property(r => r.ConfirmedBy).HasMaxLength(256);
            regime.Property(r => r.WithdrawnBy).HasMaxLength(256);
            regime.Property(r => r.WithdrawnReason).HasMaxLength(300);
            regime.Property(r => r.ChangedBy).HasMaxLength(256);
        });
        builder.Entity<CalendarState>(state =>
        {
            state.ToTable("CalendarState");
            state.Property(s => s.Id).ValueGeneratedNever();
            state.Property(s => s.ChangedBy).HasMaxLength(256);
            state.Property(s => s.Revision).IsConcurrencyToken();
        });
        builder.Entity<OfficerPreference>(preference =>
        {
            preference.HasKey(p => p.OfficerId);
            preference.Property(p => p.Language).HasMaxLength(8);
            preference.Property(p => p.Revision).IsConcurrencyToken();
            preference.HasOne<Officer>().WithOne().HasForeignKey<OfficerPreference>(p => p.OfficerId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<DigestRun>(run =>
        {
            run.HasKey(r => new { r.OfficerId, r.Kind });
            run.Property(r => r.Kind).HasMaxLength(16);
            run.Property(r => r.Day).IsConcurrencyToken();
            run.HasOne<Officer>().WithMany().HasForeignKey(r => r.OfficerId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<OutboxMessage>(message =>
        {
            message.Property(m => m.MessageId).HasMaxLength(200);
            message.Property(m => m.Template).HasMaxLength(40);
            message.Property(m => m.SopSlug).HasMaxLength(100);
            message.Property(m => m.ToAddress).HasMaxLength(256);
            message.Property(m => m.ToName).HasMaxLength(200);
            message.Property(m => m.Language).HasMaxLength(8);
            message.Property(m => m.LastError).HasMaxLength(1000);
            message.HasIndex(m => m.MessageId).IsUnique();
            message.HasIndex(m => new { m.State, m.NextAttemptAt });
            message.HasIndex(m => m.FireRecordId);
            message.HasIndex(m => new { m.OfficerId, m.CaseCreatedAt, m.CaseId }).HasFilter("\"CaseCreatedAt\" IS NOT NULL");
            message.HasIndex(m => m.CaseId);
            message.HasIndex(m => m.CreatedAt);
        });
        builder.Entity<DossierFile>(file =>
        {
            file.Property(f => f.Name).HasMaxLength(255);
            file.Property(f => f.ContentType).HasMaxLength(127);
            file.Property(f => f.Sha256).HasMaxLength(64);
            file.Property(f => f.UploaderCapacity).HasMaxLength(300);
            file.HasIndex(f => f.CaseId);
            file.HasOne<WorkItem>().WithMany().HasForeignKey(f => f.WorkItemId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<HardcopyItem>(item =>
        {
            item.Property(h => h.Description).HasMaxLength(500);
            item.Property(h => h.CopyStatus).HasMaxLength(40);
            item.HasIndex(h => h.CaseId);
        });
        builder.Entity<StorageLocation>(location =>
        {
            location.HasKey(l => l.CaseId);
            location.Property(l => l.Building).HasMaxLength(100);
            location.Property(l => l.Cabinet).HasMaxLength(100);
            location.Property(l => l.Shelf).HasMaxLength(100);
            location.Property(l => l.Box).HasMaxLength(100);
            location.Property(l => l.Folder).HasMaxLength(100);
            location.Property(l => l.Text).HasMaxLength(300);
        });
        builder.Entity<MissingMedium>(missing =>
        {
            missing.HasKey(m => new { m.CaseId, m.Medium });
            missing.Property(m => m.Medium).HasMaxLength(20);
            missing.Property(m => m.Reason).HasMaxLength(500);
        });
        builder.Entity<WorkflowInstance>(instance =>
        {
            instance.Property(i => i.DefinitionId).HasMaxLength(100);
            instance.Property(i => i.Revision).IsConcurrencyToken();
            instance.Property(i => i.Name).HasMaxLength(300);
            instance.Property(i => i.CorrelationId).HasMaxLength(200);
            instance.Property(i => i.StartedBy).HasMaxLength(256);
            instance.Ignore(i => i.IsRun);
            instance.HasIndex(i => new { i.DefinitionId, i.Status });
            instance.HasIndex(i => i.CreatedAt);
            instance.HasIndex(i => new { i.IsTrial, i.CreatedAt });
            instance.Property(i => i.ReportsTo).HasMaxLength(80);
            instance.HasIndex(i => i.ReportsTo);
            instance.HasIndex(i => i.RootInstanceId);
            instance.HasOne<DefinitionVersion>().WithMany().HasForeignKey(i => i.DefinitionVersionId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<BookmarkRow>(bookmark =>
        {
            bookmark.ToTable("Bookmarks");
            bookmark.Property(b => b.Id).HasMaxLength(80);
            bookmark.Property(b => b.Name).HasMaxLength(100);
            bookmark.Property(b => b.ActivityId).HasMaxLength(200);
            bookmark.Ignore(b => b.IsOfChildren);
            bookmark.HasIndex(b => b.InstanceId);
            bookmark.HasIndex(b => b.DueAt);
            bookmark.Property(b => b.EventName).HasMaxLength(Engine.Activities.Primitives.Event.LongestName);
            // The few that wait for an event, and the fewer that have got one.
            bookmark.HasIndex(b => b.EventName).HasFilter("\"EventName\" IS NOT NULL");
            bookmark.HasIndex(b => b.EventId).HasFilter("\"EventId\" IS NOT NULL");
        });
        builder.Entity<EventRow>(happening =>
        {
            happening.ToTable("Events");
            happening.Property(e => e.UniqueKey).HasMaxLength(80);
            happening.Property(e => e.Name).HasMaxLength(Engine.Activities.Primitives.Event.LongestName);
            happening.Property(e => e.CorrelationId).HasMaxLength(200);
            happening.Property(e => e.ToldBy).HasMaxLength(256);
            happening.Property(e => e.DeadReason).HasMaxLength(40);
            happening.Property(e => e.Revision).IsConcurrencyToken();
            happening.HasIndex(e => e.UniqueKey).IsUnique();
            happening.HasIndex(e => new { e.State, e.CreatedAt });
            happening.HasIndex(e => new { e.State, e.ExpiresAt });
            happening.HasIndex(e => e.DeadAt).HasFilter("\"DeadAt\" IS NOT NULL");
        });
        builder.Entity<TriggerRow>(trigger =>
        {
            trigger.ToTable("Triggers");
            trigger.Property(t => t.DefinitionId).HasMaxLength(100);
            trigger.Property(t => t.ActivityId).HasMaxLength(200);
            trigger.Property(t => t.EventName).HasMaxLength(Engine.Activities.Primitives.Event.LongestName);
            trigger.Property(t => t.Revision).IsConcurrencyToken();
            trigger.HasIndex(t => new { t.DefinitionVersionId, t.ActivityId }).IsUnique();
            trigger.HasIndex(t => t.DefinitionId);
            trigger.HasIndex(t => t.EventName);
            trigger.HasIndex(t => t.NextAt);
            trigger.HasOne<DefinitionVersion>().WithMany().HasForeignKey(t => t.DefinitionVersionId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<AlterationPlanRow>(plan =>
        {
            plan.ToTable("AlterationPlans");
            plan.Property(p => p.Reason).HasMaxLength(AlterationDesk.LongestReason);
            plan.Property(p => p.OrderedBy).HasMaxLength(256);
            plan.Property(p => p.OrderedByName).HasMaxLength(200);
            plan.Property(p => p.Revision).IsConcurrencyToken();
            plan.HasIndex(p => p.CompletedAt);
        });
        builder.Entity<AlterationJobRow>(job =>
        {
            job.ToTable("AlterationJobs");
            job.Property(j => j.Revision).IsConcurrencyToken();
            job.HasIndex(j => new { j.PlanId, j.InstanceId }).IsUnique();
            job.HasOne<AlterationPlanRow>().WithMany().HasForeignKey(j => j.PlanId).OnDelete(DeleteBehavior.Cascade);
        });
        builder.Entity<JournalRow>(line =>
        {
            line.ToTable("Journal");
            line.HasKey(j => new { j.InstanceId, j.Sequence });
            line.Property(j => j.EventName).HasMaxLength(40);
            line.Property(j => j.ActivityId).HasMaxLength(200);
            line.Property(j => j.ActivityType).HasMaxLength(100);
            line.Property(j => j.ActivityInstanceId).HasMaxLength(80);
            line.Property(j => j.ParentActivityInstanceId).HasMaxLength(80);
            line.Property(j => j.Message).HasMaxLength(2000);
        });
        builder.Entity<IncidentRow>(incident =>
        {
            incident.ToTable("Incidents");
            incident.Property(i => i.EngineIncidentId).HasMaxLength(80);
            incident.Property(i => i.ActivityId).HasMaxLength(200);
            incident.Property(i => i.ActivityType).HasMaxLength(100);
            incident.Property(i => i.Code).HasMaxLength(60);
            incident.Property(i => i.Message).HasMaxLength(2000);
            incident.Property(i => i.ResolvedBy).HasMaxLength(256);
            incident.HasIndex(i => new { i.ResolvedAt, i.At });
            incident.HasIndex(i => i.InstanceId);
        });
        builder.Entity<DefinitionVersion>(version =>
        {
            version.Property(v => v.DefinitionId).HasMaxLength(100);
            version.Property(v => v.Name).HasMaxLength(300);
            version.Property(v => v.ContentHash).HasMaxLength(64);
            version.Property(v => v.SopSlug).HasMaxLength(100);
            version.Property(v => v.Description).HasMaxLength(2000);
            version.Property(v => v.CreatedBy).HasMaxLength(256);
            version.Property(v => v.UpdatedBy).HasMaxLength(256);
            version.Property(v => v.ProposedBy).HasMaxLength(256);
            version.Property(v => v.DecidedBy).HasMaxLength(256);
            version.Property(v => v.DecidedCapacity).HasMaxLength(300);
            version.Property(v => v.Reason).HasMaxLength(2000);
            version.Property(v => v.DecisionReason).HasMaxLength(2000);
            version.Property(v => v.Revision).IsConcurrencyToken();
            version.HasIndex(v => new { v.DefinitionId, v.Version }).IsUnique();
            version.HasIndex(v => new { v.DefinitionId, v.State });
            version.HasIndex(v => new { v.State, v.EffectiveAt });
        });
        builder.Entity<SeededContent>(seeded =>
        {
            seeded.HasKey(s => new { s.DefinitionId, s.ContentHash });
            seeded.Property(s => s.DefinitionId).HasMaxLength(100);
            seeded.Property(s => s.ContentHash).HasMaxLength(64);
        });
        builder.Entity<AuditRecord>(record =>
        {
            record.HasKey(r => new { r.Chain, r.Sequence });
            record.Property(r => r.Chain).HasMaxLength(60);
            record.Property(r => r.Actor).HasMaxLength(256);
            record.Property(r => r.Action).HasMaxLength(60);
            record.Property(r => r.PreviousHash).HasMaxLength(64);
            record.Property(r => r.Hash).HasMaxLength(64);
        });
        builder.Entity<AuditChain>(chain =>
        {
            chain.HasKey(c => c.Name);
            chain.Property(c => c.Name).HasMaxLength(60);
            chain.Property(c => c.Head).HasMaxLength(64);
            chain.Property(c => c.Revision).IsConcurrencyToken();
        });
        builder.Entity<AuditSeal>(seal =>
        {
            seal.HasKey(s => s.Sequence);
            seal.Property(s => s.Sequence).ValueGeneratedNever();
            seal.Property(s => s.PreviousHash).HasMaxLength(64);
            seal.Property(s => s.Hash).HasMaxLength(64);
        });
        builder.Entity<IdempotencyRecord>(record =>
        {
            record.HasKey(r => new { r.OfficerId, r.Route, r.Key });
            record.Property(r => r.Route).HasMaxLength(200);
            record.Property(r => r.Key).HasMaxLength(100);
            record.Property(r => r.BodyHash).HasMaxLength(64);
            record.HasIndex(r => r.CreatedAt);
        });
        builder.Entity<GuaranteeIncident>(incident =>
        {
            incident.Property(i => i.UniqueKey).HasMaxLength(60);
            incident.Property(i => i.Guarantee).HasMaxLength(60);
            incident.Property(i => i.Examples).HasMaxLength(1000);
            incident.Property(i => i.Revision).IsConcurrencyToken();
            incident.HasIndex(i => i.UniqueKey).IsUnique();
            incident.HasIndex(i => i.OpenedAt);
        });
        builder.Entity<NodeHeartbeat>(beat =>
        {
            beat.HasKey(b => b.NodeId);
            beat.Property(b => b.NodeId).HasMaxLength(100);
        });
        builder.Entity<ServiceFact>(fact =>
        {
            fact.HasKey(f => f.Name);
            fact.Property(f => f.Name).HasMaxLength(60);
            fact.Property(f => f.Value).HasMaxLength(1000);
        });

        foreach (var guid in builder.Model.GetEntityTypes().SelectMany(t => t.GetProperties()).Where(p => p.ClrType == typeof(Guid) && p.IsPrimaryKey()))
            guid.ValueGenerated = Microsoft.EntityFrameworkCore.Metadata.ValueGenerated.Never;
    }
}

/// <summary>UTC on both sides; SQLite cannot order <see cref="DateTimeOffset"/>, every provider orders UTC <see cref="DateTime"/>.</summary>
public sealed class UtcInstantConverter()
    : ValueConverter<DateTimeOffset, DateTime>(v => v.UtcDateTime, v => new DateTimeOffset(DateTime.SpecifyKind(v, DateTimeKind.Utc), TimeSpan.Zero));

/// <summary>The embedded default: one file, WAL, full fsync.</summary>
public sealed class SqlitePpidDbContext(DbContextOptions<SqlitePpidDbContext> options) : PpidDbContext(options);

/// <summary>A server for offices that outgrow one machine: several nodes write at once.</summary>
public sealed class PostgreSqlPpidDbContext(DbContextOptions<PostgreSqlPpidDbContext> options) : PpidDbContext(options);

/// <summary>The same on SQL Server.</summary>
public sealed class SqlServerPpidDbContext(DbContextOptions<SqlServerPpidDbContext> options) : PpidDbContext(options);
