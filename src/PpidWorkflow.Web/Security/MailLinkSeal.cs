using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Web.Security;

/// <summary>Seals the links of mails with the service's own keys (<c>{DataPath}/keys</c>), which all nodes share and which roll by themselves.</summary>
public sealed class MailLinkSeal(IDataProtectionProvider protection) : IMailLinkSeal
{
    private const int Length = 1 + 16 + 16 + 4 + 8;
    private readonly IDataProtector _protector = protection.CreateProtector("Ppid.MailLink.v1");

    public string Seal(MailLink link)
    {
        var content = new byte[Length];
        content[0] = (byte)link.Act;
        link.SubjectId.TryWriteBytes(content.AsSpan(1));
        link.OfficerId.TryWriteBytes(content.AsSpan(17));
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(33), link.Revision);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(37), link.ExpiresAt.ToUnixTimeMilliseconds());
        return WebEncoders.Base64UrlEncode(_protector.Protect(content));
    }

    public MailLink? Open(string token)
    {
        try
        {
            var content = _protector.Unprotect(WebEncoders.Base64UrlDecode(token)).AsSpan();
            return content.Length != Length ? null : new MailLink(
                (MailLinkAct)content[0], new Guid(content[1..17]), new Guid(content[17..33]), BinaryPrimitives.ReadInt32LittleEndian(content[33..]),
                DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(content[37..])));
        }
        catch (Exception broken) when (broken is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
