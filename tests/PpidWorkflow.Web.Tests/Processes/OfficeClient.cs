using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace PpidWorkflow.Web.Tests.Processes;

/// <summary>An answer with its body; <see cref="Body"/> is undefined where it is no JSON.</summary>
public sealed record Answer(HttpStatusCode Status, string Raw)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    public JsonElement Body => Raw.Length > 0 ? JsonDocument.Parse(Raw).RootElement : default;

    public Guid Id => Body.GetProperty("id").GetGuid();

    public string Text(string property) => Body.GetProperty(property).GetString()!;

    public override string ToString() => $"{(int)Status} {Raw}";

    public Answer Require(HttpStatusCode expected)
    {
        Assert.True(Status == expected, $"Expected {expected}, was {Status}: {Raw}");
        return this;
    }
}

/// <summary>A request that changes something, as it was sent, so that it can be sent again byte for byte.</summary>
public sealed record Order(string Officer, string Path, string ContentType, byte[] Body, string? Key);

/// <summary>The demo officers at the API of design.md §5. Sends again, with the same key, what was not answered: as long as it takes.</summary>
public sealed class OfficeClient(RunningService service) : IDisposable
{
    public const string InformationHead = "kasubid.informasi";
    public const string InformationOfficer = "petugas.informasi";
    public const string DocumentationHead = "kasubid.dokumentasi";
    public const string DocumentationOfficer = "petugas.dokumentasi";
    public const string UnitHead = "kepala.biro";

    private const string Password = "Ppid-demo-2026";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly ConcurrentDictionary<string, Task<string>> _tokens = new();
    private int _unanswered;

    /// <summary>Every order that was answered with 2xx, with its first answer.</summary>
    public ConcurrentQueue<(Order Order, Answer Answer)> Answered { get; } = new();

    /// <summary>How often an order was left without an answer.</summary>
    public int Unanswered => _unanswered;

    public async Task<Answer> GetAsync(string officer, string path)
    {
        var (status, raw) = await SendAsync(officer, HttpMethod.Get, path, null, null, static content => content.ReadAsStringAsync());
        return new Answer(status, raw);
    }

    public async Task<(HttpStatusCode Status, byte[] Content)> DownloadAsync(string officer, string path) =>
        await SendAsync(officer, HttpMethod.Get, path, null, null, static content => content.ReadAsByteArrayAsync());

    public Task<Answer> PostAsync(string officer, string path, object body, string? key = null) =>
        SendAsync(new Order(officer, path, "application/json", JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web), key));

    public async Task<Answer> UploadAsync(string officer, Guid taskId, string name, byte[] content, string? key = null)
    {
        using var form = new MultipartFormDataContent("batas-bagian-formulir");
        using var part = new ByteArrayContent(content);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/pdf");
        form.Add(part, "file", name);
        return await SendAsync(new Order(
            officer, $"/api/v1/tasks/{taskId}/files", form.Headers.ContentType!.ToString(), await form.ReadAsByteArrayAsync(), key));
    }

    public async Task<Answer> SendAsync(Order order)
    {
        var answer = await ReplayAsync(order);
        if (answer.IsSuccess)
            Answered.Enqueue((order, answer));
        return answer;
    }

    /// <summary>Sends without taking note of the answer.</summary>
    public async Task<Answer> ReplayAsync(Order order)
    {
        var (status, raw) = await SendAsync(order.Officer, HttpMethod.Post, order.Path, order, order.Key, static content => content.ReadAsStringAsync());
        return new Answer(status, raw);
    }

    /// <summary>The open task of a case as its performer sees it; null: none.</summary>
    public async Task<JsonElement?> OpenTaskAsync(Guid caseId)
    {
        var visits = (await CaseAsync(caseId)).GetProperty("steps").EnumerateArray();
        foreach (var visit in visits)
        {
            if (visit.GetProperty("taskId").ValueKind != JsonValueKind.Null && visit.GetProperty("completedAt").ValueKind == JsonValueKind.Null)
            {
                var officer = visit.GetProperty("assignee").GetProperty("userName").GetString()!;
                return (await GetAsync(officer, $"/api/v1/tasks/{visit.GetProperty("taskId").GetGuid()}")).Require(HttpStatusCode.OK).Body;
            }
        }
        return null;
    }

    public async Task<JsonElement> CaseAsync(Guid caseId) =>
        (await GetAsync(UnitHead, $"/api/v1/cases/{caseId}")).Require(HttpStatusCode.OK).Body;

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, T Content)> SendAsync<T>(
        string? officer, HttpMethod method, string path, Order? order, string? key, Func<HttpContent, Task<T>> read)
    {
        using var patience = new CancellationTokenSource(Patience);
        var renewed = false;
        while (true)
        {
            if (service.Address is not { } address)
            {
                await Task.Delay(20, patience.Token);
                continue;
            }
            try
            {
                using var request = new HttpRequestMessage(method, new Uri(address, path));
                if (officer is not null)
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(officer));
                if (key is not null)
                    request.Headers.Add("Idempotency-Key", key);
                if (order is not null)
                {
                    request.Content = new ByteArrayContent(order.Body);
                    request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(order.ContentType);
                }
                using var response = await _http.SendAsync(request, patience.Token);
                var content = await read(response.Content);
                if (response.StatusCode == HttpStatusCode.Unauthorized && officer is not null && !renewed)
                {
                    renewed = _tokens.TryRemove(officer, out _);
                    continue;
                }
                return (response.StatusCode, content);
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException)
            {
                if (order is not null)
                    Interlocked.Increment(ref _unanswered);
                if (patience.IsCancellationRequested)
                    throw new TimeoutException($"{method} {path} was never answered.\n{service.Output}", failure);
                await Task.Delay(20, patience.Token);
            }
        }
    }

    private async Task<string> TokenAsync(string officer)
    {
        var token = _tokens.GetOrAdd(officer, SignInAsync);
        try
        {
            return await token;
        }
        catch
        {
            _tokens.TryRemove(KeyValuePair.Create(officer, token));
            throw;
        }
    }

    private async Task<string> SignInAsync(string officer)
    {
        using var response = await _http.PostAsJsonAsync(
            new Uri(service.Address ?? throw new HttpRequestException("The service is down."), "/api/v1/auth/token"), new { userName = officer, password = Password });
        var raw = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, raw).Require(HttpStatusCode.OK).Text("accessToken");
    }
}

/// <summary>One case on its way through the SOP; every act has a key of its own, so that each can be repeated.</summary>
/// <param name="client">The officers.</param>
/// <param name="determination">Number of the determination; names the case before it has a number.</param>
/// <param name="canary">A word in every text that officers write.</param>
public sealed class CaseWalk(OfficeClient client, string determination, string canary = "rahasia")
{
    public const int Completions = 6;

    public Guid Id { get; private set; }
    public string Number { get; private set; } = "";

    /// <summary>Labels of the steps completed, in order.</summary>
    public List<string> Completed { get; } = [];

    public byte[] Softcopy { get; } = Encoding.UTF8.GetBytes($"%PDF-1.7\n{canary} {determination}\n");

    public async Task<CaseWalk> OpenAsync()
    {
        var answer = (await client.PostAsync(OfficeClient.InformationHead, "/api/v1/cases", NewCase(determination, canary), $"{determination}/buka"))
            .Require(HttpStatusCode.Created);
        (Id, Number) = (answer.Id, answer.Text("number"));
        return this;
    }

    public static object NewCase(string determination, string canary) => new
    {
        title = $"Laporan {canary} {determination}",
        exemptionBasis = "j",
        determinationNumber = determination,
        determinationDate = "2026-11-02"
    };

    /// <summary>Completes the open step as its performer does.</summary>
    public async Task<string> StepAsync()
    {
        var task = await client.OpenTaskAsync(Id) ?? throw new InvalidOperationException($"{Number} has no open task.");
        var label = LabelOf(task);
        var officer = task.GetProperty("assignee").GetProperty("userName").GetString()!;
        var id = task.GetProperty("id").GetGuid();
        if (task.GetProperty("step").GetProperty("act").GetString() == "prepare")
        {
            (await client.UploadAsync(officer, id, $"berkas-{canary}.pdf", Softcopy, $"{determination}/{label}/unggah")).Require(HttpStatusCode.Created);
            task = (await client.GetAsync(officer, $"/api/v1/tasks/{id}")).Require(HttpStatusCode.OK).Body;
        }
        (await client.PostAsync(officer, $"/api/v1/tasks/{id}/complete", Completion(task), $"{determination}/{label}")).Require(HttpStatusCode.OK);
        Completed.Add(label);
        return label;
    }

    /// <summary>Completes steps until this one is open.</summary>
    public async Task<JsonElement> WalkToAsync(string label)
    {
        while (true)
        {
            var task = await client.OpenTaskAsync(Id) ?? throw new InvalidOperationException($"{Number} has no step {label} open.");
            if (LabelOf(task) == label)
                return task;
            await StepAsync();
        }
    }

    public async Task FinishAsync()
    {
        while (await client.OpenTaskAsync(Id) is not null)
            await StepAsync();
    }

    public object Completion(JsonElement task) => new
    {
        revision = task.GetProperty("revision").GetInt32(),
        note = $"Catatan {canary}",
        delayReason = task.GetProperty("state").GetString() == "overdue" ? $"Menunggu {canary}" : null,
        assignTo = task.GetProperty("assignable") is { ValueKind: JsonValueKind.Array } people ? people[0].GetString() : null,
        fields = task.GetProperty("step").GetProperty("act").GetString() switch
        {
            "prepare" => (object)new { hardcopyItems = new[] { new { description = $"Map {canary}", quantity = 1, copyStatus = "asli" } } },
            "document" => new { location = new { building = "Gedung B", cabinet = "Lemari 2", box = $"Boks {canary}" } },
            _ => new { }
        }
    };

    public static string LabelOf(JsonElement task) => task.GetProperty("step").GetProperty("label").GetString()!;
}
