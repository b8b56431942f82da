using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Faults;

/// <summary>What an officer sees at the pages of a service in a process of its own, and the API beside it.</summary>
internal static partial class Browser
{
    /// <summary>The sentence of code <c>store-unavailable</c>, as an Indonesian officer reads it.</summary>
    public const string StoreSentence = "Penyimpanan sedang tidak tersedia. Tidak ada yang berubah; coba lagi sebentar lagi.";

    /// <summary>Heading of the page for 503.</summary>
    public const string UnavailableHeading = "Layanan sedang tidak tersedia";

    public static async Task<HttpClient> SignInAsync(RunningService node, string officer)
    {
        var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false })
        {
            BaseAddress = node.Address
        };
        var form = await browser.GetStringAsync("/sign-in");
        using var signedIn = await browser.PostAsync("/sign-in", Form(form, ("userName", officer), ("password", TestService.DemoPassword)));
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        return browser;
    }

    public static async Task<HttpClient> ApiAsync(RunningService node, string officer)
    {
        var client = new HttpClient { BaseAddress = node.Address, Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("id");
        using var answer = await client.PostAsJsonAsync("/api/v1/auth/token", new { userName = officer, password = TestService.DemoPassword });
        var token = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>All hidden fields of a page, and what was typed.</summary>
    public static FormUrlEncodedContent Form(string page, params (string Name, string Value)[] typed) => new(Fields(page, typed));

    /// <summary>The same as a form with files.</summary>
    public static MultipartFormDataContent FileForm(string page, string name, byte[] content, params (string Name, string Value)[] typed)
    {
        var form = new MultipartFormDataContent();
        foreach (var (field, value) in Fields(page, typed))
            form.Add(new StringContent(value), field);
        form.Add(new ByteArrayContent(content), "files", name);
        return form;
    }

    /// <summary>Asserts that this is a page of the office with status 503, and neither a bare failure nor a trace.</summary>
    public static async Task AssertUnavailablePageAsync(HttpResponseMessage answer)
    {
        var text = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}: {text}");
        Assert.True(
            text.Contains(UnavailableHeading, StringComparison.Ordinal) || text.Contains(StoreSentence, StringComparison.Ordinal), text);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    /// <summary>Asserts the problem <c>store-unavailable</c> with its sentence.</summary>
    public static void AssertUnavailable(Answer answer)
    {
        answer.Require(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("store-unavailable", answer.Text("code"));
        Assert.Equal(StoreSentence, answer.Text("detail"));
    }

    private static IEnumerable<KeyValuePair<string, string>> Fields(string page, (string Name, string Value)[] typed) =>
        Hidden().Matches(page).Select(m => KeyValuePair.Create(m.Groups["name"].Value, WebUtility.HtmlDecode(m.Groups["value"].Value)))
            .DistinctBy(f => f.Key).Where(f => typed.All(t => t.Name != f.Key))
            .Concat(typed.Select(t => KeyValuePair.Create(t.Name, t.Value)));

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*name=\"(?<name>[^\"]+)\"[^>]*value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Hidden();
}
