namespace PpidWorkflow.Web.Pages;

/// <summary>Addresses of pages, in one place.</summary>
internal static class Addresses
{
    public const string Inbox = "/";

    public const string Board = "/board";

    public static string Task(Guid id) => $"/tasks/{id}";

    public static string Case(Guid id) => $"/cases/{id}";

    public static string File(Guid id) => $"/files/{id}";

    public static string Acknowledge(Guid alert) => $"/alerts/{alert}/acknowledge";

    public static string Revision(string definitionId, int version) => $"{Definition(definitionId)}/versions/{version}";

    public static string Migration(string definitionId) => $"{Definition(definitionId)}/migration";

    public static string Calendar(int year, int month) => $"/admin/calendar?year={year}&month={month}";

    public static string ClosedDay(Guid id) => $"/admin/calendar/days/{id}";

    public static string Regime(Guid id) => $"/admin/calendar/regimes/{id}";

    public static string Absence(Guid id) => $"/absences/{id}";

    public static string Officer(Guid id) => $"/admin/officers/{id}";

    public const string DesignerList = "/designer";

    /// <summary>The editor of a definition in Elsa Studio.</summary>
    public static string Designer(string definitionId) => $"/designer/{Uri.EscapeDataString(definitionId)}";

    /// <summary>An instance in Elsa Studio's viewer.</summary>
    public static string DesignerInstance(string id) => $"/designer/instances/{Uri.EscapeDataString(id)}";

    /// <summary>Versions of a definition, and what becomes of a proposal.</summary>
    public static string Definition(string definitionId) => $"/definitions/{Uri.EscapeDataString(definitionId)}";

    /// <summary>The address if it stays in this service, else the inbox: a link must not lead elsewhere after sign-in.</summary>
    public static string Local(string? address) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && !address.Any(char.IsControl) ? address : Inbox;
}
