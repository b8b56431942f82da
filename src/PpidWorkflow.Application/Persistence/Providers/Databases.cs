using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>Chooses the database (<c>Database:Provider</c>, <c>ConnectionStrings:Ppid</c>). A new provider is a file beside this one and a line here.</summary>
public static class Databases
{
    /// <summary>Values of <c>Database:Provider</c>.</summary>
    public static IReadOnlyList<string> Known { get; } = [SqliteStore.Name];

    public static IServiceCollection AddPpidDatabase(this IServiceCollection services)
    {
        services.AddDbContextPool<PpidDbContext, SqlitePpidDbContext>((provider, builder) =>
        {
            var given = provider.GetRequiredService<IConfiguration>().GetConnectionString("Ppid");
            SqliteStore.Use(builder, string.IsNullOrWhiteSpace(given)
                ? SqliteStore.DefaultConnectionString(Path.GetFullPath(provider.GetRequiredService<IOptions<StorageOptions>>().Value.DataPath))
                : given);
        });
        services.AddSingleton(_ => new WriteGate(oneWriter: true));
        services.AddScoped<SchemaUpgrade>();
        return services;
    }
}
