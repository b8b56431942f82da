namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// A mail template cannot be found, parsed or rendered. The message names the template and the cure, never a value of the model.
/// </summary>
public sealed class MailTemplateException : Exception
{
    /// <summary>The machine was busy perhaps: later it may go well.</summary>
    public bool MayPass { get; init; }

    public MailTemplateException()
    {
    }

    public MailTemplateException(string message) : base(message)
    {
    }

    public MailTemplateException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
