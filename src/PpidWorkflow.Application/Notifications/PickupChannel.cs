using Microsoft.Extensions.Options;
using MimeKit;

namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// Writes each mail as <c>{Message-ID}.eml</c> into a folder that a mail server, or a developer, empties. The name is the row's, so a
/// repeat after a crash writes over itself: here the effect is exactly once. A reader never sees half a file (written aside, then renamed).
/// </summary>
public sealed class PickupChannel(IOptions<MailOptions> mailOptions, IOptions<StorageOptions> storage, MailComposer composer)
    : INotificationChannel
{
    private static readonly FormatOptions Format = CrLf();

    private readonly string _folder = Path.GetFullPath(mailOptions.Value.PickupPath ?? Path.Combine(storage.Value.DataPath, "mail"));

    public async Task<Delivery> DeliverAsync(OutboxMessage message, RenderedMail mail, CancellationToken cancellation)
    {
        using var letter = composer.Compose(message, mail);
        if (letter is null)
            return Delivery.Refused("Malformed address.");
        var path = Path.Combine(_folder, FileName(message.MessageId));
        var aside = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            Directory.CreateDirectory(_folder);
            letter.Prepare(EncodingConstraint.SevenBit);
            await using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write))
            {
                await letter.WriteToAsync(Format, file, CancellationToken.None);
                // On the disk before the row says "sent": a power cut must not leave an empty file behind a sent mail.
                file.Flush(flushToDisk: true);
            }
            File.Move(aside, path, overwrite: true);
            return Delivery.Sent;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(aside))
                File.Delete(aside);
            return Delivery.Unreachable($"Mail:PickupPath cannot be written: {failure.Message}");
        }
    }

    public Task FinishAsync() => Task.CompletedTask;

    /// <summary>A Message-ID may hold characters that a file system reads as path, wildcard or device.</summary>
    private static string FileName(string messageId) =>
        string.Concat(messageId.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '@' ? c : '_')) + ".eml";

    private static FormatOptions CrLf()
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        return format;
    }
}
