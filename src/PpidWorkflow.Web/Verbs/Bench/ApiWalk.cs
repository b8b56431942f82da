using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using PpidWorkflow.Web.Rest.Ppid;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>The same walk as <see cref="CaseWalk"/>, over HTTP: a token for each officer, JSON, one request an act.</summary>
internal sealed class ApiWalk : IDisposable
{
    private readonly CaseWalk _walk;
    private readonly HttpClient _client;
    private readonly Dictionary<string, string> _tokens = [];
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private ApiWalk(CaseWalk walk, Uri address) => (_walk, _client) = (walk, new HttpClient(new SocketsHttpHandler()) { BaseAddress = address });

    public static async Task<ApiWalk> OpenAsync(BenchOffice office, CaseWalk walk)
    {
        var api = new ApiWalk(walk, new Uri(office.App.Urls.First()));
        foreach (var userName in walk.Script.Select(s => s.Actor.UserName).Append("kasubid.informasi").Distinct())
        {
            using var answer = await api._client.PostAsJsonAsync($"{PpidApi.Root}/auth/token", new { userName, password = BenchOffice.Password });
            answer.EnsureSuccessStatusCode();
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
            api._tokens[userName] = body.RootElement.EnumerateObject().First(p => p.Name.Contains("token", StringComparison.OrdinalIgnoreCase) && p.Value.ValueKind == JsonValueKind.String).Value.GetString()!;
        }
        return api;
    }

    /// <summary>One case; see <see cref="CaseWalk.RunAsync"/>.</summary>
    public async Task RunAsync(ICollection<double> latencies)
    {
        var since = Stopwatch.GetTimestamp();
        var opened = await PostAsync("kasubid.informasi", "cases", _walk.Inputs());
        latencies.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        foreach (var step in _walk.Script)
        {
            var (id, revision) = await _walk.TaskAsync(opened.GetProperty("id").GetGuid());
            since = Stopwatch.GetTimestamp();
            await PostAsync(step.Actor.UserName, $"tasks/{id}/complete", step.Completion with { Revision = revision });
            latencies.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }
    }

    private async Task<JsonElement> PostAsync(string userName, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{PpidApi.Root}/{path}") { Content = JsonContent.Create(body, body.GetType(), options: Json) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens[userName]);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await _client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    public void Dispose() => _client.Dispose();
}
