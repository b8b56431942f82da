using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;
using NetEscapades.AspNetCore.SecurityHeaders;
using PpidWorkflow.Web.Resources;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Pages.Designer;

/// <summary>
/// <c>/designer</c>: Elsa Studio in a document of our own. Its addresses: the list of definitions, <c>/{definitionId}</c> the editor,
/// <c>/instances</c> and <c>/instances/{id}</c>. Beside the page: Studio's files, a token for Studio, and what the panel beside Studio shows.
/// </summary>
internal static class DesignerHosting
{
    public static void MapDesigner(this IEndpointRouteBuilder app)
    {
        app.MapMethods(StudioFiles.Root + "/{hash}/{**path}", [HttpMethods.Get, HttpMethods.Head], OpenFile).AllowAnonymous()
            .ExcludeFromDescription();

        var designer = app.MapGroup("/designer").RequireAuthorization(Access.Designer).ExcludeFromDescription();
        foreach (var address in (string[])["", "/{definitionId}", "/instances", "/instances/{id}"])
            designer.MapGet(address, ShowAsync);
        designer.MapPost("/token", IssueTokenAsync).DisableAntiforgery();
        designer.MapGet("/panel/{definitionId}", DesignerPanel.ReadAsync);
        designer.MapGet("/family/{id}", DesignerFamily.ReadAsync);

        designer.MapGet("/signed-in", (IStringLocalizer<Text> text) => Results.Content(
            $"<!DOCTYPE html><meta charset=\"utf-8\"><title>PPID</title><link rel=\"stylesheet\" href=\"/site.css\"><main class=\"page-body\"><p>{HtmlEncoder.Default.Encode(text["Designer.SignedIn"])}</p></main>", "text/html; charset=utf-8"));

        // Addresses that Studio itself makes, and what it asks for below the base address instead of its own folder.
        designer.MapGet("/workflows/definitions", () => Results.LocalRedirect("/designer"));
        designer.MapGet("/workflows/definitions/{definitionId}/edit", (string definitionId) => Results.LocalRedirect(Addresses.Designer(definitionId)));
        designer.MapGet("/workflows/instances", () => Results.LocalRedirect("/designer/instances"));
        designer.MapGet("/workflows/instances/{id}/view", (string id) => Results.LocalRedirect(Addresses.DesignerInstance(id)));
        designer.MapGet("/appsettings.json", () => Results.Json(new { }));
        designer.MapGet("/_content/{**path}", (string path, StudioFiles files) => ToFolder(files, "_content/" + path));
        designer.MapGet("/_framework/{**path}", (string path, StudioFiles files) => ToFolder(files, "_framework/" + path));
    }

    private static IResult OpenFile(string hash, string path, StudioFiles files, HttpContext http) =>
        files.Open(hash, path, http) ?? Results.NotFound();

    private static IResult ToFolder(StudioFiles files, string path) =>
        files.Address is { } address ? Results.LocalRedirect($"{address}/{path}") : Results.NotFound();

    private static async Task<IResult> ShowAsync(StudioFiles files, CurrentActor current, IAntiforgery antiforgery, HttpContext http)
    {
        var actor = await current.RequireAsync();
        return new RazorComponentResult<DesignerDocument>(new
        {
            Actor = actor,
            Studio = files.Address,
            Nonce = http.GetNonce(),
            FormToken = antiforgery.GetAndStoreTokens(http).RequestToken
        });
    }

    /// <summary>
    /// A token for Studio, a few minutes long. The form token belongs to the officer for whom the page was made: another one who signs in
    /// meanwhile does not go on with his work under another name.
    /// </summary>
    private static async Task<IResult> IssueTokenAsync(IAntiforgery antiforgery, AccessTokens tokens, HttpContext http)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
            return Results.Json(new { code = "other-officer" }, statusCode: StatusCodes.Status409Conflict);
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(tokens.IssueForStudio(http.User), JsonSerializerOptions.Web);
    }
}
