using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PpidWorkflow.Web.Tests.Faults;

/// <summary>
/// A network between service and database that can go dead without a word: connections stay open, and what is written into them goes nowhere. So it
/// looks from within when a cable is cut or a firewall forgets.
/// </summary>
internal sealed class SwallowingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly EndPoint _target;
    private readonly ConcurrentBag<Socket> _sockets = [];
    private volatile bool _dead;

    public SwallowingProxy(EndPoint target)
    {
        _target = target;
        _listener.Start(512);
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void GoDead() => _dead = true;

    /// <summary>New connections pass; those that were swallowed stay dead until somebody gives them up.</summary>
    public void Heal() => _dead = false;

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var socket in _sockets)
            socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        _sockets.Add(client);
        using (client)
        {
            using var server = new Socket(_target.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
            _sockets.Add(server);
            try
            {
                if (!_dead)
                    await server.ConnectAsync(_target);
                var line = new Line();
                await Task.WhenAny(PumpAsync(client, server, line), server.Connected ? PumpAsync(server, client, line) : Task.Delay(Timeout.Infinite));
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // One end is gone: so is the other.
            }
        }
    }

    // A line that was dead once stays so: what it swallowed is missing in it.
    private async Task PumpAsync(Socket from, Socket to, Line line)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var read)
            {
                if (_dead || !to.Connected)
                    line.IsDead = true;
                if (line.IsDead)
                    continue;
                await to.SendAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // As above.
        }
    }

    private sealed class Line
    {
        public volatile bool IsDead;
    }
}
