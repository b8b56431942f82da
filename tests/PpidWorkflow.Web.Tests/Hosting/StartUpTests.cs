using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Web.Tests.Hosting;

public sealed class StartUpTests(TestService development) : IClassFixture<TestService>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ppid-start-").FullName;

    [Fact]
    public async Task Production_has_no_demo_officers_and_its_first_administrator_comes_by_token()
    {
        using var service = new ProductionService();
        var needed = await service.InScopeAsync((FirstSetup setup) => setup.IsNeededAsync());
        var void1 = await service.InScopeAsync((FirstSetup setup) => setup.IssueTokenAsync());
        var token = await service.InScopeAsync((FirstSetup setup) => setup.IssueTokenAsync());
        var form = new OfficerForm { UserName = "kepala.ti", DisplayName = "Kepala TI", Email = "ti@ppid.example" };

        var outdated = await service.InScopeAsync((FirstSetup setup) => setup.CreateAdministratorAsync(void1, form, "kata-sandi-baru-1"));
        var weak = await service.InScopeAsync((FirstSetup setup) => setup.CreateAdministratorAsync(token, form, "pendek"));
        var created = await service.InScopeAsync((FirstSetup setup) => setup.CreateAdministratorAsync(token, form, "kata-sandi-baru-1"));
        var again = await service.InScopeAsync((FirstSetup setup) => setup.CreateAdministratorAsync(token, form, "kata-sandi-baru-1"));

        Assert.True(needed);
        Assert.Equal("setup-token-invalid", outdated.Problems[0].Code);
        Assert.Equal("password-too-weak", weak.Problems[0].Code);
        Assert.Equal([Roles.Admin], created.Value.Roles);
        Assert.Equal("setup-not-needed", again.Problems[0].Code);
        using var client = await service.ApiClientAsync("kepala.ti", "kata-sandi-baru-1");
        Assert.False(await service.OfDatabaseAsync(db => db.ServiceFacts.AnyAsync(f => f.Name == "first-setup-token")));
    }

    [Fact]
    public async Task Development_has_demo_officers_with_supervisors_and_the_roles_of_the_SOP()
    {
        var officers = await development.InScopeAsync((OfficerRegister register) => register.ListAsync());
        var roles = await development.InScopeAsync((OfficerRegister register) => register.RolesAsync());

        Assert.Equal(8, officers.Count);
        Assert.Equal("kasubid.informasi", officers.Single(o => o.UserName == "petugas.informasi").SupervisorUserName);
        Assert.Equal("kepala.biro", officers.Single(o => o.UserName == "kasubid.dokumentasi").SupervisorUserName);
        Assert.Contains(roles, r => r is { Code: Roles.InformationOfficer, DisplayName: "Petugas Pengelolaan Informasi" });
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/health/guarantees")]
    public async Task Health_is_open_to_monitors(string path)
    {
        using var client = development.CreateClient();

        Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_a_sentence_and_exit_code_1()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");

        var (code, _, error) = await RunAsync($"--Storage:DataPath={file}");

        Assert.Equal(1, code);
        Assert.Contains("Storage:DataPath", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_left_alone()
    {
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "ppid.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText =
                """
                CREATE TABLE "__EFMigrationsHistory" ("MigrationId" TEXT NOT NULL PRIMARY KEY, "ProductVersion" TEXT NOT NULL);
                INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_FromTheFuture', '99.0.0');
                """;
            await command.ExecuteNonQueryAsync();
        }

        var (code, _, error) = await RunAsync($"--Storage:DataPath={_folder}");

        Assert.Equal(1, code);
        Assert.Contains("29990101000000_FromTheFuture", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_a_sentence_and_exit_code_1()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "ppid.db"), new string('x', 8192));

        var (code, _, error) = await RunAsync($"--Storage:DataPath={_folder}");

        Assert.Equal(1, code);
        Assert.Contains("ConnectionStrings:Ppid", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_settings_are_all_told_at_once_by_their_keys()
    {
        var (code, _, error) = await RunAsync(
            $"--Storage:DataPath={_folder}", "--Office:TimeZone=Mars/Olympus", "--Office:Calendar=Sometimes", "--Database:Provider=Paper",
            "--Mail:Delivery=Smtp", "--Mail:Smtp:Security=Maybe", "--Storage:MaxUploadMB=0", "--Definitions:SeedMode=Never");

        Assert.Equal(1, code);
        foreach (var key in (string[])["Office:TimeZone", "Office:Calendar", "Database:Provider", "Mail:Smtp:Security",
            "Storage:MaxUploadMB",
            "Definitions:SeedMode"])
            Assert.Contains(key, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Host=localhost")]
    [InlineData("Data Source=ppid.db")]
    public async Task PostgreSQL_without_a_server_and_a_database_is_told_by_the_key(string connection)
    {
        var (code, _, error) = await RunAsync(
            $"--Storage:DataPath={_folder}", "--Database:Provider=PostgreSQL", $"--ConnectionStrings:Ppid={connection}");

        Assert.Equal(1, code);
        Assert.Contains("ConnectionStrings:Ppid", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_a_sentence_and_exit_code_1()
    {
        var (code, _, error) = await RunAsync(
            $"--Storage:DataPath={_folder}", "--Database:Provider=PostgreSql", $"--ConnectionStrings:Ppid=Host={_folder};Database=ppid;Username=x");

        Assert.Equal(1, code);
        Assert.Contains("ConnectionStrings:Ppid", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_of_the_wrong_type_is_told_by_its_key()
    {
        var (code, _, error) = await RunAsync($"--Storage:DataPath={_folder}", "--Storage:MaxUploadMB=many");

        Assert.Equal(1, code);
        Assert.Contains("Storage:MaxUploadMB", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_seeded_definition_validates_and_a_broken_one_does_not()
    {
        var broken = Path.Combine(_folder, "broken.json");
        await File.WriteAllTextAsync(broken, "{}");
        var seeded = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "workflows"), "definition.json",
            SearchOption.AllDirectories).First();

        var good = await RunAsync("validate", seeded, "--json");
        var bad = await RunAsync("validate", broken, "--json");

        Assert.Equal(0, good.Code);
        Assert.StartsWith("""{"ok":true""", good.Output, StringComparison.Ordinal);
        Assert.Equal(1, bad.Code);
        Assert.StartsWith("""{"ok":false""", bad.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    public async Task Asked_for_help_it_says_what_it_can_do_and_serves_nothing(string asked)
    {
        var (code, output, _) = await RunAsync(asked);

        Assert.Equal(0, code);
        Assert.Contains("bench start", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbs_that_look_do_not_make_a_database_and_unknown_ones_print_the_usage()
    {
        var verify = await RunAsync("verify", $"--Storage:DataPath={_folder}");
        var unknown = await RunAsync("dance");

        Assert.Equal(1, verify.Code);
        Assert.DoesNotContain("   at ", verify.Error, StringComparison.Ordinal);
        Assert.Equal(1, unknown.Code);
        Assert.Contains("verify", unknown.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "PpidWorkflow.Web.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return (process.ExitCode, await output, await error);
    }
}
