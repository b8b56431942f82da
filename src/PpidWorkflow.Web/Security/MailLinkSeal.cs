using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Web.Security;

/// <summary>Seals the links of mails with the service's own keys (<c>{DataPath}/keys</c>), which all nodes share and which roll by themselves.</summary>
public sealed class MailLinkSeal(IDataProtectionProvider protection) : IMailLinkSeal
{
    private const int Length = 16 + 16 + 4 + 8;
    private readonly IDataProtector _protector = protection.CreateProtector("Ppid.MailLink.v1");

    public string Seal(MailLink link)
    {
        var content = new byte[Length];
        link.WorkItemId.TryWriteBytes(content);
        link.OfficerId.TryWriteBytes(content.AsSpan(16));
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(32), link.Revision);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(36), link.ExpiresAt.ToUnixTimeMilliseconds());
        return WebEncoders.Base64UrlEncode(_protector.Protect(content));
    }

    public MailLink? Open(string token)
    {
        try
        {
            var content = _protector.Unprotect(WebEncoders.Base64UrlDecode(token)).AsSpan();
            return content.Length != Length ? null : new MailLink(
                new Guid(content[..16]), new Guid(content[16..32]), BinaryPrimitives.ReadInt32LittleEndian(content[32..]),
                DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(content[36..])));
        }
        catch (Exception broken) when (broken is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
