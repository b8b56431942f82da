using Microsoft.Data.Sqlite;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>Why the store refused a commit.</summary>
public enum StoreFailure
{
    UniqueViolation,

    /// <summary>Busy for too long, disk full, read-only, gone: nothing was changed, trying later may help.</summary>
    Unavailable
}

/// <summary>Reads the dialects' error codes in one place.</summary>
public static class StoreFailures
{
    private const int SqliteConstraint = 19;
    private const int SqliteConstraintPrimaryKey = 1555;
    private const int SqliteConstraintUnique = 2067;

    /// <summary>Null: no failure of the store but a bug, which is to surface.</summary>
    public static StoreFailure? Describe(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is not SqliteException sqlite)
                continue;
            return sqlite.SqliteErrorCode switch
            {
                SqliteConstraint when sqlite.SqliteExtendedErrorCode is SqliteConstraintUnique or SqliteConstraintPrimaryKey => StoreFailure.UniqueViolation,
                SqliteConstraint => null,
                // busy, locked, readonly, I/O error, full, cannot open
                5 or 6 or 8 or 10 or 13 or 14 => StoreFailure.Unavailable,
                _ => null
            };
        }
        return null;
    }
}
