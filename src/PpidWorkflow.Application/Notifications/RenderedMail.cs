namespace PpidWorkflow.Application.Notifications;

/// <summary>A mail ready to be sent: subject on one line, the same message as plain text and as HTML.</summary>
public sealed record RenderedMail(string Subject, string Text, string Html);
