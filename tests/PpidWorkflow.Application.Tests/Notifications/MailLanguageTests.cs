using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Application.Tests.Notifications;

/// <summary>Officers choose the language of their mails (<c>/preferences</c>), so every mail exists in both and says the same in both.</summary>
public sealed partial class MailLanguageTests
{
    private static readonly Assembly Application = typeof(MailTemplates).Assembly;
    private static readonly string[] Keywords =
        ["if", "elsif", "else", "endif", "unless", "endunless", "for", "in", "endfor", "assign", "and", "or", "contains", "true", "false", "nil", "forloop", "case", "when", "endcase"];

    /// <summary>Names of all mails that the service brings, and of the layout.</summary>
    public static TheoryData<string> Embedded => [.. Application.GetManifestResourceNames()
        .Where(name => name.StartsWith("Mail/", StringComparison.Ordinal) && !name.Contains(".en.", StringComparison.Ordinal))
        .Select(name => name["Mail/".Length..].Split('.')[0]).Distinct().Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Embedded))]
    public void Every_mail_exists_in_both_languages_and_both_tell_the_same(string template)
    {
        foreach (var part in template == "layout" ? (string[])["text", "html"] : ["subject", "text", "html"])
        {
            var indonesian = Read($"{template}.{part}");
            var english = Read($"{template}.en.{part}");

            Assert.False(english is null, $"There is no English '{template}.{part}'.");
            Assert.Equal(Variables(indonesian!), Variables(english!));
            foreach (var word in (string[])["Yth.", "Bapak/Ibu", "surel", "berkas", "batas waktu", "kata sandi"])
                Assert.DoesNotContain(word, english, StringComparison.OrdinalIgnoreCase);
            if (part != "subject" && template != "layout")
                Assert.Contains("Dear {{ recipientName }},", english, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_mail_that_can_be_sent_is_translated()
    {
        var all = MailTemplates.SopTemplates.Concat(MailTemplates.AccountTemplates).Concat(MailTemplates.RevisionTemplates)
            .Concat(MailTemplates.OfficeTemplates).Concat(MailTemplates.PeopleTemplates).ToList();

        Assert.DoesNotContain(all, template => !MailTemplates.IsTranslated(template));
        Assert.Equal(all.Order(StringComparer.Ordinal), Embedded.Select(row => row.Data).Where(name => name != "layout"));
    }

    [Theory]
    [InlineData(MailLinks.StartKey, "Start without a password", "Mulai tanpa kata sandi")]
    [InlineData(MailLinks.AcknowledgeKey, "I have taken note of this alert", "Saya mengetahui peringatan ini")]
    public void A_link_without_a_password_is_offered_in_both_languages(string link, string english, string indonesian)
    {
        var model = new Dictionary<string, object?>
        {
            ["recipientName"] = "Rina Wati",
            ["caseNumber"] = "PPID/2026/0001",
            ["performerName"] = null,
            ["url"] = "http://localhost:5080/cases/1",
            ["officeName"] = "Biro Umum",
            [link] = "http://localhost:5080/act?t=1"
        };
        var shipped = Shipped();

        foreach (var (culture, words) in ((string, string)[])[("en-GB", english), ("id-ID", indonesian)])
        {
            var mail = shipped.Render(null, "documented", model, CultureInfo.GetCultureInfo(culture));
            Assert.All([mail.Text, mail.Html], body =>
            {
                Assert.Contains(words, body, StringComparison.Ordinal);
                Assert.Contains("http://localhost:5080/act?t=1", body, StringComparison.Ordinal);
            });
        }
    }

    /// <summary>Also who reads English mails is told that a dossier's contents belong in none.</summary>
    [Theory]
    [InlineData("id-ID", "Mohon tidak mengirimkan isi berkas melalui surel")]
    [InlineData("en-GB", "Please do not send contents of a dossier by mail")]
    public void The_delivered_SOP_warns_in_both_languages(string culture, string words)
    {
        var mail = Shipped().Render(Sop.SopFolder.Slug, "task", MailTemplateTests.Model(), CultureInfo.GetCultureInfo(culture));

        Assert.All([mail.Text, mail.Html], body => Assert.Contains(words, body, StringComparison.Ordinal));
    }

    /// <summary>In a list of mails the one that gives a task away must not look like the one that gives it.</summary>
    [Fact]
    public void A_subject_says_who_has_the_task_now()
    {
        var shipped = Shipped();
        var model = MailTemplateTests.Model();
        model["isHandedOver"] = true;

        foreach (var sop in new[] { Sop.SopFolder.Slug, null })
        {
            Assert.StartsWith("[PPID/2026/0001] Tugas alihan langkah 5b: ", shipped.Render(sop, "task", model).Subject, StringComparison.Ordinal);
            Assert.StartsWith("[PPID/2026/0001] Beralih ke petugas lain, langkah 5b: ", shipped.Render(sop, "reassigned", model).Subject, StringComparison.Ordinal);
            Assert.StartsWith("[PPID/2026/0001] Task given to you, step 5b: ", shipped.Render(sop, "task", model, CultureInfo.GetCultureInfo("en-GB")).Subject, StringComparison.Ordinal);
        }
    }

    /// <summary>A substitute does not hold the role.</summary>
    [Theory]
    [InlineData("reminder")]
    [InlineData("resumed")]
    public void A_performer_is_told_as_such_and_not_as_one_who_holds_the_role(string template)
    {
        var shipped = Shipped();
        var model = MailTemplateTests.Model();

        Assert.Contains("dikirim karena Bapak/Ibu pelaksana langkah ini.", shipped.Render(null, template, model).Text, StringComparison.Ordinal);
        Assert.Contains("because you perform this step.", shipped.Render(null, template, model, CultureInfo.GetCultureInfo("en-GB")).Text, StringComparison.Ordinal);
        model["isPool"] = true;
        Assert.Contains("dikirim karena Bapak/Ibu pemegang peran pelaksana langkah ini.", shipped.Render(null, template, model).Text, StringComparison.Ordinal);
    }

    // The first mail of a process compiles the renderer, on a busy machine for longer than a mail may take.
    private static MailTemplates Shipped() => new(Sop.SopFolder.WorkflowsRoot) { Patience = TimeSpan.FromMinutes(1) };

    private static string? Read(string name)
    {
        using var stream = Application.GetManifestResourceStream($"Mail/{name}.liquid");
        return stream is null ? null : new StreamReader(stream).ReadToEnd();
    }

    // What a template asks of its model, by name: whatever stands in a tag and is neither a word of Liquid nor quoted nor a member.
    private static IEnumerable<string> Variables(string template) => Tag().Matches(template)
        .SelectMany(tag => Name().Matches(Quoted().Replace(tag.Value, "")).Select(name => name.Value))
        .Except(Keywords).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\{[{%].*?[%}]\}", RegexOptions.Singleline, 1000)]
    private static partial Regex Tag();

    [GeneratedRegex("'[^']*'", RegexOptions.None, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<![\w.])[a-z]\w*", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Name();
}
