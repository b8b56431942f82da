using Hangfire;
using Hangfire.Dashboard;
using Hangfire.PostgreSql;
using Hangfire.Server;
using Hangfire.SqlServer;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Retention;

namespace PpidWorkflow.Web.Hosting;

/// <summary>
/// Hangfire as the clockwork (design.md §2.3): its storage may be lost without harm, so on SQLite it lives in memory; on a server database in a
/// schema of its own beside our tables, so that several nodes share the periodic jobs. Background processes come from the container (every registered
/// <see cref="IBackgroundProcess"/>), the periodic jobs are the list below.
/// </summary>
public static class HangfireSetup
{
    /// <summary>
    /// Nothing urgent waits in Hangfire's queues, so its workers may look there seldom; on PostgreSQL a notification tells them of a new job.
    /// Every look is a transaction of an idle service (design.md §7: two statements a second in all).
    /// </summary>
    private static readonly TimeSpan QueueInterval = TimeSpan.FromMinutes(1);

    /// <summary>How late a periodic job may be: they are the net, not the clockwork.</summary>
    private static readonly TimeSpan ScheduleInterval = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After this a lock counts as that of a killed node: Hangfire takes ten minutes, and until then a node that is started anew would end for want
    /// of it. Less than the 15 s for which scheduling a job waits; nothing here holds one for longer than a statement.
    /// </summary>
    private static readonly TimeSpan LongestLock = TimeSpan.FromSeconds(10);

    private const string EveryFiveMinutes = "*/5 * * * *";

    /// <summary>Of the office's zone: nobody works, and a backup of the evening has been made.</summary>
    private const string Nightly = "15 2 * * *";

    public static IServiceCollection AddPpidHangfire(this IServiceCollection services, IConfiguration settings)
    {
        services.AddHangfire(configuration =>
        {
            configuration
                .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
                .UseSimpleAssemblyNameTypeSerializer()
                .UseRecommendedSerializerSettings();
            var connection = settings.GetConnectionString("Ppid");
            _ = Databases.Find(settings["Database:Provider"]) switch
            {
                Databases.PostgreSql => configuration.UsePostgreSqlStorage(
                    storage => storage.UseNpgsqlConnection(connection),
                    new PostgreSqlStorageOptions
                    {
                        SchemaName = "hangfire",
                        QueuePollInterval = QueueInterval,
                        EnableLongPolling = true,
                        DistributedLockTimeout = LongestLock
                    }),
                Databases.SqlServer => (IGlobalConfiguration)configuration.UseSqlServerStorage(
                    connection, new SqlServerStorageOptions { SchemaName = "hangfire", QueuePollInterval = QueueInterval }),
                _ => configuration.UseInMemoryStorage()
            };
        });
        services.AddSingleton<IBackgroundProcess, AlarmProcess>();
        services.AddSingleton<IBackgroundProcess, OutboxProcess>();
        services.AddSingleton<IBackgroundProcess, RevisionProcess>();
        services.AddSingleton<IBackgroundProcess, HeartbeatProcess>();
        services.AddHangfireServer(options =>
        {
            // A sweep that has a mail in its hands ends it; what it has claimed besides is given back.
            options.ShutdownTimeout = Drain.SweepsTake;
            options.WorkerCount = 2;
            options.SchedulePollingInterval = ScheduleInterval;
        });
        return services;
    }

    /// <summary>The net under the processes, and housekeeping.</summary>
    public static void ScheduleJobs(IServiceProvider services)
    {
        var jobs = services.GetRequiredService<IRecurringJobManager>();
        jobs.AddOrUpdate<AlarmSweepJob>("alarm-sweep", job => job.RunAsync(CancellationToken.None), Cron.Minutely());
        jobs.AddOrUpdate<OutboxSweepJob>("outbox-sweep", job => job.RunAsync(CancellationToken.None), Cron.Minutely());
        jobs.AddOrUpdate<RevisionSweepJob>("revision-sweep", job => job.RunAsync(CancellationToken.None), EveryFiveMinutes);
        jobs.AddOrUpdate<AlterationSweepJob>("alterations", job => job.RunAsync(CancellationToken.None), Cron.Minutely());
        jobs.AddOrUpdate<HousekeepingJob>("housekeeping", job => job.RunAsync(CancellationToken.None), Cron.Hourly());
        jobs.AddOrUpdate<AbsenceSweepJob>("absences", job => job.RunAsync(CancellationToken.None), EveryFiveMinutes);
        var every = services.GetRequiredService<IOptions<GuaranteeOptions>>().Value.CheckMinutes;
        if (every == 0)
        {
            jobs.RemoveIfExists("guarantees");
            jobs.RemoveIfExists("guarantees-deep");
        }
        else
        {
            jobs.AddOrUpdate<GuaranteeJob>("guarantees", job => job.RunAsync(CancellationToken.None), $"*/{every} * * * *");
            jobs.AddOrUpdate<DeepGuaranteeJob>("guarantees-deep", job => job.RunAsync(CancellationToken.None), Cron.Hourly());
        }
        if (services.GetRequiredService<IOptions<RetentionOptions>>().Value.IsConfigured)
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(services.GetRequiredService<IOptions<OfficeOptions>>().Value.TimeZone);
            jobs.AddOrUpdate<RetentionJob>("retention", job => job.RunAsync(CancellationToken.None), Nightly, new RecurringJobOptions { TimeZone = zone });
        }
        else
        {
            jobs.RemoveIfExists("retention");
        }
        var bounces = services.GetRequiredService<IOptions<MailOptions>>().Value.Bounces;
        if (bounces.IsConfigured)
            jobs.AddOrUpdate<BounceJob>("bounces", job => job.RunAsync(CancellationToken.None), $"*/{bounces.Minutes} * * * *");
        else
            jobs.RemoveIfExists("bounces");
        jobs.AddOrUpdate<CalendarReminderJob>("calendar-reminder", job => job.RunAsync(CancellationToken.None), Cron.Hourly());
        jobs.AddOrUpdate<IncidentReminderJob>("incident-reminder", job => job.RunAsync(CancellationToken.None), EveryFiveMinutes);
        jobs.AddOrUpdate<PauseReminderJob>("pause-reminder", job => job.RunAsync(CancellationToken.None), Cron.Hourly());
        jobs.AddOrUpdate<DigestJob>("digests", job => job.RunAsync(CancellationToken.None), Cron.Minutely());
    }

    /// <summary>For administrators signed in on pages; the endpoint's policy decides, so Hangfire's own filters are off.</summary>
    public static void MapPpidHangfireDashboard(this IEndpointRouteBuilder app) =>
        app.MapHangfireDashboard("/hangfire", new DashboardOptions
        {
            Authorization = Array.Empty<IDashboardAuthorizationFilter>(),
            DashboardTitle = "PpidWorkflow",
            DisplayStorageConnectionString = false,
            StatsPollingInterval = 10_000
        }).RequireAuthorization(Roles.Admin);
}
