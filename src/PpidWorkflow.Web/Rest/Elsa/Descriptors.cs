using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Web.Rest.Ppid;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>What Studio asks about this server: features, activities, types, strategies.</summary>
internal static class Descriptors
{
    /// <summary>
    /// What Studio looks for, and what stands behind it here. Elsa lists some thirty; those that only name its own building blocks have no
    /// counterpart.
    /// </summary>
    private static readonly (string Name, string Description)[] Features =
    [
        ("WorkflowManagement", "Definitions: drafts, versions, import, export"),
        ("WorkflowRuntime", "Instances: journal, execution state, variables"),
        ("WorkflowsApi", "The REST contract of Elsa Studio"),
        ("RealTimeWorkflowUpdates", "Live updates of the instance viewer"),
        ("Flowchart", "Flowcharts with joins and forks"),
        ("Expressions", "Literal, Object, Json, Variable, Input, Output"),
        ("JavaScript", "JavaScript expressions under limits"),
        ("Liquid", "Liquid expressions under limits"),
        ("Scheduling", "Delays, timers and instants to wait for")
    ];

    // Aliases that say the same twice (Int, Short, Float ...) are read, but not offered.
    private static readonly (string Type, string Category, string Description)[] VariableTypes =
    [
        ("Object", "Primitives", "Nilai apa pun."),
        ("String", "Primitives", "Teks."),
        ("Boolean", "Primitives", "Benar atau salah."),
        ("Int32", "Primitives", "Bilangan bulat (32 bit)."),
        ("Long", "Primitives", "Bilangan bulat (64 bit)."),
        ("Single", "Primitives", "Bilangan pecahan (32 bit)."),
        ("Double", "Primitives", "Bilangan pecahan (64 bit)."),
        ("Decimal", "Primitives", "Bilangan desimal yang tepat."),
        ("Guid", "Primitives", "Pengenal unik."),
        ("DateTime", "Primitives", "Tanggal dan waktu."),
        ("DateTimeOffset", "Primitives", "Saat yang tepat, dengan zona waktu."),
        ("DateOnly", "Primitives", "Tanggal."),
        ("TimeOnly", "Primitives", "Waktu dalam sehari."),
        ("TimeSpan", "Primitives", "Lama waktu."),
        ("JsonNode", "Data", "Nilai JSON apa pun."),
        ("JsonObject", "Data", "Objek JSON."),
        ("JsonArray", "Data", "Daftar JSON."),
        ("ObjectDictionary", "Data", "Pasangan nama dan nilai.")
    ];

    private static readonly string[] ReadOnlyHeaders = ["private, no-cache"];

    /// <param name="Context">What the activity holds, by wire names of its inputs.</param>
    public sealed record OptionsBody(JsonNode? Context);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/features/installed", () => ElsaApi.Ok(List(Features.Select(f => Feature(f.Name, f.Description)))));
        api.MapGet("/features/installed/{fullName}", (string fullName) =>
            Features.FirstOrDefault(f => $"Elsa.{f.Name}" == fullName) is { Name: not null } found
                ? ElsaApi.Ok(Feature(found.Name, found.Description)) : ElsaApi.Missing);
        api.MapGet("/package/version", () => ElsaApi.Ok(new { PackageVersion = typeof(Descriptors).Assembly.GetName().Version!.ToString(3) }));

        api.MapGet("/descriptors/activities", ListActivitiesAsync);
        api.MapGet("/descriptors/activities/{typeName}", async (string typeName, DescriptorCatalog catalog, OfficeChoices office, CancellationToken cancellation) =>
            catalog.One(typeName, await office.ReadAsync(cancellation)) is { } found ? ElsaApi.Ok(found) : ElsaApi.Missing);
        api.MapPost("/descriptors/activities/{typeName}/options/{propertyName}", FindOptionsAsync);

        api.MapGet("/descriptors/variables", () => ElsaApi.Ok(new
        {
            Items = VariableTypes.Select(t => new { TypeName = t.Type, DisplayName = t.Type, t.Category, t.Description })
        }));
        api.MapGet("/descriptors/storage-drivers", () => ElsaApi.Ok(new
        {
            // Variables live in the instance's state, or in memory for one burst.
            Items = (object[])
            [
                new
                {
                    TypeName = "Elsa.Workflows.WorkflowInstanceStorageDriver, Elsa.Workflows.Core",
                    DisplayName = "Workflow Instance",
                    Priority = 5,
                    Deprecated = false
                },
                new
                {
                    TypeName = "Elsa.Workflows.MemoryStorageDriver, Elsa.Workflows.Core",
                    DisplayName = "Memory",
                    Priority = 0,
                    Deprecated = false
                }
            ]
        }));
        api.MapGet("/descriptors/expression-descriptors", (WorkflowCompiler compiler) => ElsaApi.Ok(List(Expressions(compiler.ExpressionTypes))));
        api.MapGet("/descriptors/incident-strategies", () => ElsaApi.Ok(List(Strategy(
            "Fault", "Sebuah insiden menghentikan instans sampai administrator mengulang langkah yang gagal.", "FaultStrategy"))));
        api.MapGet("/descriptors/workflow-activation-strategies", () => ElsaApi.Ok(List(Strategy(
            "Always", "Instans baru selalu boleh dimulai.", "Elsa.Workflows.ActivationValidators.AllowAlwaysStrategy, Elsa.Workflows.Core"))));
        api.MapGet("/descriptors/log-persistence-strategies", () => ElsaApi.Ok(List(
            Mode("Configuration", "Menurut pengaturan layanan; uji coba mencatat, berkas tidak."), Mode("Exclude", "Tidak dicatat dalam jurnal."),
            Mode("Include", "Dicatat dalam jurnal, kecuali dalam jurnal sebuah berkas."),
            Mode("Inherit", "Menurut aktivitas, lalu alur kerja, lalu pengaturan layanan."))));
        // Every step commits by itself; there is nothing to choose, and nothing to convert.
        foreach (var nothing in (string[])["commit-strategies/workflows", "commit-strategies/activities", "output-converters"])
            api.MapGet($"/descriptors/{nothing}", () => ElsaApi.Ok(List()));

        api.MapPost("/scripting/javascript/type-definitions/{definitionId}", TypeDefinitionsAsync);
    }

    private static object Mode(string name, string description) =>
        Strategy(name, description, $"Elsa.Workflows.LogPersistence.Strategies.{name}, Elsa.Workflows.Core");

    private static object Feature(string name, string description) => new
    {
        Name = name,
        Namespace = "Elsa",
        FullName = $"Elsa.{name}",
        DisplayName = name,
        Description = description
    };

    private static object Strategy(string name, string description, string type) => new { DisplayName = name, Description = description, TypeName = type };

    private static object List(params IEnumerable<object> items)
    {
        var all = items.ToArray();
        return new { Items = all, Count = all.Length };
    }

    private static IEnumerable<object> Expressions(IReadOnlyCollection<string> known)
    {
        foreach (var type in known)
        {
            var language = type switch
            {
                "Object" or "Json" => "json",
                "JavaScript" => "javascript",
                "Liquid" => "liquid",
                _ => null
            };
            yield return new
            {
                Type = type,
                DisplayName = type,
                IsSerializable = true,
                IsBrowsable = type is not ("Literal" or "Object" or "Json"),
                Properties = language is null ? [] : new Dictionary<string, string> { ["MonacoLanguage"] = language }
            };
        }
    }

    /// <summary>
    /// Studio reads all of them (55 kB) after every save, with <c>Refresh=True</c>: the browser keeps them and asks whether they still hold.
    /// </summary>
    private static async Task<IResult> ListActivitiesAsync(DescriptorCatalog catalog, OfficeChoices office, HttpContext http)
    {
        var rendered = catalog.All(await office.ReadAsync(http.RequestAborted));
        var headers = http.Response.Headers;
        headers.CacheControl = ReadOnlyHeaders;
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.ETag = rendered.ETag;
        if (http.Request.Headers.IfNoneMatch.Contains(rendered.ETag))
            return Results.StatusCode(StatusCodes.Status304NotModified);
        var accepted = http.Request.Headers.AcceptEncoding.ToString();
        var (encoding, body) = accepted.Contains("br", StringComparison.OrdinalIgnoreCase) ? ("br", rendered.Brotli)
            : accepted.Contains("gzip", StringComparison.OrdinalIgnoreCase) ? ("gzip", rendered.GZip)
            : (null, rendered.Plain);
        if (encoding is not null)
            headers.ContentEncoding = encoding;
        return Results.Bytes(body, "application/json");
    }

    private static async Task<IResult> FindOptionsAsync(
        string typeName, string propertyName, ApiCall call, DescriptorCatalog catalog, OfficeChoices office, CancellationToken cancellation)
    {
        var body = await call.BodyAsync<OptionsBody>();
        if (!body.Succeeded)
            return ElsaApi.Refuse(body.Problems);
        return catalog.Options(typeName, propertyName, body.Value.Value.Context as JsonObject, await office.ReadAsync(cancellation)) is { } options
            ? ElsaApi.Ok(new { Items = options }) : ElsaApi.Missing;
    }

    /// <summary>What the code editor offers while a script is typed.</summary>
    private static async Task<IResult> TypeDefinitionsAsync(string definitionId, PpidDbContext db, CancellationToken cancellation)
    {
        var content = await db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == definitionId)
            .OrderByDescending(v => v.Version).Select(v => v.Content).FirstOrDefaultAsync(cancellation);
        var text = new StringBuilder(JavaScriptTypes.Functions);
        if (content is not null)
        {
            var definition = DefinitionReader.ReadStored(content);
            foreach (var (name, type) in JavaScriptTypes.VariablesOf(definition))
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"declare function get{name}(): {type};\n");
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"declare function set{name}(value: {type});\n");
            }
            foreach (var input in definition.Inputs.Where(i => JavaScriptTypes.IsName(i.Name)))
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"declare function get{input.Name}(): any;\n");
        }
        return Results.File(Encoding.UTF8.GetBytes(text.ToString()), "application/x-typescript", $"elsa.{definitionId}.d.ts");
    }
}
