using PpidWorkflow.Web.Hosting;
using PpidWorkflow.Web.Tests.BadInput;
using PpidWorkflow.Web.Verbs;

namespace PpidWorkflow.Web.Tests.Verbs;

/// <summary>What is typed after a verb: understood whole, or nothing is done.</summary>
public sealed class VerbCallTests
{
    [Theory]
    [InlineData("--dryrun", "retain", "--dryrun")]
    [InlineData("--dry_run", "retain", "--dry_run", "--json")]
    [InlineData("--Retention", "retain", "--Retention=6")]
    [InlineData("--Retension:MailBodyMonths", "retain", "--Retension:MailBodyMonths=6")]
    [InlineData("--Storage:DataPath", "verify", "--Storage:DataPath", "data")]
    [InlineData("--dry-run", "verify", "--dry-run")]
    [InlineData("--yes", "retain", "--yes")]
    [InlineData("--quick", "bench", "chaos", "--quick")]
    [InlineData("--backup", "migrate", "--backup", "--yes")]
    [InlineData("--backup", "migrate", "--backup")]
    [InlineData("-n", "retain", "-n")]
    [InlineData("retain", "retain", "semua")]
    [InlineData("backup", "backup")]
    [InlineData("bench coffee", "bench", "coffee")]
    public void What_is_not_understood_is_refused_by_its_name_with_the_usage(string named, params string[] typed)
    {
        var refused = Assert.Throws<StartUpRefusedException>(() => Verb.Parse(typed));

        Assert.Contains(named, refused.Message.Split(Environment.NewLine)[0], StringComparison.Ordinal);
        Assert.Contains("retain [--dry-run] [--json]", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_is_not_repeated()
    {
        var refused = Assert.Throws<StartUpRefusedException>(() => Verb.Parse(["verify", "--Mial:Smtp:Password=rahasia"]));

        Assert.DoesNotContain("rahasia", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_operands_and_settings_are_told_apart()
    {
        var call = Verb.Parse(["copy-to", "PostgreSql", "--ConnectionStrings:Target=Host=a;Database=b", "--json", "--environment=Production", "--storage:datapath=x"]);

        Assert.Equal(["PostgreSql"], call.Operands);
        Assert.True(call.Json);
        Assert.Equal(["--ConnectionStrings:Target=Host=a;Database=b", "--environment=Production", "--storage:datapath=x"], call.Configuration);
        Assert.Equal("cadangan/a=b", Verb.Parse(["migrate", "--backup=cadangan/a=b"]).Options["--backup"]);
        Assert.Equal("-5", Verb.Parse(["bench", "chaos", "--seed", "-5"]).Options["--seed"]);
    }

    [Theory]
    [InlineData("bench", "cases", "--provider", "SqlServer")]
    [InlineData("bench", "step", "--provider", "SqlServer")]
    [InlineData("bench", "start", "--provider", "Oracle")]
    public async Task What_no_benchmark_runs_on_is_refused_with_a_sentence(params string[] typed)
    {
        var refused = await ServiceProcess.RunAsync(typed);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--provider harus Sqlite atau PostgreSql", refused.Error, StringComparison.Ordinal);
    }
}
