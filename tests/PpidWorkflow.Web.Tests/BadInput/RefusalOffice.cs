using System.Globalization;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Tests.BadInput;

/// <summary>An office with a case at every step, so that each refusal finds what it is about. Softcopies up to 1 MB.</summary>
public sealed class RefusalOffice : LiveOffice
{
    /// <summary>What rows call things: task1, rev1, case1 … task5b, rev5b, case5b; closed1, revClosed1; file; expired.</summary>
    public Dictionary<string, string> Names { get; } = new() { ["unknown"] = Guid.NewGuid().ToString(), ["canary"] = Canary };

    protected override IReadOnlyList<string> Settings => ["--Storage:MaxUploadMB=1"];

    protected override async Task PrepareAsync()
    {
        foreach (var label in (string[])["1", "2", "3", "4", "5a", "5b"])
        {
            var caseId = await OpenCaseAsync();
            var (taskId, revision) = await WalkToAsync(caseId, label);
            Names[$"case{label}"] = caseId.ToString();
            Names[$"task{label}"] = taskId.ToString();
            Names[$"rev{label}"] = revision.ToString(CultureInfo.InvariantCulture);
        }
        Names["determination"] = Inputs()["determinationNumber"]!.ToString()!;
        var registered = Inputs();
        registered["determinationNumber"] = "188.44/Terdaftar/2026";
        await PostAsync(InformationHead, "/api/v1/cases", registered);

        var walked = await GetAsync(UnitHead, $"/api/v1/cases/{Names["case3"]}");
        Names["closed1"] = walked["steps"]![0]!["taskId"]!.ToString();
        Names["revClosed1"] = (await GetAsync(UnitHead, $"/api/v1/tasks/{Names["closed1"]}"))["revision"]!.ToString();

        var other = await OpenCaseAsync();
        var (prepare, _) = await WalkToAsync(other, "2");
        Names["file"] = (await UploadAsync(InformationOfficer, prepare, $"{Canary}.pdf", $"isi {Canary}"))["id"]!.ToString();

        using (var first = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/tasks/{Names["task1"]}/comments"))
        {
            first.Headers.Authorization = new("Bearer", await TokenAsync(InformationHead));
            first.Headers.Add("Idempotency-Key", "kunci-1");
            first.Content = JsonContent.Create(new { text = $"Catatan {Canary}" });
            using var answer = await Http.SendAsync(first);
            answer.EnsureSuccessStatusCode();
        }
        Names["expired"] = await AskAsync(async services =>
        {
            var officer = await services.GetRequiredService<PpidDbContext>().Users.AsNoTracking()
                .SingleAsync(o => o.UserName == InformationHead);
            var yesterday = new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(-1));
            return new AccessTokens(services.GetRequiredService<IOptionsMonitor<BearerTokenOptions>>(), yesterday)
                .Issue(officer).AccessToken;
        });
        foreach (var user in (string[])[InformationOfficer, DocumentationHead, DocumentationOfficer, UnitHead, "auditor", "admin",
            "pengelola.sop"])
            await TokenAsync(user);
    }
}
