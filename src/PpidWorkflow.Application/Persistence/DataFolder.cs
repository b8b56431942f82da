namespace PpidWorkflow.Application.Persistence;

/// <summary>Folders that hold keys, softcopies or the database: for their owner alone.</summary>
public static class DataFolder
{
    /// <summary>Does nothing where it is there already.</summary>
    public static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
