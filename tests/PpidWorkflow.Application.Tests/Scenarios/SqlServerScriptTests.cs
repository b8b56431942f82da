using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.SqlServer.Dac;
using Microsoft.SqlServer.Dac.Model;
using PpidWorkflow.Application.Persistence.Providers;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>
/// SQL Server's scripts held against SQL Server's own grammar and model of meaning (DacFx), where no server can be had: every table, column, key
/// and index that one names must be there and be of a type that fits.
/// </summary>
public sealed partial class SqlServerScriptTests
{
    [Fact]
    public async Task The_tables_of_the_migrations_mean_something_to_SQL_Server()
    {
        await using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        var migrator = db.GetService<IMigrator>();

        var tables = Tables(migrator.GenerateScript());

        Assert.True(tables.Count(t => t.StartsWith("CREATE TABLE", StringComparison.Ordinal)) >= db.Model.GetEntityTypes().Count());
        Assert.Empty(Faults(tables));
    }

    [Fact]
    public void What_is_written_by_hand_means_something_to_SQL_Server() =>
        Assert.Empty(Faults([$"CREATE PROCEDURE Allow AS BEGIN {SqlServerStore.AllowSnapshots} END"]));

    /// <summary>The check itself: a faulty script is named.</summary>
    [Theory]
    [InlineData("CREATE TABLE A (Id int NOT NULL); CREATE INDEX I ON A (Nowhere);")]
    [InlineData("CREATE TABLE A (Id int NOT NULL, B int NOT NULL REFERENCES Nowhere (Id));")]
    [InlineData("CREATE TABLE A (Id text48 NOT NULL);")]
    public void A_faulty_script_is_seen(string script) => Assert.NotEmpty(Faults([script]));

    private static List<string> Faults(IEnumerable<string> statements)
    {
        using var model = new TSqlModel(SqlServerVersion.Sql150, new TSqlModelOptions());
        var faults = new List<string>();
        foreach (var statement in statements)
        {
            try
            {
                model.AddObjects(statement);
            }
            catch (DacModelException refused)
            {
                faults.Add(refused.Message);
            }
        }
        faults.AddRange(model.Validate().Where(m => m.MessageType == DacMessageType.Error).Select(m => m.Message));
        return faults;
    }

    // What only moves rows or settings (and EF Core's own table of migrations) is no object of the model. The model knows no change: an index
    // that a later migration drops must have been made by an earlier one, and is taken out with it; a column that one adds is put in.
    private static List<string> Tables(string script)
    {
        var tables = new List<string>();
        foreach (var statement in script.Split([";\n", ";\r\n", "\nGO"], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (DroppedIndex().Match(statement) is { Success: true } drop)
                Assert.Equal(1, tables.RemoveAll(t => t.Contains($"INDEX {drop.Groups["index"]} ON {drop.Groups["table"]} (", StringComparison.Ordinal)));
            else if (NewColumn().Match(statement) is { Success: true } added)
            {
                var head = $"CREATE TABLE {added.Groups["table"]} (";
                var table = tables.FindIndex(t => t.StartsWith(head, StringComparison.Ordinal));
                tables[table] = $"{head} {added.Groups["column"]},{tables[table][head.Length..]}";
            }
            else if (statement.StartsWith("CREATE ", StringComparison.Ordinal) || statement.StartsWith("ALTER TABLE", StringComparison.Ordinal))
                tables.Add(statement);
        }
        return tables;
    }

    [GeneratedRegex(@"^ALTER TABLE (?<table>\[\w+\]) ADD (?<column>\[\w+\] .+)$")]
    private static partial Regex NewColumn();

    [GeneratedRegex(@"^DROP INDEX (?<index>\[\w+\]) ON (?<table>\[\w+\])")]
    private static partial Regex DroppedIndex();
}
