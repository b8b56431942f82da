using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary><c>kill -9</c> in the middle of an approval, and a date of effect that falls into an outage: one version in force, all told once.</summary>
[Collection("Processes")]
public sealed class RevisionKillTests : IAsyncLifetime
{
    private const string Sop = "pendokumentasian-informasi-dikecualikan";
    private const string Version2 = $"/api/v1/definitions/{Sop}/versions/2";
    private const string Manager = "pengelola.sop";
    private SmtpServerFixture _smtp = null!;
    private RunningService _service = null!;
    private OfficeClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _smtp = await SmtpServerFixture.StartAsync();
        _service = new RunningService();
        _service.SendMailTo(_smtp);
        _client = new OfficeClient(_service);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
        await _smtp.DisposeAsync();
    }

    [Theory]
    [InlineData("before-commit:1")]
    [InlineData("after-commit:1")]
    [InlineData("after-answer:1")]
    public async Task After_a_kill_in_the_approval_the_repeated_order_finds_one_version_in_force_and_one_mail_each(string point)
    {
        var hash = await ProposeAsync();
        await MailAsync(1);
        // Signed in beforehand: the one commit after the start is to be the approval's.
        Assert.Equal("proposed", await StateAsync());
        await _service.KillAsync();

        await _service.StartAsync(point);
        var approval = Task.Run(() => _client.PostAsync(OfficeClient.UnitHead, $"{Version2}/approve", new { contentHash = hash }, "sahkan"));
        await _service.WaitForCrashAsync([], TimeSpan.FromMinutes(1));
        await _service.StartAsync();
        Assert.Equal("inForce", (await approval).Require(HttpStatusCode.OK).Text("state"));
        var repeated = (await _client.PostAsync(OfficeClient.UnitHead, $"{Version2}/approve", new { contentHash = hash }, "sahkan")).Require(HttpStatusCode.OK);

        Assert.Equal("inForce", repeated.Text("state"));
        await AssertInForceAsync();
    }

    [Fact]
    public async Task A_date_of_effect_within_an_outage_takes_effect_at_the_next_start_and_one_ahead_takes_effect_by_itself()
    {
        var hash = await ProposeAsync();
        var at = DateTimeOffset.UtcNow.AddSeconds(4);
        var approved = (await _client.PostAsync(
            OfficeClient.UnitHead, $"{Version2}/approve", new { contentHash = hash, effectiveAt = at.ToString("O", CultureInfo.InvariantCulture) }))
            .Require(HttpStatusCode.OK);
        Assert.Equal("approved", approved.Text("state"));

        await RunningService.UntilAsync(async () => await StateAsync() == "inForce", "the revision is in force");
        var since = (await _client.GetAsync(OfficeClient.UnitHead, Version2)).Body.GetProperty("version").GetProperty("inForceSince").GetDateTimeOffset();
        Assert.InRange(since, at.AddMilliseconds(-1), at.AddSeconds(30));
        await AssertInForceAsync();
    }

    [Fact]
    public async Task What_fell_due_while_the_process_was_dead_is_in_force_when_it_serves_again()
    {
        var hash = await ProposeAsync();
        var at = DateTimeOffset.UtcNow.AddSeconds(3);
        (await _client.PostAsync(
            OfficeClient.UnitHead, $"{Version2}/approve", new { contentHash = hash, effectiveAt = at.ToString("O", CultureInfo.InvariantCulture) }))
            .Require(HttpStatusCode.OK);
        await _service.KillAsync();
        await RunningService.UntilAsync(() => Task.FromResult(DateTimeOffset.UtcNow > at), "the date of effect has passed");

        await _service.StartAsync();

        Assert.Equal("inForce", await StateAsync());
        await AssertInForceAsync();
    }

    private async Task<string> ProposeAsync()
    {
        await _service.StartAsync();
        var (exported, content) = await _service.RunVerbAsync("export", Sop);
        Assert.Equal(0, exported);
        var document = JsonNode.Parse(content)!;
        document["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.ToString() == "Step2")!["standardTime"]!["expression"]!["value"] = "PT20M";
        var file = Path.Combine(_service.Folder, "revisi.json");
        await File.WriteAllTextAsync(file, document.ToJsonString());
        var (imported, output) = await _service.RunVerbAsync("import", file, "--json");
        Assert.True(imported == 0, output);
        return (await _client.PostAsync(Manager, $"{Version2}/propose", new { reason = "Hasil evaluasi" })).Require(HttpStatusCode.OK).Text("contentHash");
    }

    private async Task<string> StateAsync() =>
        (await _client.GetAsync(OfficeClient.UnitHead, Version2)).Require(HttpStatusCode.OK).Body.GetProperty("version").GetProperty("state").GetString()!;

    private Task MailAsync(int most) =>
        RunningService.UntilAsync(async () => (await _smtp.MailsAsync()).Count >= most, "the mails have come", TimeSpan.FromMinutes(5));

    // Proposed: one approver. Approved: the manager. In force: the four officers of the SOP.
    private async Task AssertInForceAsync()
    {
        await MailAsync(6);
        var verified = await _service.VerifyAsync();
        Assert.True(verified.ExitCode == 0, verified.Output);
        var versions = (await _client.GetAsync(OfficeClient.UnitHead, $"/api/v1/definitions/{Sop}")).Body.GetProperty("versions").EnumerateArray();
        Assert.Equal(["inForce", "superseded"], versions.Select(v => v.GetProperty("state").GetString()));
        Assert.Equal(6, (await _smtp.MailsAsync()).Select(m => m.Parse().MessageId).Distinct().Count());
    }
}
