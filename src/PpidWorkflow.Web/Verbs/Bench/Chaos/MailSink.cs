using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PpidWorkflow.Web.Verbs.Bench.Chaos;

/// <summary>A mail that the sink has taken.</summary>
/// <param name="MessageId">Without brackets.</param>
/// <param name="At">When its last line had come, before the answer to it.</param>
public sealed record SunkMail(string MessageId, string To, DateTimeOffset At);

/// <summary>
/// A mail server that takes everything and keeps Message-ID, addressee and instant of each: enough SMTP (RFC 5321) for our own channel, in
/// plain, on the loopback. What has come whole counts as taken also where nobody was left to hear the answer.
/// </summary>
internal sealed class MailSink : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<SunkMail> _mails = new();

    public MailSink()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>All that came until now, in its order.</summary>
    public IReadOnlyList<SunkMail> Mails => [.. _mails];

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            await AnswerAsync(stream, "220 sink");
            var to = "";
            while (await reader.ReadLineAsync() is { } line)
            {
                var word = line.Split(' ', 2)[0].ToUpperInvariant();
                if (word == "RCPT")
                    to = Between(line, '<', '>');
                if (word == "DATA")
                {
                    await AnswerAsync(stream, "354 go on");
                    if (await MessageIdAsync(reader) is not { } id)
                        return;
                    _mails.Enqueue(new SunkMail(id, to, DateTimeOffset.UtcNow));
                }
                await AnswerAsync(stream, word == "QUIT" ? "221 bye" : "250 ok");
            }
        }
        catch (IOException)
        {
            // The node was killed in between.
        }
    }

    /// <returns>Null: cut off before its last line.</returns>
    private static async Task<string?> MessageIdAsync(StreamReader reader)
    {
        var (id, isHeader, isWanted) = ("", true, false);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line == ".")
                return id;
            isHeader &= line.Length > 0;
            if (!isHeader)
                continue;
            // A long value is folded onto the next line.
            if (!line.StartsWith(' ') && !line.StartsWith('\t'))
                isWanted = line.StartsWith("Message-Id:", StringComparison.OrdinalIgnoreCase);
            if (isWanted && Between(line, '<', '>') is { Length: > 0 } found)
                id = found;
        }
        return null;
    }

    private static string Between(string line, char from, char to)
    {
        var begin = line.IndexOf(from, StringComparison.Ordinal);
        var end = line.IndexOf(to, begin + 1);
        return begin >= 0 && end > begin ? line[(begin + 1)..end] : "";
    }

    private static Task AnswerAsync(NetworkStream stream, string line) => stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n")).AsTask();
}
