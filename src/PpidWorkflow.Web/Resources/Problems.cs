using System.Globalization;
using System.Resources;
using PpidWorkflow.Application;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Web.Pages;

[assembly: NeutralResourcesLanguage("id")]

namespace PpidWorkflow.Web.Resources;

/// <summary>
/// The sentences of refusals: one entry per code in <c>Problems.resx</c> (Indonesian) and <c>Problems.en.resx</c>, in the culture of the
/// request. Entries <c>status-NNN</c> are the titles of HTTP answers.
/// </summary>
public static class Problems
{
    private static readonly ResourceManager Resources = new("PpidWorkflow.Web.Resources.Problems", typeof(Problems).Assembly);

    public static string Sentence(Problem problem) => Sentence(problem.Code, [.. problem.Arguments]);

    /// <summary>The code itself where nobody has written a sentence: better a bare code than a page that fails.</summary>
    public static string Sentence(string code, params object[] arguments)
    {
        var text = Resources.GetString(code, CultureInfo.CurrentUICulture);
        if (text is null)
            return code;
        try
        {
            return string.Format(CultureInfo.CurrentCulture, text, [.. arguments.Select(Readable)]).Trim();
        }
        catch (FormatException)
        {
            return text;
        }
    }

    // Years and figures stay as they are; dates and hours are written as the office does.
    private static object Readable(object argument) => argument switch
    {
        DateOnly day => OfficeTime.Date(day, CultureInfo.CurrentUICulture),
        WorkingWindow window => Words.Window(window.ToString()),
        _ => argument
    };

    public static string Title(int status) =>
        Resources.GetString($"status-{status}", CultureInfo.CurrentUICulture) ?? Sentence("unexpected");
}
