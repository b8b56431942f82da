using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace PpidWorkflow.Web.Verbs.Bench.Chaos;

/// <summary>A request that changes something, as it was sent, so that it can be sent again byte for byte.</summary>
/// <param name="Officer">User name.</param>
/// <param name="Key">Idempotency-Key.</param>
internal sealed record Order(string Officer, string Path, string ContentType, byte[] Body, string Key);

/// <summary>What a client was told: an order and the 2xx answer to it.</summary>
internal sealed record Told(Order Order, int Status, string Body)
{
    public JsonElement Json { get; } = JsonDocument.Parse(Body).RootElement;

    public bool Says(int status, string body) => Status == status && Body == body;
}

/// <summary>
/// Officers at the API of any node, without sticky sessions: each request goes to a node of chance, and one that is not answered goes again, with
/// the same key, to the next, for as long as it takes. What is answered is kept.
/// </summary>
internal sealed class ChaosClients(IReadOnlyList<ChaosNode> nodes, string password) : IDisposable
{
    /// <summary>A node that hangs keeps a client no longer; on a busy machine it is asked twice.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastPatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);

    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20) }) { Timeout = Patience };
    private readonly ConcurrentDictionary<string, string> _tokens = new();
    private readonly ConcurrentQueue<Told> _told = new();
    private readonly ConcurrentQueue<string> _wrong = new();
    private int _unanswered;
    private int _failed;

    /// <summary>Every order answered with 2xx, in the order of the answers.</summary>
    public IReadOnlyList<Told> Told => [.. _told];

    /// <summary>Answers that no client should have got, by status and path.</summary>
    public IReadOnlyList<string> Wrong => [.. _wrong];

    /// <summary>How often an order was left without an answer.</summary>
    public int Unanswered => _unanswered;

    /// <summary>How often a node said that it could not reach its store.</summary>
    public int Refused => _failed;

    /// <exception cref="InvalidOperationException">Answered otherwise than with 200.</exception>
    public async Task<JsonElement> GetAsync(string officer, string path)
    {
        var (status, body) = await SendAsync(officer, HttpMethod.Get, path, null);
        return status == 200 ? JsonDocument.Parse(body).RootElement : throw new InvalidOperationException($"GET {path}: {status} {body}");
    }

    /// <exception cref="InvalidOperationException">Refused: no order of a run is wrong by itself.</exception>
    public async Task<Told> SendAsync(Order order)
    {
        var (status, body) = await SendAsync(order.Officer, HttpMethod.Post, order.Path, order);
        if (status is < 200 or > 299)
            throw new InvalidOperationException($"POST {order.Path} ({order.Key}): {status} {body}");
        var told = new Told(order, status, body);
        _told.Enqueue(told);
        return told;
    }

    /// <summary>The same order once more; true: the same answer.</summary>
    public async Task<(bool Same, string Answer)> ReplayAsync(Told told)
    {
        var (status, body) = await SendAsync(told.Order.Officer, HttpMethod.Post, told.Order.Path, told.Order);
        return (told.Says(status, body), $"{status} {body}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<(int Status, string Body)> SendAsync(string officer, HttpMethod method, string path, Order? order)
    {
        var next = Random.Shared.Next(nodes.Count);
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < LastPatience; await Task.Delay(Breath))
        {
            var node = nodes[next++ % nodes.Count];
            if (node.Address is not { } address)
                continue;
            try
            {
                using var request = new HttpRequestMessage(method, new Uri(address, path));
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(address, officer));
                if (order is not null)
                {
                    request.Headers.Add("Idempotency-Key", order.Key);
                    request.Content = new ByteArrayContent(order.Body);
                    request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(order.ContentType);
                }
                using var answer = await _http.SendAsync(request);
                var body = await answer.Content.ReadAsStringAsync();
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    Interlocked.Increment(ref _failed);
                    continue;
                }
                if (answer.StatusCode == HttpStatusCode.Unauthorized)
                {
                    _tokens.TryRemove(officer, out _);
                    continue;
                }
                if ((int)answer.StatusCode >= 500)
                {
                    _wrong.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode} at {method} {path} ({node.LastFailure})"));
                    continue;
                }
                return ((int)answer.StatusCode, body);
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or TaskCanceledException)
            {
                if (order is not null)
                    Interlocked.Increment(ref _unanswered);
            }
        }
        throw new InvalidOperationException($"{method} {path} was never answered.");
    }

    // One token for all nodes: what one signed, the others take.
    private async Task<string> TokenAsync(Uri address, string officer)
    {
        if (_tokens.TryGetValue(officer, out var known))
            return known;
        using var answer = await _http.PostAsJsonAsync(new Uri(address, "/api/v1/auth/token"), new { userName = officer, password });
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"Sign-in: {(int)answer.StatusCode}");
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
        return _tokens.GetOrAdd(officer, token);
    }
}
