namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>A service that was away.</summary>
[Collection("Processes")]
public sealed class RestartTests
{
    [Fact]
    public async Task After_an_outage_longer_than_the_ladder_every_due_rung_fires_once_and_at_once()
    {
        await using var smtp = await SmtpServerFixture.StartAsync();
        await using var service = new RunningService();
        using var client = new OfficeClient(service);
        service.SendMailTo(smtp);
        SopVariant.Use(service, ("2", "PT4S"));
        await service.StartAsync();
        var walk = await new CaseWalk(client, "188.44/1/2026").OpenAsync();
        var left = await walk.WalkToAsync("2");
        await service.KillAsync();
        var outageEnds = left.GetProperty("receivedAt").GetDateTimeOffset().AddSeconds(2 * 4 + 0.5);
        await RunningService.UntilAsync(() => Task.FromResult(DateTimeOffset.UtcNow > outageEnds), "the last rung is due");
        Assert.DoesNotContain(await CaseMail.AtAsync(smtp), m => m.Kind != "task");

        await service.StartAsync();
        var ready = DateTimeOffset.UtcNow;
        await RunningService.UntilAsync(async () => (await CaseMail.AtAsync(smtp)).Count(m => m.Kind != "task") >= 3, "three alerts have come");

        var alerts = (await CaseMail.AtAsync(smtp)).Where(m => m.Kind != "task").ToList();
        // Well before the minutely sweep, on a busy machine as well.
        Assert.All(alerts, a => Assert.True(a.At < ready.AddSeconds(30), $"{a.Kind} came at {a.At:O}, ready at {ready:O}"));
        await service.KillAsync();
        await service.StartAsync();
        await walk.FinishAsync();
        await RunningService.UntilAsync(async () => (await CaseMail.AtAsync(smtp)).Any(m => m.Kind == "documented"), "the case is reported as documented");

        alerts = [.. (await CaseMail.AtAsync(smtp)).Where(m => m.Kind is "warning" or "overdue" or "escalation")];
        Assert.Equal(
            [
                ("escalation", "kepala.biro@ppid.example"), ("overdue", "kasubid.informasi@ppid.example"), ("warning", "petugas.informasi@ppid.example")
            ],
            alerts.Select(a => (a.Kind, a.To)).OrderBy(a => a.Kind, StringComparer.Ordinal));
        var verified = await service.VerifyAsync();
        Assert.True(verified.ExitCode == 0, verified.Output);
        Assert.Equal(3, verified.Checked["fires-have-mails"]);
    }
}
