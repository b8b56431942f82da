using System.Net;
using System.Text.Json.Nodes;

namespace PpidWorkflow.Web.Tests.Studio;

/// <summary>The list of definitions: search, filters, order, pages. Nothing here changes a definition: one service answers all rows.</summary>
public sealed class DefinitionListTests(DefinitionListTests.Library library) : IClassFixture<DefinitionListTests.Library>
{
    private const string Sop = "pendokumentasian-informasi-dikecualikan";
    private readonly StudioClient _studio = library.Studio;
    private readonly Dictionary<string, JsonObject> _byName = library.ByName;

    /// <summary>The delivered SOP and three definitions more, one of them proposed with a draft after it.</summary>
    public sealed class Library : IAsyncLifetime
    {
        private readonly TestService _service = new();

        internal StudioClient Studio { get; private set; } = null!;

        internal Dictionary<string, JsonObject> ByName { get; } = [];

        public async ValueTask InitializeAsync()
        {
            Studio = await StudioClient.SignInAsync(_service);
            foreach (var name in (string[])["Alfa", "Beta 100%", "Gamma"])
            {
                _service.Time.Advance(TimeSpan.FromMinutes(1));
                var definition = StudioClient.NewDefinition(name, "a");
                definition["description"] = $"Keterangan {name.ToUpperInvariant()}";
                ByName[name] = await Studio.SavedAsync(definition, publish: null);
            }
            ByName["Gamma"] = await Studio.SavedAsync(ByName["Gamma"], publish: true);
            var next = await Studio.OpenAsync(ByName["Gamma"]["definitionId"]!.GetValue<string>());
            StudioClient.Type(next, "line1", "text", "b");
            ByName["Gamma 2"] = await Studio.SavedAsync(next);
        }

        public ValueTask DisposeAsync()
        {
            Studio.Dispose();
            _service.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    [Theory]
    [InlineData("?versionOptions=Latest&isSystem=false", "Alfa 1|Beta 100% 1|Gamma 2|Pendokumentasian 1")]
    [InlineData("?versionOptions=Latest&OrderBy=Name&OrderDirection=Descending", "Pendokumentasian 1|Gamma 2|Beta 100% 1|Alfa 1")]
    [InlineData("?versionOptions=Latest&OrderBy=Created&OrderDirection=Ascending", "Pendokumentasian 1|Alfa 1|Beta 100% 1|Gamma 2")]
    [InlineData("?versionOptions=Published", "Pendokumentasian 1")]
    [InlineData("?versionOptions=LatestOrPublished&SearchTerm=gam", "Gamma 2")]
    [InlineData("?versionOptions=AllVersions&SearchTerm=GAMMA&OrderBy=Version", "Gamma 2|Gamma 1")]
    [InlineData("?versionOptions=1&SearchTerm=gamma", "Gamma 1")]
    [InlineData("?versionOptions=&SearchTerm=keterangan%20gamma", "Gamma 1|Gamma 2")]
    [InlineData("?versionOptions=Latest&SearchTerm=100%25", "Beta 100% 1")]
    [InlineData("?versionOptions=Latest&SearchTerm=%25", "Beta 100% 1")]
    [InlineData("?versionOptions=Latest&SearchTerm=_", "")]
    [InlineData("?versionOptions=Latest&SearchTerm=dikecualikan", "Pendokumentasian 1")]
    [InlineData("?versionOptions=Latest&IsSystem=True", "")]
    [InlineData("?versionOptions=Latest&Page=1&PageSize=2", "Gamma 2|Pendokumentasian 1", 4)]
    [InlineData("?versionOptions=Latest&Page=9&PageSize=2", "", 4)]
    [InlineData("?VERSIONOPTIONS=latest&definitionids=pendokumentasian-informasi-dikecualikan&DefinitionIds={Alfa}", "Alfa 1|Pendokumentasian 1")]
    [InlineData("?versionOptions=&Ids={id:Alfa}&Ids={id:Gamma}", "Alfa 1|Gamma 1")]
    [InlineData("?versionOptions=&Ids=tidak-ada", "")]
    public async Task Lists_what_is_asked_for(string query, string expected, int? total = null)
    {
        foreach (var (name, definition) in _byName)
            query = query.Replace($"{{id:{name}}}", definition["id"]!.ToString(), StringComparison.Ordinal)
                .Replace($"{{{name}}}", definition["definitionId"]!.ToString(), StringComparison.Ordinal);

        // Stable where two rows of one name meet: the higher version is not promised a place, so both orders are sorted away there.
        var list = await StudioClient.BodyAsync(await _studio.GetAsync($"/Workflow-Definitions{query}"));
        var shown = list["items"]!.AsArray().Select(i => $"{Short(i!["name"]!.ToString())} {i["version"]}").ToArray();

        var wanted = expected.Split('|', StringSplitOptions.RemoveEmptyEntries);
        if (query.Contains("Order", StringComparison.Ordinal) || !query.Contains("versionOptions=&", StringComparison.Ordinal))
            Assert.Equal(wanted, shown);
        else
            Assert.Equal(wanted.Order(), shown.Order());
        Assert.Equal(total ?? wanted.Length, list["totalCount"]!.GetValue<int>());

        static string Short(string name) => name.StartsWith("Pendok", StringComparison.Ordinal) ? "Pendokumentasian" : name;
    }

    [Theory]
    [InlineData("?versionOptions=Terbaru")]
    [InlineData("?versionOptions=-1")]
    [InlineData("?versionOptions=Latest&page=satu")]
    [InlineData("?versionOptions=Latest&pageSize=-5")]
    [InlineData("?versionOptions=Latest&page=99999999999999999999")]
    [InlineData("?versionOptions=Latest&orderBy=Warna")]
    [InlineData("?versionOptions=Latest&orderBy=7")]
    [InlineData("?versionOptions=Latest&orderDirection=Sideways")]
    public async Task What_cannot_be_read_is_400(string query)
    {
        using var answer = await _studio.GetAsync($"/workflow-definitions{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        await answer.CodeAsync();
    }

    [Fact]
    public async Task A_name_is_unique_among_the_latest_versions_of_others()
    {
        async Task<bool> IsUniqueAsync(string query) => (await StudioClient.BodyAsync(
            await _studio.GetAsync($"/workflow-definitions/validation/is-name-unique?{query}")))["isUnique"]!.GetValue<bool>();

        Assert.False(await IsUniqueAsync("name=alfa"));
        Assert.False(await IsUniqueAsync("name=%20Alfa%20"));
        Assert.True(await IsUniqueAsync("name=Alfa%201"));
        Assert.True(await IsUniqueAsync($"name=Alfa&definitionId={_byName["Alfa"]["definitionId"]}"));
        Assert.Equal(4, (await StudioClient.BodyAsync(await _studio.GetAsync("/workflow-definitions/query/count")))["count"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_version_in_force_is_published_the_highest_is_latest()
    {
        var open = await _studio.OpenAsync(Sop);
        var versions = await StudioClient.BodyAsync(await _studio.GetAsync($"/workflow-definitions/{_byName["Gamma"]["definitionId"]}/versions"));

        Assert.True(open["isPublished"]!.GetValue<bool>() && open["isLatest"]!.GetValue<bool>());
        Assert.Equal([(2, true, false), (1, false, false)], versions.AsArray().Select(v =>
            (v!["version"]!.GetValue<int>(), v["isLatest"]!.GetValue<bool>(), v["isPublished"]!.GetValue<bool>())));
    }
}
