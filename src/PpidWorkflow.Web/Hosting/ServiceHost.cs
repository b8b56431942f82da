using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using PpidWorkflow.Application;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Web.Pages;
using PpidWorkflow.Web.Pages.Designer;
using PpidWorkflow.Web.Rest.Elsa;
using PpidWorkflow.Web.Rest.Ppid;
using PpidWorkflow.Web.Security;
using Scalar.AspNetCore;
using Serilog;
using Serilog.Events;

namespace PpidWorkflow.Web.Hosting;

/// <summary>Composes the host: services first, then the pipeline in the order in which a request meets it.</summary>
public static class ServiceHost
{
    private const string DefaultUrl = "http://localhost:5080";
    private const string LogLine =
        "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u3} {SourceContext} {Message:lj} {Properties:j}{NewLine}{Exception}";
    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];
    private const long MB = 1024 * 1024;
    /// <param name="args">Command line; configuration keys as <c>--Section:Key=value</c>.</param>
    /// <param name="serves">False for verbs: nothing is scheduled and the log goes to standard error.</param>
    /// <exception cref="StartUpRefusedException">A setting cannot work; the sentences name the keys.</exception>
    public static WebApplication Build(string[] args, bool serves)
    {
        var app = Compose(args, serves);
        if (serves)
            UsePipeline(app);
        return app;
    }

    /// <summary>
    /// Built and made ready for requests, side by side: the one compiles what answers them, the other asks the database, and a start is as long as the
    /// longer of the two.
    /// </summary>
    /// <param name="args">Command line; configuration keys as <c>--Section:Key=value</c>.</param>
    /// <param name="prepare">What happens before the first request is served.</param>
    /// <exception cref="StartUpRefusedException">A setting, a folder or the database cannot work; the sentences say what to mend.</exception>
    public static async Task<WebApplication> BuildAsync(string[] args, Func<IServiceProvider, Task> prepare)
    {
        var app = Compose(args, serves: true);
        try
        {
            var prepared = Task.Run(() => prepare(app.Services));
            try
            {
                UsePipeline(app);
            }
            finally
            {
                // Also where the pipeline failed: nothing is taken from under a half that still runs.
                await prepared;
            }
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static WebApplication Compose(string[] args, bool serves)
    {
        // The configuration and workflows/ lie beside the executable, wherever it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        // Also outside Development: `dotnet run` from a clone has wwwroot in the source folder only; a published service has none of this.
        builder.WebHost.UseStaticWebAssets();
        if (AddressKeys.All(key => string.IsNullOrEmpty(builder.Configuration[key])))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ApiCall.LargestBody;
        });
        AddLogging(builder, serves);
        AddServices(builder.Services, builder.Configuration, serves);
        if (builder.Environment.IsDevelopment())
            CrashPoints.Arm(builder.Configuration["Diagnostics:CrashAt"]);

        var app = builder.Build();
        Settings.Check(app.Services);
        return app;
    }

    private static void AddLogging(WebApplicationBuilder builder, bool serves) =>
        builder.Services.AddSerilog((services, log) => log
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            .MinimumLevel.Override("Hangfire", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .ReadFrom.Configuration(builder.Configuration)
            // Told to the operator as a sentence (Program.cs); the trace says nothing more.
            .Filter.ByExcluding(entry => entry.Exception is IOException { InnerException: AddressInUseException })
            // A refusal that the hub's caller is told of, no failure of the service.
            .Filter.ByExcluding(entry => entry.Exception is HubException)
            .Enrich.FromLogContext()
            .WriteToConsole(builder.Configuration, serves ? null : LogEventLevel.Verbose, LogLine));

    private static void AddServices(IServiceCollection services, ConfigurationManager configuration, bool serves)
    {
        services.AddPpidSettings(configuration);
        services.AddSingleton<HealthEndpoints.LastReading>();
        services.AddSingleton<SetupTokenFile>();
        services.AddPpidDatabase(configuration);
        services.AddPpidApplication();
        services.AddPpidPeople();
        services.AddPpidAccess();
        services.AddPpidSecurityHeaders();
        services.AddSingleton<OfficeChoices.Known>();
        services.AddScoped<OfficeChoices>();
        services.AddSingleton(sp => new DescriptorCatalog(sp.GetRequiredService<WorkflowCompiler>().Catalog));
        services.AddPages();
        if (serves)
        {
            services.AddSingleton<Drain>();
            services.AddHostedService<PlannedStop>();
            // As text: the host reads it before Settings has refused what cannot work.
            var drain = int.TryParse(configuration["Shutdown:DrainSeconds"], out var seconds) && seconds > 0 ? seconds : new ShutdownOptions().DrainSeconds;
            services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(drain) + 1.5 * Drain.SweepsTake);
            AddSystemd(services);
            services.AddPpidHangfire(configuration);
            services.AddPpidTelemetry(configuration);
        }

        services.AddElsaApi();
        services.AddScoped<ApiCall>();
        services.AddScoped<Rest.Elsa.DefinitionModel>();
        services.ConfigureHttpJsonOptions(json => ApiCall.Strict(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);
        services.AddOptions<FormOptions>().Configure<IOptions<StorageOptions>>((form, storage) =>
            form.MultipartBodyLengthLimit = UploadLimit(storage.Value));
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<ReverseProxyOptions>>((forwarded, proxy) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (var address in proxy.Value.KnownProxies)
                forwarded.KnownProxies.Add(IPAddress.Parse(address));
        });
        services.Configure<RequestLocalizationOptions>(localization =>
        {
            localization.SetDefaultCulture("id").AddSupportedCultures("id", "en").AddSupportedUICultures("id", "en");
            // Indonesian unless chosen: the browsers of the office mostly ask for English without anybody having meant it.
            localization.RequestCultureProviders =
            [
                new QueryStringRequestCultureProvider(), new CookieRequestCultureProvider(),
                new CustomRequestCultureProvider(context => IsApi(context)
                    ? new AcceptLanguageHeaderRequestCultureProvider { Options = localization }.DetermineProviderCultureResult(context)
                    : Task.FromResult<ProviderCultureResult?>(null))
            ];
        });
        services.AddOpenApi("v1", openApi =>
        {
            openApi.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1", StringComparison.Ordinal) == true;
            openApi.AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "PpidWorkflow";
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
                document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer"
                };
                document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] }];
                return Task.CompletedTask;
            });
        });
    }

    /// <summary>
    /// Tells systemd when the service is ready and when it stops. The framework does so only where it finds systemd as its parent in /proc, which a
    /// hardened unit hides (<c>ProtectProc=invisible</c>): the start would then never be over for systemd.
    /// </summary>
    private static void AddSystemd(IServiceCollection services)
    {
        services.AddSystemd();
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NOTIFY_SOCKET")) || services.Any(s => s.ServiceType == typeof(ISystemdNotifier)))
            return;
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        services.AddSingleton<IHostLifetime, SystemdLifetime>();
    }

    private static void UsePipeline(WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ReverseProxyOptions>>().Value.KnownProxies.Count > 0)
            app.UseForwardedHeaders();
        app.Use(app.Services.GetRequiredService<Drain>().RunAsync);
        app.UsePpidMetricsPage();
        // The path only: query strings of account links carry tokens.
        // Studio's files, some two hundred at its first load, would drown the rest.
        app.UseSerilogRequestLogging(log => log.GetLevel = (context, _, failure) =>
            failure is not null || context.Response.StatusCode >= StatusCodes.Status500InternalServerError ? LogEventLevel.Error
            : context.Request.Path.StartsWithSegments(StudioFiles.Root) ? LogEventLevel.Debug
            : LogEventLevel.Information);
        app.UseSecurityHeaders();
        app.UseRequestLocalization();
        app.UseWhen(IsApi, UseApiAnswers);
        app.UseWhen(context => !IsApi(context), pages =>
        {
            // A scope of its own: the failed page has left its services half used.
            pages.UseExceptionHandler(new ExceptionHandlerOptions
            {
                ExceptionHandler = AnswerFailureAsync,
                AllowStatusCode404Response = true,
                CreateScopeForErrors = true
            });
            pages.UsePageCaching();
            pages.UseStatusCodePagesWithReExecute("/error/{0}", createScopeForStatusCodePages: true);
            pages.UseRefusedForms();
        });
        app.Use(LimitBody);
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseWhen(context => !IsApi(context), pages => pages.UseFormsOnDisk());
        app.UseAntiforgery();

        app.MapPpidApi();
        app.MapElsaApi();
        app.MapHub<InstanceHub>(InstanceHub.Path);
        app.MapPpidHealth();
        app.MapPpidHangfireDashboard();
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        // Everything from this host: no fonts, assistant, proxy or telemetry of Scalar's makers.
        app.MapScalarApiReference("/scalar", scalar =>
        {
            scalar.WithTitle("PpidWorkflow API").DisableAgent().DisableTelemetry();
            scalar.DefaultFonts = false;
            scalar.HideClientButton = true;
            scalar.Mcp = new ScalarMcpOptions { Disabled = true };
        }).AllowAnonymous();
        app.MapPages();
    }

    private static bool IsApi(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api") || context.Request.Path.StartsWithSegments("/elsa");

    private static void UseApiAnswers(IApplicationBuilder api)
    {
        api.Use((context, next) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return next(context);
        });
        api.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerFailureAsync, AllowStatusCode404Response = true });
        api.UseStatusCodePages(context => ProblemAnswer.Of(context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
    }

    /// <summary>What went wrong is in the log under the trace id; the answer says nothing of it.</summary>
    private static Task AnswerFailureAsync(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var status = (failure, failure is null ? null : StoreFailures.Describe(failure)) switch
        {
            (BadHttpRequestException bad, _) => bad.StatusCode,
            (_, StoreFailure.Unavailable) => StatusCodes.Status503ServiceUnavailable,
            (_, StoreFailure.Unreadable) => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status500InternalServerError
        };
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        // Known apart: the database is there, and it is this node that is too old for it.
        IReadOnlyList<Problem> problems = failure is NewerSchemaException ? [new Problem("schema-newer", ProblemKind.Unavailable)] : [];
        return IsApi(context)
            ? (problems.Count > 0 ? new ProblemAnswer(problems) : ProblemAnswer.Of(status)).ExecuteAsync(context)
            : new RazorComponentResult<FailureDocument>(new { Status = status, Problems = problems }) { StatusCode = status }.ExecuteAsync(context);
    }

    /// <summary>1 MB (Kestrel's setting above) but for uploads, through the API or a task's page; these must not stand still.</summary>
    private static Task LimitBody(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path;
        if (HttpMethods.IsPost(context.Request.Method)
            && (path.StartsWithSegments($"{PpidApi.Root}/tasks") || path.StartsWithSegments("/tasks"))
            && context.Request.HasFormContentType)
        {
            var storage = context.RequestServices.GetRequiredService<IOptions<StorageOptions>>().Value;
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                limit.MaxRequestBodySize = UploadLimit(storage);
            context.Request.Body = new PatientBody(context.Request.Body, TimeSpan.FromSeconds(storage.TransferIdleSeconds));
        }
        return next(context);
    }

    // One megabyte on top for the other parts of the form.
    private static long UploadLimit(StorageOptions storage) => (storage.MaxUploadMB + 1) * MB;
}
