using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Web.Tests.BadInput;

/// <summary>The table of <see cref="RefusalTable"/> against the real pipeline, and what a table cannot say.</summary>
public sealed class RefusalTests(RefusalOffice office) : IClassFixture<RefusalOffice>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Names => [.. RefusalTable.Rows.Select(r => r.Name)];

    [Fact]
    public void The_rows_of_the_table_have_names_of_their_own() =>
        Assert.Equal(RefusalTable.Rows.Count, RefusalTable.Rows.Select(r => r.Name).Distinct().Count());

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Bad_input_is_refused_with_a_sentence_and_changes_nothing(string name)
    {
        var row = RefusalTable.Rows.Single(r => r.Name == name);
        using var request = row.Request(office);
        if (row.As is { } user)
            request.Headers.Authorization = new("Bearer", await office.TokenAsync(user));
        var before = await office.FingerprintAsync();

        using var answer = await office.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.True((row.Status, "application/problem+json") == ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType),
            $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType}: {text}");
        var problem = JsonNode.Parse(text)!.AsObject();
        Assert.Equal((row.Code, $"/problems/{row.Code}", row.Status),
            (Text(problem, "code"), Text(problem, "type"), problem["status"]!.GetValue<int>()));
        Assert.Contains(row.Sentence, Text(problem, "detail"), StringComparison.Ordinal);
        Assert.DoesNotContain("{", Text(problem, "detail"), StringComparison.Ordinal);
        Assert.False(string.IsNullOrWhiteSpace(Text(problem, "title")));
        if (row.Field is { } field)
        {
            Assert.Contains(row.Code, problem["codes"]?[field]?.AsArray().Select(c => c!.GetValue<string>()) ?? []);
            Assert.Contains(problem["errors"]![field]!.AsArray(),
                s => s!.GetValue<string>().Contains(row.Sentence, StringComparison.Ordinal));
        }
        Assert.DoesNotContain(LiveOffice.Canary, text, StringComparison.Ordinal);
        Assert.Equal(before, await office.FingerprintAsync());
    }

    [Fact]
    public async Task An_upload_cut_off_half_way_leaves_nothing_behind()
    {
        var before = await office.FingerprintAsync();
        using (var connection = new TcpClient())
        {
            await connection.ConnectAsync(office.Service.Address.Host, office.Service.Address.Port);
            var head = $"""
                POST /api/v1/tasks/{office.Names["task2"]}/files HTTP/1.1
                Host: localhost
                Authorization: Bearer {await office.TokenAsync(LiveOffice.InformationOfficer)}
                Content-Type: multipart/form-data; boundary=batas
                Content-Length: 900000

                --batas
                Content-Disposition: form-data; name="file"; filename="a.pdf"


                """.ReplaceLineEndings("\r\n");
            var stream = connection.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
            await stream.WriteAsync(new byte[400_000]);
            await UntilAsync(async () => (await office.FingerprintAsync()).Any(line => line.Contains(".part", StringComparison.Ordinal)));
        }

        await UntilAsync(async () => before.SequenceEqual(await office.FingerprintAsync()));
    }

    [Theory]
    [InlineData("2200-12-31T23:59:59-14:00", "1000000")]
    [InlineData("2000-01-01T00:00:00%2B14:00", "1000000")]
    [InlineData("2026-03-02T08:00:00%2B07:00", "0")]
    public async Task The_farthest_due_instants_are_answered_at_once(string receivedAt, string minutes)
    {
        var watch = Stopwatch.StartNew();

        var answer = await office.GetAsync(LiveOffice.UnitHead, $"/api/v1/calendar/due?receivedAt={receivedAt}&minutes={minutes}");

        Assert.InRange(DateTimeOffset.Parse(answer["dueAt"]!.GetValue<string>(), CultureInfo.InvariantCulture).Year, 2000, 2250);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public async Task A_name_in_any_letters_comes_back_as_it_was()
    {
        const string name = "Laporan «ç» 報告.pdf";
        var (task, _) = await office.WalkToAsync(await office.OpenCaseAsync(), "2");

        var file = await office.UploadAsync(LiveOffice.InformationOfficer, task, name, "isi");

        Assert.Equal(name, file["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Sentences_come_in_English_where_English_is_asked_for()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/cases");
        request.Headers.AcceptLanguage.ParseAdd("en");
        using var answer = await office.Http.SendAsync(request);

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("sign in", Text(problem, "detail"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_hundred_bad_requests_at_once_are_refused_in_bounded_memory()
    {
        var token = await office.TokenAsync(LiveOffice.InformationHead);
        var bodies = (string[])
        [
            new string('[', 1_000_000), $$"""{"title":"{{new string('x', 900_000)}}"}""",
                string.Concat(Enumerable.Repeat("{\"a\":", 150_000)),
            $"[{string.Join(',', Enumerable.Repeat("1", 450_000))}]",
                $$"""{{{string.Join(',', Enumerable.Range(0, 60_000).Select(i => $"\"f{i}\":1"))}}}"""
        ];

        var statuses = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/cases");
            request.Headers.Authorization = new("Bearer", token);
            request.Content = new StringContent(bodies[i % bodies.Length], Encoding.UTF8, "application/json");
            using var answer = await office.Http.SendAsync(request);
            return (int)answer.StatusCode;
        }));

        Assert.All(statuses, status => Assert.Contains(status, (int[])[400, 422]));
        Assert.InRange(office.Service.PeakMemoryMB, 1, 800);
    }

    [Fact]
    public async Task The_log_names_no_title_file_or_content_and_no_failure_of_the_service()
    {
        var row = RefusalTable.Rows.Single(r => r.Name == "a name that climbs");
        using var request = row.Request(office);
        request.Headers.Authorization = new("Bearer", await office.TokenAsync(LiveOffice.InformationOfficer));
        using var answer = await office.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.DoesNotContain(LiveOffice.Canary, office.Service.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("responded 500", office.Service.Log, StringComparison.Ordinal);
        var log = office.Service.Log;
        var failure = log.IndexOf("unhandled", StringComparison.OrdinalIgnoreCase);
        Assert.True(failure < 0, log[Math.Max(0, failure)..][..Math.Min(2_000, log.Length - Math.Max(0, failure))]);
        Assert.True(office.Service.IsAlive);
    }

    private static string Text(JsonObject problem, string property) => problem[property]?.GetValue<string>() ?? "";

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var watch = Stopwatch.StartNew(); !await holds(); await Task.Delay(20))
            Assert.True(watch.Elapsed < Patience, "It did not come about.");
    }
}
