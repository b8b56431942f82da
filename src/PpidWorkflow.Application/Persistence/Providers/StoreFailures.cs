using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>Why the store refused a commit.</summary>
public enum StoreFailure
{
    UniqueViolation,

    /// <summary>Somebody else changed the same rows first: the same step may succeed on the state that now is.</summary>
    Race,

    /// <summary>Busy for too long, disk full, read-only, gone: nothing was changed, trying later may help.</summary>
    Unavailable,

    /// <summary>A question holds text that this database does not know (a NUL character): the request's fault.</summary>
    Unreadable
}

/// <summary>Something that cannot be done without the store was not stored; the committer has refused it by a code.</summary>
public sealed class StoreRefusedException(string message) : InvalidOperationException(message);

/// <summary>Reads the dialects' error codes in one place.</summary>
public static class StoreFailures
{
    // EIO, ENOSPC, EROFS, EDQUOT as .NET passes them on; ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL of Windows.
    private static readonly int[] DiskRefusals = [5, 28, 30, 122, unchecked((int)0x80070027), unchecked((int)0x80070070)];

    private static readonly string Driver = typeof(NpgsqlException).Assembly.GetName().Name!;

    private const int SqliteConstraint = 19;
    private const int SqliteConstraintPrimaryKey = 1555;
    private const int SqliteConstraintUnique = 2067;

    /// <summary>Null: no failure of the store but a bug, which is to surface.</summary>
    public static StoreFailure? Describe(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case NewerSchemaException:
                    return StoreFailure.Unavailable;
                case SqliteException sqlite:
                    return Describe(sqlite);
                case SqlException server:
                    return Describe(server);
                case PostgresException refusal when !IsOutOfStep(refusal):
                    return Describe(refusal);
                case IOException disk when DiskRefusals.Contains(disk.HResult):
                    return StoreFailure.Unavailable;
                // No answer at all: no connection, broken in between, timed out.
                case NpgsqlException:
                    return StoreFailure.Unavailable;
                case Exception confused when IsOutOfStep(confused):
                    return StoreFailure.Unavailable;
                // The driver's own slip when a connection breaks under it: seen when its server was killed.
                case NullReferenceException or ObjectDisposedException when cause.Source == Driver:
                    return StoreFailure.Unavailable;
            }
        }
        return null;
    }

    /// <summary>
    /// Driver and server disagree about what was prepared on a connection, or who speaks: a slip of the driver's, and no fault of the question.
    /// </summary>
    public static bool IsOutOfStep(Exception failure) => failure is PostgresException
    {
        SqlState: PostgresErrorCodes.DuplicatePreparedStatement or PostgresErrorCodes.InvalidSqlStatementName
    } || (failure.GetType() == typeof(Exception) && failure.Source == Driver);

    private static StoreFailure? Describe(SqliteException failure) => failure.SqliteErrorCode switch
    {
        SqliteConstraint when failure.SqliteExtendedErrorCode is SqliteConstraintUnique or SqliteConstraintPrimaryKey => StoreFailure.UniqueViolation,
        SqliteConstraint => null,
        // busy, locked, readonly, I/O error, full, cannot open
        5 or 6 or 8 or 10 or 13 or 14 => StoreFailure.Unavailable,
        _ => null
    };

    private static StoreFailure? Describe(SqlException failure) => failure.Number switch
    {
        // duplicate row of a unique index, of a key
        2601 or 2627 => StoreFailure.UniqueViolation,
        // deadlock victim; snapshot overtaken by another's change, or by a change of the tables
        1205 or 3960 or 3961 => StoreFailure.Race,
        // database not to be opened, read-only, offline; log or files full; lock or resources not to be had; sign-in; server shutting down
        4060 or 3906 or 942 or 945 or 1105 or 9002 or 1222 or 8645 or 701 or 18456 or 6005 or 10928 or 10929 or 40197 or 40501 or 40613
            => StoreFailure.Unavailable,
        // no answer: timed out, refused, broken in between
        -2 or -1 or 2 or 53 or 64 or 233 or 121 or 10053 or 10054 or 10060 or 10061 or 11001 => StoreFailure.Unavailable,
        // class 20 and above: the connection is gone
        _ => failure.Class >= 20 ? StoreFailure.Unavailable : null
    };

    private static StoreFailure? Describe(PostgresException failure) => failure.SqlState switch
    {
        PostgresErrorCodes.UniqueViolation => StoreFailure.UniqueViolation,
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected => StoreFailure.Race,
        PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter => StoreFailure.Unreadable,
        PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled => StoreFailure.Unavailable,
        // 08 connection, 28 sign-in, 53 resources (disk full, too many connections), 57P shutting down, 58 I/O
        var state when state[..2] is "08" or "28" or "53" or "58" || state.StartsWith("57P", StringComparison.Ordinal) => StoreFailure.Unavailable,
        _ => null
    };
}
