namespace PpidWorkflow.Web.Security;

/// <summary>
/// Response headers that keep a browser on this host; pages that others wrote (Hangfire, Scalar) get just what they need on top.
/// </summary>
public static class SecurityHeaders
{
    private const string Hangfire = "Hangfire";
    private const string Scalar = "Scalar";
    private const string Designer = "Designer";

    /// <summary>Short-cut keys of Elsa Studio 3.8.2's editor and of its list of instances, which its components write into the page.</summary>
    private static readonly string[] StudioScripts =
        ["snlP1jz0gjwc5cTz9ErZcliXuCK63+Mmf68RRCeptgc=", "vu6sQrKXQHR4Yn3FMMihA/9TxxfIXnCxKwvLrTPJ5ts="];

    public static IServiceCollection AddPpidSecurityHeaders(this IServiceCollection services)
    {
        services.AddSecurityHeaderPolicies()
            .SetDefaultPolicy(policy => Add(policy, inlineStyles: false, inlineScripts: false))
            .AddPolicy(Hangfire, policy => Add(policy, inlineStyles: true, inlineScripts: false))
            .AddPolicy(Scalar, policy => Add(policy, inlineStyles: true, inlineScripts: true))
            .AddPolicy(Designer, policy => Add(policy, inlineStyles: true, inlineScripts: false, webAssembly: true))
            .SetPolicySelector(context =>
                context.HttpContext.Request.Path.StartsWithSegments("/hangfire") ? context.ConfiguredPolicies[Hangfire]
                : context.HttpContext.Request.Path.StartsWithSegments("/scalar") ? context.ConfiguredPolicies[Scalar]
                : context.HttpContext.Request.Path.StartsWithSegments("/designer") ? context.ConfiguredPolicies[Designer]
                : context.SelectedPolicy);
        return services;
    }

    /// <param name="webAssembly">
    /// What Elsa Studio needs: WebAssembly, workers of its code editor, the one script written into the document (its map of modules), and the
    /// two that it writes itself.
    /// </param>
    private static void Add(HeaderPolicyCollection policy, bool inlineStyles, bool inlineScripts, bool webAssembly = false) => policy
        .AddContentTypeOptionsNoSniff()
        .AddFrameOptionsDeny()
        .AddReferrerPolicySameOrigin()
        .AddStrictTransportSecurityMaxAge()
        .AddCrossOriginOpenerPolicy(opener => opener.SameOrigin())
        .AddCrossOriginResourcePolicy(resource => resource.SameOrigin())
        .AddPermissionsPolicyWithDefaultSecureDirectives()
        .RemoveServerHeader()
        .AddContentSecurityPolicy(content =>
        {
            content.AddDefaultSrc().Self();
            var scripts = content.AddScriptSrc().Self();
            if (inlineScripts)
                scripts.UnsafeInline();
            if (webAssembly)
            {
                scripts.WasmUnsafeEval().WithNonce();
                foreach (var script in StudioScripts)
                    scripts.WithHash256(script);
                content.AddWorkerSrc().Self().Blob();
            }
            var styles = content.AddStyleSrc().Self();
            if (inlineStyles)
                styles.UnsafeInline();
            content.AddImgSrc().Self().Data();
            var fonts = content.AddFontSrc().Self();
            if (webAssembly)
                fonts.Data();
            content.AddConnectSrc().Self();
            content.AddObjectSrc().None();
            content.AddBaseUri().Self();
            content.AddFormAction().Self();
            content.AddFrameAncestors().None();
        });
}
