using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Web.Security;

/// <summary>
/// Who gets in: pages by cookie only, the API by bearer token only, so that no request of a browser that merely carries a cookie can change
/// anything through the API. Roles are policies of the same name.
/// </summary>
public static class Access
{
    /// <summary>Cookie scheme of pages; the default.</summary>
    public const string Pages = "Ppid.Pages";

    /// <summary>Bearer scheme of the API, and the policy that asks for it.</summary>
    public const string Api = "Ppid.Api";

    /// <summary>
    /// Bearer scheme of Elsa Studio, for a few minutes at a time, and the policy of its API and hub. The API's own tokens work there too.
    /// </summary>
    public const string Studio = "Ppid.Studio";

    /// <summary>Policy of the designer's page: <see cref="StudioRoles"/>, signed in to the pages.</summary>
    public const string Designer = "Ppid.Designer";

    /// <summary>Who may look into definitions and instances in Studio; only <see cref="Roles.SopManager"/> may change anything.</summary>
    public static readonly string[] StudioRoles = [Roles.SopManager, Roles.UnitPpidHead, Roles.Auditor, Roles.Admin];

    /// <summary>How long Studio's token lasts; the page renews it while the sign-in lasts.</summary>
    public static readonly TimeSpan StudioLifetime = TimeSpan.FromMinutes(10);

    /// <summary>Where who is not signed in is sent.</summary>
    public const string SignInPath = "/sign-in";

    /// <summary>How long a token or an idle page session lasts: a working day.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    public static IServiceCollection AddPpidAccess(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("PpidWorkflow");
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<StorageOptions>, ILoggerFactory>((keys, storage, loggers) =>
            keys.XmlRepository = new KeyFiles(new DirectoryInfo(Path.Combine(storage.Value.DataPath, "keys")), loggers.CreateLogger<KeyFiles>()));

        services.AddHttpContextAccessor();
        services.AddScoped<CurrentActor>();
        services.AddScoped<IClaimsTransformation, OfficerClaims>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, SignInAnew>();
        services.AddScoped<SignInDesk>();
        services.AddScoped<AccessTokens>();
        services.AddSingleton<IMailLinkSeal, MailLinkSeal>();
        services.AddSingleton<SignInLimiter>();
        services.AddCascadingAuthenticationState();

        services.AddAuthentication(Pages).AddBearerToken(Api).AddBearerToken(Studio, options => options.Events = new BearerTokenEvents
        {
            // A browser cannot set headers on a WebSocket: the hub's token comes in the query (Elsa contract), only there.
            OnMessageReceived = context =>
            {
                if (context.Request.Path.StartsWithSegments("/elsa/hubs") && context.Request.Query["access_token"] is [{ Length: > 0 } token])
                    context.Token = token;
                return Task.CompletedTask;
            }
        }).AddCookie(Pages, options =>
        {
            options.Cookie.Name = "ppid";
            options.Cookie.HttpOnly = true;
            // Lax: links in mails must find their reader signed in. Changes are protected by antiforgery tokens.
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.ExpireTimeSpan = Lifetime;
            options.SlidingExpiration = true;
            options.LoginPath = SignInPath;
            options.ReturnUrlParameter = "returnUrl";
            options.Events = new CookieAuthenticationEvents
            {
                OnRedirectToAccessDenied = context =>
                {
                    context.Response.StatusCode = StatusCodes.Status403Forbidden;
                    return Task.CompletedTask;
                }
            };
        });

        var authorization = services.AddAuthorizationBuilder()
            .AddPolicy(Api, policy => policy.AddAuthenticationSchemes(Api).RequireAuthenticatedUser())
            .AddPolicy(Designer, policy => policy.RequireRole(StudioRoles))
            .AddPolicy(Studio, policy => policy.AddAuthenticationSchemes(Studio, Api).RequireRole(StudioRoles));
        foreach (var role in (string[])[Roles.InformationHead, Roles.InformationOfficer, Roles.DocumentationHead,
            Roles.DocumentationOfficer,
            Roles.UnitPpidHead, Roles.SopManager, Roles.Auditor, Roles.Admin])
            authorization.AddPolicy(role, policy => policy.RequireRole(role));

        services.Configure<DataProtectionTokenProviderOptions>(options => options.TokenLifespan = AccountMail.LinkLifetime);
        new IdentityBuilder(typeof(Officer), services).AddTokenProvider<DataProtectorTokenProvider<Officer>>(TokenOptions.DefaultProvider);
        services.AddAntiforgery(options => options.Cookie.Name = "ppid-form");
        return services;
    }
}
