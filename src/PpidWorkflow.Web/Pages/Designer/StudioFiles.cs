using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace PpidWorkflow.Web.Pages.Designer;

/// <summary>
/// The files of Elsa Studio (npm, see Assets.targets): under <c>studio</c> beside a published executable, in <c>node_modules</c> of a clone.
/// They are served under an address that carries the hash of them all, so that a browser keeps them for good; compressed as npm brought
/// them: brotli, or gzip, which is all that browsers accept without TLS on another machine than their own.
/// </summary>
public sealed class StudioFiles
{
    /// <summary>Address below which the files are; the hash follows.</summary>
    public const string Root = "/designer/studio";

    /// <summary>Beside the executable of a clone: where npm put the package.</summary>
    private const string Pointer = "studio.path";
    private const string EntryPoint = "_framework/blazor.webassembly.js";

    /// <summary>The best first.</summary>
    private static readonly (string Coding, string Suffix)[] Codings = [("br", ".br"), ("gzip", ".gz")];

    private readonly Lazy<Package?> _package;

    public StudioFiles(IHostEnvironment environment)
        : this(() => Find(environment.ContentRootPath))
    {
    }

    /// <param name="find">Gives the folder of the package, null where it is not installed.</param>
    public StudioFiles(Func<string?> find) => _package = new(() => find() is { } folder ? Read(folder) : null);

    /// <summary>
    /// Address of the folder with all files, without a slash at its end; null where Studio is not installed. The first call reads every file
    /// once (70 MB).
    /// </summary>
    public string? Address => _package.Value is { } package ? $"{Root}/{package.Hash}" : null;

    /// <summary>Whether the package lies where it is looked for; reads no file.</summary>
    public static bool IsInstalled(string contentRoot) => Find(contentRoot) is not null;

    /// <summary>One file. Null: no such file, or of another package than the one that is installed now.</summary>
    public IResult? Open(string hash, string path, HttpContext http)
    {
        if (_package.Value is not { } package || hash != package.Hash || !package.Files.TryGetValue(path, out var file))
            return null;
        var headers = http.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        var (tag, source) = (file.Hash, file.Path);
        if (file.Compressed.Count > 0)
        {
            headers.Vary = HeaderNames.AcceptEncoding;
            if (file.Compressed.FirstOrDefault(c => Accepts(http.Request, c.Coding)) is { Coding: { } coding, Suffix: var suffix })
            {
                headers.ContentEncoding = coding;
                (tag, source) = (tag + suffix.Replace('.', '-'), source + suffix);
            }
        }
        return TypedResults.PhysicalFile(source, file.ContentType, entityTag: new EntityTagHeaderValue($"\"{tag}\""));
    }

    private static bool Accepts(HttpRequest request, string coding) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted)
        && accepted.Any(a => a.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && a.Quality is not 0);

    private static string? Find(string contentRoot)
    {
        var pointer = Path.Combine(contentRoot, Pointer);
        return new[] { Path.Combine(contentRoot, "studio"), File.Exists(pointer) ? File.ReadAllText(pointer).Trim() : null }
            .FirstOrDefault(folder => folder is not null && File.Exists(Path.Combine(folder, EntryPoint)));
    }

    private static Package Read(string folder)
    {
        var types = new FileExtensionContentTypeProvider();
        var files = new SortedDictionary<string, StudioFile>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, path).Replace('\\', '/');
            if (Path.GetExtension(name) is ".br" or ".gz" or ".map" or ".scss" || name is "index.html" or "package.json" or "LICENSE.txt")
                continue;
            using var content = File.OpenRead(path);
            files[name] = new StudioFile(
                path, types.TryGetContentType(name, out var type) ? type : "application/octet-stream",
                [.. Codings.Where(c => File.Exists(path + c.Suffix))],
                Convert.ToHexStringLower(SHA256.HashData(content))[..16]);
        }
        var all = string.Join('\n', files.Select(f => $"{f.Key} {f.Value.Hash}"));
        return new Package(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)))[..12], files.ToFrozenDictionary(StringComparer.Ordinal));
    }

    private sealed record StudioFile(string Path, string ContentType, IReadOnlyList<(string Coding, string Suffix)> Compressed, string Hash);

    private sealed record Package(string Hash, FrozenDictionary<string, StudioFile> Files);
}
