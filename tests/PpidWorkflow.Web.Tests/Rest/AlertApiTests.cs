using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Jobs;

namespace PpidWorkflow.Web.Tests.Rest;

/// <summary>Alerts over HTTP. Monday 2 March 2026, 09.00 WIB.</summary>
public sealed class AlertApiTests
{
    [Fact]
    public async Task A_banner_is_listed_acknowledged_once_and_nobody_elses()
    {
        await using var service = new TestService();
        using var head = await service.ApiClientAsync("kasubid.informasi");
        using var other = await service.ApiClientAsync("petugas.informasi");
        using var opened = await head.PostAsJsonAsync("/api/v1/cases", new
        {
            title = "Laporan rahasia",
            exemptionBasis = "j",
            determinationNumber = "188.44/1/2026",
            determinationDate = "2026-02-02"
        });
        var number = (await opened.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetString();
        await service.OfDatabaseAsync(db => db.StepClocks.ExecuteUpdateAsync(c =>
            c.SetProperty(x => x.Escalation, """[{"percent":80,"to":["assignee"],"action":3}]""")));

        service.Time.Advance(TimeSpan.FromMinutes(4));
        await AlarmProcess.FireDueAsync(service.Services.GetRequiredService<IServiceScopeFactory>(), CancellationToken.None);

        var alert = Assert.Single((await ListAsync(head)).EnumerateArray());
        Assert.Equal((number, "1"), (alert.GetProperty("caseNumber").GetString(), alert.GetProperty("step").GetProperty("number").GetString()));
        Assert.DoesNotContain("rahasia", alert.ToString(), StringComparison.Ordinal);
        Assert.Empty((await ListAsync(other)).EnumerateArray());
        var address = $"/api/v1/alerts/{alert.GetProperty("id").GetGuid()}/acknowledge";
        using var strange = await other.PostAsJsonAsync(address, new { });
        Assert.Equal((HttpStatusCode.NotFound, "alert-not-found"), (strange.StatusCode, await strange.CodeAsync()));

        using var first = await head.PostAsync(address, null);
        using var second = await head.PostAsJsonAsync(address, new { });

        var (one, two) = (await first.EnsureSuccessStatusCode().Content.ReadAsStringAsync(), await second.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        Assert.Equal(one, two);
        Assert.Contains("\"acknowledgedAt\":\"2026-03-02T02:04:00", one, StringComparison.Ordinal);
        Assert.Empty((await ListAsync(head)).EnumerateArray());
    }

    private static async Task<JsonElement> ListAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("/api/v1/alerts")).GetProperty("items");
}
