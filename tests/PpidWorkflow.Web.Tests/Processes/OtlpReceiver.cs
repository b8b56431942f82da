using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>A span as it was exported; ids in hexadecimal.</summary>
public sealed record ReceivedSpan(string TraceId, string Id, string ParentId, string Name, IReadOnlyList<string> Texts);

/// <summary>
/// A receiver of OTLP over HTTP on the loopback: keeps every byte that a service exports, and reads of the traces what tells how spans hang together
/// (opentelemetry-proto, trace.proto: resource_spans 1 › scope_spans 2 › spans 2 › trace_id 1, span_id 2, parent_span_id 4, name 5).
/// </summary>
public sealed class OtlpReceiver : IDisposable
{
    private readonly HttpListener _http = new();
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();

    public OtlpReceiver()
    {
        var random = new Random();
        for (var tries = 0; !_http.IsListening; tries++)
        {
            Address = $"http://127.0.0.1:{random.Next(20_000, 60_000)}";
            _http.Prefixes.Clear();
            _http.Prefixes.Add($"{Address}/");
            try
            {
                _http.Start();
            }
            catch (HttpListenerException) when (tries < 20)
            {
                // Somebody else's port.
            }
        }
        _ = ReceiveAsync();
    }

    public string Address { get; private set; } = "";

    /// <summary>All that came, as text: strings of protobuf lie in it as they are.</summary>
    public string AllText => string.Join('\n', _received.Select(r => Encoding.UTF8.GetString(r.Body)));

    public bool HasMetric(string name) => _received.Any(r => r.Path == "/v1/metrics" && Encoding.UTF8.GetString(r.Body).Contains(name, StringComparison.Ordinal));

    public IReadOnlyList<ReceivedSpan> Spans =>
    [
        .. from request in _received
           where request.Path == "/v1/traces"
           from resource in Fields(request.Body, 1)
           from scope in Fields(resource, 2)
           from span in Fields(scope, 2)
           select new ReceivedSpan(Hex(span, 1), Hex(span, 2), Hex(span, 4), Encoding.UTF8.GetString(Fields(span, 5).First()), [.. Texts(span)])
    ];

    /// <summary>Values of <c>service.instance.id</c> (resource 1 › attributes 1) that came with traces (<c>/v1/traces</c>) or metrics (<c>/v1/metrics</c>).</summary>
    public IReadOnlySet<string> InstancesOf(string path) =>
    (
        from request in _received
        where request.Path == path
        from batch in Fields(request.Body, 1)
        from resource in Fields(batch, 1)
        from attribute in Fields(resource, 1)
        where Encoding.UTF8.GetString(Fields(attribute, 1).First()) == "service.instance.id"
        select Encoding.UTF8.GetString(Fields(attribute, 2).SelectMany(v => Fields(v, 1)).First())
    ).ToHashSet(StringComparer.Ordinal);

    public void Dispose() => _http.Close();

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var call = await _http.GetContextAsync();
                using var body = new MemoryStream();
                await call.Request.InputStream.CopyToAsync(body);
                _received.Enqueue((call.Request.Url!.AbsolutePath, body.ToArray()));
                call.Response.ContentType = "application/x-protobuf";
                call.Response.Close();
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static string Hex(byte[] message, int field) => Fields(message, field).FirstOrDefault() is { } id ? Convert.ToHexStringLower(id) : "";

    // Attributes are field 9: key 1, value 2 with its string in field 1.
    private static IEnumerable<string> Texts(byte[] span) =>
        from attribute in Fields(span, 9)
        let value = Fields(attribute, 2).SelectMany(v => Fields(v, 1)).FirstOrDefault()
        select $"{Encoding.UTF8.GetString(Fields(attribute, 1).First())}={(value is null ? "" : Encoding.UTF8.GetString(value))}";

    /// <summary>Values of a length-delimited field.</summary>
    private static List<byte[]> Fields(byte[] message, int wanted)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    Varint(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    if ((int)(tag >> 3) == wanted)
                        found.Add(message[at..(at + length)]);
                    at += length;
                    break;
                default:
                    at += 4;
                    break;
            }
        }
        return found;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
