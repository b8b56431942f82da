using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Localization;
using PpidWorkflow.Application;
using PpidWorkflow.Application.People;
using PpidWorkflow.Web.Resources;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Pages;

/// <summary>
/// What all pages share. A page loads, shows, binds, calls one method of the application, says what happened and redirects; a refused
/// request shows the page again with the problems and all that was sent.
/// </summary>
public abstract class OfficePage : LoadingComponent
{
    private Actor? _actor;

    [CascadingParameter] public HttpContext Http { get; set; } = default!;
    [Inject] public IStringLocalizer<Text> T { get; set; } = default!;
    [Inject] public Words Words { get; set; } = default!;
    [Inject] public Flash Flash { get; set; } = default!;
    [Inject] public NavigationManager Navigation { get; set; } = default!;
    [Inject] public CurrentActor Current { get; set; } = default!;

    /// <summary>Who reads the page. Only for pages that want a sign-in.</summary>
    protected Actor Actor => _actor ?? throw new InvalidOperationException("Nobody is signed in; this page lacks its [Authorize].");

    /// <summary>Why the request was refused; empty at first.</summary>
    protected IReadOnlyList<Problem> Problems { get; set; } = [];

    /// <summary>The form as sent; empty for a GET.</summary>
    protected IFormCollection Sent => Http.Request.HasFormContentType ? Http.Request.Form : FormCollection.Empty;

    protected bool IsPost => HttpMethods.IsPost(Http.Request.Method);

    protected CancellationToken Cancellation => Http.RequestAborted;

    /// <summary>The value to show in a field: what was sent and refused, else what is stored.</summary>
    protected string? Kept(string name, string? stored = null) => Sent.ContainsKey(name) ? Sent[name].ToString() : stored;

    /// <summary>Says what was done on the next page and goes there (POST, redirect, GET).</summary>
    protected void Done(string address, string sentence, params object[] arguments)
    {
        Flash.Say(sentence, arguments);
        Navigation.NavigateTo(address);
    }

    /// <inheritdoc/>
    protected override async Task PrepareAsync() => _actor = await Current.FindAsync();

    /// <summary>Turns the answer into 404, 403 ...; what is shown then is the page's to decide.</summary>
    protected void Refuse(IReadOnlyList<Problem> problems)
    {
        Problems = problems;
        AnswerWith(problems[0].Kind switch
        {
            ProblemKind.NotFound => StatusCodes.Status404NotFound,
            ProblemKind.Forbidden => StatusCodes.Status403Forbidden,
            ProblemKind.Conflict => StatusCodes.Status409Conflict,
            ProblemKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
            ProblemKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
            ProblemKind.Malformed => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status422UnprocessableEntity
        });
    }

    /// <summary>
    /// The page itself tells what the status means: the general page for it must not take its place. Not so for 404, which Blazor leaves to
    /// the general page whatever the component renders.
    /// </summary>
    protected void AnswerWith(int status)
    {
        Http.Response.StatusCode = status;
        if (status != StatusCodes.Status404NotFound && Http.Features.Get<IStatusCodePagesFeature>() is { } general)
            general.Enabled = false;
    }
}
