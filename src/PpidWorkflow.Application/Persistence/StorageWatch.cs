using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Archive;

namespace PpidWorkflow.Application.Persistence;

/// <summary>
/// Whether the disk under this process takes what is written. Asks nothing until a commit or a softcopy was refused; from then on each heartbeat
/// first tries it with a file, and there is none while it fails: officers whose work is refused are credited that time, although a row of
/// a few bytes would still find room. One state per process.
/// </summary>
public sealed class StorageWatch(IOptions<StorageOptions> storage)
{
    /// <summary>About what a step and its share of the log need.</summary>
    private const int ProbeBytes = 256 * 1024;

    private volatile bool _doubtful;

    /// <summary>The last try failed: this process can store nothing.</summary>
    public bool IsRefusing { get; private set; }

    /// <summary>A commit or a softcopy was refused for want of the store.</summary>
    public void Refused() => _doubtful = true;

    /// <summary>True: nothing was refused since the last try, or a file of <see cref="ProbeBytes"/> reaches the disk beside database and vault.</summary>
    public bool Holds()
    {
        if (!_doubtful)
            return true;
        var data = storage.Value.DataPath;
        // A refusal while it is tried is tried again next time.
        _doubtful = false;
        IsRefusing = !(Takes(data) && Takes(DossierVault.FolderIn(data)));
        _doubtful |= IsRefusing;
        return !IsRefusing;
    }

    private static bool Takes(string folder)
    {
        // Nothing was ever kept there.
        if (!Directory.Exists(folder))
            return true;
        // The same name each time: a process killed here leaves one.
        var path = Path.Combine(folder, $".writable-{Environment.MachineName}-{Environment.ProcessId}");
        try
        {
            using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(new byte[ProbeBytes]);
                file.Flush(flushToDisk: true);
            }
            File.Delete(path);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Remains.Delete(path);
            return false;
        }
    }
}

/// <summary>What a failed write has left.</summary>
internal static class Remains
{
    /// <summary>Deletes a file if it is there and the disk lets us; the failure that brought us here is the one to tell.</summary>
    public static bool Delete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
