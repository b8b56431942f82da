using System.Globalization;
using System.Net.Sockets;
using System.Text;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Faults;

/// <summary>A client that does with its connection what no library would: stops in the middle, hangs up, never reads.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket;

    private RawConnection(Socket socket) => _socket = socket;

    public static async Task<RawConnection> OpenAsync(RunningService service, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Before connecting: the window is agreed upon then.
        if (receiveBuffer is { } size)
            socket.ReceiveBufferSize = size;
        await socket.ConnectAsync(service.Address!.Host, service.Address.Port);
        return new RawConnection(socket);
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _socket.SendAsync(bytes);

    /// <summary>Head and first part of an upload that announces <paramref name="length"/> bytes of body.</summary>
    public Task BeginUploadAsync(Guid task, string token, long length, string name = "berkas.pdf", string? key = null) => SendAsync(
        string.Create(CultureInfo.InvariantCulture, $"POST /api/v1/tasks/{task}/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n")
        + (key is null ? "" : $"Idempotency-Key: {key}\r\n")
        + string.Create(CultureInfo.InvariantCulture, $"Content-Type: multipart/form-data; boundary=batas\r\nContent-Length: {length}\r\n\r\n")
        + $"--batas\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/pdf\r\n\r\n");

    /// <summary>Hangs up in good order, or (<paramref name="rudely"/>) as a network that breaks.</summary>
    public void HangUp(bool rudely)
    {
        if (rudely)
            _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>Waits until the service has closed or reset the connection; reads what it said meanwhile.</summary>
    public async Task<string> UntilClosedAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        var said = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(buffer, limit.Token) is > 0 and var read)
                said.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // Reset.
        }
        return said.ToString();
    }

    /// <summary>Waits, without reading a byte, until the service has reset the connection.</summary>
    public Task UntilResetAsync(TimeSpan patience) => RunningService.UntilAsync(
        () => Task.FromResult(_socket.Poll(0, SelectMode.SelectError) || _socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is not 0),
        "the connection is cut", patience);

    public void Dispose() => _socket.Dispose();
}
