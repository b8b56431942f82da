using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc;
using PpidWorkflow.Application;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Web.Hosting;
using PpidWorkflow.Web.Pages.Board;
using PpidWorkflow.Web.Pages.Designer;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Pages;

/// <summary>Registers the pages and maps them, with the few addresses beside them that are no page: files, sign-out, language.</summary>
public static class PageHosting
{
    private static readonly TimeSpan LanguageKept = TimeSpan.FromDays(365);

    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddLocalization();
        services.AddHttpContextAccessor();
        services.AddRazorComponents();
        services.AddScoped<Words>();
        services.AddScoped<Flash>();
        services.AddScoped<LoadTurn>();
        services.AddSingleton<StudioFiles>();
        services.AddSingleton<BoardWatch>();
        return services;
    }

    public static WebApplication MapPages(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>();
        app.MapDesigner();
        app.MapBoardEvents();
        app.MapGet("/files/{id:guid}", OpenFileAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/definitions/{definitionId}/versions/{version:int}/export", ExportAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapPost("/alerts/{id:guid}/acknowledge", AcknowledgeAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapPost("/sign-out", SignOutAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/culture", ChooseLanguage).AllowAnonymous().ExcludeFromDescription();
        return app;
    }

    /// <summary>
    /// Lets browsers keep versioned files for good (the folders of <c>wwwroot/lib</c> carry the version) and keeps every page out of
    /// caches: pages show confidential matter, and phones are handed around.
    /// </summary>
    public static IApplicationBuilder UsePageCaching(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            if (context.Request.Path.StartsWithSegments("/lib") && context.Response.StatusCode is StatusCodes.Status200OK)
                headers.CacheControl = "public, max-age=31536000, immutable";
            else if (context.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true)
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(context);
    });

    /// <summary>
    /// A form without a valid token (signed in anew in another tab, mostly) is refused by Blazor with an empty page, which the status code
    /// pages pass over because its content type is set. The officer reads what to do instead.
    /// </summary>
    public static IApplicationBuilder UseRefusedForms(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        await next(context);
        if (context.Response is not { HasStarted: false, StatusCode: StatusCodes.Status400BadRequest }
            || !HttpMethods.IsPost(context.Request.Method))
            return;
        await using var scope = context.RequestServices.CreateAsyncScope();
        context.RequestServices = scope.ServiceProvider;
        context.Response.ContentLength = null;
        await new RazorComponentResult<FailureDocument>(new { Status = StatusCodes.Status400BadRequest })
        {
            StatusCode = StatusCodes.Status400BadRequest
        }.ExecuteAsync(context);
    });

    /// <summary>
    /// Reads a form before its token is looked for: where the disk has no room for the files in it, that is to be told, and not that the form was
    /// not from here.
    /// </summary>
    public static IApplicationBuilder UseFormsOnDisk(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (HttpMethods.IsPost(context.Request.Method) && context.Request.HasFormContentType)
        {
            try
            {
                await context.Request.ReadFormAsync(context.RequestAborted);
            }
            catch (Exception full) when (StoreFailures.Describe(full) is not null)
            {
                context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PageHosting))
                    .LogError("No room for the files of a form in the folder of temporary files ({Failure}, {Code})", full.GetType().Name, full.HResult);
                await new RazorComponentResult<FailureDocument>(new { Status = StatusCodes.Status503ServiceUnavailable })
                {
                    StatusCode = StatusCodes.Status503ServiceUnavailable
                }.ExecuteAsync(context);
                return;
            }
            catch (Exception broken) when (broken is IOException or InvalidDataException or OperationCanceledException)
            {
                // The form's own fault, or its sender has gone: whoever reads it next finds the same and answers for it.
            }
        }
        await next(context);
    });

    private static async Task<IResult> OpenFileAsync(Guid id, DossierVault vault, CurrentActor current, HttpContext http)
    {
        var opened = await vault.OpenAsync(await current.RequireAsync(), id, http.RequestAborted);
        if (!opened.Succeeded)
        {
            return Results.StatusCode(opened.Problems[0].Kind switch
            {
                ProblemKind.Forbidden => StatusCodes.Status403Forbidden,
                // It is there and cannot be read now, or not be logged: who is told "not found" takes it for lost.
                ProblemKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
                _ => StatusCodes.Status404NotFound
            });
        }
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        PatientAnswer.Use(http);
        var file = opened.Value;
        return Results.Stream(file.Content, file.ContentType, file.Name);
    }

    private static async Task<IResult> ExportAsync(
        string definitionId, int version, DefinitionLibrary library, CurrentActor current, CancellationToken cancellation)
    {
        if (!RevisionReader.MayRead(await current.RequireAsync()))
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        var exported = await library.ExportAsync(definitionId, version, cancellation);
        return exported.Succeeded
            ? Results.File(exported.Value, "application/json", $"{definitionId}-v{version}.json")
            : Results.StatusCode(StatusCodes.Status404NotFound);
    }

    // What is gone, or was never this officer's, needs no page of its own: the banner does not stand there any more.
    private static async Task<IResult> AcknowledgeAsync(
        Guid id, [FromForm] string? returnUrl, AlertDesk desk, CurrentActor current, Flash flash, CancellationToken cancellation)
    {
        var done = await desk.AcknowledgeAsync(id, await current.RequireAsync(), cancellation);
        if (done.Succeeded)
            flash.Say("Done.acknowledge", done.Value.CaseNumber, done.Value.Step.Label);
        else if (done.Problems[0].Kind == ProblemKind.Unavailable)
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        return Results.LocalRedirect(Addresses.Local(returnUrl));
    }

    private static async Task<IResult> SignOutAsync([FromForm] string? _, SignInDesk desk)
    {
        await desk.SignOutAsync();
        return Results.Redirect("/sign-in");
    }

    private static IResult ChooseLanguage([FromForm] string? culture, [FromForm] string? returnUrl, HttpContext http)
    {
        var language = culture == "en" ? "en" : "id";
        http.Response.Cookies.Append(
            CookieRequestCultureProvider.DefaultCookieName,
            CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(language)),
            new CookieOptions
            {
                IsEssential = true,
                HttpOnly = true,
                SameSite = SameSiteMode.Lax,
                Secure = http.Request.IsHttps,
                MaxAge = LanguageKept
            });
        return Results.LocalRedirect(Addresses.Local(returnUrl));
    }
}
