using Microsoft.Extensions.Options;
using PpidWorkflow.Application;

namespace PpidWorkflow.Web.Hosting;

/// <summary>
/// Where the token of the first administrator lies while nobody sits before the console: in the data folder, for the service's user alone (mode
/// 0600), until the administrator is there. A journal or a container's log is kept, shipped and read by others.
/// </summary>
public sealed class SetupTokenFile(IOptions<StorageOptions> storage)
{
    public string Path => System.IO.Path.Combine(storage.Value.DataPath, "setup-token");

    /// <summary>Takes the place of an earlier one, which is void.</summary>
    public async Task WriteAsync(string token, CancellationToken cancellation = default)
    {
        // Made anew: one that lies there keeps whatever mode somebody gave it.
        File.Delete(Path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var file = new StreamWriter(Path, options);
        await file.WriteLineAsync(token.AsMemory(), cancellation);
    }

    /// <summary>The token in it can no longer be used.</summary>
    public void Delete() => File.Delete(Path);
}
