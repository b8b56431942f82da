using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Jobs;

namespace PpidWorkflow.Application.Tests.Scenarios;

public class HousekeepingTests
{
    [Fact]
    public async Task Cut_off_uploads_are_swept_from_the_vault_and_nothing_else()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var prepare = await office.WalkToAsync(opened.Id, "2");
        var kept = (await office.UploadAsync(prepare, Office.InformationOfficer, "berkas.pdf", "isi")).Value;
        var (recorded, orphan, unfinished, uploading, foreign) = await office.AskAsync<DossierVault, (string, string, string, string, string)>(vault =>
            Task.FromResult((
                vault.PathOf(kept.Id), vault.PathOf(Guid.CreateVersion7()), vault.PathOf(Guid.CreateVersion7()) + ".part",
                vault.PathOf(Guid.CreateVersion7()) + ".part", Path.Combine(vault.Root, "catatan.txt"))));
        foreach (var path in (string[])[orphan, unfinished, uploading, foreign])
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, "isi");
        }
        foreach (var path in (string[])[recorded, orphan, unfinished, foreign])
            File.SetLastWriteTimeUtc(path, office.Time.GetUtcNow().UtcDateTime.AddHours(-25));
        File.SetLastWriteTimeUtc(uploading, office.Time.GetUtcNow().UtcDateTime.AddHours(-1));

        await office.AskAsync<HousekeepingJob, bool>(async job =>
        {
            await job.RunAsync(CancellationToken.None);
            return true;
        });

        Assert.Equal(
            [true, true, false, true, true], ((string[])[recorded, orphan, unfinished, uploading, foreign]).Select(File.Exists));
        Assert.Empty(await office.ViolatedAsync());
    }
}
