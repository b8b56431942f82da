using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace PpidWorkflow.Web.Pages;

/// <summary>
/// One sentence carried over a redirect: what has been done. In a protected cookie that the next page takes away; it holds a key of
/// <c>Text.resx</c> and its values, never a title or file name.
/// </summary>
public sealed class Flash(IHttpContextAccessor accessor, IDataProtectionProvider protection)
{
    private const string Cookie = "ppid-said";
    private readonly IDataProtector _protector = protection.CreateProtector("PpidWorkflow.Web.Pages.Flash");

    public void Say(string sentence, params object[] arguments)
    {
        var said = JsonSerializer.Serialize(new Said(sentence, [.. arguments.Select(argument => argument.ToString() ?? "")]));
        Context.Response.Cookies.Append(Cookie, _protector.Protect(said), Options());
    }

    /// <summary>What was said, once; null for nothing, or for a cookie that is not ours.</summary>
    public Said? Take()
    {
        if (!Context.Request.Cookies.TryGetValue(Cookie, out var value) || Context.Response.HasStarted)
            return null;
        Context.Response.Cookies.Delete(Cookie, Options());
        try
        {
            return JsonSerializer.Deserialize<Said>(_protector.Unprotect(value));
        }
        catch (Exception failure) when (failure is System.Security.Cryptography.CryptographicException or JsonException)
        {
            return null;
        }
    }

    private HttpContext Context => accessor.HttpContext ?? throw new InvalidOperationException("Flash is for requests only.");

    private CookieOptions Options() => new()
    {
        HttpOnly = true,
        IsEssential = true,
        SameSite = SameSiteMode.Lax,
        Secure = Context.Request.IsHttps,
        MaxAge = TimeSpan.FromMinutes(2)
    };

    public sealed record Said(string Sentence, string[] Arguments);
}
