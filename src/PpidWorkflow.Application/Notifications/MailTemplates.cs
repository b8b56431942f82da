using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Application.TimeStandards;
using Scriban;
using Scriban.Runtime;
using Scriban.Syntax;

namespace PpidWorkflow.Application.Notifications;

/// <summary>
/// Turns a template name and a small model into a mail. A template is three Liquid files: <c>name.subject.liquid</c>,
/// <c>name.text.liquid</c> and <c>name.html.liquid</c>; the last two are put into <c>layout.text.liquid</c> and <c>layout.html.liquid</c>
/// as <c>content</c>. Every file is looked for in <c>&lt;workflows&gt;/&lt;sop&gt;/mail/</c> first and then among the embedded defaults, so an
/// SOP may word one part and leave the rest. A body sets <c>action</c> and <c>why</c> for its layout, which shares the body's variables.
/// </summary>
/// <remarks>
/// Managers write templates, so they are not trusted: only scalars reach them (no .NET object), there is no include, output and loops are
/// bounded, strings are HTML-encoded before they meet an HTML template, and a variable that the notifier does not supply is an error.
/// The last also keeps case titles and file names out of mails (design.md §2.7): the model has none to offer.
/// </remarks>
public sealed partial class MailTemplates(string workflowsRoot)
{
    private const int MaxTemplateBytes = 64 * 1024;
    private const int MaxOutputCharacters = 256 * 1024;
    private const int MaxSubjectCharacters = 150;
    /// <summary>Formal Indonesian: decimal comma in figures.</summary>
    private static readonly CultureInfo Indonesian = CultureInfo.GetCultureInfo("id-ID");

    private readonly ConcurrentDictionary<string, ParsedTemplate> _parsed = new(StringComparer.Ordinal);

    /// <summary>How long one mail may take to be written, wall time: a busy machine may exceed it without any fault of the template.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Mails about a step or a case; an SOP may bring its own wording. <c>workflows/README.md</c> lists the variables of each.
    /// </summary>
    public static IReadOnlyList<string> SopTemplates { get; } =
        ["task", "not-started", "warning", "overdue", "escalation", "returned", "reassigned", "helper", "helped", "reminder", "resumed", "documented"];

    /// <summary>
    /// Variables that came later: rows written before lack them and must still be sent, so they are null where nobody supplies them. So are
    /// the links of the layouts, which few mails have.
    /// </summary>
    private static readonly string[] LaterVariables =
        ["skipped", "inSteadOfName", "notReassigned", "notHelped", "isHandedOver", "handedOverBy", "isHandedBack", "isPaused", "lateRows", "lateMore", "lateTime", "creditedSteps", "creditedTime",
            "pausedTime", MailLinks.StartKey, MailLinks.AcknowledgeKey];

    /// <summary>
    /// Mails about a user's account; they belong to the office, not to an SOP, and are never overridden.
    /// Variables: <c>recipientName</c>, <c>userName</c>, <c>expiresAt</c>, <c>url</c>, <c>officeName</c>.
    /// </summary>
    public static IReadOnlyList<string> AccountTemplates { get; } = ["password-first", "password-reset", "email-change"];

    /// <summary>
    /// Mails about a revision of an SOP; they too belong to the office and are never overridden. Variables: <c>recipientName</c>,
    /// <c>sopName</c>, <c>versionNumber</c>, <c>revisionNumber</c>, <c>byName</c>, <c>revisionReason</c>, <c>decisionReason</c>,
    /// <c>effectiveAt</c>, <c>url</c>, <c>officeName</c>.
    /// </summary>
    public static IReadOnlyList<string> RevisionTemplates { get; } =
        ["revision-proposed", "revision-approved", "revision-rejected", "revision-withdrawn", "revision-in-force"];

    /// <summary>
    /// Mails about the office itself, never overridden. Variables: <c>recipientName</c>, <c>year</c>, <c>url</c>, <c>officeName</c>; of
    /// Ramadan's hours <c>hijriYear</c>, <c>firstDay</c>, <c>lastDay</c>; of guarantees <c>guarantee</c>, <c>guaranteeText</c>,
    /// <c>violations</c>, <c>openedAt</c>, <c>closedAt</c>; of incidents <c>incidents</c>, <c>caseNumbers</c>; of bounces <c>mails</c>, <c>statuses</c>, <c>caseNumbers</c>; of the two digests
    /// those that <see cref="DigestDay"/> gives.
    /// </summary>
    public static IReadOnlyList<string> OfficeTemplates { get; } =
        ["calendar-missing", "ramadan-missing", "still-paused", "guarantee-broken", "guarantee-whole", IncidentReminder.Template, Bounces.BounceDesk.Template, DigestRun.Daily, DigestRun.Weekly];

    private static readonly ConcurrentDictionary<string, bool> Translated = new(StringComparer.Ordinal);

    /// <summary>Mails that exist in English too: <c>name.en.part.liquid</c>, for officers who have chosen that (<c>/preferences</c>).</summary>
    public static bool IsTranslated(string template) => Translated.GetOrAdd(
        template, name => Assembly.GetExecutingAssembly().GetManifestResourceInfo($"Mail/{name}.en.subject.liquid") is not null);

    /// <summary>
    /// Mails about people who are away or act for others; they too belong to the office. Variables: <c>recipientName</c>, <c>url</c>,
    /// <c>officeName</c>, and those of <see cref="PeopleMail"/> for each.
    /// </summary>
    public static IReadOnlyList<string> PeopleTemplates { get; } = ["absence-begun", "absence-returned", "transfer-declined", "acting-appointed", "acting-offered"];

    /// <param name="sopSlug">Folder of the SOP below the workflows root, or null for mails that belong to none.</param>
    /// <param name="template">One of the lists above, or one of the folder.</param>
    /// <param name="model">Text, numbers, booleans, nulls (or JSON scalars), and lists of rows of such. A blank string is absent, a line break a space.</param>
    /// <param name="culture">Culture of figures, Indonesian by default; English also takes the English wording where there is one.</param>
    /// <exception cref="MailTemplateException">
    /// The template is missing, malformed, unbounded, or wants what the model lacks; or it took too long, which may pass.
    /// </exception>
    public RenderedMail Render(string? sopSlug, string template, IReadOnlyDictionary<string, object?> model, CultureInfo? culture = null)
    {
        if (!SafeName().IsMatch(template))
            throw new MailTemplateException("A mail template's name consists of lower-case letters, digits and hyphens.");
        if (sopSlug is not null && !SafeName().IsMatch(sopSlug))
            throw new MailTemplateException("An SOP's folder name consists of lower-case letters, digits and hyphens.");

        var isOffices = AccountTemplates.Contains(template) || RevisionTemplates.Contains(template) || OfficeTemplates.Contains(template)
            || PeopleTemplates.Contains(template);
        var folder = sopSlug is null || isOffices ? null : Path.Combine(workflowsRoot, sopSlug, "mail");
        var scalars = model.ToDictionary(entry => entry.Key, entry => Scalar(template, entry.Key, entry.Value), StringComparer.Ordinal);
        foreach (var later in LaterVariables)
            scalars.TryAdd(later, null);
        var encoded = scalars.ToDictionary(entry => entry.Key, entry => Encoded(entry.Value), StringComparer.Ordinal);
        var language = OfficeTime.IsEnglish(culture) && IsTranslated(template) ? ".en" : "";

        using var timeout = new CancellationTokenSource(Patience);
        var subject = RenderPart(folder, $"{template}{language}.subject", NewContext(scalars, culture, timeout.Token));
        var text = RenderBody(folder, template, language, "text", NewContext(scalars, culture, timeout.Token));
        var html = RenderBody(folder, template, language, "html", NewContext(encoded, culture, timeout.Token));
        return new RenderedMail(OneLine(template, subject), ManyBlankLines().Replace(text, "\n\n").Trim() + "\n", html.Trim() + "\n");
    }

    private string RenderBody(string? folder, string template, string language, string part, TemplateContext context)
    {
        var content = RenderPart(folder, $"{template}{language}.{part}", context);
        ((ScriptObject)context.CurrentGlobal!)["content"] = content.Trim();
        return RenderPart(folder, $"layout{language}.{part}", context);
    }

    private string RenderPart(string? folder, string name, TemplateContext context)
    {
        var parsed = Find(folder, name);
        try
        {
            return parsed.Render(context).ReplaceLineEndings("\n");
        }
        catch (Exception e) when (e is OperationCanceledException || (e is ScriptRuntimeException && context.CancellationToken.IsCancellationRequested))
        {
            throw new MailTemplateException($"Mail template '{name}' took longer than {Patience.TotalSeconds} s; simplify it.", e) { MayPass = true };
        }
        catch (ScriptRuntimeException e)
        {
            throw new MailTemplateException(
                $"Mail template '{name}' cannot be rendered: {e.OriginalMessage} at {e.Span.ToStringSimple()}", e);
        }
    }

    private Template Find(string? folder, string name)
    {
        var file = folder is null ? null : new FileInfo(Path.Combine(folder, name + ".liquid"));
        if (file is not { Exists: true })
            return _parsed.GetOrAdd("embedded:" + name, _ => new ParsedTemplate(default, Parse(name, Embedded(name)))).Template;
        if (file.Length > MaxTemplateBytes)
            throw new MailTemplateException($"Mail template '{name}' is larger than {MaxTemplateBytes / 1024} KB.");

        var known = _parsed.TryGetValue(file.FullName, out var cached) && cached.WrittenAt == file.LastWriteTimeUtc;
        return (known
            ? cached!
            : _parsed[file.FullName] = new ParsedTemplate(file.LastWriteTimeUtc, Parse(name, File.ReadAllText(file.FullName)))).Template;
    }

    private static string Embedded(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Mail/{name}.liquid")
            ?? throw new MailTemplateException(
                $"There is no mail template '{name}', neither in the SOP's mail folder nor among the defaults.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static Template Parse(string name, string source)
    {
        var template = Template.ParseLiquid(source, name);
        return template.HasErrors
            ? throw new MailTemplateException($"Mail template '{name}' is malformed: {string.Join("; ", template.Messages)}")
            : template;
    }

    private static LiquidTemplateContext NewContext(Dictionary<string, object?> model, CultureInfo? culture, CancellationToken timeout)
    {
        var variables = new ScriptObject();
        foreach (var (key, value) in model)
            variables[key] = value;

        var context = new LiquidTemplateContext
        {
            StrictVariables = true,
            EnableRelaxedMemberAccess = false,
            EnableRelaxedTargetAccess = false,
            EnableRelaxedIndexerAccess = false,
            EnableRelaxedFunctionAccess = false,
            LoopLimit = 100,
            RecursiveLimit = 10,
            ObjectRecursionLimit = 2,
            LimitToString = MaxOutputCharacters,
            OutputLimit = MaxOutputCharacters,
            OnOutputLimit = ScriptLimitBehavior.Throw,
            OnStringLimit = ScriptLimitBehavior.Throw,
            RegexTimeOut = TimeSpan.FromMilliseconds(100),
            CancellationToken = timeout
        };
        context.PushCulture(culture ?? Indonesian);
        context.PushGlobal(variables);
        return context;
    }

    private static object? Scalar(string template, string key, object? value) => value switch
    {
        null or bool or int or long or double or decimal => value,
        string text => string.IsNullOrWhiteSpace(text) ? null : Breaks().Replace(text, " "),
        JsonElement { ValueKind: JsonValueKind.Null } => null,
        JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False } json => json.GetBoolean(),
        JsonElement { ValueKind: JsonValueKind.Number } json => json.TryGetInt64(out var whole) ? whole : json.GetDecimal(),
        JsonElement { ValueKind: JsonValueKind.String } json => Scalar(template, key, json.GetString()),
        JsonElement { ValueKind: JsonValueKind.Array } json when json.EnumerateArray().All(row => row.ValueKind == JsonValueKind.Object) =>
            Rows(template, key, json.EnumerateArray().Select(row => row.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value))),
        IEnumerable<Dictionary<string, object?>> rows => Rows(template, key, rows),
        _ => throw new MailTemplateException(
            $"The model of mail '{template}' may hold only text, numbers and booleans; '{key}' is none of them.")
    };

    // Rows hold scalars and nothing deeper.
    private static ScriptArray Rows(string template, string key, IEnumerable<Dictionary<string, object?>> rows)
    {
        var list = new ScriptArray();
        foreach (var row in rows)
        {
            var line = new ScriptObject();
            foreach (var (name, value) in row)
                line[name] = Scalar(template, $"{key}.{name}", value) is var scalar && scalar is not ScriptArray ? scalar : null;
            list.Add(line);
        }
        return list;
    }

    private static object? Encoded(object? value)
    {
        switch (value)
        {
            case string text:
                return WebUtility.HtmlEncode(text);
            case ScriptArray rows:
                var list = new ScriptArray();
                foreach (var row in rows.OfType<ScriptObject>())
                {
                    var line = new ScriptObject();
                    foreach (var (name, scalar) in row)
                        line[name] = Encoded(scalar);
                    list.Add(line);
                }
                return list;
            default:
                return value;
        }
    }

    /// <summary>A line break in a subject would let a value write mail headers of its own.</summary>
    private static string OneLine(string template, string subject)
    {
        var line = Breaks().Replace(subject.Trim(), " ");
        if (line.Length == 0)
            throw new MailTemplateException($"Mail template '{template}.subject' gave an empty subject.");
        return line.Length <= MaxSubjectCharacters ? line : string.Concat(line.AsSpan(0, MaxSubjectCharacters - 1).TrimEnd(), "…");
    }

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant, 100)]
    private static partial Regex SafeName();

    [GeneratedRegex(@"[\p{Cc}\p{Zl}\p{Zp}]+", RegexOptions.CultureInvariant, 100)]
    private static partial Regex Breaks();

    [GeneratedRegex(@"\n([ \t]*\n){2,}", RegexOptions.CultureInvariant, 100)]
    private static partial Regex ManyBlankLines();

    private sealed record ParsedTemplate(DateTime WrittenAt, Template Template);
}
