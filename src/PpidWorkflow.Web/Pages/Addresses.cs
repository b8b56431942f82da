namespace PpidWorkflow.Web.Pages;

/// <summary>Addresses of pages, in one place.</summary>
internal static class Addresses
{
    public const string Inbox = "/";

    public static string Task(Guid id) => $"/tasks/{id}";

    public static string Case(Guid id) => $"/cases/{id}";

    public static string File(Guid id) => $"/files/{id}";

    public static string Calendar(int year, int month) => $"/admin/calendar?year={year}&month={month}";

    public static string ClosedDay(Guid id) => $"/admin/calendar/days/{id}";

    public static string Regime(Guid id) => $"/admin/calendar/regimes/{id}";

    public static string Officer(Guid id) => $"/admin/officers/{id}";

    /// <summary>The address if it stays in this service, else the inbox: a link must not lead elsewhere after sign-in.</summary>
    public static string Local(string? address) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && !address.Any(char.IsControl) ? address : Inbox;
}
