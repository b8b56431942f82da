using Microsoft.Extensions.Options;
using MimeKit;

namespace PpidWorkflow.Application.Notifications;

internal enum SmtpSecurity
{
    None,
    StartTls,
    Tls
}

/// <summary>Refuses a start with mail settings that no mail could ever leave by; the messages name the key.</summary>
public sealed class MailOptionsValidation : IValidateOptions<MailOptions>
{
    public const string Pickup = "Pickup";
    public const string Smtp = "Smtp";

    public ValidateOptionsResult Validate(string? name, MailOptions options)
    {
        var wrong = new List<string>();
        if (!MailboxAddress.TryParse(options.From, out var from) || string.IsNullOrEmpty(from.Domain))
            wrong.Add("Mail:From harus satu alamat surel, misalnya 'PPID <ppid@kantor.go.id>'.");
        if (!IsSmtp(options) && !string.Equals(options.Delivery, Pickup, StringComparison.OrdinalIgnoreCase))
            wrong.Add("Mail:Delivery harus Pickup atau Smtp.");
        if (IsSmtp(options))
        {
            if (string.IsNullOrWhiteSpace(options.Smtp.Host))
                wrong.Add("Mail:Smtp:Host belum diisi.");
            if (options.Smtp.Port is < 1 or > 65535)
                wrong.Add("Mail:Smtp:Port harus 1 sampai 65535.");
            if (!Enum.TryParse<SmtpSecurity>(options.Smtp.Security, ignoreCase: true, out var security) || !Enum.IsDefined(security))
                wrong.Add("Mail:Smtp:Security harus None, StartTls, atau Tls.");
        }
        if (options.Bounces.IsConfigured)
        {
            if (options.Bounces.Port is < 1 or > 65535)
                wrong.Add("Mail:Bounces:Port harus 1 sampai 65535.");
            if (!Enum.TryParse<SmtpSecurity>(options.Bounces.Security, ignoreCase: true, out var tls) || !Enum.IsDefined(tls))
                wrong.Add("Mail:Bounces:Security harus None, StartTls, atau Tls.");
            if (string.IsNullOrWhiteSpace(options.Bounces.UserName))
                wrong.Add("Mail:Bounces:UserName belum diisi.");
            if (string.IsNullOrWhiteSpace(options.Bounces.Folder))
                wrong.Add("Mail:Bounces:Folder belum diisi.");
            if (options.Bounces.Minutes is < 1 or > 59)
                wrong.Add($"Mail:Bounces:Minutes harus 1 sampai 59, bukan {options.Bounces.Minutes}.");
        }
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    public static bool IsSmtp(MailOptions options) => string.Equals(options.Delivery, Smtp, StringComparison.OrdinalIgnoreCase);

    /// <summary>Unreadable settings mean TLS is required: a typing error must not send in plain.</summary>
    internal static SmtpSecurity SecurityOf(SmtpOptions options) =>
        Enum.TryParse<SmtpSecurity>(options.Security, ignoreCase: true, out var security) ? security : SmtpSecurity.StartTls;
}
