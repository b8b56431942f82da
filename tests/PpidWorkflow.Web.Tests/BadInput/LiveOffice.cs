using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Tests.BadInput;

/// <summary>
/// The service as its officers meet it: over HTTP, on a database and vault of its own. Standards are hours long here, so that no alarm
/// falls due while rows are compared.
/// </summary>
public class LiveOffice : IAsyncLifetime
{
    public const string InformationHead = "kasubid.informasi";
    public const string InformationOfficer = "petugas.informasi";
    public const string DocumentationHead = "kasubid.dokumentasi";
    public const string DocumentationOfficer = "petugas.dokumentasi";
    public const string UnitHead = "kepala.biro";

    /// <summary>Confidential: in titles, file names and contents; never in an answer that refuses, nor in the log.</summary>
    public const string Canary = "KENARI-RAHASIA-4417";

    // Beside these nothing may change without an answer of 2xx: the node's pulse, the hourly seal, and a mail's way out.
    private static readonly string[] RestlessTables = ["NodeHeartbeats", "AuditSeals", "Hangfire"];
    private static readonly string[] CountedOnly = ["Outbox", "OutboxMessages"];

    private readonly ConcurrentDictionary<string, string> _tokens = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ppid-bad-input-");
    private WebApplication? _beside;
    private int _determination;

    public ServiceProcess Service { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    /// <summary>Free for files of the test.</summary>
    public string Folder => _folder.FullName;

    public string DataPath => Path.Combine(_folder.FullName, "data");

    protected virtual IReadOnlyList<string> Settings => [];

    public async ValueTask InitializeAsync()
    {
        var workflows = Path.Combine(_folder.FullName, "workflows");
        var delivered = Path.Combine(AppContext.BaseDirectory, "workflows");
        foreach (var file in Directory.EnumerateFiles(delivered, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(workflows, Path.GetRelativePath(delivered, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            var text = await File.ReadAllTextAsync(file);
            await File.WriteAllTextAsync(
                copy, text.Replace("\"PT5M\"", "\"PT8H\"", StringComparison.Ordinal)
                    .Replace("\"PT15M\"", "\"PT8H\"", StringComparison.Ordinal));
        }
        MigratedStore.CopyTo(DataPath);
        // On a machine that is busy a guarantee may be broken for a moment, and that is on record: nobody but the test shall write.
        Service = await ServiceProcess.StartAsync(
            [$"--Storage:DataPath={DataPath}", $"--Definitions:Path={workflows}", "--Guarantees:CheckMinutes=0", .. Settings]);
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Service.Address };
        await PrepareAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (_beside is not null)
            await _beside.DisposeAsync();
        if (Service is not null)
            await Service.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    public async Task<string> TokenAsync(string userName)
    {
        if (_tokens.TryGetValue(userName, out var known))
            return known;
        using var answer = await Http.PostAsJsonAsync("/api/v1/auth/token", new { userName, password = "Ppid-demo-2026" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return _tokens[userName] = (await answer.Content.ReadFromJsonAsync<JsonObject>())!["accessToken"]!.GetValue<string>();
    }

    public async Task<JsonObject> GetAsync(string userName, string path) => await SucceedAsync(userName, HttpMethod.Get, path, null);

    public async Task<JsonObject> PostAsync(string userName, string path, object body) =>
        await SucceedAsync(userName, HttpMethod.Post, path, JsonContent.Create(body));

    public async Task<JsonObject> SucceedAsync(string userName, HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(userName));
        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>The inputs of a new case, no two alike.</summary>
    public Dictionary<string, object?> Inputs() => new()
    {
        ["title"] = $"Laporan {Canary}",
        ["exemptionBasis"] = "j",
        ["determinationNumber"] = string.Create(CultureInfo.InvariantCulture, $"188.44/{Interlocked.Increment(ref _determination)}/2026"),
        ["determinationDate"] = "2026-01-05"
    };

    public async Task<Guid> OpenCaseAsync() => (await PostAsync(InformationHead, "/api/v1/cases", Inputs()))["id"]!.GetValue<Guid>();

    /// <summary>The open work item of a case, and who performs it.</summary>
    public async Task<(Guid Id, int Revision, string Label, string Performer)> OpenTaskAsync(Guid caseId)
    {
        var visits = (await GetAsync(UnitHead, $"/api/v1/cases/{caseId}"))["steps"]!.AsArray();
        var visit = visits.Single(v => v!["taskId"] is not null && v["state"]!.GetValue<string>() is "open" or "atRisk" or "overdue")!;
        var id = visit["taskId"]!.GetValue<Guid>();
        var task = await GetAsync(UnitHead, $"/api/v1/tasks/{id}");
        return (id, task["revision"]!.GetValue<int>(), task["step"]!["label"]!.GetValue<string>(),
            task["assignee"]!["userName"]!.GetValue<string>());
    }

    /// <summary>Walks a case until the step with this label is open.</summary>
    public async Task<(Guid Id, int Revision)> WalkToAsync(Guid caseId, string label)
    {
        while (true)
        {
            var task = await OpenTaskAsync(caseId);
            if (task.Label == label)
                return (task.Id, task.Revision);
            object body = task.Label switch
            {
                "1" => new { revision = task.Revision, assignTo = InformationOfficer },
                "2" => new
                {
                    revision = task.Revision,
                    fields = new { hardcopyItems = new[] { new { description = $"Laporan {Canary}", quantity = 1 } } }
                },
                "5a" => new { revision = task.Revision, assignTo = DocumentationOfficer },
                _ => new { revision = task.Revision }
            };
            await PostAsync(task.Performer, $"/api/v1/tasks/{task.Id}/complete", body);
        }
    }

    public Task<JsonObject> UploadAsync(string userName, Guid taskId, string name, string text) => SucceedAsync(
        userName, HttpMethod.Post, $"/api/v1/tasks/{taskId}/files",
        new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", name } });

    /// <summary>Every row of every table and every file of the vault, as one line each; equal lines mean that nothing happened.</summary>
    public async Task<IReadOnlyList<string>> FingerprintAsync()
    {
        await using var database = await OpenDatabaseAsync();
        var tables = new List<string>();
        await using (var names = database.CreateCommand())
        {
            names.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
            await using var reader = await names.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        }
        var lines = new List<string>();
        foreach (var table in tables.Where(t => !RestlessTables.Any(r => t.StartsWith(r, StringComparison.Ordinal))))
            lines.Add(await TableAsync(database, table));
        var vault = Path.Combine(DataPath, "vault");
        if (Directory.Exists(vault))
            lines.AddRange(Directory.EnumerateFiles(vault, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Select(f => string.Create(CultureInfo.InvariantCulture,
                    $"{Path.GetRelativePath(vault, f)} {new FileInfo(f).Length} bytes")));
        return lines;
    }

    public async Task<SqliteConnection> OpenDatabaseAsync()
    {
        var database = new SqliteConnection($"Data Source={Path.Combine(DataPath, "ppid.db")};Default Timeout=30");
        await database.OpenAsync();
        return database;
    }

    /// <summary>Asks the application's own services, over the same database.</summary>
    public async Task<T> AskAsync<T>(Func<IServiceProvider, Task<T>> question)
    {
        _beside ??= ServiceHost.Build(
            ["--environment=Development", "--applicationName=PpidWorkflow.Web", $"--Storage:DataPath={DataPath}", "--Digest:Enabled=false", .. Settings],
            serves: false);
        await using var scope = _beside.Services.CreateAsyncScope();
        return await question(scope.ServiceProvider);
    }

    protected virtual Task PrepareAsync() => Task.CompletedTask;

    private static async Task<string> TableAsync(SqliteConnection database, string table)
    {
        await using var command = database.CreateCommand();
        command.CommandText = $"SELECT * FROM \"{table}\"";
        await using var reader = await command.ExecuteReaderAsync();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rows = 0;
        while (await reader.ReadAsync())
        {
            rows++;
            for (var i = 0; i < reader.FieldCount; i++)
                hash.AppendData(Encoding.UTF8.GetBytes(Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture) + "\n"));
        }
        var content = CountedOnly.Contains(table) ? "" : Convert.ToHexString(hash.GetHashAndReset());
        return string.Create(CultureInfo.InvariantCulture, $"{table}: {rows} rows {content}");
    }
}
