using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace PpidWorkflow.Web.Security;

/// <summary>
/// The keys that protect cookies, tokens and links, a file each. The framework's own repository leaves a new key to the kernel's cache and fails
/// at every request over one that a power cut has emptied; here a key is on the disk before it is used, and one that cannot be read is named and passed
/// over: who was signed in by it signs in again.
/// </summary>
public sealed class KeyFiles(DirectoryInfo folder, ILogger logger) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        folder.Create();
        return [.. folder.EnumerateFiles("*.xml").Select(Read).OfType<XElement>()];
    }

    /// <param name="element">The key as the framework writes it.</param>
    /// <param name="friendlyName">Becomes the file's name.</param>
    /// <exception cref="IOException">The disk takes it not; nothing is left of it.</exception>
    public void StoreElement(XElement element, string friendlyName)
    {
        folder.Create();
        var name = friendlyName.Length > 0 && friendlyName.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? friendlyName : Guid.NewGuid().ToString();
        var path = Path.Combine(folder.FullName, name + ".xml");
        var aside = Path.Combine(folder.FullName, $"{Guid.NewGuid():n}.tmp");
        try
        {
            using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write))
            {
                element.Save(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(aside, path, overwrite: true);
        }
        catch (IOException)
        {
            Discard(aside);
            throw;
        }
    }

    private XElement? Read(FileInfo file)
    {
        try
        {
            using var content = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return XElement.Load(content);
        }
        catch (XmlException)
        {
            logger.LogError("The key {File} in {Folder} is no XML and is passed over: who was signed in by it has to sign in again", file.Name, folder.FullName);
            return null;
        }
    }

    private static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is the one to tell.
        }
    }
}
