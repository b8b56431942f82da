using Microsoft.Data.Sqlite;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>A service that was killed and stayed away: the time is given back, and the alarms come once (issue 4).</summary>
[Collection("Processes")]
public sealed class OutageProcessTests
{
    [Fact]
    public async Task What_a_killed_service_was_away_is_credited_at_its_next_start_before_any_alarm()
    {
        await using var smtp = await SmtpServerFixture.StartAsync();
        await using var service = new RunningService();
        using var client = new OfficeClient(service);
        service.SendMailTo(smtp);
        service.Settings["Outages__BeatSeconds"] = "1";
        // Far above what a busy machine delays a beat by, below the time that the service stays away here.
        service.Settings["Outages__GapSeconds"] = "12";
        // The ladder of step 2 begins at 16 seconds: all of it falls into the outage.
        SopVariant.Use(service, ("2", "PT20S"));
        await service.StartAsync();
        var walk = await new CaseWalk(client, "188.44/1/2026").OpenAsync();
        await walk.WalkToAsync("2");
        await service.KillAsync();
        var killed = DateTimeOffset.UtcNow;
        var due = Instant(service, "SELECT MAX(DueAt) FROM StepClocks");
        await RunningService.UntilAsync(() => Task.FromResult(DateTimeOffset.UtcNow > due.AddSeconds(1)), "the standard would have passed");

        await service.StartAsync();

        var row = Row(service, "SELECT \"From\", \"To\", Kind, (SELECT COUNT(*) FROM Outages) FROM Outages");
        Assert.Equal(("Service", 1L), ((string)row[2], (long)row[3]));
        var (from, to) = (Utc(row[0]), Utc(row[1]));
        Assert.InRange(from, killed.AddSeconds(-12), killed);
        Assert.True(to > due, $"{to:O} is not after {due:O}");
        var credit = Row(service, "SELECT CreditedMs, DueAt FROM StepClocks WHERE State = 'Running'");
        Assert.InRange((long)credit[0], (long)(to - killed).TotalMilliseconds - 1000, (long)(to - from).TotalMilliseconds);
        Assert.Equal(due.AddMilliseconds((long)credit[0]), Utc(credit[1]));
        Assert.DoesNotContain(await CaseMail.AtAsync(smtp), m => m.Kind is "warning" or "overdue" or "escalation");

        await RunningService.UntilAsync(
            async () => (await CaseMail.AtAsync(smtp)).Count(m => m.Kind is "warning" or "overdue" or "escalation") >= 3, "the ladder has gone out");
        var alerts = (await CaseMail.AtAsync(smtp)).Where(m => m.Kind is "warning" or "overdue" or "escalation").OrderBy(m => m.At).ToList();
        Assert.Equal(["warning", "overdue", "escalation"], alerts.Select(a => a.Kind));
        Assert.True(alerts[1].At >= Utc(credit[1]).AddSeconds(-1), "overdue before the credited instant");
        var steps = (await client.CaseAsync(walk.Id)).GetProperty("steps").EnumerateArray().ToList();
        var step = steps.Single(s => s.GetProperty("step").GetProperty("number").GetString() == "2");
        Assert.Equal("service", step.GetProperty("credits")[0].GetProperty("kind").GetString());
        var verified = await service.VerifyAsync();
        Assert.True(verified.ExitCode == 0, verified.Output);
    }

    private static DateTimeOffset Instant(RunningService service, string sql) => Utc(Row(service, sql)[0]);

    private static DateTimeOffset Utc(object stored) =>
        new(DateTime.SpecifyKind(DateTime.Parse((string)stored, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc));

    private static object[] Row(RunningService service, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={service.DatabasePath};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        var row = new object[reader.FieldCount];
        reader.GetValues(row);
        return row;
    }
}
