using System.Net;
using System.Text.RegularExpressions;

namespace PpidWorkflow.Web.Tests.Pages;

/// <summary>Sends a page's form as a browser does: with the page's antiforgery token and cookie.</summary>
internal static partial class PageForms
{
    public static async Task<HttpResponseMessage> PostFormAsync(this HttpClient browser, string address, Dictionary<string, string> fields)
    {
        using var page = await browser.GetAsync(address);
        var token = AntiforgeryToken().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value;
        fields["__RequestVerificationToken"] = WebUtility.HtmlDecode(token);
        fields["_handler"] = "page";
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(fields) };
        var cookies = browser.DefaultRequestHeaders.GetValues("Cookie").Concat(page.Headers.TryGetValues("Set-Cookie", out var set)
            ? set.Select(c => c.Split(';')[0]) : []);
        request.Headers.Add("Cookie", string.Join("; ", cookies));
        return await browser.SendAsync(request);
    }

    /// <summary>The page to which a form leads, with what it says of the act.</summary>
    public static async Task<string> FollowAsync(this HttpClient browser, HttpResponseMessage done)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, done.Headers.Location);
        request.Headers.Add("Cookie", string.Join("; ", browser.DefaultRequestHeaders.GetValues("Cookie").Concat(
            done.Headers.GetValues("Set-Cookie").Select(c => c.Split(';')[0]))));
        using var page = await browser.SendAsync(request);
        return WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
