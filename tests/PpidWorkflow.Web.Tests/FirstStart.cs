using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace PpidWorkflow.Web.Tests;

/// <summary>
/// The database as a first start leaves it: migrated, with roles, the delivered SOP and the demo officers, before anything runs. Made once by a
/// real first start; every other <see cref="TestService"/> begins on a copy and finds nothing left to do.
/// </summary>
internal static class FirstStart
{
    private const string Name = "ppid.db";

    private static readonly Lazy<byte[]> Database = new(Make);

    public static void CopyTo(string dataPath) => File.WriteAllBytes(Path.Combine(dataPath, Name), Database.Value);

    private static byte[] Make()
    {
        var folder = Directory.CreateTempSubdirectory("ppid-first-").FullName;
        try
        {
            var copy = Path.Combine(folder, Name);
            using (var service = new Seeding(copy))
                _ = service.Server;
            return File.ReadAllBytes(copy);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Seeding(string copy) : TestService
    {
        protected override bool BeginsOnACopy => false;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            // First of all that runs: neither Hangfire nor a sweep has written anything yet.
            builder.ConfigureTestServices(services => services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(new Copying(DataPath, copy))));
        }
    }

    private sealed class Copying(string dataPath, string copy) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await using var database = new SqliteConnection($"Data Source={Path.Combine(dataPath, Name)};Pooling=False");
            await database.OpenAsync(cancellationToken);
            await using var command = database.CreateCommand();
            command.CommandText = "VACUUM INTO $copy";
            command.Parameters.AddWithValue("$copy", copy);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
