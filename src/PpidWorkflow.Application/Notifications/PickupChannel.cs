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

    private readonly string _folder = FolderOf(mailOptions.Value, storage.Value);

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
    internal static string FileName(string messageId) =>
        string.Concat(messageId.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '@' ? c : '_')) + ".eml";

    internal static string FolderOf(MailOptions mail, StorageOptions storage) =>
        Path.GetFullPath(mail.PickupPath ?? Path.Combine(storage.DataPath, "mail"));

    private static FormatOptions CrLf()
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        return format;
    }
}

/// <summary>The files of mails that were picked up or are to be; nothing where mails leave by SMTP.</summary>
public sealed class PickupFolder(IOptions<MailOptions> mail, IOptions<StorageOptions> storage)
{
    private string Folder => PickupChannel.FolderOf(mail.Value, storage.Value);

    private bool IsThere => !MailOptionsValidation.IsSmtp(mail.Value) && Directory.Exists(Folder);

    /// <summary>The mails that lie there, by what their files are called after.</summary>
    public IEnumerable<string> MessageIds() => IsThere ? Directory.EnumerateFiles(Folder, "*.eml").Select(f => Path.GetFileNameWithoutExtension(f)) : [];

    /// <summary>Of these mails, as far as anybody left them there.</summary>
    public void Delete(IEnumerable<string> messageIds)
    {
        if (!IsThere)
            return;
        foreach (var id in messageIds)
            File.Delete(Path.Combine(Folder, PickupChannel.FileName(id)));
    }
}
