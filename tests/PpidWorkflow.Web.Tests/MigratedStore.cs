using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Tests;

/// <summary>
/// A database of SQLite with all its tables and not a row. Services that tests start in processes of their own begin on a copy and seed it
/// themselves: applying all migrations one by one was a third of each first start. The migrations have tests of their own.
/// </summary>
internal static class MigratedStore
{
    private const string Name = "ppid.db";

    private static readonly Lazy<byte[]> Database = new(Make);

    public static void CopyTo(string dataPath)
    {
        DataFolder.CreatePrivate(dataPath);
        File.WriteAllBytes(Path.Combine(dataPath, Name), Database.Value);
    }

    private static byte[] Make()
    {
        var folder = Directory.CreateTempSubdirectory("ppid-migrated-").FullName;
        try
        {
            var copy = Path.Combine(folder, "copy.db");
            using (var beside = ServiceHost.Build(
                ["--environment=Development", "--applicationName=PpidWorkflow.Web", $"--Storage:DataPath={folder}"], serves: false))
            using (var scope = beside.Services.CreateScope())
            {
                var database = scope.ServiceProvider.GetRequiredService<PpidDbContext>().Database;
                database.Migrate();
                database.ExecuteSql($"VACUUM INTO {copy}");
            }
            SqliteConnection.ClearAllPools();
            return File.ReadAllBytes(copy);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
