using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PpidWorkflow.Application.Observability;
using PpidWorkflow.Application.TimeStandards;
using Serilog;
using Serilog.Formatting.Compact;

namespace PpidWorkflow.Web.Hosting;

/// <summary>Traces, metrics and the form of the log (configuration section <c>Telemetry</c>). Nothing of it is on by itself.</summary>
public sealed class TelemetryOptions
{
    public const string Grpc = "Grpc";
    public const string HttpProtobuf = "HttpProtobuf";
    public const string Text = "Text";
    public const string Json = "Json";

    /// <summary>A token that can be guessed would open the page to everybody.</summary>
    public const int ShortestToken = 32;

    /// <summary>Base address of an OTLP receiver; empty: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, and without that nothing is exported.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>Grpc or HttpProtobuf, with <see cref="OtlpEndpoint"/>.</summary>
    public string OtlpProtocol { get; set; } = Grpc;

    /// <summary>What a scraper of <c>/metrics</c> sends as bearer token; empty: there is no such page.</summary>
    public string MetricsToken { get; set; } = "";

    /// <summary>For how long one reading of the database serves all who ask, seconds.</summary>
    public int FiguresSeconds { get; set; } = 15;

    /// <summary>The same of the guarantees, seconds; they read more.</summary>
    public int GuaranteesSeconds { get; set; } = 60;

    /// <summary>Text or Json (one object a line, Serilog's compact format).</summary>
    public string LogFormat { get; set; } = Text;
}

/// <summary>
/// OpenTelemetry, where it is asked for. What leaves is a short list of attributes that are known to hold no words of an officer; everything
/// else that a library may add is dropped (design.md §2.7).
/// </summary>
public static class TelemetrySetup
{
    public const string MetricsPath = "/metrics";
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceNameVariable = "OTEL_SERVICE_NAME";

    private static readonly HashSet<string> AllowedAttributes = new(StringComparer.Ordinal)
    {
        "http.request.method", "http.route", "http.response.status_code", "url.scheme", "network.protocol.version", "error.type"
    };

    // Asked for by machines again and again, or open for hours: they would drown the rest.
    private static readonly string[] Untraced = [MetricsPath, "/health", "/board/events", "/elsa/hubs", Pages.Designer.StudioFiles.Root];

    public static IServiceCollection AddPpidTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        // As text: what cannot be read or used is refused by Settings, in a sentence, and must not end the start before it.
        var (endpoint, token) = (configuration["Telemetry:OtlpEndpoint"], configuration["Telemetry:MetricsToken"]);
        if (!string.IsNullOrEmpty(endpoint) && !IsAddress(endpoint))
            return services;
        var (exports, hasPage) = (!string.IsNullOrEmpty(endpoint) || IsAddress(configuration[EndpointVariable]), !string.IsNullOrEmpty(token));
        if (!exports && !hasPage)
            return services;
        void Send(OtlpExporterOptions exporter, string path) => Direct(exporter, endpoint, configuration["Telemetry:OtlpProtocol"], path);

        services.AddSingleton(sp =>
        {
            var telemetry = sp.GetRequiredService<IOptions<TelemetryOptions>>().Value;
            return new OfficeFigures(
                sp.GetRequiredService<IServiceScopeFactory>(), sp.GetRequiredService<TimeProvider>(), TimeSpan.FromSeconds(telemetry.FiguresSeconds),
                TimeSpan.FromSeconds(telemetry.GuaranteesSeconds), sp.GetRequiredService<ILogger<OfficeFigures>>());
        });
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource
            .AddService(
                configuration[ServiceNameVariable] ?? "PpidWorkflow",
                serviceVersion: typeof(TelemetrySetup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
                autoGenerateServiceInstanceId: false)
            .AddDetector(sp => new NodeName(sp.GetRequiredService<ServicePulse>()))
            // What the operator has set in OTEL_RESOURCE_ATTRIBUTES goes before.
            .AddEnvironmentVariableDetector());
        telemetry.WithMetrics(metrics =>
        {
            // The page adds the labels of its scope to every line; one meter's name says nothing.
            metrics.AddMeter(Metrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
            metrics.AddView(instrument => instrument.Meter.Name == "Microsoft.AspNetCore.Server.Kestrel"
                ? new MetricStreamConfiguration { TagKeys = ["network.transport", "error.type"] }
                : null);
            if (hasPage)
                metrics.AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
            if (exports)
                metrics.AddOtlpExporter(exporter => Send(exporter, "v1/metrics"));
        });
        if (exports)
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource(Traces.SourceName)
                .AddAspNetCoreInstrumentation(requests => requests.Filter = IsTraced)
                .AddProcessor(new AttributeFilter())
                .AddOtlpExporter(exporter => Send(exporter, "v1/traces")));
        }
        return services;
    }

    /// <summary>The page for Prometheus, where a token is set; before the log of requests, which scrapes would fill.</summary>
    public static void UsePpidMetricsPage(this WebApplication app)
    {
        // Made now: a gauge that nobody has made is in no export.
        var figures = app.Services.GetService<OfficeFigures>();
        var token = app.Services.GetRequiredService<IOptions<TelemetryOptions>>().Value.MetricsToken;
        if (figures is null || token.Length == 0)
            return;
        var expected = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        app.MapWhen(context => context.Request.Path.Equals(MetricsPath, StringComparison.Ordinal), page =>
        {
            page.Use((context, next) =>
            {
                if (context.Features.Get<IHttpMetricsTagsFeature>() is { } tags)
                    tags.MetricsDisabled = true;
                return AnswerAsync(context, next, expected, figures);
            });
            page.UseOpenTelemetryPrometheusScrapingEndpoint(_ => true);
        });
    }

    /// <summary>Standard output as the operator wants to read it.</summary>
    internal static LoggerConfiguration WriteToConsole(this LoggerConfiguration log, IConfiguration configuration, Serilog.Events.LogEventLevel? errorsFrom, string line) =>
        configuration["Telemetry:LogFormat"] == TelemetryOptions.Json
            ? log.WriteTo.Console(new RenderedCompactJsonFormatter(), standardErrorFromLevel: errorsFrom)
            : log.WriteTo.Console(standardErrorFromLevel: errorsFrom, formatProvider: CultureInfo.InvariantCulture, outputTemplate: line);

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next, byte[] expected, OfficeFigures figures)
    {
        var given = context.Request.Headers.Authorization.ToString();
        if (!HttpMethods.IsGet(context.Request.Method) || !given.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            || !CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given["Bearer ".Length..].Trim())), expected))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
            return;
        }
        // Read here, where waiting holds no thread; the exporter finds it fresh.
        await figures.RefreshAsync(context.RequestAborted);
        await next(context);
    }

    // Without a setting of its own everything comes from the standard variables.
    private static void Direct(OtlpExporterOptions exporter, string? endpoint, string? protocol, string path)
    {
        if (string.IsNullOrEmpty(endpoint))
            return;
        var isHttp = protocol == TelemetryOptions.HttpProtobuf;
        exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = new Uri(isHttp ? $"{endpoint.TrimEnd('/')}/{path}" : endpoint);
    }

    internal static bool IsAddress(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    private static bool IsTraced(HttpContext context) => !Array.Exists(Untraced, path => context.Request.Path.StartsWithSegments(path));

    /// <summary>Tells the nodes apart, by the name that each has in the database and in the record of its stop.</summary>
    private sealed class NodeName(ServicePulse pulse) : IResourceDetector
    {
        public Resource Detect() => new([KeyValuePair.Create<string, object>("service.instance.id", pulse.NodeId)]);
    }

    /// <summary>Takes from each span what is not known to be harmless: paths, queries, addresses, texts of exceptions.</summary>
    private sealed class AttributeFilter : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            var dropped = new List<string>();
            foreach (var (name, _) in data.EnumerateTagObjects())
            {
                if (!AllowedAttributes.Contains(name) && !name.StartsWith("ppid.", StringComparison.Ordinal))
                    dropped.Add(name);
            }
            dropped.ForEach(name => data.SetTag(name, null));
            if (data.StatusDescription is not null)
                data.SetStatus(data.Status);
        }
    }
}
