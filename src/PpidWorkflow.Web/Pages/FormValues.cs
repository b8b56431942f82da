using System.Globalization;

namespace PpidWorkflow.Web.Pages;

/// <summary>Reads what a form sent: blank is null, as the application expects of a field left empty.</summary>
internal static class FormValues
{
    public static string? Text(this IFormCollection form, string name)
    {
        var value = form[name].ToString().Trim();
        return value.Length == 0 ? null : value;
    }

    public static int? Integer(this IFormCollection form, string name) =>
        int.TryParse(form[name], NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>What a date field sends; null for what is no day.</summary>
    public static DateOnly? Day(this IFormCollection form, string name) =>
        DateOnly.TryParseExact(form[name], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    public static Guid? Id(this IFormCollection form, string name) => Guid.TryParse(form[name], out var value) ? value : null;
}
