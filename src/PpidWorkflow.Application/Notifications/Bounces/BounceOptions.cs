namespace PpidWorkflow.Application.Notifications.Bounces;

/// <summary>The mailbox to which bounces come back, that of <c>Mail:From</c> (configuration section <c>Mail:Bounces</c>). Without a host nothing is read.</summary>
public sealed class BounceOptions
{
    public string Host { get; set; } = "";
    public int Port { get; set; } = 993;

    /// <summary>None, StartTls or Tls.</summary>
    public string Security { get; set; } = "Tls";
    public string UserName { get; set; } = "";
    public string Password { get; set; } = "";

    /// <summary>Opened for reading only: nothing in it is moved, marked or deleted.</summary>
    public string Folder { get; set; } = "INBOX";

    /// <summary>Minutes between two looks, 1 to 59.</summary>
    public int Minutes { get; set; } = 5;

    public bool IsConfigured => !string.IsNullOrWhiteSpace(Host);
}
