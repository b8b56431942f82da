using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PpidWorkflow.Application;

/// <summary>
/// The one source of ids: version 7 (RFC 9562), strictly ascending within a process, so that rows of one instant keep the order in which they
/// were made and index pages fill from one end.
/// </summary>
public sealed class Identifiers(TimeProvider time)
{
    // Milliseconds since 1970 and a counter of 12 bits (the RFC's rand_a); it borrows from the next millisecond when it runs over.
    private long _last;

    public Guid Next()
    {
        long taken, next;
        do
        {
            taken = Volatile.Read(ref _last);
            next = Math.Max(time.GetUtcNow().ToUnixTimeMilliseconds() << 12, taken + 1);
        }
        while (Interlocked.CompareExchange(ref _last, next, taken) != taken);

        Span<byte> bytes = stackalloc byte[16];
        Fill(bytes[8..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes, next >> 12 << 16 | 0x7000 | next & 0xFFF);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    // Asking the system for eight bytes costs as much as asking for a page of them, and a burst of alarms makes thousands of ids a second.
    private static void Fill(Span<byte> eight)
    {
        var supply = _supply ??= new byte[Supply];
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(supply);
            _left = Supply;
        }
        _left -= eight.Length;
        supply.AsSpan(_left, eight.Length).CopyTo(eight);
    }

    private const int Supply = 512;

    [ThreadStatic]
    private static byte[]? _supply;

    [ThreadStatic]
    private static int _left;

    /// <summary>No id made at this instant or later sorts before it.</summary>
    public static Guid FirstOf(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, at.ToUnixTimeMilliseconds() << 16);
        return new Guid(bytes, bigEndian: true);
    }
}

/// <summary>The office's clock.</summary>
public static class Instants
{
    /// <summary>Now, UTC, cut to whole milliseconds: every database keeps those exactly, so a stored instant equals the one computed.</summary>
    public static DateTimeOffset Now(this TimeProvider time)
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
    }
}
