using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MimeKit;

namespace PpidWorkflow.Application.Notifications.Bounces;

/// <summary>What a look into the mailbox came to.</summary>
/// <param name="Read">New mails in it.</param>
/// <param name="Marked">Mails of ours that a bounce has marked.</param>
/// <param name="Failure">Why it could not be read to its end; null: it was.</param>
public sealed record BounceReport(int Read, int Marked, string? Failure);

/// <summary>
/// Looks into the mailbox for what came since the last look, by IMAP, for reading only. Only reports of a bounded size are fetched whole; everything
/// else is passed by unopened.
/// </summary>
public sealed class BounceSweep(IOptions<MailOptions> options, BounceDesk desk, ILogger<BounceSweep> logger)
{
    /// <summary>Mails of one commit.</summary>
    private const int BatchSize = 50;

    /// <summary>A report that returns a whole mail of ours is far smaller.</summary>
    private const uint Largest = 2 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly BounceOptions _box = options.Value.Bounces;

    /// <summary>Each exchange with the server.</summary>
    internal TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Tests trust an authority of their own; null: the system's trust store, names checked.</summary>
    internal RemoteCertificateValidationCallback? CertificateValidation { get; init; }

    /// <summary>The fact that holds how far this mailbox has been read.</summary>
    internal string FactName => "bounces:" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{_box.Host}\n{_box.UserName}\n{_box.Folder}")))[..32];

    /// <summary>Whatever server and mailbox do is an outcome; exceptions are bugs.</summary>
    public async Task<BounceReport> RunAsync(CancellationToken cancellation = default)
    {
        if (!_box.IsConfigured)
            return new BounceReport(0, 0, null);
        var (read, marked) = (0, 0);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        try
        {
            using var client = new ImapClient
            {
                Timeout = (int)OperationTimeout.TotalMilliseconds,
                // As for sending: offices behind closed networks cannot reach revocation lists.
                CheckCertificateRevocation = false,
                ServerCertificateValidationCallback = CertificateValidation
            };
            await client.ConnectAsync(_box.Host, _box.Port, SocketSecurity(), deadline.Token);
            await client.AuthenticateAsync(_box.UserName, _box.Password, deadline.Token);
            var folder = string.Equals(_box.Folder, "INBOX", StringComparison.OrdinalIgnoreCase)
                ? client.Inbox!
                : await client.GetFolderAsync(_box.Folder, deadline.Token);
            await folder.OpenAsync(FolderAccess.ReadOnly, deadline.Token);
            foreach (var batch in (await NewAsync(folder, deadline.Token)).Chunk(BatchSize))
            {
                var bounces = await BouncesAsync(folder, batch, deadline.Token);
                var taken = await desk.TakeAsync(FactName, Place(folder.UidValidity, batch[^1].Id), bounces, deadline.Token);
                if (!taken.Succeeded)
                {
                    logger.LogWarning("Bounces were not taken, the next look begins with them again: {Problem}", taken.Problems[0].Code);
                    return new BounceReport(read, marked, taken.Problems[0].Code);
                }
                read += batch.Length;
                marked += taken.Value;
            }
            await client.DisconnectAsync(quit: true, deadline.Token);
            return new BounceReport(read, marked, null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure) when (IsOfTheWorld(failure))
        {
            var why = Why(failure);
            // Never the server's words: they may quote what somebody wrote.
            logger.LogWarning("The mailbox of bounces cannot be read: {Reason} ({Exception})", why, failure.GetType().Name);
            return new BounceReport(read, marked, why);
        }
    }

    // A folder made anew numbers its mails anew: it is read from its beginning, and what was marked before stays as it is.
    private async Task<List<UniqueId>> NewAsync(IMailFolder folder, CancellationToken cancellation)
    {
        var last = 0u;
        if (await desk.ReadUpToAsync(FactName, cancellation) is { } place && place.Split(':') is [var validity, var uid]
            && validity == folder.UidValidity.ToString(CultureInfo.InvariantCulture))
            _ = uint.TryParse(uid, NumberStyles.None, CultureInfo.InvariantCulture, out last);
        if (folder.Count == 0)
            return [];
        var range = new UniqueIdRange(new UniqueId(last + 1), UniqueId.MaxValue);
        // A range that begins behind the last mail means that last mail (RFC 3501).
        return [.. (await folder.SearchAsync(SearchQuery.Uids(range), cancellation)).Where(u => u.Id > last).OrderBy(u => u.Id)];
    }

    private static async Task<List<ArrivedBounce>> BouncesAsync(IMailFolder folder, UniqueId[] batch, CancellationToken cancellation)
    {
        var bounces = new List<ArrivedBounce>();
        var summaries = await folder.FetchAsync(
            batch, MessageSummaryItems.UniqueId | MessageSummaryItems.Size | MessageSummaryItems.InternalDate, [HeaderId.ContentType], cancellation);
        foreach (var summary in summaries.Where(s => s.Size <= Largest && IsReport(s.Headers?[HeaderId.ContentType])).OrderBy(s => s.UniqueId.Id))
        {
            try
            {
                using var mail = await folder.GetMessageAsync(summary.UniqueId, cancellation);
                if (BounceReader.Read(mail) is { } bounce)
                    bounces.Add(new ArrivedBounce(bounce, summary.InternalDate ?? mail.Date));
            }
            catch (Exception unreadable) when (unreadable is FormatException or MessageNotFoundException)
            {
                // Somebody's nonsense, or deleted meanwhile: passed by.
            }
        }
        return bounces;
    }

    // By its own header: servers describe the structure of reports in more ways than there should be.
    private static bool IsReport(string? contentType) =>
        ContentType.TryParse(contentType ?? "", out var type) && type.IsMimeType("multipart", "report");

    private static string Place(uint validity, uint uid) => string.Create(CultureInfo.InvariantCulture, $"{validity}:{uid}");

    private SecureSocketOptions SocketSecurity() => Enum.TryParse<SmtpSecurity>(_box.Security, ignoreCase: true, out var security) ? security switch
    {
        SmtpSecurity.None => SecureSocketOptions.None,
        SmtpSecurity.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.SslOnConnect
    } : SecureSocketOptions.SslOnConnect;

    private static string Why(Exception failure) => failure switch
    {
        AuthenticationException => "sign-in refused (Mail:Bounces:UserName, Password)",
        SslHandshakeException or System.Security.Authentication.AuthenticationException => "TLS failed (Mail:Bounces:Security, certificate)",
        FolderNotFoundException => "no such folder (Mail:Bounces:Folder)",
        NotSupportedException => "STARTTLS or this sign-in is not offered (Mail:Bounces:Security)",
        OperationCanceledException or TimeoutException => "no answer in time",
        _ => "connection lost or refused (Mail:Bounces:Host, Port)"
    };

    private static bool IsOfTheWorld(Exception failure) => failure
        is IOException or SocketException or ProtocolException or CommandException or AuthenticationException or SslHandshakeException
        or System.Security.Authentication.AuthenticationException or NotSupportedException or TimeoutException or OperationCanceledException
        or ServiceNotConnectedException or ServiceNotAuthenticatedException or FolderNotFoundException;
}
