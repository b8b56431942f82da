using System.Text.RegularExpressions;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Options;
using Npgsql;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.Retention;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Web.Hosting;

/// <summary>Demo officers (configuration section <c>Demo</c>); heeded in Development only.</summary>
public sealed class DemoOptions
{
    public bool Enabled { get; set; }
    public string Password { get; set; } = "";
}

/// <summary>Proxies in front of the service (configuration section <c>ReverseProxy</c>).</summary>
public sealed class ReverseProxyOptions
{
    /// <summary>Addresses whose <c>X-Forwarded-*</c> headers are believed; none: the headers are ignored.</summary>
    public IList<string> KnownProxies { get; init; } = [];
}

/// <summary>
/// Binds every section of the configuration by name and refuses a start with values that cannot work; the sentences name the key.
/// </summary>
public static partial class Settings
{
    public static IServiceCollection AddPpidSettings(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<OfficeOptions>().Bind(configuration.GetSection("Office")).ValidateOnStart();
        // Absolute once and for all: relative paths are meant from where the service was started.
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection("Storage"))
            .PostConfigure(storage => storage.DataPath = string.IsNullOrWhiteSpace(storage.DataPath) ? "" : Path.GetFullPath(storage.DataPath)).ValidateOnStart();
        services.AddOptions<DatabaseOptions>().Bind(configuration.GetSection("Database")).ValidateOnStart();
        services.AddOptions<DefinitionOptions>().Bind(configuration.GetSection("Definitions")).ValidateOnStart();
        services.AddOptions<MailOptions>().Bind(configuration.GetSection("Mail")).ValidateOnStart();
        services.AddOptions<DigestOptions>().Bind(configuration.GetSection("Digest")).ValidateOnStart();
        services.AddOptions<GuaranteeOptions>().Bind(configuration.GetSection("Guarantees")).ValidateOnStart();
        services.AddOptions<RetentionOptions>().Bind(configuration.GetSection("Retention")).ValidateOnStart();
        services.AddOptions<EventOptions>().Bind(configuration.GetSection("Events")).ValidateOnStart();
        services.AddOptions<OutageOptions>().Bind(configuration.GetSection("Outages")).ValidateOnStart();
        services.AddOptions<EngineOptions>().Bind(configuration.GetSection("Engine")).ValidateOnStart();
        services.AddOptions<DemoOptions>().Bind(configuration.GetSection("Demo")).ValidateOnStart();
        services.AddOptions<ReverseProxyOptions>().Bind(configuration.GetSection("ReverseProxy")).ValidateOnStart();
        services.AddOptions<ShutdownOptions>().Bind(configuration.GetSection("Shutdown")).ValidateOnStart();
        services.AddOptions<TelemetryOptions>().Bind(configuration.GetSection("Telemetry")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OfficeOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<StorageOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<DatabaseOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<DefinitionOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<GuaranteeOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<RetentionOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<OutageOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<EventOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<EngineOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<DemoOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<ReverseProxyOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<TelemetryOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<ShutdownOptions>, SettingsCheck>();
        return services;
    }

    /// <summary>Reads every section now, so that all that is wrong is told at once.</summary>
    /// <exception cref="StartUpRefusedException">One sentence a line.</exception>
    public static void Check(IServiceProvider services)
    {
        var told = new List<string>(SettingKeys.Unknown(services.GetRequiredService<IConfiguration>()));
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
        }
        catch (OptionsValidationException wrong)
        {
            told.AddRange(wrong.Failures);
        }
        catch (AggregateException several)
        {
            told.AddRange(several.InnerExceptions.SelectMany(e => e is OptionsValidationException wrong ? wrong.Failures : [e.Message]));
        }
        catch (InvalidOperationException unreadable) when (unreadable.InnerException is ArgumentException or FormatException)
        {
            // Of the binder's own message the key only: the value may be a password in the wrong place.
            var key = KeyOf().Match(unreadable.Message).Groups[1].Value;
            told.Add($"{key}: nilainya tidak dapat dibaca; periksa jenisnya (bilangan, true atau false).");
        }
        if (told.Count > 0)
            throw new StartUpRefusedException(string.Join('\n', told));
    }

    [GeneratedRegex("'([^']+)' to type")]
    private static partial Regex KeyOf();

    private sealed class SettingsCheck(IHostEnvironment environment, IConfiguration configuration) :
        IValidateOptions<OfficeOptions>, IValidateOptions<StorageOptions>, IValidateOptions<DatabaseOptions>,
        IValidateOptions<DefinitionOptions>, IValidateOptions<EngineOptions>, IValidateOptions<DemoOptions>,
        IValidateOptions<OutageOptions>, IValidateOptions<GuaranteeOptions>, IValidateOptions<ReverseProxyOptions>,
        IValidateOptions<TelemetryOptions>, IValidateOptions<ShutdownOptions>, IValidateOptions<RetentionOptions>, IValidateOptions<EventOptions>
    {
        private const int LargestUploadMB = 4096;
        private const int LongestIdleSeconds = 3600;

        public ValidateOptionsResult Validate(string? name, OfficeOptions options) => Of(
            (TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out _),
                $"Office:TimeZone '{options.TimeZone}' bukan zona waktu yang dikenal; contoh: Asia/Pontianak."),
            (options.Calendar is OfficeCalendar.WorkingHours or OfficeCalendar.AroundTheClock,
                $"Office:Calendar harus WorkingHours atau AroundTheClock, bukan '{options.Calendar}'."),
            (Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https",
                $"Office:PublicUrl harus alamat http(s) lengkap, bukan '{options.PublicUrl}'."));

        public ValidateOptionsResult Validate(string? name, StorageOptions options) => Of(
            (options.DataPath.Length > 0, "Storage:DataPath belum diisi: sebut folder data, atau hapus kuncinya (bawaan: data)."),
            (options.MaxUploadMB is >= 1 and <= LargestUploadMB,
                $"Storage:MaxUploadMB harus 1 sampai {LargestUploadMB}, bukan {options.MaxUploadMB}."),
            (options.TransferIdleSeconds is >= 1 and <= LongestIdleSeconds,
                $"Storage:TransferIdleSeconds harus 1 sampai {LongestIdleSeconds}, bukan {options.TransferIdleSeconds}."));

        public ValidateOptionsResult Validate(string? name, DatabaseOptions options) => Of(
            (Databases.Find(options.Provider) is not null,
                $"Database:Provider harus salah satu dari: {string.Join(", ", Databases.Known)}; bukan '{options.Provider}'."),
            // Never with the value: it may hold a password.
            (Databases.Find(options.Provider) is not Databases.PostgreSql || IsPostgreSql(configuration.GetConnectionString("Ppid")),
                "ConnectionStrings:Ppid harus menyebut peladen dan basis data bila Database:Provider = PostgreSql; "
                + "contoh: Host=localhost;Database=ppid;Username=ppid."),
            (Databases.Find(options.Provider) is not Databases.SqlServer || IsSqlServer(configuration.GetConnectionString("Ppid")),
                "ConnectionStrings:Ppid harus menyebut peladen dan basis data bila Database:Provider = SqlServer; "
                + "contoh: Server=localhost;Database=ppid;User Id=ppid."),
            (options.IdleTransactionSeconds is >= 0 and <= DatabaseOptions.LongestIdleSeconds,
                $"Database:IdleTransactionSeconds harus 0 (tidak diatur) sampai {DatabaseOptions.LongestIdleSeconds}, bukan {options.IdleTransactionSeconds}."));

        public ValidateOptionsResult Validate(string? name, DefinitionOptions options) => Of(
            (options.SeedMode is "Propose" or "InForce", $"Definitions:SeedMode harus Propose atau InForce, bukan '{options.SeedMode}'."));

        public ValidateOptionsResult Validate(string? name, OutageOptions options) => Of(
            (options.BeatSeconds is >= 1 and <= 60, $"Outages:BeatSeconds harus 1 sampai 60, bukan {options.BeatSeconds}."),
            (options.GapSeconds >= 2 * options.BeatSeconds,
                $"Outages:GapSeconds harus sekurangnya dua kali Outages:BeatSeconds, bukan {options.GapSeconds}."));

        public ValidateOptionsResult Validate(string? name, EventOptions options) => Of(
            (options.KeptMinutes is >= 1 and <= EventOptions.MostMinutes,
                $"Events:KeptMinutes harus 1 sampai {EventOptions.MostMinutes} (seminggu), bukan {options.KeptMinutes}."));

        public ValidateOptionsResult Validate(string? name, GuaranteeOptions options) => Of(
            (options.CheckMinutes is >= 0 and <= 59, $"Guarantees:CheckMinutes harus 0 (tidak diperiksa sendiri) sampai 59, bukan {options.CheckMinutes}."));

        public ValidateOptionsResult Validate(string? name, RetentionOptions options) => Of(
            Months("Retention:MailBodyMonths", options.MailBodyMonths),
            Months("Retention:JournalMonths", options.JournalMonths),
            (options.AuditMonths is 0 or (>= RetentionOptions.LeastAuditMonths and <= RetentionOptions.MostMonths),
                $"Retention:AuditMonths harus 0 (disimpan selamanya) atau {RetentionOptions.LeastAuditMonths} sampai {RetentionOptions.MostMonths}, bukan {options.AuditMonths}."),
            Months("Retention:TrialMonths", options.TrialMonths),
            Months("Retention:RunMonths", options.RunMonths),
            (options.BatchRows is >= 1 and <= RetentionOptions.MostBatchRows,
                $"Retention:BatchRows harus 1 sampai {RetentionOptions.MostBatchRows}, bukan {options.BatchRows}."),
            (!options.NeedsBasis || options.Basis?.Trim().Length is > 0 and <= RetentionOptions.LongestBasis,
                "Retention:Basis harus menyebut dasar penghapusan (JRA atau keputusan: nomor dan tanggal), paling panjang "
                + $"{RetentionOptions.LongestBasis} karakter, bila surel, jurnal atau audit dihapus."));

        private static (bool, string) Months(string key, int months) =>
            (months is >= 0 and <= RetentionOptions.MostMonths, $"{key} harus 0 (disimpan selamanya) sampai {RetentionOptions.MostMonths}, bukan {months}.");

        public ValidateOptionsResult Validate(string? name, EngineOptions options) => Of(
            (options.MaxActivitiesPerBurst >= 1,
                $"Engine:MaxActivitiesPerBurst harus 1 atau lebih, bukan {options.MaxActivitiesPerBurst}."),
            (options.MaxBookmarks is >= 1 and <= 100_000, $"Engine:MaxBookmarks harus 1 sampai 100000, bukan {options.MaxBookmarks}."));

        public ValidateOptionsResult Validate(string? name, DemoOptions options) => Of(
            (!environment.IsDevelopment() || !options.Enabled || options.Password.Length >= PeopleServices.PasswordLength,
                $"Demo:Password harus sekurangnya {PeopleServices.PasswordLength} karakter."));

        public ValidateOptionsResult Validate(string? name, ReverseProxyOptions options) => Of(
            (options.KnownProxies.All(proxy => System.Net.IPAddress.TryParse(proxy, out _)),
                "ReverseProxy:KnownProxies hanya berisi alamat IP."));

        public ValidateOptionsResult Validate(string? name, ShutdownOptions options) => Of(
            (options.DrainSeconds is >= 1 and <= 600, $"Shutdown:DrainSeconds harus 1 sampai 600, bukan {options.DrainSeconds}."));

        public ValidateOptionsResult Validate(string? name, TelemetryOptions options) => Of(
            (options.OtlpEndpoint.Length == 0 || TelemetrySetup.IsAddress(options.OtlpEndpoint),
                $"Telemetry:OtlpEndpoint harus alamat http(s) lengkap, bukan '{options.OtlpEndpoint}'; contoh: http://localhost:4317."),
            (options.OtlpProtocol is TelemetryOptions.Grpc or TelemetryOptions.HttpProtobuf,
                $"Telemetry:OtlpProtocol harus Grpc atau HttpProtobuf, bukan '{options.OtlpProtocol}'."),
            // Never with the value: it is a secret.
            (options.MetricsToken.Length is 0 or >= TelemetryOptions.ShortestToken,
                $"Telemetry:MetricsToken harus sekurangnya {TelemetryOptions.ShortestToken} karakter; kosong: tanpa halaman /metrics."),
            (options.FiguresSeconds is >= 1 and <= 3600, $"Telemetry:FiguresSeconds harus 1 sampai 3600, bukan {options.FiguresSeconds}."),
            (options.GuaranteesSeconds is >= 1 and <= 3600, $"Telemetry:GuaranteesSeconds harus 1 sampai 3600, bukan {options.GuaranteesSeconds}."),
            (options.LogFormat is TelemetryOptions.Text or TelemetryOptions.Json,
                $"Telemetry:LogFormat harus Text atau Json, bukan '{options.LogFormat}'."));

        private static bool IsPostgreSql(string? connection) =>
            CanBeRead(() => new NpgsqlConnectionStringBuilder(connection) is { Host.Length: > 0, Database.Length: > 0 });

        private static bool IsSqlServer(string? connection) =>
            CanBeRead(() => new SqlConnectionStringBuilder(connection) is { DataSource.Length: > 0, InitialCatalog.Length: > 0 });

        private static bool CanBeRead(Func<bool> holds)
        {
            try
            {
                return holds();
            }
            catch (ArgumentException)
            {
                return false;
            }
        }

        private static ValidateOptionsResult Of(params (bool Holds, string Sentence)[] rules)
        {
            var broken = rules.Where(r => !r.Holds).Select(r => r.Sentence).ToList();
            return broken.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(broken);
        }
    }
}
