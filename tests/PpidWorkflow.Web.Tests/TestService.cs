using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Web.Security;
using Serilog;
using Serilog.Events;

namespace PpidWorkflow.Web.Tests;

/// <summary>The whole service in process, on a data folder of its own, with a clock that stands until it is moved.</summary>
public class TestService : WebApplicationFactory<Program>
{
    public const string DemoPassword = "Ppid-demo-2026";

    public TestService()
    {
        ClientOptions.AllowAutoRedirect = false;
        ClientOptions.HandleCookies = false;
    }

    private readonly ServiceLog _log = new();

    public string DataPath { get; } = Directory.CreateTempSubdirectory("ppid-web-").FullName;

    protected virtual string EnvironmentName => "Development";

    /// <summary>Whether the database is there already (<see cref="FirstStart"/>) when the service starts.</summary>
    protected virtual bool BeginsOnACopy => true;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 2, 2, 0, 0, TimeSpan.Zero));

    public async Task<HttpResponseMessage> AskTokenAsync(string userName, string password = DemoPassword)
    {
        using var client = CreateClient();
        return await client.PostAsJsonAsync("/api/v1/auth/token", new { userName, password });
    }

    /// <summary>A client of the API, signed in.</summary>
    public async Task<HttpClient> ApiClientAsync(string userName, string password = DemoPassword)
    {
        using var answer = await AskTokenAsync(userName, password);
        var token = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("accessToken").GetString());
        return client;
    }

    /// <summary>A browser with the page cookie of an officer.</summary>
    public async Task<HttpClient> BrowserAsync(string userName)
    {
        var officer = await OfDatabaseAsync(db => db.Users.SingleAsync(o => o.UserName == userName));
        var cookies = Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(Access.Pages);
        var ticket = new AuthenticationTicket(OfficerClaims.Ticket(officer, Access.Pages), Access.Pages);
        ticket.Properties.IssuedUtc = Time.GetUtcNow();
        ticket.Properties.ExpiresUtc = Time.GetUtcNow() + Access.Lifetime;
        var client = CreateClient();
        client.DefaultRequestHeaders.Add("Cookie", $"{cookies.Cookie.Name}={cookies.TicketDataFormat.Protect(ticket)}");
        return client;
    }

    public async Task<T> InScopeAsync<TService, T>(Func<TService, Task<T>> ask) where TService : notnull
    {
        await using var scope = Services.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public Task<T> OfDatabaseAsync<T>(Func<PpidDbContext, Task<T>> ask) => InScopeAsync(ask);

    /// <summary>
    /// Waits while the clock goes on, a tenth of a second at a time, as nothing that paces itself by it would ever come while it stands.
    /// </summary>
    /// <param name="awaited">What is to come.</param>
    /// <param name="patience">Real time.</param>
    public async Task<T> PassUntilAsync<T>(Task<T> awaited, TimeSpan patience)
    {
        await PassUntilAsync((Task)awaited, patience);
        return await awaited;
    }

    public async Task PassUntilAsync(Task awaited, TimeSpan patience)
    {
        await Processes.RunningService.UntilAsync(() =>
        {
            if (!awaited.IsCompleted)
                Time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(awaited.IsCompleted);
        }, "what was to come has come", patience);
        await awaited;
    }

    /// <summary>Officer and token of the newest link mailed with this template.</summary>
    public async Task<(Guid Officer, string Token, string Address)> LinkOfAsync(string template)
    {
        var row = await OfDatabaseAsync(db => db.Outbox.Where(m => m.Template == template).OrderByDescending(m => m.Id).FirstAsync());
        // Sent already: the link is in the mail and, being a secret, nowhere else any more.
        var url = JsonDocument.Parse(row.Model).RootElement.TryGetProperty("url", out var owed) ? owed.GetString()! : LinkOfMail(row.MessageId);
        var query = System.Web.HttpUtility.ParseQueryString(new Uri(url).Query);
        return (Guid.Parse(query["officer"]!), query["token"]!, row.ToAddress);
    }

    private string LinkOfMail(string messageId)
    {
        var mail = Directory.EnumerateFiles(Path.Combine(DataPath, "mail")).Select(file => MimeKit.MimeMessage.Load(file))
            .Single(m => m.MessageId == messageId);
        return mail.TextBody!.Split().Single(word => word.Contains("token=", StringComparison.Ordinal));
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        if (BeginsOnACopy && !File.Exists(Path.Combine(DataPath, "ppid.db")))
            FirstStart.CopyTo(DataPath);
        builder.UseEnvironment(EnvironmentName);
        builder.UseSetting("Storage:DataPath", DataPath);
        builder.UseSetting("Digest:Enabled", "false");
        // The clock leaps between two heartbeats here: no leap is an outage.
        builder.UseSetting("Outages:GapSeconds", "315360000");
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<TimeProvider>(Time);
            // Officers sign in thousands of times here, and nobody tries to break their passwords.
            services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = 1_000);
            services.AddSerilog(log => log.MinimumLevel.Override("Microsoft", LogEventLevel.Warning).MinimumLevel.Override("System", LogEventLevel.Warning)
                .MinimumLevel.Override("Hangfire", LogEventLevel.Warning).WriteTo.Sink(_log));
        });
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        if (Directory.Exists(DataPath))
            Directory.Delete(DataPath, recursive: true);
    }
}

/// <summary>The same as an office installs it: no demo officers.</summary>
public sealed class ProductionService : TestService
{
    protected override string EnvironmentName => "Production";

    protected override bool BeginsOnACopy => false;
}

internal static class Answers
{
    /// <summary>Asserts that an answer is a problem of RFC 9457 and returns its code.</summary>
    public static async Task<string> CodeAsync(this HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var code = problem.GetProperty("code").GetString()!;
        Assert.Equal($"/problems/{code}", problem.GetProperty("type").GetString());
        Assert.Equal((int)answer.StatusCode, problem.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty("title").GetString()));
        Assert.NotEqual(code, problem.GetProperty("detail").GetString());
        return code;
    }
}
