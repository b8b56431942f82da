using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>Definitions in and out as files.</summary>
public sealed class DefinitionFileTests(TestService service) : IClassFixture<TestService>
{
    private const string Sop = "pendokumentasian-informasi-dikecualikan";
    private static int _count;

    public static TheoryData<string> Definitions() =>
        new(ElsaContract.Files("exports").Where(f => !f.Contains("instance", StringComparison.Ordinal)).Concat(ElsaContract.Files("graphs")));

    [Theory]
    [MemberData(nameof(Definitions))]
    public async Task Every_definition_of_stock_Elsa_comes_in_and_goes_out_with_the_same_meaning(string file)
    {
        using var studio = await StudioClient.SignInAsync(service);
        var original = ElsaContract.Export(file);

        var imported = await StudioClient.BodyAsync(await studio.PostAsync("/workflow-definitions/import", JsonNode.Parse(original)!));
        var id = imported["definitionId"]!.GetValue<string>();
        var first = await studio.ExportAsync(id);
        var second = await studio.ExportAsync(id);

        Assert.Equal(Hash(original), Hash(first));
        Assert.Equal(first, second);
        Assert.Equal(JsonNode.Parse(original)!["definitionId"]!.ToString(), JsonNode.Parse(first)!["definitionId"]!.ToString());

        // And again, from our own file and back from Studio: nothing changes any more.
        var again = await StudioClient.BodyAsync(await studio.PostAsync("/workflow-definitions/import", JsonNode.Parse(first)!));
        var saved = await StudioClient.BodyAsync(await studio.SaveAsync(await studio.OpenAsync(id)));
        Assert.Equal(imported["id"]!.ToString(), again["id"]!.ToString());
        Assert.Equal(imported["id"]!.ToString(), saved["workflowDefinition"]!["id"]!.ToString());
        Assert.Equal(first, await studio.ExportAsync(id));
    }

    [Fact]
    public async Task A_known_id_with_other_content_becomes_a_new_draft_and_the_draft_there_stays()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var definition = NewDefinition();
        var first = await StudioClient.BodyAsync(await studio.PostAsync("/workflow-definitions/import", definition));
        StudioClient.Type(definition, "line1", "text", "lain");

        var second = await StudioClient.BodyAsync(await studio.PostAsync("/workflow-definitions/import", definition));
        var same = await StudioClient.BodyAsync(await studio.PostAsync("/workflow-definitions/import", definition));

        Assert.Equal((1, 2, 2), (Version(first), Version(second), Version(same)));
        var texts = await service.OfDatabaseAsync(db => db.DefinitionVersions.Where(v => v.DefinitionId == first["definitionId"]!.GetValue<string>())
            .OrderBy(v => v.Version).Select(v => v.Content).ToListAsync());
        Assert.Contains("\"satu\"", texts[0], StringComparison.Ordinal);
        Assert.Contains("\"lain\"", texts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ZIP_of_several_is_taken_in_whole_and_comes_out_byte_for_byte_the_same()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var (one, two) = (NewDefinition(), NewDefinition());
        var zip = Zip(("a.json", Bytes(one)), ("folder/b.json", Bytes(two)));

        var count = await StudioClient.BodyAsync(await UploadAsync(studio, ("isi.zip", zip), ("c.json", Bytes(NewDefinition()))));
        Assert.Equal(3, count["count"]!.GetValue<int>());

        var ids = new JsonArray();
        foreach (var definition in (JsonObject[])[one, two])
            ids.Add((await studio.OpenAsync(definition["definitionId"]!.GetValue<string>()))["id"]!.DeepClone());
        var request = new JsonObject { ["ids"] = ids, ["includeConsumingWorkflows"] = false };
        var first = await (await studio.PostAsync("/bulk-actions/export/workflow-definitions", request)).Content.ReadAsByteArrayAsync(Cancellation);
        var second = await (await studio.PostAsync("/bulk-actions/export/workflow-definitions", request)).Content.ReadAsByteArrayAsync(Cancellation);
        Assert.Equal(first, second);
        using var archive = new ZipArchive(new MemoryStream(first));
        Assert.Equal(2, archive.Entries.Count);
        Assert.All(archive.Entries, e => Assert.Matches("^workflow-definition-[a-z0-9-]+\\.json$", e.Name));

        var back = await StudioClient.BodyAsync(await UploadAsync(studio, ("kembali.zip", first)));
        Assert.Equal(2, back["count"]!.GetValue<int>());
        Assert.Equal(1, Version(await studio.OpenAsync(one["definitionId"]!.GetValue<string>())));
    }

    public static TheoryData<string> HostileFiles() =>
        ["10000-entries", "lying-directory", "directory-elsewhere", "parent", "absolute", "drive", "backslash", "not-json", "bomb", "too-much", "one-faulty", "twice", "broken", "empty", "exe", "deep"];

    [Theory]
    [MemberData(nameof(HostileFiles))]
    public async Task A_hostile_file_is_refused_with_a_sentence_and_nothing_is_stored(string kind)
    {
        using var studio = await StudioClient.SignInAsync(service);
        var before = await service.OfDatabaseAsync(db => db.DefinitionVersions.CountAsync());
        var good = Bytes(NewDefinition());
        var twice = NewDefinition();
        var (name, file) = kind switch
        {
            "10000-entries" => ("x.zip", Zip([.. Enumerable.Range(0, 10_000).Select(i => ($"d{i}.json", good))])),
            "lying-directory" => ("x.zip", LyingDirectory(20_000)),
            "directory-elsewhere" => ("x.zip", DirectoryElsewhere(20_000)),
            "parent" => ("x.zip", Zip(("a.json", good), ("../../etc/b.json", good))),
            "absolute" => ("x.zip", Zip(("/etc/b.json", good))),
            "drive" => ("x.zip", Zip(("C:b.json", good))),
            "backslash" => ("x.zip", Zip(("..\\b.json", good))),
            "not-json" => ("x.zip", Zip(("a.json", good), ("run.exe", good))),
            "bomb" => ("x.zip", Zip(("a.json", new byte[60 * 1024 * 1024]))),
            "too-much" => ("x.zip", Zip([.. Enumerable.Range(0, 12).Select(i => ($"d{i}.json", Padded(4_900_000)))])),
            "one-faulty" => ("x.zip", Zip(("a.json", good), ("b.json", "{\"root\":{\"type\":\"Elsa.RunCSharp\",\"id\":\"q\"},\"name\":\"Q\"}"u8.ToArray()))),
            "twice" => ("x.zip", Zip(("a.json", Bytes(twice)), ("b.json", Bytes(twice)))),
            "broken" => ("x.zip", "PK\u0003\u0004 nothing"u8.ToArray()),
            "empty" => ("x.zip", Zip()),
            "exe" => ("x.exe", good),
            _ => ("x.json", Encoding.UTF8.GetBytes("{\"root\":" + string.Concat(Enumerable.Repeat("[", 5000))))
        };

        using var answer = await UploadAsync(studio, (name, file));

        Assert.True((int)answer.StatusCode is 413 or 422, $"{(int)answer.StatusCode}");
        var code = await answer.CodeAsync();
        if (kind is "10000-entries" or "lying-directory" or "directory-elsewhere")
            Assert.Equal("import-too-many-entries", code);
        if (kind is "parent" or "absolute" or "drive" or "backslash" or "not-json")
            Assert.Equal("import-name-forbidden", code);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!;
        Assert.NotEmpty(problem["errors"]!.AsObject());
        Assert.Equal(before, await service.OfDatabaseAsync(db => db.DefinitionVersions.CountAsync()));
    }

    [Fact]
    public async Task Many_files_at_once_are_taken_in_and_too_many_are_counted()
    {
        using var studio = await StudioClient.SignInAsync(service);
        (string, byte[])[] files = [.. Enumerable.Range(0, 101).Select(i => ($"d{i}.json", Bytes(NewDefinition())))];

        using var refused = await UploadAsync(studio, files);
        var taken = await StudioClient.BodyAsync(await UploadAsync(studio, files[..40]));

        Assert.Equal("import-too-many-files", await refused.CodeAsync());
        Assert.Equal(40, taken["count"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_declared_size_that_lies_is_noticed_while_unpacking()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var zip = Zip(("a.json", Padded(6_000_000)));
        // Both records of the entry say it holds ten bytes.
        var real = BitConverter.GetBytes(6_000_000);
        for (var i = 0; i + 4 <= zip.Length; i++)
            if (zip.AsSpan(i, 4).SequenceEqual(real))
                BitConverter.GetBytes(10).CopyTo(zip, i);

        using var answer = await UploadAsync(studio, ("x.zip", zip));

        Assert.True((int)answer.StatusCode is 413 or 422, $"{(int)answer.StatusCode}");
    }

    [Theory]
    [InlineData("import-files", "multipart/form-data; boundary=x", "not a form")]
    [InlineData("import-files", "application/json", "{")]
    [InlineData("import", "application/json", "{")]
    [InlineData("import", "application/json", "{\"root\":{\"type\":\"Elsa.RunCSharp\",\"id\":\"q\"}}")]
    public async Task The_right_is_checked_before_the_body_is_looked_at(string route, string type, string body)
    {
        using var reader = await StudioClient.SignInAsync(service, "auditor");
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body + new string(' ', 7_000_000)));
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);

        using var answer = await reader.Http.PostAsync($"/elsa/api/workflow-definitions/{route}", content, Cancellation);

        Assert.Equal("forbidden", await answer.CodeAsync());
    }

    [Fact]
    public async Task Two_exports_differ_in_few_lines_when_one_step_changed()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var created = await studio.SavedAsync(StudioClient.NewDefinition("Selisih", "15", "b", "c", "d"), publish: null);
        var id = created["definitionId"]!.GetValue<string>();
        var before = await studio.ExportAsync(id);
        StudioClient.Type(created, "line1", "text", "20");
        await studio.SavedAsync(created);

        Assert.Equal(
            ["-            \"value\": \"15\"", "+            \"value\": \"20\""], TextDiff.Lines(before, await studio.ExportAsync(id)));
    }

    [Fact]
    public async Task An_import_into_a_definition_goes_under_its_id()
    {
        using var studio = await StudioClient.SignInAsync(service);
        var target = await studio.SavedAsync(StudioClient.NewDefinition("Tujuan", "a"), publish: null);
        var other = NewDefinition();
        using var content = new StringContent(other.ToJsonString(), Encoding.UTF8, "application/json");

        using var answer = await studio.Http.PutAsync($"/elsa/api/workflow-definitions/{target["definitionId"]}/import", content, Cancellation);
        var imported = await StudioClient.BodyAsync(answer);

        Assert.Equal(target["definitionId"]!.ToString(), imported["definitionId"]!.ToString());
        Assert.Equal(2, Version(imported));
    }

    [Theory]
    [InlineData("/workflow-definitions/tidak-ada/export")]
    [InlineData("/workflow-definitions/by-definition-id/tidak-ada?versionOptions=Latest")]
    [InlineData("/workflow-definitions/by-definition-id/pendokumentasian-informasi-dikecualikan?versionOptions=77")]
    [InlineData("/workflow-definitions/by-id/tidak-ada")]
    [InlineData("/workflow-definitions/tidak-ada/versions")]
    [InlineData("/workflow-definitions/subgraph/tidak-ada")]
    [InlineData("/workflow-definitions/subgraph/segments/019cac46-1500-7011-86e2-d2c96e14e56e")]
    public async Task What_is_not_there_is_404_with_nothing_in_it(string path)
    {
        using var studio = await StudioClient.SignInAsync(service);

        using var answer = await studio.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Cancellation));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static JsonObject NewDefinition()
    {
        var number = Interlocked.Increment(ref _count);
        var definition = StudioClient.NewDefinition($"Berkas {number}", "satu", "dua");
        definition["definitionId"] = $"berkas-{number}";
        return definition;
    }

    private static int Version(JsonNode definition) => definition["version"]!.GetValue<int>();

    private static string Hash(string definition) => DefinitionWriter.ContentHash(DefinitionReader.Read(Encoding.UTF8.GetBytes(definition)));

    private static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    private static byte[] Padded(int length)
    {
        var definition = NewDefinition();
        definition["customProperties"] = new JsonObject { ["padding"] = new string('x', length - 2_000) };
        return Bytes(definition);
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in entries)
            {
                using var stream = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
                stream.Write(content);
            }
        return packed.ToArray();
    }

    /// <summary>An archive whose last record speaks of one entry.</summary>
    private static byte[] LyingDirectory(int entries)
    {
        var zip = Zip([.. Enumerable.Range(0, entries).Select(i => ($"d{i}.json", Array.Empty<byte>()))]);
        foreach (var count in (int[])[8, 10])
            BitConverter.GetBytes((ushort)1).CopyTo(zip, zip.Length - 22 + count);
        return zip;
    }

    /// <summary>The same, but its last record names neither number nor place: both stand in a record before it (ZIP64), the number as a lie.</summary>
    private static byte[] DirectoryElsewhere(int entries)
    {
        var zip = LyingDirectory(entries);
        var end = zip.Length - 22;
        using var packed = new MemoryStream();
        using var writer = new BinaryWriter(packed);
        writer.Write(zip, 0, end);
        writer.Write(0x06064b50);
        writer.Write(44L);
        writer.Write((short)45);
        writer.Write((short)45);
        writer.Write(0L);
        writer.Write(1L);
        writer.Write(1L);
        writer.Write((long)BitConverter.ToUInt32(zip, end + 12));
        writer.Write((long)BitConverter.ToUInt32(zip, end + 16));
        writer.Write(0x07064b50);
        writer.Write(0);
        writer.Write((long)end);
        writer.Write(1);
        BitConverter.GetBytes(uint.MaxValue).CopyTo(zip, end + 16);
        writer.Write(zip, end, 22);
        return packed.ToArray();
    }

    private static async Task<HttpResponseMessage> UploadAsync(StudioClient studio, params (string Name, byte[] Content)[] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, content) in files)
            form.Add(new ByteArrayContent(content), "files", name);
        return await studio.Http.PostAsync("/elsa/api/workflow-definitions/import-files", form, Cancellation);
    }
}
