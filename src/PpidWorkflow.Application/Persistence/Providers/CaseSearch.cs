using Microsoft.EntityFrameworkCore;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// Finds cases by any part of their number or title without reading them all: on SQLite an FTS5 table of trigrams that a trigger fills, on
/// PostgreSQL trigram indexes (<c>pg_trgm</c>), where the server allows that extension. SQL Server, and a word of less than three letters, have no
/// such help. It narrows only: what matches is still for the caller to say.
/// </summary>
public static class CaseSearch
{
    private const int ShortestWord = 3;

    /// <summary>
    /// Makes the index and fills it where it is not there, after every migration and at every start: a migration that rebuilds the table of cases
    /// takes SQLite's trigger with it.
    /// </summary>
    public static async Task EnsureAsync(PpidDbContext db, CancellationToken cancellation = default)
    {
        if (db.Database.IsNpgsql())
            await db.Database.ExecuteSqlRawAsync(PostgreSql, cancellation);
        if (!db.Database.IsSqlite() || await ExistsAsync(db, "trigger", "CaseSearch_Added", cancellation))
            return;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlRawAsync(Sqlite, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Ids of all cases that may match.</summary>
    /// <param name="db">The database.</param>
    /// <param name="text">Part of a number or title.</param>
    /// <param name="most">If there are more, a walk from the newest on soon finds a page of them.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <returns>Null: more than <paramref name="most"/>, or nobody can tell.</returns>
    public static async Task<Guid[]?> CandidatesAsync(PpidDbContext db, string text, int most, CancellationToken cancellation)
    {
        if (text.EnumerateRunes().Count() < ShortestWord)
            return null;
        List<Guid> found;
        if (db.Database.IsNpgsql())
        {
            var pattern = $"%{text.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";
            found = await db.Cases.Where(c => EF.Functions.Like(PpidDbContext.Lower(c.Number), PpidDbContext.Lower(pattern), @"\")
                || EF.Functions.Like(PpidDbContext.Lower(c.Title), PpidDbContext.Lower(pattern), @"\")).Select(c => c.Id).Take(most + 1).ToListAsync(cancellation);
        }
        else if (db.Database.IsSqlite() && await ExistsAsync(db, "table", "CaseSearch", cancellation))
        {
            // One phrase, whatever it holds.
            var phrase = $"\"{text.Replace("\"", "\"\"")}\"";
            found = await db.Database.SqlQuery<Guid>($"SELECT \"CaseId\" AS \"Value\" FROM \"CaseSearch\" WHERE \"CaseSearch\" MATCH {phrase} LIMIT {most + 1}")
                .ToListAsync(cancellation);
        }
        else
        {
            return null;
        }
        return found.Count > most ? null : [.. found];
    }

    private static async Task<bool> ExistsAsync(PpidDbContext db, string kind, string name, CancellationToken cancellation) => await db.Database
        .SqlQuery<int>($"SELECT COUNT(*) AS \"Value\" FROM sqlite_master WHERE type = {kind} AND name = {name}").SingleAsync(cancellation) > 0;

    // Number and title of a case never change, and a case is never deleted.
    private const string Sqlite =
        """
        CREATE VIRTUAL TABLE IF NOT EXISTS "CaseSearch" USING fts5("Text", "CaseId" UNINDEXED, tokenize = 'trigram');
        CREATE TRIGGER "CaseSearch_Added" AFTER INSERT ON "Cases" BEGIN
            INSERT INTO "CaseSearch" ("Text", "CaseId") VALUES (new."Number" || char(10) || new."Title", new."Id");
        END;
        INSERT INTO "CaseSearch" ("Text", "CaseId") SELECT "Number" || char(10) || "Title", "Id" FROM "Cases"
        WHERE "Id" NOT IN (SELECT "CaseId" FROM "CaseSearch") ORDER BY "CreatedAt";
        """;

    private const string PostgreSql =
        """
        DO $$ BEGIN
            -- Looked at first: making it waits for all who write to the table.
            IF to_regclass('"IX_Cases_Number_Trigrams"') IS NOT NULL AND to_regclass('"IX_Cases_Title_Trigrams"') IS NOT NULL THEN
                RETURN;
            END IF;
            CREATE EXTENSION IF NOT EXISTS pg_trgm;
            CREATE INDEX IF NOT EXISTS "IX_Cases_Number_Trigrams" ON "Cases" USING gin (lower("Number") gin_trgm_ops);
            CREATE INDEX IF NOT EXISTS "IX_Cases_Title_Trigrams" ON "Cases" USING gin (lower("Title") gin_trgm_ops);
        EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
            RAISE NOTICE 'pg_trgm is not to be had: searching reads all cases.';
        END $$
        """;
}
