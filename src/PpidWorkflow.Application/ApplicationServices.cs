using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Alterations;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Notifications.Bounces;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Retention;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application;

/// <summary>Where the office is and how it is reached (configuration section <c>Office</c>).</summary>
public sealed class OfficeOptions
{
    /// <summary>Base of links in mails.</summary>
    public string PublicUrl { get; set; } = "http://localhost:5080";

    /// <summary>tz database id; WIB for the default.</summary>
    public string TimeZone { get; set; } = "Asia/Pontianak";

    /// <summary>WorkingHours or AroundTheClock (tests and demos).</summary>
    public string Calendar { get; set; } = "WorkingHours";
}

/// <summary>Where files live (configuration section <c>Storage</c>).</summary>
public sealed class StorageOptions
{
    /// <summary>Folder of the SQLite file, vault, keys and mail pickup; relative paths are below the working folder.</summary>
    public string DataPath { get; set; } = "data";

    /// <summary>Largest softcopy, megabytes.</summary>
    public int MaxUploadMB { get; set; } = 50;

    /// <summary>How long an upload or a download may stand still before it is given up, seconds.</summary>
    public int TransferIdleSeconds { get; set; } = 30;
}

/// <summary>Database (configuration section <c>Database</c>; connection string <c>Ppid</c>).</summary>
public sealed class DatabaseOptions
{
    /// <summary>Unless set otherwise, <see cref="IdleTransactionSeconds"/>.</summary>
    public const int UsualIdleSeconds = 15;

    /// <summary>Largest <see cref="IdleTransactionSeconds"/>.</summary>
    public const int LongestIdleSeconds = 3600;

    /// <summary>Sqlite, PostgreSql or SqlServer.</summary>
    public string Provider { get; set; } = "Sqlite";

    /// <summary>
    /// PostgreSQL: how long a session may sit in a transaction without asking anything, seconds, told as a start-up parameter. 0: not told, as
    /// PgBouncer wants it, which refuses parameters that it does not know.
    /// </summary>
    public int IdleTransactionSeconds { get; set; } = UsualIdleSeconds;
}

/// <summary>Seeding of <c>workflows/</c> (configuration section <c>Definitions</c>).</summary>
public sealed class DefinitionOptions
{
    /// <summary>Propose or InForce.</summary>
    public string SeedMode { get; set; } = "Propose";

    /// <summary>The <c>workflows</c> folder; default: beside the executable.</summary>
    public string? Path { get; set; }

    public string WorkflowsPath => Path ?? System.IO.Path.Combine(AppContext.BaseDirectory, "workflows");
}

/// <summary>Mail (configuration section <c>Mail</c>).</summary>
public sealed class MailOptions
{
    /// <summary>Pickup or Smtp.</summary>
    public string Delivery { get; set; } = "Pickup";

    /// <summary>Default: <c>{DataPath}/mail</c>.</summary>
    public string? PickupPath { get; set; }
    public string From { get; set; } = "PPID Biro Umum <ppid@ppid.example>";
    public SmtpOptions Smtp { get; set; } = new();
    public Notifications.Bounces.BounceOptions Bounces { get; set; } = new();

    /// <summary>
    /// Task mails carry a link that starts the step without a password, alerts one that takes note of them: sealed, for one officer and one act,
    /// good until the next change and for three days at most. They show nothing that the mail does not.
    /// </summary>
    public bool ActionLinks { get; set; } = true;
}

public sealed class SmtpOptions
{
    public string Host { get; set; } = "localhost";
    public int Port { get; set; } = 587;

    /// <summary>None, StartTls or Tls.</summary>
    public string Security { get; set; } = "StartTls";
    public string? UserName { get; set; }
    public string? Password { get; set; }
}

/// <summary>Registration of the application's services. The host adds the options, the database (<c>AddPpidDatabase</c>) and logging.</summary>
public static class ApplicationServices
{
    public static IServiceCollection AddPpidApplication(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Identifiers>();
        services.AddSingleton<WakeUps>();
        services.AddSingleton<OfficeCalendar>();

        services.AddSingleton(sp => sp.GetRequiredService<IOptions<EngineOptions>>().Value);
        services.AddSingleton<WorkflowRunner>();
        services.AddSingleton<IWorkflowLibrary, PublishedWorkflows>();
        services.AddSingleton(sp => new WorkflowCompiler(sp.GetRequiredService<IWorkflowLibrary>()));
        services.AddSingleton<CompiledDefinitions>();
        services.AddScoped<DefinitionLibrary>();
        services.AddScoped<DefinitionSeeder>();
        services.AddScoped<DefinitionCheck>();
        services.AddSingleton<Rehearsal>();
        services.AddSingleton<RehearsalRoom>();
        services.AddScoped<RehearsalDesk>();
        services.AddScoped<RevisionDesk>();
        services.AddScoped<TrialDesk>();
        services.AddScoped<DraftDesk>();
        services.AddScoped<WorkflowConsumers>();
        services.AddScoped<DefinitionList>();
        services.AddScoped<RevisionMail>();
        services.AddScoped<RevisionReader>();
        services.AddScoped<CaseMigration>();
        services.AddSingleton<EffectiveDates>();
        services.AddScoped<TrialTransfer>();
        services.AddScoped<ActivityTester>();
        services.AddScoped<InstanceMigration>();
        services.AddScoped<AlterationRehearsal>();
        services.AddScoped<AlterationJobs>();
        services.AddScoped<AlterationDesk>();

        services.AddScoped<AuditTrail>();
        services.AddScoped<AuditSealer>();
        services.AddScoped<Guarantees>();
        services.AddScoped<GuaranteeWatch>();
        services.AddScoped<Idempotency>();
        services.AddScoped<Committer>();

        services.AddScoped<RetentionDesk>();
        services.AddScoped<IRetainedClass, MailBodies>();
        services.AddScoped<IRetainedClass, CaseJournals>();
        services.AddScoped<IRetainedClass, AdministrationAudit>();
        services.AddScoped<IRetainedClass, OldTrials>();
        services.AddScoped<IRetainedClass, OldRuns>();
        services.AddScoped<IRetainedClass, ExpiredLinks>();
        services.AddScoped<IRetainedClass, OldAnswers>();
        services.AddScoped<IRetainedClass, OldNodes>();
        services.AddScoped<IRetainedClass, DeadLetters>();
        services.AddScoped<IRetainedClass, OldPlans>();
        services.AddScoped<PickupFolder>();

        services.AddSingleton<RoleNames>();
        services.AddScoped<OfficerDirectory>();
        services.AddSingleton<PreferenceBook>();
        services.AddScoped<PreferenceDesk>();
        services.AddScoped<AbsenceRules>();
        services.AddScoped<AbsenceDesk>();
        services.AddScoped<AppointmentDesk>();
        services.AddScoped<TransferDesk>();
        services.AddScoped<WorkflowRuntime>();
        services.AddSingleton<PutOff>();
        services.AddScoped<InstanceTimers>();
        services.AddScoped<EventPost>();
        services.AddScoped<EventDesk>();
        services.AddScoped<DeadLetterDesk>();
        services.AddScoped<TriggerStarts>();
        services.AddScoped<TriggerIndex>();
        services.AddScoped<IncidentDesk>();
        services.AddScoped<InstanceReader>();
        services.AddScoped<StepDesk>();
        services.AddScoped<TaskAssignment>();
        services.AddScoped<TaskReader>();
        services.AddScoped<CompletionRules>();
        services.AddScoped<ActualTimes>();
        services.AddScoped<MailLinkDesk>();
        services.AddScoped<TaskInbox>();
        services.AddScoped<BoardReader>();
        services.AddScoped<BoardWeekReader>();
        services.AddScoped<TaskReminder>();
        services.AddScoped<SeenCases>();
        services.AddScoped<CaseReader>();
        services.AddScoped<CaseRegister>();
        services.AddScoped<DossierVault>();
        services.AddScoped<Backup>();

        services.AddSingleton<ServicePulse>();
        services.AddSingleton<StorageWatch>();
        services.AddScoped<OutageWatch>();
        services.AddScoped<OutageCredits>();
        services.AddScoped<OutageDesk>();
        services.AddScoped<MailOutages>();
        services.AddScoped<ClockKeeper>();
        services.AddScoped<Rederivation>();
        services.AddScoped<CalendarWatch>();
        services.AddScoped<CalendarDesk>();
        services.AddScoped<CalendarReminder>();
        services.AddScoped<IncidentReminder>();
        services.AddScoped<PauseLedger>();
        services.AddScoped<PauseReminder>();
        services.AddScoped<EscalationAddressees>();
        services.AddScoped<RungActs>();
        services.AddScoped<AlarmRinger>();
        services.AddScoped<AlertDesk>();

        services.AddScoped<Outbox>();
        services.AddScoped<StepMail>();
        services.AddScoped<PeopleMail>();
        services.AddScoped<MailLog>();
        services.AddScoped<BounceDesk>();
        services.AddScoped<BounceSweep>();
        services.AddScoped<DigestReader>();
        services.AddScoped<DigestDesk>();
        services.TryAddSingleton<IMailLinkSeal, NoMailLinks>();
        services.AddSingleton<MailLinks>();
        services.AddScoped<NightRest>();
        services.AddScoped<OutboxSweep>();
        services.AddSingleton(_ => new OutboxPace(Random.Shared));
        services.AddSingleton<MailComposer>();
        services.AddSingleton(sp => new MailTemplates(sp.GetRequiredService<IOptions<DefinitionOptions>>().Value.WorkflowsPath));
        services.AddSingleton<IValidateOptions<MailOptions>, MailOptionsValidation>();
        services.AddScoped<INotificationChannel>(sp => MailOptionsValidation.IsSmtp(sp.GetRequiredService<IOptions<MailOptions>>().Value)
            ? ActivatorUtilities.CreateInstance<SmtpChannel>(sp)
            : ActivatorUtilities.CreateInstance<PickupChannel>(sp));

        services.AddScoped<AlarmSweepJob>();
        services.AddScoped<RevisionSweepJob>();
        services.AddScoped<AlterationSweepJob>();
        services.AddScoped<OutboxSweepJob>();
        services.AddScoped<HousekeepingJob>();
        services.AddScoped<CalendarReminderJob>();
        services.AddScoped<IncidentReminderJob>();
        services.AddScoped<PauseReminderJob>();
        services.AddScoped<DigestJob>();
        services.AddScoped<GuaranteeJob>();
        services.AddScoped<RetentionJob>();
        services.AddScoped<BounceJob>();
        services.AddScoped<AbsenceSweepJob>();
        return services;
    }
}
