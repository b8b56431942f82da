using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.Sop;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.Notifications;

/// <summary>The outbox with all that belongs to it, over a database of its own, sending to a pickup folder or to a given server.</summary>
public sealed class MailOffice : IAsyncDisposable
{
    /// <summary>Title of every case here; must never leave the building.</summary>
    public const string Canary = "KENARI-RAHASIA-7731";

    /// <summary>Of a mail that a sweep has for itself.</summary>
    public static TimeSpan Lease { get; } = new OutageOptions().Gap;

    private readonly TestDatabase _database;

    private MailOffice(TestDatabase database) => _database = database;

    public WatchedTime Time => _database.Time;

    public IServiceProvider Services => _database.Services;

    public string PickupFolder => Path.Combine(_database.Folder, "mail");

    /// <param name="patience">How long a mail may take to be written; null: as long as a test needs on a busy machine.</param>
    public static Task<MailOffice> WithPickupAsync(TimeSpan? patience = null) =>
        CreateAsync(mail => mail.Delivery = "Pickup", (options, provider) => ActivatorUtilities.CreateInstance<PickupChannel>(provider), patience);

    /// <param name="configure">Of <c>Mail:Smtp</c>; host and plain connection are given.</param>
    /// <param name="operationTimeout">Null: the usual one.</param>
    /// <param name="trusting">Null: the system's trust store.</param>
    public static Task<MailOffice> WithSmtpAsync(
        int port, Action<SmtpOptions>? configure = null, TestCertificate? trusting = null, TimeSpan? operationTimeout = null) =>
        CreateAsync(
            mail =>
            {
                mail.Delivery = "Smtp";
                mail.Smtp = new SmtpOptions { Host = "localhost", Port = port, Security = "None" };
                configure?.Invoke(mail.Smtp);
            },
            (options, provider) => new SmtpChannel(options, provider.GetRequiredService<MailComposer>())
            {
                CertificateValidation = trusting is null ? null : trusting.Validate,
                OperationTimeout = operationTimeout ?? TimeSpan.FromSeconds(30)
            });

    /// <summary>The world as a function, for what no server can be brought to do on time.</summary>
    public static async Task<MailOffice> WithChannelAsync(Func<OutboxMessage, MailOffice, Task<Delivery>> deliver)
    {
        MailOffice? office = null;
        return office = await CreateAsync(_ => { }, (_, _) => new ScriptedChannel(message => deliver(message, office!)));
    }

    public Task<T> InScopeAsync<T>(Func<IServiceProvider, Task<T>> work) => _database.InScopeAsync(work);

    public Task<SweepReport> SweepAsync(CancellationToken cancellation = default) =>
        InScopeAsync(p => p.GetRequiredService<OutboxSweep>().RunAsync(cancellation));

    /// <summary>Owes a mail to somebody, as a step's commit does.</summary>
    /// <param name="takes">By how much the clock goes on, so that the order of sending is known; default: a millisecond.</param>
    public async Task<Guid> OweAsync(
        string address, string name = "Rina Wati", string template = "task", Guid? caseId = null,
        Action<Dictionary<string, object?>>? model = null, TimeSpan? takes = null)
    {
        var values = Model(name);
        model?.Invoke(values);
        var owed = await InScopeAsync(p => p.GetRequiredService<Committer>().RunAsync<Guid>(() =>
        {
            var addressee = new MailAddressee(address, name);
            var message = p.GetRequiredService<Outbox>().Add(template, SopFolder.Slug, addressee, values, caseId);
            return Task.FromResult<Result<Guid>>(message.Id);
        }));
        Time.Advance(takes ?? TimeSpan.FromMilliseconds(1));
        return owed.Value;
    }

    public async Task<IReadOnlyList<OutboxMessage>> RowsAsync() => await InScopeAsync(
        async p => await p.GetRequiredService<PpidDbContext>().Outbox.AsNoTracking().OrderBy(m => m.Id).ToListAsync());

    public async Task<OutboxMessage> RowAsync(Guid id) => (await RowsAsync()).Single(m => m.Id == id);

    /// <summary>Puts a row into a state that only a crash leaves behind.</summary>
    public Task<int> RewriteAsync(Guid id, OutboxState state, DateTimeOffset? leasedUntil) => InScopeAsync(
        p => p.GetRequiredService<PpidDbContext>().Outbox.Where(m => m.Id == id)
            .ExecuteUpdateAsync(m => m.SetProperty(x => x.State, state).SetProperty(x => x.LeasedUntil, leasedUntil)));

    /// <summary>A running case whose title is the canary.</summary>
    public Task<Case> OpenCaseAsync(int sequenceNo = 1) => InScopeAsync(async p =>
    {
        var db = p.GetRequiredService<PpidDbContext>();
        var now = Time.GetUtcNow();
        var version = new DefinitionVersion
        {
            Id = Guid.CreateVersion7(),
            DefinitionId = "uji",
            Version = sequenceNo,
            Name = "Uji",
            Content = "{}",
            ContentHash = "-",
            CreatedAt = now,
            CreatedBy = "uji"
        };
        var instance = new WorkflowInstance
        {
            Id = Guid.CreateVersion7(),
            DefinitionVersionId = version.Id,
            DefinitionId = "uji",
            DefinitionVersion = sequenceNo,
            State = "{}",
            CreatedAt = now
        };
        var officer = new Officer { Id = Guid.CreateVersion7(), UserName = $"pembuat{sequenceNo}", DisplayName = "Pembuat" };
        var opened = new Case
        {
            Id = Guid.CreateVersion7(),
            Number = $"PPID/2026/{sequenceNo:0000}",
            Year = 2026,
            SequenceNo = sequenceNo,
            Title = Canary,
            Fields = "{}",
            DefinitionId = "uji",
            DefinitionVersion = sequenceNo,
            InstanceId = instance.Id,
            CreatedById = officer.Id,
            CreatedAt = now
        };
        db.AddRange(version, instance, officer, opened);
        await db.SaveChangesAsync();
        return opened;
    });

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<MailOffice> CreateAsync(
        Action<MailOptions> configure, Func<IOptions<MailOptions>, IServiceProvider, INotificationChannel> channel, TimeSpan? patience = null) =>
        new(await TestDatabase.CreateAsync((services, _) =>
        {
            services.Configure(configure);
            services.AddSingleton(new MailTemplates(SopFolder.WorkflowsRoot) { Patience = patience ?? TimeSpan.FromMinutes(1) });
            services.AddSingleton(new OutboxPace(new NoJitter()));
            services.AddSingleton<MailComposer>();
            services.AddScoped(p => channel(p.GetRequiredService<IOptions<MailOptions>>(), p));
            services.AddSingleton<IMailLinkSeal, NoMailLinks>().AddSingleton<MailLinks>();
            services.AddSingleton<PreferenceBook>();
            services.AddScoped<Outbox>().AddScoped<NightRest>().AddScoped<OutboxSweep>().AddScoped<MailLog>();
            services.AddSingleton<OfficeCalendar>().AddSingleton<ServicePulse>().AddScoped<ClockKeeper>().AddScoped<OutageCredits>().AddScoped<MailOutages>();
        }));

    private static Dictionary<string, object?> Model(string name) => new()
    {
        ["caseNumber"] = "PPID/2026/0001",
        ["stepNumber"] = "5",
        ["stepPart"] = "b",
        ["stepName"] = "Menugaskan petugas mendokumentasikan hardcopy dan softcopy informasi publik yang dikecualikan",
        ["actName"] = "Mendokumentasikan",
        ["recipientName"] = name,
        ["performerName"] = "Budi Santoso",
        ["standardMinutes"] = 15,
        ["receivedAt"] = "Senin, 23 Nov 2026 15.43 WIB",
        ["dueAt"] = "Senin, 23 Nov 2026 15.58 WIB",
        ["dueDate"] = "Senin, 23 Nov 2026",
        ["dueTime"] = "15.58 WIB",
        ["elapsedMinutes"] = 12,
        ["waitedMinutes"] = 7,
        ["remainingMinutes"] = 4,
        ["percent"] = 80,
        ["lateBy"] = "3 menit kerja",
        ["url"] = "http://localhost:5080/tasks/17",
        ["officeName"] = "Biro Umum Setda Kalimantan Tengah",
        ["isPool"] = false,
        ["hasNote"] = false,
        ["provisional"] = false,
        ["userName"] = "petugas.informasi",
        ["expiresAt"] = "Selasa, 24 Nov 2026 15.58 WIB"
    };

    private sealed class ScriptedChannel(Func<OutboxMessage, Task<Delivery>> deliver) : INotificationChannel
    {
        public Task<Delivery> DeliverAsync(OutboxMessage message, RenderedMail mail, CancellationToken cancellation) => deliver(message);

        public Task FinishAsync() => Task.CompletedTask;
    }

    private sealed class NoJitter : Random
    {
        public override double NextDouble() => 0;
    }
}
