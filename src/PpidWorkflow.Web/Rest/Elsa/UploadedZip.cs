using System.Buffers.Binary;
using System.IO.Compression;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>
/// Opens a ZIP file that somebody sent. <see cref="ZipArchive"/> reads the whole directory into memory at once, some hundred bytes for each
/// entry: how many there are, and how much room their directory takes, is looked up before.
/// </summary>
internal static class UploadedZip
{
    /// <summary>Bytes of the directory of an archive; 100 entries with names of 200 letters take 25 kB.</summary>
    private const int LargestDirectory = 256 * 1024;

    private const int EndLength = 22;
    private const int LongestComment = ushort.MaxValue;
    private static ReadOnlySpan<byte> EndSignature => "PK\u0005\u0006"u8;

    /// <summary>The archive, to be disposed of; null: it holds more than <paramref name="mostEntries"/>.</summary>
    /// <exception cref="InvalidDataException">It is no ZIP file.</exception>
    public static async Task<ZipArchive?> OpenAsync(Stream stream, int mostEntries, CancellationToken cancellation)
    {
        if (await HoldsMoreAsync(stream, mostEntries, cancellation))
            return null;
        stream.Position = 0;
        var zip = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellation);
        if (zip.Entries.Count <= mostEntries)
            return zip;
        await zip.DisposeAsync();
        return null;
    }

    private static async Task<bool> HoldsMoreAsync(Stream stream, int mostEntries, CancellationToken cancellation)
    {
        var tail = new byte[Math.Min(stream.Length, EndLength + LongestComment)];
        stream.Position = stream.Length - tail.Length;
        await stream.ReadExactlyAsync(tail, cancellation);
        var end = tail.AsSpan().LastIndexOf(EndSignature);
        if (end < 0 || tail.Length - end < EndLength)
            throw new InvalidDataException("No end of a ZIP directory.");
        // What the record says may be a lie; where the directory begins bounds what can be read of it. A beginning behind its end leads to
        // another record (ZIP64), which no file of this size needs.
        var entries = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(end + 10));
        var begins = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        return entries > mostEntries || stream.Length - tail.Length + end - begins is < 0 or > LargestDirectory;
    }
}
