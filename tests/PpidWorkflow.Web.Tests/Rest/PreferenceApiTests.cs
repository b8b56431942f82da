using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace PpidWorkflow.Web.Tests.Rest;

/// <summary>What officers choose for themselves, by the API and by the page.</summary>
public sealed class PreferenceApiTests(TestService service) : IClassFixture<TestService>
{
    private const string Path = "/api/v1/me/preferences";

    [Fact]
    public async Task Everybody_keeps_his_own_and_what_is_left_out_is_the_default()
    {
        using var officer = await service.ApiClientAsync("petugas.informasi");
        using var other = await service.ApiClientAsync("petugas.dokumentasi");
        var before = await officer.GetFromJsonAsync<JsonElement>(Path);
        Assert.True(before.GetProperty("digest").GetBoolean() && before.GetProperty("weekly").GetBoolean() && before.GetProperty("earlyWarnings").GetBoolean());
        Assert.Equal(("id", 0), (before.GetProperty("language").GetString(), before.GetProperty("revision").GetInt32()));

        using var put = await officer.PutAsJsonAsync(Path, new { digest = false, digestAt = "08:15", quietFrom = "18:00", quietUntil = "07:00", language = "en", revision = 0 });
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        var after = await officer.GetFromJsonAsync<JsonElement>(Path);
        Assert.Equal("08:15", after.GetProperty("digestAt").GetString());
        Assert.False(after.GetProperty("digest").GetBoolean());
        Assert.True(after.GetProperty("weekly").GetBoolean());
        Assert.Equal(0, (await other.GetFromJsonAsync<JsonElement>(Path)).GetProperty("revision").GetInt32());

        using var stale = await officer.PutAsJsonAsync(Path, new { revision = 0 });
        Assert.Equal((HttpStatusCode.Conflict, "stale-revision"), (stale.StatusCode, await stale.CodeAsync()));
    }

    [Theory]
    [InlineData("""{"digestAt":"7 o'clock"}""", "time-of-day-invalid")]
    [InlineData("""{"quietFrom":"18:00"}""", "quiet-hours-half")]
    [InlineData("""{"quietFrom":"18:00","quietUntil":"18:00"}""", "quiet-hours-empty")]
    [InlineData("""{"language":"fr"}""", "language-unknown")]
    [InlineData("""{"digest":"yes"}""", "wrong-type")]
    public async Task What_cannot_be_is_named(string body, string code)
    {
        using var officer = await service.ApiClientAsync("kasubid.dokumentasi");
        using var answer = await officer.PutAsync(Path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(code, await answer.CodeAsync());
    }

    [Fact]
    public async Task The_page_shows_what_is_stored_and_wants_a_sign_in()
    {
        using var nobody = service.CreateClient();
        using var refused = await nobody.GetAsync("/preferences");
        Assert.Equal(HttpStatusCode.Redirect, refused.StatusCode);
        using var officer = await service.ApiClientAsync("kepala.biro");
        using var put = await officer.PutAsJsonAsync(Path, new { quietFrom = "19:30", quietUntil = "06:30" });
        put.EnsureSuccessStatusCode();
        using var browser = await service.BrowserAsync("kepala.biro");

        var page = await browser.GetStringAsync("/preferences");

        Assert.Contains("value=\"19:30\"", page, StringComparison.Ordinal);
        Assert.Contains("value=\"06:30\"", page, StringComparison.Ordinal);
    }
}
