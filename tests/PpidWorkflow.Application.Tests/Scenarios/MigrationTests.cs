using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Tests.Scenarios;

public class MigrationTests
{
    public static TheoryData<string> Providers => [.. Databases.Known];

    /// <summary>dev/add-migration.sh was run: the migrations make exactly the tables that the model describes.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task The_migrations_say_what_the_model_says(string provider)
    {
        await using var db = Open(provider);

        Assert.False(db.Database.HasPendingModelChanges());
        Assert.NotEmpty(db.Database.GetMigrations());
    }

    /// <summary>dev/compile-model.sh was run: the service starts with the model that the context would make.</summary>
    [Theory]
    [InlineData(Databases.Sqlite)]
    [InlineData(Databases.PostgreSql)]
    public async Task The_compiled_model_says_what_the_context_says(string provider)
    {
        await using var db = Open(provider);

        var made = db.GetService<IModelSource>().GetModel(db, db.GetService<ModelCreationDependencies>(), designTime: false);

        Assert.NotSame(made, db.Model);
        Assert.Equal(
            made.ToDebugString(MetadataDebugStringOptions.LongDefault), db.Model.ToDebugString(MetadataDebugStringOptions.LongDefault));
    }

    /// <summary>Instants are whole milliseconds in UTC; a server must not read them as somebody's local time.</summary>
    [Fact]
    public async Task Every_instant_on_PostgreSQL_carries_its_zone()
    {
        await using var db = Open(Databases.PostgreSql);

        var instants = db.Model.GetEntityTypes().SelectMany(e => e.GetProperties())
            .Where(p => p.ClrType == typeof(DateTimeOffset) || p.ClrType == typeof(DateTimeOffset?)).ToList();

        Assert.NotEmpty(instants);
        Assert.All(instants, p => Assert.Equal("timestamp with time zone", p.GetColumnType()));
    }

    private static PpidDbContext Open(string provider) => provider switch
    {
        Databases.Sqlite => new SqliteDesignTimeFactory().CreateDbContext([]),
        Databases.PostgreSql => new PostgreSqlDesignTimeFactory().CreateDbContext([]),
        Databases.SqlServer => new SqlServerDesignTimeFactory().CreateDbContext([]),
        _ => throw new NotSupportedException($"No context for {provider}.")
    };
}
