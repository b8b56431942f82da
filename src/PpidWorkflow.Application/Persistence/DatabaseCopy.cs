using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace PpidWorkflow.Application.Persistence;

/// <summary>One table as copied: rows, and the sum of their hashes on both sides.</summary>
/// <param name="Name">Of the table.</param>
/// <param name="Rows">Read from the source and found again in the target.</param>
/// <param name="Hash">Sum (modulo 2^256) of the SHA-256 of every row, hex: independent of the order in which a database gives rows back.</param>
public sealed record CopiedTable(string Name, long Rows, string Hash);

/// <summary>Counts or hashes of a table differ after copying; the target is not to be used.</summary>
public sealed class CopyDiffersException(string table) : Exception($"The copy of {table} differs from its source.");

/// <summary>
/// All rows of one database into another, empty one of the same tables, whatever the providers (verb <c>copy-to</c>). Reads through the model, so
/// that values, not a dialect's spelling of them, are what is copied and compared. The source must not be written meanwhile.
/// </summary>
public sealed class DatabaseCopy(PpidDbContext source, PpidDbContext target)
{
    /// <summary>Rows in memory at a time.</summary>
    private const int Chunk = 1_000;

    /// <summary>Tables of a database that have rows, roles and seeds included.</summary>
    public static async Task<IReadOnlyList<string>> OccupiedAsync(PpidDbContext db, CancellationToken cancellation = default)
    {
        var occupied = new List<string>();
        foreach (var type in InOrder(db))
        {
            if (await (Task<bool>)Over(null, type, nameof(AnyAsync), db, cancellation))
                occupied.Add(type.GetTableName()!);
        }
        return occupied;
    }

    /// <summary>Copies, then reads the target again and compares.</summary>
    /// <exception cref="CopyDiffersException">What the target holds is not what the source does.</exception>
    public async IAsyncEnumerable<CopiedTable> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var type in InOrder(source))
        {
            var (rows, hash) = await (Task<(long, byte[])>)Over(this, type, nameof(CopyAsync), source, cancellation);
            var (found, again) = await (Task<(long, byte[])>)Over(this, type, nameof(ReadAsync), target, cancellation);
            if (rows != found || !hash.AsSpan().SequenceEqual(again))
                throw new CopyDiffersException(type.GetTableName()!);
            yield return new CopiedTable(type.GetTableName()!, rows, Convert.ToHexStringLower(hash));
        }
    }

    /// <summary>Who is pointed to comes before who points.</summary>
    private static List<IEntityType> InOrder(PpidDbContext db)
    {
        var ordered = new List<IEntityType>();
        var seen = new HashSet<IEntityType>();
        foreach (var type in db.Model.GetEntityTypes().OrderBy(t => t.Name, StringComparer.Ordinal))
            Visit(type);
        return ordered;

        void Visit(IEntityType type)
        {
            if (!seen.Add(type))
                return;
            foreach (var key in type.GetForeignKeys().Where(k => k.PrincipalEntityType != type))
                Visit(key.PrincipalEntityType);
            ordered.Add(type);
        }
    }

    private static Task Over(DatabaseCopy? copy, IEntityType type, string method, PpidDbContext db, CancellationToken cancellation) =>
        (Task)typeof(DatabaseCopy)
            .GetMethod(method, System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(type.ClrType).Invoke(copy, [db, cancellation])!;

    private static async Task<bool> AnyAsync<T>(PpidDbContext db, CancellationToken cancellation) where T : class =>
        await db.Set<T>().AnyAsync(cancellation);

    private async Task<(long Rows, byte[] Hash)> CopyAsync<T>(PpidDbContext db, CancellationToken cancellation) where T : class
    {
        // A table whose rows point at each other goes in one piece: EF Core then finds the order.
        var chunk = db.Model.FindEntityType(typeof(T))!.GetForeignKeys().Any(k => k.PrincipalEntityType.ClrType == typeof(T)) ? int.MaxValue : Chunk;
        var waiting = new List<T>();
        var sum = new RowSum(db.Model.FindEntityType(typeof(T))!);
        await foreach (var row in db.Set<T>().AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellation))
        {
            sum.Add(row);
            waiting.Add(row);
            if (waiting.Count < chunk)
                continue;
            await WriteAsync(waiting, cancellation);
            waiting.Clear();
        }
        await WriteAsync(waiting, cancellation);
        return sum.Result;
    }

    private async Task WriteAsync<T>(List<T> rows, CancellationToken cancellation) where T : class
    {
        foreach (var row in rows)
            target.Entry(row).State = EntityState.Added;
        await target.SaveChangesAsync(cancellation);
        target.ChangeTracker.Clear();
    }

    private static async Task<(long Rows, byte[] Hash)> ReadAsync<T>(PpidDbContext db, CancellationToken cancellation) where T : class
    {
        var sum = new RowSum(db.Model.FindEntityType(typeof(T))!);
        await foreach (var row in db.Set<T>().AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellation))
            sum.Add(row);
        return sum.Result;
    }

    private sealed class RowSum(IEntityType type)
    {
        private readonly IProperty[] _properties = [.. type.GetProperties().OrderBy(p => p.Name, StringComparer.Ordinal)];
        private readonly byte[] _sum = new byte[SHA256.HashSizeInBytes];
        private readonly byte[] _hash = new byte[SHA256.HashSizeInBytes];
        private readonly StringBuilder _row = new();
        private long _rows;

        public (long Rows, byte[] Hash) Result => (_rows, _sum);

        public void Add(object row)
        {
            _rows++;
            _row.Clear();
            foreach (var property in _properties)
            {
                var text = Text(property.GetGetter().GetClrValue(row));
                // Lengths in front: "ab", "c" is not "a", "bc".
                _row.Append(text is null ? "-" : text.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(text);
            }
            SHA256.HashData(Encoding.UTF8.GetBytes(_row.ToString()), _hash);
            var carry = 0;
            for (var i = _sum.Length - 1; i >= 0; i--)
            {
                carry += _sum[i] + _hash[i];
                _sum[i] = (byte)carry;
                carry >>= 8;
            }
        }

        private static string? Text(object? value) => value switch
        {
            null => null,
            byte[] bytes => Convert.ToHexString(bytes),
            DateTimeOffset instant => instant.UtcTicks.ToString(CultureInfo.InvariantCulture),
            // PostgreSQL keeps microseconds, which is finer than anything that is stored here on purpose.
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()
        };
    }
}
