using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using PpidWorkflow.Web.Hosting;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Hosting;

/// <summary>The unit in docs/ against what it says of the service; a start under systemd itself is not part of the suites.</summary>
public sealed partial class SystemdUnitTests
{
    private static readonly string[] Known =
    [
        "Unit.Description", "Unit.Documentation", "Unit.Wants", "Unit.After", "Unit.StartLimitIntervalSec", "Unit.StartLimitBurst",
        "Service.Type", "Service.User", "Service.Group", "Service.ExecStart", "Service.WorkingDirectory", "Service.StateDirectory", "Service.StateDirectoryMode",
        "Service.UMask", "Service.Environment", "Service.EnvironmentFile", "Service.KillSignal", "Service.TimeoutStopSec", "Service.TimeoutStartSec",
        "Service.Restart", "Service.RestartSec", "Service.NoNewPrivileges", "Service.CapabilityBoundingSet", "Service.AmbientCapabilities",
        "Service.ProtectSystem", "Service.ReadWritePaths", "Service.ProtectHome", "Service.PrivateTmp", "Service.PrivateDevices", "Service.ProtectClock",
        "Service.ProtectControlGroups", "Service.ProtectHostname", "Service.ProtectKernelLogs", "Service.ProtectKernelModules",
        "Service.ProtectKernelTunables", "Service.ProtectProc", "Service.RestrictAddressFamilies", "Service.RestrictNamespaces", "Service.RestrictRealtime",
        "Service.RestrictSUIDSGID", "Service.LockPersonality", "Service.RemoveIPC", "Service.SystemCallArchitectures", "Service.SystemCallFilter",
        "Service.SystemCallErrorNumber", "Install.WantedBy"
    ];

    private static readonly ILookup<string, string> Unit = Read();

    [Fact]
    public void It_holds_keys_that_systemd_knows_in_the_sections_where_it_looks_for_them() =>
        Assert.Empty(Unit.Select(setting => setting.Key).Except(Known));

    [Fact]
    public void It_starts_the_published_file_and_waits_for_the_word_that_the_service_gives()
    {
        Assert.Equal($"/usr/bin/dotnet /opt/ppid-workflow/{typeof(ServiceHost).Assembly.GetName().Name}.dll", One("Service.ExecStart"));
        Assert.Equal("notify", One("Service.Type"));
        Assert.Contains(typeof(ServiceHost).Assembly.GetReferencedAssemblies(), a => a.Name == "Microsoft.Extensions.Hosting.Systemd");
    }

    [Fact]
    public void Its_documentation_is_published_with_the_service()
    {
        var project = File.ReadAllText(Path.Combine(RunningService.RepositoryRoot, "src", "PpidWorkflow.Web", "PpidWorkflow.Web.csproj"));

        Assert.Equal("file:///opt/ppid-workflow/docs/operation.md", One("Unit.Documentation"));
        Assert.True(File.Exists(Path.Combine(RunningService.RepositoryRoot, "docs", "operation.md")));
        Assert.Contains("""Include="../../docs/*.md" Link="docs/%(Filename)%(Extension)" CopyToPublishDirectory="PreserveNewest" """.Trim(), project, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_that_is_filtered_is_answered_and_the_runtimes_own_are_not()
    {
        Assert.Equal("EPERM", One("Service.SystemCallErrorNumber"));
        Assert.DoesNotContain(Unit["Service.SystemCallFilter"], filter => filter.StartsWith('~') && filter.Contains("@resources", StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_settling_is_not_cut_off_and_wrong_settings_do_not_start_for_ever()
    {
        Assert.Equal("infinity", One("Service.TimeoutStartSec"));
        // All attempts, with the seconds that a refused start itself takes, lie within the interval.
        Assert.True(Number("Unit.StartLimitBurst") * (Number("Service.RestartSec") + 10) < Number("Unit.StartLimitIntervalSec"));
        Assert.True(Number("Service.TimeoutStopSec") >= new ShutdownOptions().DrainSeconds + 20);
    }

    [Fact]
    public void Each_setting_that_it_passes_on_is_one_of_the_services_own()
    {
        foreach (var setting in Unit["Service.Environment"].Select(e => e.Split('=')[0]).Where(k => k.Contains("__", StringComparison.Ordinal)))
        {
            var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(setting.Replace("__", ":", StringComparison.Ordinal), "x")]).Build();
            Assert.True(SettingKeys.IsSection(setting.Split("__")[0]), setting);
            Assert.Empty(SettingKeys.Unknown(configuration));
        }
    }

    private static string One(string key) => Assert.Single(Unit[key]);

    private static int Number(string key) => int.Parse(One(key), CultureInfo.InvariantCulture);

    private static ILookup<string, string> Read()
    {
        var section = "";
        var settings = new List<(string Key, string Value)>();
        foreach (var line in File.ReadLines(Path.Combine(RunningService.RepositoryRoot, "docs", "ppid-workflow.service")).Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (Section().Match(line) is { Success: true } heading)
                section = heading.Groups[1].Value;
            else
                settings.Add(($"{section}.{line.Split('=', 2)[0]}", line.Split('=', 2)[1]));
        }
        return settings.ToLookup(s => s.Key, s => s.Value);
    }

    [GeneratedRegex(@"^\[(\w+)\]$")]
    private static partial Regex Section();
}
