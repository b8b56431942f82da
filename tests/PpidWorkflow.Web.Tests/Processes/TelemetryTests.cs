using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>One documented case with a late step in a service that is watched in every way, and all that it told.</summary>
public sealed class WatchedService : IAsyncLifetime
{
    public const string Canary = "burungkenari";
    public const string Token = "token-pemantau-yang-cukup-panjang-0001";

    public RunningService Service { get; } = new();
    public OtlpReceiver Receiver { get; } = new();
    public string Number { get; private set; } = "";
    public string Page { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Service.Settings["Telemetry__OtlpEndpoint"] = Receiver.Address;
        Service.Settings["Telemetry__OtlpProtocol"] = "HttpProtobuf";
        Service.Settings["Telemetry__MetricsToken"] = Token;
        Service.Settings["Telemetry__FiguresSeconds"] = "1";
        Service.Settings["Telemetry__GuaranteesSeconds"] = "1";
        Service.Settings["Telemetry__LogFormat"] = "Json";
        Service.Settings["OTEL_METRIC_EXPORT_INTERVAL"] = "500";
        Service.Settings["OTEL_BSP_SCHEDULE_DELAY"] = "200";
        SopVariant.Use(Service, ("1", "PT1S"));
        await Service.StartAsync();
        using var client = new OfficeClient(Service);
        var walk = await new CaseWalk(client, $"188.44/{Canary}/2026", Canary).OpenAsync();
        Number = walk.Number;
        await RunningService.UntilAsync(async () => (await ScrapeAsync()).Contains("ppid_alarm_lateness_milliseconds_count", StringComparison.Ordinal), "a rung has fired");
        await client.GetAsync(OfficeClient.UnitHead, $"/api/v1/cases?q={Canary}");
        await walk.FinishAsync();
        // The alert's and the five other tasks' mails, and the one to each who was involved.
        await RunningService.UntilAsync(async () => (await ScrapeAsync()).Contains("template=\"documented\"", StringComparison.Ordinal), "the last mail has gone out");
        await RunningService.UntilAsync(
            () => Task.FromResult(Receiver.HasMetric("ppid.cases.documented") && Receiver.Spans.Any(s => s.Texts.Contains("ppid.mail.template=documented"))),
            "all is exported");
        // The gauges of the database are up to a second old.
        await RunningService.UntilAsync(async () => Regex.IsMatch(Page = await ScrapeAsync(), "^ppid_outbox_mails\\{[^}]*\"pending\"[^}]*\\} 0", RegexOptions.Multiline)
                && Regex.IsMatch(Page, "^ppid_cases_open(\\{[^}]*\\})? 0", RegexOptions.Multiline), "nothing is open or pending");
    }

    public async Task<string> ScrapeAsync()
    {
        var (status, text) = await AskAsync($"Bearer {Token}");
        Assert.Equal(HttpStatusCode.OK, status);
        return text;
    }

    public async Task<(HttpStatusCode Status, string Text)> AskAsync(string? authorization)
    {
        using var http = new HttpClient();
        if (authorization is not null)
            http.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(authorization);
        using var answer = await http.GetAsync(new Uri(Service.Address!, "/metrics"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        Receiver.Dispose();
    }
}

/// <summary>Traces, metrics and the log of a service that is watched (issue 5): what they tell, and what they never do.</summary>
[Collection("Processes")]
public sealed partial class TelemetryTests(WatchedService watched) : IClassFixture<WatchedService>
{
    [Fact]
    public void A_request_its_commit_the_burst_and_the_mail_that_it_owes_are_one_trace()
    {
        var spans = watched.Receiver.Spans;
        var byId = spans.ToDictionary(s => s.Id);
        var sends = spans.Where(s => s.Name == "outbox send" && s.Texts.Contains("ppid.mail.template=task")).ToList();

        // A task mail with the opening, and one with each completion but the last.
        Assert.Equal(CaseWalk.Completions, sends.Count);
        Assert.All(sends, send =>
        {
            var way = new List<string>();
            for (var span = send; span is not null; span = byId.GetValueOrDefault(span.ParentId))
            {
                Assert.Equal(send.TraceId, span.TraceId);
                way.Add(span.Name);
            }
            Assert.Equal(["outbox send", "engine burst", "commit"], way[..3]);
            Assert.Contains(way[3], (string[])["POST /api/v1/cases/", "POST /api/v1/cases", "POST /api/v1/tasks/{id:guid}/complete"]);
            Assert.Equal(4, way.Count);
        });
        Assert.Contains(spans, s => s.Name == "engine burst" && s.Texts.Contains($"ppid.case.number={watched.Number}"));
        Assert.Contains(spans, s => s.Name == "commit" && s.Texts.Contains("ppid.step=5b") && s.Texts.Contains("ppid.commit.outcome=committed"));
    }

    [Fact]
    public void Steps_cases_mails_and_commits_are_counted_once()
    {
        foreach (var step in (string[])["1", "2", "3", "4", "5a", "5b"])
            Assert.Equal(1, Sum("ppid_steps_completed_total", $"step=\"{step}\""));
        Assert.Equal(1, Sum("ppid_steps_completed_total", "late=\"true\""));
        Assert.Equal(1, Sum("ppid_cases_opened_total"));
        Assert.Equal(1, Sum("ppid_cases_documented_total"));
        Assert.Equal(CaseWalk.Completions, Sum("ppid_mails_handled_total", "template=\"task\"", "outcome=\"sent\""));
        Assert.Equal(0, Sum("ppid_cases_open"));
        Assert.Equal(0, Sum("ppid_outbox_mails", "state=\"pending\""));
        Assert.Equal(0, Sum("ppid_outbox_oldest_pending_seconds"));
        Assert.Equal(1, Sum("ppid_figures_up"));
        Assert.True(Sum("ppid_commits_total", "outcome=\"committed\"") >= 1 + CaseWalk.Completions);
        Assert.True(Sum("ppid_alarm_lateness_milliseconds_count") >= 1);
    }

    [Fact]
    public async Task Every_guarantee_of_the_health_page_is_a_gauge()
    {
        using var http = new HttpClient { BaseAddress = watched.Service.Address };
        var health = JsonDocument.Parse(await http.GetStringAsync("/health/guarantees")).RootElement;

        foreach (var guarantee in health.GetProperty("guarantees").EnumerateArray())
            Assert.Equal(1, Sum("ppid_guarantee_healthy", $"guarantee=\"{guarantee.GetProperty("name").GetString()}\""));
    }

    [Fact]
    public void Nothing_that_an_officer_wrote_nor_an_address_leaves_with_spans_metrics_or_the_log()
    {
        var exported = watched.Receiver.AllText;
        Assert.Contains("ppid.guarantee.healthy", exported, StringComparison.Ordinal);
        Assert.Contains(watched.Number, exported, StringComparison.Ordinal);
        foreach (var told in (string[])[exported, watched.Page, watched.Service.Output])
        {
            Assert.DoesNotContain(WatchedService.Canary, told, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("@ppid.example", told, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(WatchedService.Token, told, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("127.0.0.1", exported, StringComparison.Ordinal);
        Assert.DoesNotContain("?q=", exported, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_is_one_object_a_line()
    {
        var lines = watched.Service.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var requests = 0;
        foreach (var line in lines)
        {
            var entry = JsonDocument.Parse(line).RootElement;
            Assert.True(entry.TryGetProperty("@t", out _) && entry.TryGetProperty("@m", out _), line);
            requests += entry.TryGetProperty("RequestPath", out _) ? 1 : 0;
        }
        Assert.True(requests > CaseWalk.Completions, $"{requests} of {lines.Length} lines tell of a request.");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer token-pemantau-yang-cukup-panjang-0002")]
    [InlineData("Basic token-pemantau-yang-cukup-panjang-0001")]
    public async Task The_page_is_nobodys_without_its_token(string? authorization)
    {
        var (status, text) = await watched.AskAsync(authorization);

        Assert.Equal((HttpStatusCode.Unauthorized, ""), (status, text));
    }

    [Fact]
    public void Every_query_of_the_dashboard_names_a_metric_of_the_page()
    {
        var samples = Sample().Matches(watched.Page).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(RunningService.RepositoryRoot, "docs", "grafana-dashboard.json"))).RootElement;
        var queries = dashboard.GetProperty("panels").EnumerateArray().Where(p => p.TryGetProperty("targets", out _))
            .SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!).ToList();

        Assert.True(queries.Count >= 15, $"{queries.Count} queries");
        foreach (var query in queries)
        {
            var names = NamesIn(query);
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.True(samples.Contains(name), $"'{name}' of '{query}' is not on /metrics."));
        }
    }

    // The unit is part of a metric's name (Prometheus' rule); a rate of it, or a count of its histogram, has lost it.
    [Fact]
    public void Every_panel_shows_its_metric_in_the_unit_of_its_name()
    {
        var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(RunningService.RepositoryRoot, "docs", "grafana-dashboard.json"))).RootElement;
        var seen = 0;
        foreach (var panel in dashboard.GetProperty("panels").EnumerateArray().Where(p => p.TryGetProperty("targets", out _)))
        {
            var unit = panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString();
            foreach (var query in panel.GetProperty("targets").EnumerateArray().Select(t => t.GetProperty("expr").GetString()!))
            {
                var expected = NamesIn(query)[0] switch
                {
                    var name when name.EndsWith("_seconds_bucket", StringComparison.Ordinal) || name.EndsWith("_seconds", StringComparison.Ordinal) => "s",
                    var name when name.EndsWith("_milliseconds_bucket", StringComparison.Ordinal) => "ms",
                    var name when name.EndsWith("_bytes", StringComparison.Ordinal) => "bytes",
                    _ when NamesIn(query) is [_] && query.Contains(" / ", StringComparison.Ordinal) => "percentunit",
                    _ => "short"
                };
                Assert.True(unit == expected, $"'{query}' is shown in {unit}, not in {expected}.");
                seen += expected == "short" ? 0 : 1;
            }
        }
        Assert.True(seen >= 8, $"{seen} panels with a unit");
    }

    [Fact]
    public void The_reader_of_queries_sees_metrics_and_nothing_else()
    {
        Assert.Equal(["a_bucket", "b_total"], NamesIn("histogram_quantile(0.99, sum by (le, job) (rate(a_bucket{x=\"y\"}[5m]))) / sum(b_total) > 1"));
        Assert.Equal(["c"], NamesIn("max without (instance) (c) or on (job) vector(0)"));
    }

    private double Sum(string metric, params string[] labels) => watched.Page.Split('\n')
        .Where(line => line.StartsWith($"{metric}{{", StringComparison.Ordinal) || line.StartsWith($"{metric} ", StringComparison.Ordinal))
        .Where(line => labels.All(label => line.Contains(label, StringComparison.Ordinal)))
        .Select(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var value, ..] && line.Contains('}', StringComparison.Ordinal)
            ? value : line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))
        .DefaultIfEmpty(double.NaN).Sum();

    // What is left of a query without labels, durations, groupings, functions and operators.
    private static List<string> NamesIn(string query)
    {
        var bare = Grouping().Replace(Selector().Replace(query, " "), " ");
        return [.. Word().Matches(bare).Select(m => m.Value).Where(w => w is not ("or" or "and" or "unless" or "bool" or "offset")).Distinct()];
    }

    [GeneratedRegex(@"^([a-zA-Z_:][\w:]*)[{ ]", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex Selector();

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\b[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex Word();
}
