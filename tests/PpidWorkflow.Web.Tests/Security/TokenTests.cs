using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Web.Tests.Security;

/// <summary>One service for all: each test has an officer of its own where it changes one, and only asks how much time has passed.</summary>
public sealed class TokenTests(TestService service) : IClassFixture<TestService>
{
    [Fact]
    public async Task A_token_opens_the_API_for_eight_hours()
    {
        using var answer = await service.AskTokenAsync("kasubid.informasi");
        var token = await answer.Content.ReadFromJsonAsync<JsonElement>();
        using var client = await service.ApiClientAsync("kasubid.informasi");

        Assert.Equal(service.Time.GetUtcNow().AddHours(8), token.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/tasks")).StatusCode);
    }

    [Fact]
    public async Task A_token_ends_when_its_time_is_over()
    {
        using var client = await service.ApiClientAsync("auditor");

        service.Time.Advance(TimeSpan.FromHours(8) + TimeSpan.FromSeconds(1));

        Assert.Equal("unauthenticated", await (await client.GetAsync("/api/v1/tasks")).CodeAsync());
    }

    [Theory]
    [InlineData("kasubid.informasi", "wrong")]
    [InlineData("nobody", TestService.DemoPassword)]
    public async Task Wrong_name_and_wrong_password_are_told_alike(string userName, string password)
    {
        using var answer = await service.AskTokenAsync(userName, password);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("sign-in-failed", await answer.CodeAsync());
    }

    [Fact]
    public async Task Missing_credentials_are_named_one_by_one()
    {
        using var client = service.CreateClient();
        using var answer = await client.PostAsJsonAsync("/api/v1/auth/token", new { });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.Equal(["userName", "password"], errors.EnumerateObject().Select(e => e.Name));
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour()
    {
        for (var attempt = 1; attempt <= 5; attempt++)
            (await service.AskTokenAsync("petugas.informasi", "wrong")).Dispose();

        using var locked = await service.AskTokenAsync("petugas.informasi");
        service.Time.Advance(TimeSpan.FromMinutes(16));
        using var later = await service.AskTokenAsync("petugas.informasi");

        Assert.Equal(HttpStatusCode.Unauthorized, locked.StatusCode);
        Assert.Equal("locked-out", await locked.CodeAsync());
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
        Assert.True(await service.OfDatabaseAsync(db => db.AuditRecords.AnyAsync(r => r.Action == "officer-locked-out")));
    }

    [Fact]
    public async Task Guessing_on_is_refused_with_429()
    {
        for (var attempt = 1; attempt <= 15; attempt++)
            (await service.AskTokenAsync("tebakan", "guess")).Dispose();

        using var refused = await service.AskTokenAsync("tebakan", "guess");
        using var other = await service.AskTokenAsync("auditor");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("too-many-requests", await refused.CodeAsync());
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_changed_password_ends_the_tokens_given_before()
    {
        using var client = await service.ApiClientAsync("kasubid.dokumentasi");
        var officer = await service.OfDatabaseAsync(db => db.Users.SingleAsync(o => o.UserName == "kasubid.dokumentasi"));
        var actor = new Actor(officer.Id, officer.UserName!, officer.DisplayName, new HashSet<string>());

        var changed = await service.InScopeAsync((AccountDesk desk) =>
            desk.ChangePasswordAsync(actor, TestService.DemoPassword, "kata-sandi-baru-1"));

        Assert.True(changed.Succeeded);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/tasks")).StatusCode);
        using var again = await service.ApiClientAsync("kasubid.dokumentasi", "kata-sandi-baru-1");
        Assert.Equal(HttpStatusCode.OK, (await again.GetAsync("/api/v1/tasks")).StatusCode);
    }

    [Fact]
    public async Task The_page_cookie_does_not_open_the_API_nor_a_token_the_pages()
    {
        using var browser = await service.BrowserAsync("admin");
        using var client = await service.ApiClientAsync("admin");

        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/v1/tasks")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await client.GetAsync("/hangfire")).StatusCode);
    }

    [Theory]
    [InlineData("admin", HttpStatusCode.OK)]
    [InlineData("auditor", HttpStatusCode.Forbidden)]
    public async Task Hangfire_is_for_administrators(string userName, HttpStatusCode expected)
    {
        using var browser = await service.BrowserAsync(userName);

        Assert.Equal(expected, (await browser.GetAsync("/hangfire")).StatusCode);
    }
}
