using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// Hands mails to the office's mail server, over one connection per sweep. This is the only place where SMTP's answers are sorted: whatever
/// keeps us from signing in concerns the server and stops the sweep; an answer to MAIL, RCPT or DATA concerns the one mail, for good (5xx)
/// or for now (4xx, silence, a lost connection).
/// </summary>
/// <remarks>
/// <c>StartTls</c> means TLS or nothing: a server that does not offer it (or somebody on the wire who hides the offer) gets neither
/// password nor mail. A lost connection after DATA leaves open whether the mail went; it goes again with the same Message-ID. A connection
/// lost over one mail is that mail's matter, or one addressee that a server stumbles over would hold up all others; lost over three in a
/// row, it is the server's.
/// </remarks>
public sealed partial class SmtpChannel(IOptions<MailOptions> options, MailComposer composer) : INotificationChannel, IDisposable
{
    /// <summary>
    /// Greeting, TLS and sign-in refused for want of credentials; as an answer to MAIL they are about us, not about the mail.
    /// </summary>
    private static readonly int[] SignInAnswers = [530, 534, 535, 538];

    private const int ClosingDown = 421;
    private const int TooManyLost = 3;

    private readonly SmtpOptions _server = options.Value.Smtp;
    private SmtpClient? _client;
    private int _lostInARow;

    /// <summary>Reaching the server, until TCP answers.</summary>
    internal TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Each exchange with the server.</summary>
    internal TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Tests trust an authority of their own; null: the system's trust store, names checked.</summary>
    internal RemoteCertificateValidationCallback? CertificateValidation { get; init; }

    public async Task<Delivery> DeliverAsync(OutboxMessage message, RenderedMail mail, CancellationToken cancellation)
    {
        using var letter = composer.Compose(message, mail);
        if (letter is null)
            return Delivery.Refused("Malformed address.");

        using var deadline = new CancellationTokenSource(INotificationChannel.LongestDelivery);
        var reused = _client is { IsConnected: true };
        if (!reused && await ConnectAsync(cancellation, deadline.Token) is { } unreachable)
            return unreachable;
        var delivery = await SendAsync(letter, deadline.Token);
        // 421 on a connection that has served before: the server only wants a new one (a limit per connection, an idle time).
        if (reused && delivery.Reason is ['4', '2', '1', ..])
            return await ConnectAsync(cancellation, deadline.Token) ?? await SendAsync(letter, deadline.Token);
        return delivery;
    }

    public async Task FinishAsync()
    {
        if (_client is not { IsConnected: true } client)
            return;
        using var deadline = new CancellationTokenSource(OperationTimeout);
        try
        {
            await client.DisconnectAsync(quit: true, deadline.Token);
        }
        catch (Exception failure) when (IsOfTheWorld(failure))
        {
            // All mails have their answer; a server that does not wait for QUIT loses nothing.
        }
        Dispose();
    }

    public void Dispose()
    {
        _client?.Dispose();
        _client = null;
    }

    /// <returns>Null: connected and signed in.</returns>
    private async Task<Delivery?> ConnectAsync(CancellationToken cancellation, CancellationToken deadline)
    {
        Dispose();
        var client = new NamingClient
        {
            Timeout = (int)OperationTimeout.TotalMilliseconds,
            // As HttpClient does: offices behind closed networks cannot reach revocation lists, and no list would then mean no mail.
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = CertificateValidation
        };
        var connected = false;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline);
            await client.ConnectAsync(await OpenAsync(either.Token), _server.Host, _server.Port, SocketSecurity(), either.Token);
            connected = true;
            if (!string.IsNullOrEmpty(_server.UserName))
                await client.AuthenticateAsync(_server.UserName, _server.Password ?? "", either.Token);
            _client = client;
            return null;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            client.Dispose();
            throw;
        }
        catch (Exception failure) when (IsOfTheWorld(failure))
        {
            client.Dispose();
            return Delivery.Unreachable(WhyNotSignedIn(failure, connected));
        }
    }

    private async Task<Delivery> SendAsync(MimeMessage letter, CancellationToken deadline)
    {
        try
        {
            await _client!.SendAsync(letter, deadline);
            _lostInARow = 0;
            return Delivery.Sent;
        }
        catch (SmtpCommandException answer)
        {
            var code = (int)answer.StatusCode;
            var reason = Answer(answer);
            if (code == ClosingDown)
                return Lost(reason);
            if (SignInAnswers.Contains(code))
            {
                Dispose();
                return Delivery.Unreachable(reason);
            }
            _lostInARow = 0;
            // The sender is the same in every mail: refusing it is the server's matter, not this mail's.
            if (answer.ErrorCode == SmtpErrorCode.SenderNotAccepted)
                return Delivery.Unreachable(reason);
            return code >= 500 ? Delivery.Refused(reason) : Delivery.RetryLater(reason);
        }
        catch (ServiceNotAuthenticatedException)
        {
            Dispose();
            return Delivery.Unreachable("The mail server wants a sign-in (Mail:Smtp:UserName).");
        }
        catch (NotSupportedException)
        {
            return Delivery.Refused("The mail server does not take addresses of this kind (SMTPUTF8).");
        }
        catch (Exception failure) when (IsOfTheWorld(failure))
        {
            return Lost(failure is OperationCanceledException or TimeoutException
                ? "The mail server did not answer in time."
                : $"The connection was lost while the mail was handed over: {failure.Message}");
        }
    }

    /// <summary>Whatever state the conversation is in: the next mail starts a new one.</summary>
    private Delivery Lost(string reason)
    {
        Dispose();
        return ++_lostInARow < TooManyLost ? Delivery.RetryLater(reason) : Delivery.Unreachable(reason);
    }

    /// <summary>Gives the server our Message-ID as the envelope's id (RFC 3461): a bounce then names it even where it returns nothing of the mail.</summary>
    private sealed class NamingClient : SmtpClient
    {
        protected override string? GetEnvelopeId(MimeMessage message) => message.MessageId;
    }

    private SecureSocketOptions SocketSecurity() => MailOptionsValidation.SecurityOf(_server) switch
    {
        SmtpSecurity.None => SecureSocketOptions.None,
        SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.StartTls
    };

    /// <summary>MailKit has one timeout for all it does; a dead host is to be noticed sooner than a slow scanner of attachments.</summary>
    private async Task<Socket> OpenAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ConnectTimeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_server.Host, _server.Port, limit.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string WhyNotSignedIn(Exception failure, bool connected) => failure switch
    {
        AuthenticationException { InnerException: SmtpCommandException answer } => $"The mail server refused the sign-in: {Answer(answer)}",
        AuthenticationException => "The mail server refused the sign-in.",
        NotSupportedException when connected =>
            "The mail server offers no way to sign in; Mail:Smtp:UserName is not wanted or Mail:Smtp:Security does not fit.",
        NotSupportedException => "The mail server does not offer STARTTLS; nothing is sent in plain (Mail:Smtp:Security).",
        SslHandshakeException =>
            "TLS with the mail server failed: its certificate is not trusted, or Mail:Smtp:Security does not fit the port.",
        SmtpCommandException answer => Answer(answer),
        OperationCanceledException or TimeoutException => $"The mail server {_server.Host}:{_server.Port} did not answer in time.",
        _ => $"The mail server {_server.Host}:{_server.Port} cannot be reached: {failure.Message}"
    };

    /// <summary>
    /// The codes of an answer, never its text: servers quote addressees and subjects there, and this goes into the mail log and the service's.
    /// </summary>
    private static string Answer(SmtpCommandException answer)
    {
        var code = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        return EnhancedCode().Match(answer.Message) is { Success: true } enhanced ? $"{code} {enhanced.Value}" : code;
    }

    // RFC 3463, at the beginning of the text.
    [GeneratedRegex(@"^[245]\.[0-9]{1,3}\.[0-9]{1,3}\b")]
    private static partial Regex EnhancedCode();

    /// <summary>What servers, wires and certificates do to us; everything else is a bug and surfaces.</summary>
    private static bool IsOfTheWorld(Exception failure) => failure
        is IOException or SocketException or ProtocolException or CommandException or AuthenticationException or SslHandshakeException
        or System.Security.Authentication.AuthenticationException or NotSupportedException or TimeoutException or OperationCanceledException
        or ServiceNotConnectedException or ServiceNotAuthenticatedException;
}
