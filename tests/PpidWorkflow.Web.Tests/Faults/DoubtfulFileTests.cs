using PpidWorkflow.Application.Archive;

namespace PpidWorkflow.Web.Tests.Faults;

/// <summary>Files of the vault whose commit nobody could ask about (a database that went away in the midst of an upload).</summary>
public sealed class DoubtfulFileTests
{
    [Fact]
    public async Task A_marked_file_without_a_row_goes_and_one_without_a_mark_stays()
    {
        using var service = new TestService();
        var later = DateTimeOffset.UtcNow.AddHours(1);

        var (doubtful, strange, swept) = await service.InScopeAsync<DossierVault, (string, string, int)>(async vault =>
        {
            var paths = ((Guid[])[Guid.CreateVersion7(), Guid.CreateVersion7()]).Select(vault.PathOf).ToList();
            foreach (var path in paths)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllTextAsync(path, "isi");
            }
            await File.WriteAllBytesAsync(paths[0] + ".doubt", []);
            return (paths[0], paths[1], await vault.SweepAsync(later));
        });

        Assert.Equal(1, swept);
        Assert.False(File.Exists(doubtful));
        Assert.False(File.Exists(doubtful + ".doubt"));
        Assert.True(File.Exists(strange));
    }
}
