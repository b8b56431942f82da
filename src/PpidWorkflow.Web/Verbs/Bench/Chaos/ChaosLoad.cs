using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace PpidWorkflow.Web.Verbs.Bench.Chaos;

/// <summary>
/// Several clerks at once: each opens cases and completes their steps, one order after the other, each with a key of its own. Of every three
/// cases one is left alone at step 2 until its ladder has run out. Between rounds they rest.
/// </summary>
internal sealed class ChaosLoad(ChaosClients clients, int workers)
{
    private const string Head = "kasubid.informasi", Watcher = "kepala.biro", RestingStep = "2";
    private const int RestsEvery = 3;

    /// <summary>Orders a round: while a node starts again the others would do thousands, and all of them are asked for again.</summary>
    private const int MostARound = 36;

    /// <summary>Between two orders of one clerk: the load is bounded, and no benchmark.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentQueue<CaseInWork> _unfinished = new();
    private readonly ConcurrentQueue<CaseInWork> _finishable = new();
    private readonly ConcurrentDictionary<Guid, CaseInWork> _resting = new();
    private List<Task> _clerks = [];
    private int _cases;
    private int _steps;
    private volatile bool _closing;

    /// <summary>Cases left alone at step 2, by id.</summary>
    public IReadOnlyCollection<Guid> Resting => [.. _resting.Keys];

    /// <summary>Work begins, or goes on.</summary>
    public void Resume()
    {
        _closing = false;
        _steps = 0;
        _clerks = [.. Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync))];
    }

    /// <summary>Returns when every order begun has its answer.</summary>
    public async Task PauseAsync()
    {
        _closing = true;
        await Task.WhenAll(_clerks);
        _clerks = [];
    }

    /// <summary>Its ladder has run out: somebody may go on with it.</summary>
    public void Wake(Guid caseId)
    {
        if (_resting.TryRemove(caseId, out var rested))
            _finishable.Enqueue(rested);
    }

    /// <summary>Completes whatever has been opened.</summary>
    public async Task FinishAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, workers).Select(async _ =>
        {
            while (_unfinished.TryDequeue(out var one) || _finishable.TryDequeue(out one))
            {
                one.Rests = false;
                while (await StepAsync(one))
                {
                }
            }
        }));
    }

    private async Task WorkAsync()
    {
        while (!_closing)
        {
            if (!_finishable.TryDequeue(out var one) && !_unfinished.TryDequeue(out one))
                one = await OpenAsync();
            while (true)
            {
                await Task.Delay(Breath);
                if (Interlocked.Increment(ref _steps) > MostARound)
                    await RestAsync();
                if (_closing)
                {
                    _unfinished.Enqueue(one);
                    return;
                }
                if (!await StepAsync(one))
                    break;
            }
        }
    }

    private async Task RestAsync()
    {
        while (!_closing)
            await Task.Delay(Breath);
    }

    private async Task<CaseInWork> OpenAsync()
    {
        var n = Interlocked.Increment(ref _cases);
        var determination = string.Create(CultureInfo.InvariantCulture, $"188.44/{n}/2026");
        var opened = await PostAsync(Head, "/api/v1/cases", $"{determination}/buka", new
        {
            title = $"Berkas uji {determination}",
            exemptionBasis = "j",
            determinationNumber = determination,
            determinationDate = "2026-11-02"
        });
        return new CaseInWork(opened.Json.GetProperty("id").GetGuid(), determination) { Rests = n % RestsEvery == 0 };
    }

    /// <returns>False: nothing is open, or it is left alone.</returns>
    private async Task<bool> StepAsync(CaseInWork one)
    {
        var seen = await clients.GetAsync(Watcher, $"/api/v1/cases/{one.Id}");
        var visit = seen.GetProperty("steps").EnumerateArray().FirstOrDefault(v =>
            v.GetProperty("taskId").ValueKind != JsonValueKind.Null && v.GetProperty("completedAt").ValueKind == JsonValueKind.Null);
        if (visit.ValueKind == JsonValueKind.Undefined)
            return false;
        var officer = visit.GetProperty("assignee").GetProperty("userName").GetString()!;
        var path = $"/api/v1/tasks/{visit.GetProperty("taskId").GetGuid()}";
        var task = await clients.GetAsync(officer, path);
        var step = task.GetProperty("step");
        if (one.Rests && step.GetProperty("label").GetString() == RestingStep)
        {
            one.Rests = false;
            _resting[one.Id] = one;
            return false;
        }
        var act = step.GetProperty("act").GetString();
        var key = $"{one.Determination}/{step.GetProperty("label").GetString()}";
        if (act == "prepare")
        {
            await UploadAsync(officer, $"{path}/files", $"{key}/unggah", one.Determination);
            task = await clients.GetAsync(officer, path);
        }
        // The body is made once: a clerk who repeats an order repeats it as it was.
        await PostAsync(officer, $"{path}/complete", key, new
        {
            revision = task.GetProperty("revision").GetInt32(),
            // Also where it is not late yet: it may be when the order arrives.
            delayReason = act == "prepare" ? "Menunggu uji" : null,
            assignTo = task.GetProperty("assignable") is { ValueKind: JsonValueKind.Array } people ? people[0].GetString() : null,
            fields = act switch
            {
                "prepare" => (object)new { hardcopyItems = new[] { new { description = "Map uji", quantity = 1, copyStatus = "asli" } } },
                "document" => new { location = new { building = "Gedung B", cabinet = "Lemari 2" } },
                _ => new { }
            }
        });
        return true;
    }

    private Task<Told> PostAsync(string officer, string path, string key, object body) =>
        clients.SendAsync(new Order(officer, path, "application/json", JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web), key));

    private async Task UploadAsync(string officer, string path, string key, string determination)
    {
        using var form = new MultipartFormDataContent("batas-bagian");
        using var part = new ByteArrayContent(Encoding.UTF8.GetBytes($"%PDF-1.7\n{determination}\n"));
        part.Headers.ContentType = new MediaTypeHeaderValue("application/pdf");
        form.Add(part, "file", "uji.pdf");
        await clients.SendAsync(new Order(officer, path, form.Headers.ContentType!.ToString(), await form.ReadAsByteArrayAsync(), key));
    }

    private sealed class CaseInWork(Guid id, string determination)
    {
        public Guid Id => id;

        public string Determination => determination;

        /// <summary>Is to be left alone at step 2.</summary>
        public bool Rests { get; set; }
    }
}
