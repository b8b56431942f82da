using System.Net;
using System.Text.Json;
using PpidWorkflow.Web.Tests.Processes;

namespace PpidWorkflow.Web.Tests.Faults;

/// <summary>
/// The disk is full, read-only, broken or slow under the real service (issue 5): refusals with a sentence, nothing half written, nothing that was
/// answered lost, and the service goes on by itself when the disk is well again. Real file systems in a mount namespace (<see cref="MountSpace"/>).
/// </summary>
[Collection("Processes")]
public sealed class DiskFaultTests(SmallDisk disk) : IClassFixture<SmallDisk>
{
    private static readonly byte[] LargeFile = [.. "%PDF-1.7\n"u8, .. new byte[3 << 20]];

    [Fact]
    public async Task A_full_disk_refuses_with_a_sentence_loses_nothing_and_is_credited()
    {
        var (space, service) = disk.Require();
        using var office = new OfficeClient(service);
        var (walk, task, browser, page) = await AtStepTwoAsync(service, office, "188.44/1/2026");
        using var _ = browser;
        var kept = (await office.UploadAsync(OfficeClient.InformationOfficer, task, "ada.pdf", walk.Softcopy)).Require(HttpStatusCode.Created);
        // Read once: its name is then a word of the log's, and the token is at hand.
        (await office.GetAsync(OfficeClient.InformationHead, $"/api/v1/cases/{walk.Id}")).Require(HttpStatusCode.OK);

        await space.FillAsync(service.DataPath);

        Browser.AssertUnavailable(await office.UploadAsync(OfficeClient.InformationOfficer, task, "besar.pdf", LargeFile, "unggah-besar"));
        // The log has room in front of its end; somewhere it stops.
        var answers = new List<Answer>();
        await RunningService.UntilAsync(async () =>
        {
            answers.Add(await office.PostAsync(
                OfficeClient.InformationHead, "/api/v1/cases", CaseWalk.NewCase($"188.44/P{answers.Count}/2026", "penuh"), $"penuh-{answers.Count}"));
            return !answers[^1].IsSuccess;
        }, "a step is refused");
        Browser.AssertUnavailable(answers[^1]);
        var opened = answers.Count - 1;
        var stopped = DateTimeOffset.UtcNow;
        using (var form = Browser.FileForm(page, "besar.pdf", LargeFile, ("do", "upload")))
        using (var refused = await browser.PostAsync($"/tasks/{task}", form))
            await Browser.AssertUnavailablePageAsync(refused);
        // A step of a few bytes may still find room in front of the log's end: done whole, or refused with the sentence.
        using (var small = await browser.PostAsync($"/tasks/{task}", Browser.Form(page, ("do", "start"))))
        {
            if (small.StatusCode != HttpStatusCode.Redirect)
                await Browser.AssertUnavailablePageAsync(small);
        }
        // What is there can be read on.
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"/tasks/{task}")).StatusCode);
        (await office.GetAsync(OfficeClient.InformationHead, $"/api/v1/cases/{walk.Id}")).Require(HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/health/live")).StatusCode);
        await RunningService.UntilAsync(
            async () => (await browser.GetAsync("/health/ready")).StatusCode == HttpStatusCode.ServiceUnavailable, "monitors are told", TimeSpan.FromSeconds(20));
        await RunningService.UntilAsync(() => Task.FromResult(DateTimeOffset.UtcNow > stopped.AddSeconds(8)), "the gap of an outage has passed");
        await space.EmptyAsync(service.DataPath);

        // The same orders again, by their keys.
        await RunningService.UntilAsync(
            async () => (await browser.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "it is ready again", TimeSpan.FromSeconds(30));
        (await office.UploadAsync(OfficeClient.InformationOfficer, task, "besar.pdf", LargeFile, "unggah-besar")).Require(HttpStatusCode.Created);
        for (var n = 0; n < answers.Count; n++)
        {
            var again = (await office.PostAsync(
                OfficeClient.InformationHead, "/api/v1/cases", CaseWalk.NewCase($"188.44/P{n}/2026", "penuh"), $"penuh-{n}")).Require(HttpStatusCode.Created);
            if (n < opened)
                Assert.Equal(answers[n], again);
        }
        await AssertOutageAsync(office, stopped);
        await AssertSoundAsync(service, space, office, walk, files: 2);
    }

    [Fact]
    public async Task A_vault_that_became_read_only_refuses_softcopies_alone_and_the_time_is_credited()
    {
        var (space, service) = disk.Require();
        using var office = new OfficeClient(service);
        var (walk, task, browser, page) = await AtStepTwoAsync(service, office, "188.44/2/2026");
        using var _ = browser;
        var kept = (await office.UploadAsync(OfficeClient.InformationOfficer, task, "ada.pdf", walk.Softcopy)).Require(HttpStatusCode.Created);
        var vault = Path.Combine(service.DataPath, "vault");

        await space.RunAsync($"mount --bind {vault} {vault} && mount -o remount,bind,ro {vault}");
        var broken = DateTimeOffset.UtcNow;

        Browser.AssertUnavailable(await office.UploadAsync(OfficeClient.InformationOfficer, task, "kedua.pdf", walk.Softcopy, "unggah-kedua"));
        using (var form = Browser.FileForm(page, "kedua.pdf", walk.Softcopy, ("do", "upload")))
        using (var refused = await browser.PostAsync($"/tasks/{task}", form))
            await Browser.AssertUnavailablePageAsync(refused);
        // Who needs no softcopy works on, and what lies there is read.
        (await office.PostAsync(OfficeClient.InformationHead, "/api/v1/cases", CaseWalk.NewCase("188.44/L/2026", "lain"))).Require(HttpStatusCode.Created);
        Assert.Equal(walk.Softcopy, (await office.DownloadAsync(OfficeClient.InformationOfficer, $"/api/v1/files/{kept.Id}")).Content);
        await RunningService.UntilAsync(
            async () => await (await browser.GetAsync("/health/ready")).Content.ReadAsStringAsync() == """{"status":"not-ready","reason":"store-unavailable"}""",
            "monitors are told", TimeSpan.FromSeconds(20));
        await RunningService.UntilAsync(() => Task.FromResult(DateTimeOffset.UtcNow > broken.AddSeconds(9)), "the gap of an outage has passed");
        await space.RunAsync($"umount {vault}");

        await RunningService.UntilAsync(
            async () => (await browser.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "it is ready again", TimeSpan.FromSeconds(30));
        (await office.UploadAsync(OfficeClient.InformationOfficer, task, "kedua.pdf", walk.Softcopy, "unggah-kedua")).Require(HttpStatusCode.Created);
        await AssertOutageAsync(office, broken);
        await AssertSoundAsync(service, space, office, walk, files: 2);
    }

    [Fact]
    public async Task A_file_system_that_broke_under_the_service_is_read_on_refuses_and_is_whole_after_its_repair()
    {
        Assert.SkipUnless(MountSpace.IsRoot, "Needs root: a file system of its own on a loop device, broken by the kernel.");
        await using var space = await MountSpace.OpenAsync();
        var folder = Directory.CreateTempSubdirectory("ppid-loop-").FullName;
        var image = Path.Combine(folder, "disk.img");
        await using var service = new RunningService { Within = space.Enter };
        try
        {
            Directory.CreateDirectory(service.DataPath);
            var (code, _, error) = await space.TryAsync(
                $"truncate -s 64m {image} && mkfs.ext4 -q -F {image} && mount -o loop,errors=remount-ro {image} {service.DataPath}");
            Assert.SkipUnless(code == 0, $"No ext4 on a loop device here: {error}");
            using var office = new OfficeClient(service);
            await service.StartAsync();
            var walk = await new CaseWalk(office, "188.44/1/2026").OpenAsync();
            var task = (await walk.WalkToAsync("2")).GetProperty("id").GetGuid();
            using var browser = await Browser.SignInAsync(service, OfficeClient.InformationOfficer);
            var page = await browser.GetStringAsync($"/tasks/{task}");
            var kept = (await office.UploadAsync(OfficeClient.InformationOfficer, task, "ada.pdf", walk.Softcopy)).Require(HttpStatusCode.Created);

            (code, _, error) = await space.TryAsync($"echo 1 > /sys/fs/ext4/$(basename $(findmnt -no SOURCE {service.DataPath}))/trigger_fs_error");
            Assert.SkipUnless(code == 0, $"The kernel breaks no file system here: {error}");

            Browser.AssertUnavailable(await office.UploadAsync(OfficeClient.InformationOfficer, task, "kedua.pdf", walk.Softcopy));
            Browser.AssertUnavailable(await office.PostAsync(OfficeClient.InformationHead, "/api/v1/cases", CaseWalk.NewCase("188.44/2/2026", "lain"), "buka"));
            using (var refused = await browser.PostAsync($"/tasks/{task}", Browser.Form(page, ("do", "start"))))
                await Browser.AssertUnavailablePageAsync(refused);
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"/tasks/{task}")).StatusCode);
            // Read again, it needs no commit; opened, it would have to be logged.
            Browser.AssertUnavailable(await office.GetAsync(OfficeClient.InformationOfficer, $"/api/v1/files/{kept.Id}"));
            using (var refused = await browser.GetAsync($"/files/{kept.Id}"))
                await Browser.AssertUnavailablePageAsync(refused);
            await service.KillAsync();

            var (restart, output) = await service.RunVerbAsync("--urls", "http://127.0.0.1:0");
            Assert.True(restart == 1, output);
            Assert.Contains("tidak dapat ditulisi", output, StringComparison.Ordinal);
            await space.RunAsync($"umount {service.DataPath}; e2fsck -fy {image} >/dev/null 2>&1; [ $? -lt 4 ] && mount -o loop {image} {service.DataPath}");
            await service.StartAsync();

            (await office.PostAsync(OfficeClient.InformationHead, "/api/v1/cases", CaseWalk.NewCase("188.44/2/2026", "lain"), "buka")).Require(HttpStatusCode.Created);
            await AssertSoundAsync(service, space, office, walk, files: 1);
        }
        finally
        {
            await service.KillAsync();
            await space.TryAsync($"umount {service.DataPath}");
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_read_only_data_folder_is_refused_at_the_start_in_one_sentence()
    {
        await using var space = await MountSpace.OpenAsync();
        await using var service = new RunningService { Within = space.Enter };
        Directory.CreateDirectory(service.DataPath);
        await space.RunAsync($"mount -t tmpfs -o ro,size=8m tmpfs {service.DataPath}");

        var (code, output) = await service.RunVerbAsync("--urls", "http://127.0.0.1:0");

        Assert.Equal(1, code);
        Assert.Contains("tidak dapat ditulisi", output, StringComparison.Ordinal);
        Assert.Contains("Storage:DataPath", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_only_the_folder_of_temporary_files_is_full_a_page_says_so_and_the_upload_comes_when_it_is_not()
    {
        var (space, service) = disk.Require();
        using var office = new OfficeClient(service);
        var (walk, task, browser, page) = await AtStepTwoAsync(service, office, "188.44/3/2026");
        using var _ = browser;
        var temporary = disk.Temporary;
        await space.FillAsync(temporary);

        using (var form = Browser.FileForm(page, "besar.pdf", LargeFile, ("do", "upload")))
        using (var refused = await browser.PostAsync($"/tasks/{task}", form))
            await Browser.AssertUnavailablePageAsync(refused);
        // The API streams into the vault.
        (await office.UploadAsync(OfficeClient.InformationOfficer, task, "api.pdf", LargeFile)).Require(HttpStatusCode.Created);
        await space.EmptyAsync(temporary);

        using (var form = Browser.FileForm(page, "besar.pdf", LargeFile, ("do", "upload")))
        using (var taken = await browser.PostAsync($"/tasks/{task}", form))
            Assert.Equal(HttpStatusCode.Redirect, taken.StatusCode);
        Assert.Empty(await space.FilesAsync(temporary));
        await AssertSoundAsync(service, space, office, walk, files: 2);
    }

    private static async Task AssertOutageAsync(OfficeClient office, DateTimeOffset during)
    {
        JsonElement outage = default;
        await RunningService.UntilAsync(async () =>
        {
            var outages = (await office.GetAsync("admin", "/api/v1/outages")).Require(HttpStatusCode.OK).Body.GetProperty("items").EnumerateArray().ToList();
            outage = outages.FirstOrDefault(o => o.GetProperty("kind").GetString() == "service" && o.GetProperty("to").GetDateTimeOffset() > during);
            return outage.ValueKind == JsonValueKind.Object;
        }, "the outage is written down", TimeSpan.FromSeconds(30));
        Assert.True(outage.GetProperty("from").GetDateTimeOffset() < during.AddSeconds(8), outage.GetRawText());
        Assert.True(outage.GetProperty("clocks").GetInt32() > 0, outage.GetRawText());
    }

    private static async Task<(CaseWalk Walk, Guid Task, HttpClient Browser, string Page)> AtStepTwoAsync(
        RunningService service, OfficeClient office, string determination)
    {
        var walk = await new CaseWalk(office, determination).OpenAsync();
        var task = (await walk.WalkToAsync("2")).GetProperty("id").GetGuid();
        var browser = await Browser.SignInAsync(service, OfficeClient.InformationOfficer);
        return (walk, task, browser, await browser.GetStringAsync($"/tasks/{task}"));
    }

    // Of the case every file that was answered for is whole, no part of another one lies about, it goes to its end, and verify agrees.
    private static async Task AssertSoundAsync(RunningService service, MountSpace space, OfficeClient office, CaseWalk walk, int files)
    {
        var record = (await office.CaseAsync(walk.Id)).GetProperty("files").EnumerateArray().ToList();
        Assert.Equal(files, record.Count);
        foreach (var file in record)
        {
            var (status, content) = await office.DownloadAsync(OfficeClient.InformationOfficer, $"/api/v1/files/{file.GetProperty("id").GetGuid()}");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal(file.GetProperty("size").GetInt64(), content.Length);
        }
        var known = (await office.GetAsync(OfficeClient.UnitHead, "/api/v1/cases?pageSize=100")).Require(HttpStatusCode.OK).Body.GetProperty("items")
            .EnumerateArray().Select(c => c.GetProperty("id").GetGuid()).ToList();
        var rows = 0;
        foreach (var id in known)
            rows += (await office.CaseAsync(id)).GetProperty("files").GetArrayLength();
        Assert.Equal(rows, (await space.FilesAsync(Path.Combine(service.DataPath, "vault"))).Count);
        await walk.FinishAsync();
        var verified = await service.VerifyAsync();
        Assert.True(verified.ExitCode == 0, verified.Output);
        Assert.DoesNotContain("   at PpidWorkflow", service.Output, StringComparison.Ordinal);
    }

}

/// <summary>The service with its data folder and its temporary files on file systems of 32 and 4 MB; six seconds without a heartbeat are an outage.</summary>
public sealed class SmallDisk : IAsyncLifetime
{
    private MountSpace? _space;
    private string? _reason;

    public RunningService Service { get; } = new();

    public string Temporary => Path.Combine(Service.Folder, "tmp");

    public async ValueTask InitializeAsync()
    {
        (_space, _reason) = await MountSpace.TryOpenAsync();
        if (_space is null)
            return;
        Service.Within = _space.Enter;
        Directory.CreateDirectory(Service.DataPath);
        Directory.CreateDirectory(Temporary);
        await _space.RunAsync($"mount -t tmpfs -o size=32m tmpfs {Service.DataPath} && mount -t tmpfs -o size=4m tmpfs {Temporary}");
        Service.Settings["ASPNETCORE_TEMP"] = Temporary;
        Service.Settings["Outages__BeatSeconds"] = "1";
        Service.Settings["Outages__GapSeconds"] = "6";
        SopVariant.Use(Service);
        await Service.StartAsync();
    }

    /// <summary>Skips the test where there are no small disks.</summary>
    internal (MountSpace Space, RunningService Service) Require()
    {
        Assert.SkipWhen(_space is null, _reason ?? "");
        return (_space!, Service);
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        if (_space is not null)
            await _space.DisposeAsync();
    }
}
