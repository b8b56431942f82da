using System.Text.Json;
using System.Text.RegularExpressions;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Tests.Sop;

namespace PpidWorkflow.Application.Tests.Notifications;

/// <summary>Mails carry the case number and the step, never title, contents or file names (design.md §2.7), and cannot misbehave.</summary>
public sealed partial class MailTemplateTests : IDisposable
{
    private readonly string _ownRoot = Directory.CreateTempSubdirectory("ppid-mail-").FullName;
    private readonly MailTemplates _shipped = new(SopFolder.WorkflowsRoot);

    public static TheoryData<string?, string> EveryMail
    {
        get
        {
            var data = new TheoryData<string?, string>();
            foreach (var template in MailTemplates.SopTemplates)
            {
                data.Add(SopFolder.Slug, template);
                data.Add(null, template);
            }

            foreach (var template in MailTemplates.AccountTemplates.Concat(MailTemplates.RevisionTemplates))
                data.Add(null, template);
            return data;
        }
    }

    public static TheoryData<string> StepMails => [.. MailTemplates.SopTemplates];

    public void Dispose() => Directory.Delete(_ownRoot, recursive: true);

    [Theory]
    [MemberData(nameof(EveryMail))]
    public void Every_mail_renders_in_three_parts(string? sop, string template)
    {
        var mail = _shipped.Render(sop, template, Model());

        Assert.InRange(mail.Subject.Length, 10, 110);
        Assert.DoesNotContain("{", mail.Subject + mail.Text + mail.Html);
        Assert.Contains("Yth. Bapak/Ibu Rina Wati", mail.Text);
        Assert.Contains("http://localhost:5080/tasks/17", mail.Text);
        Assert.Contains("Pesan otomatis, mohon tidak dibalas.", mail.Text);
        Assert.DoesNotContain("\n\n\n", mail.Text);
        Assert.Contains("<html lang=\"id\">", mail.Html);
        Assert.Contains("href=\"http://localhost:5080/tasks/17\"", mail.Html);
        Assert.Contains("Pesan otomatis, mohon tidak dibalas.", mail.Html);
    }

    [Theory]
    [MemberData(nameof(StepMails))]
    public void Every_mail_of_a_step_exists_in_English_too(string template)
    {
        var mail = _shipped.Render(SopFolder.Slug, template, Model(), System.Globalization.CultureInfo.GetCultureInfo("en-GB"));

        Assert.True(MailTemplates.IsTranslated(template));
        Assert.Contains("Dear Rina Wati,", mail.Text);
        Assert.Contains("Sent automatically, please do not answer.", mail.Html);
        foreach (var word in (string[])["Yth.", "Langkah", "Batas", "Nomor", "menit kerja\n"])
            Assert.DoesNotContain(word, mail.Text);
    }

    [Fact]
    public void Rows_of_a_list_are_encoded_like_everything_else_and_hold_nothing_deeper()
    {
        const string head = "{% assign action = 'Buka' %}{% assign why = 'karena' %}";
        Own("task.text", head + "{% for row in rows %}[{{ row.name }}]{% endfor %}");
        Own("task.html", head + "{% for row in rows %}[{{ row.name }}]{% endfor %}");
        var model = Model();
        model["rows"] = JsonSerializer.Deserialize<JsonElement>("""[{"name":"<b>A & B</b>"},{"name":"C\nD"}]""");

        var mail = Mine().Render("own", "task", model);

        Assert.Contains("[<b>A & B</b>][C D]", mail.Text);
        Assert.Contains("[&lt;b&gt;A &amp; B&lt;/b&gt;][C D]", mail.Html);
        model["rows"] = JsonSerializer.Deserialize<JsonElement>("""[1, 2]""");
        Assert.Throws<MailTemplateException>(() => Mine().Render("own", "task", model));
    }

    [Theory]
    [MemberData(nameof(EveryMail))]
    public void A_mail_renders_when_all_that_may_be_absent_is_absent(string? sop, string template)
    {
        var bare = Model();
        foreach (var key in (string[])["stepPart", "performerName", "dueAt", "dueDate", "dueTime", "lateBy",
            "byName", "revisionNumber", "revisionReason", "decisionReason", "effectiveAt"])
            bare[key] = null;

        var mail = _shipped.Render(sop, template, bare);

        Assert.DoesNotContain("batas ,", mail.Subject);
        Assert.DoesNotContain("Bapak/Ibu .", mail.Text);
    }

    [Theory]
    [MemberData(nameof(EveryMail))]
    public void The_html_loads_nothing_from_anywhere(string? sop, string template)
    {
        var html = _shipped.Render(sop, template, Model()).Html;

        Assert.DoesNotMatch("(?i)<(img|script|link|iframe|object|style|form|svg)\\b|url\\(|@import|javascript:|\\ssrc=", html);
        Assert.All(Addresses().Matches(html), address => Assert.StartsWith("http://localhost:5080/", address.Value));
    }

    [Theory]
    [MemberData(nameof(EveryMail))]
    public void Nothing_but_the_named_variables_reaches_a_mail(string? sop, string template)
    {
        var model = Model();
        foreach (var key in (string[])["title", "fileName", "reason", "note", "contents", "exemptionBasis"])
            model[key] = "KENARI-RAHASIA";

        var mail = _shipped.Render(sop, template, model);

        Assert.DoesNotContain("KENARI", mail.Subject + mail.Text + mail.Html);
    }

    [Theory]
    [InlineData("title")]
    [InlineData("fileName")]
    [InlineData("reason")]
    [InlineData("recipientName.Length")]
    public void A_template_that_wants_what_the_model_lacks_fails_by_name(string variable)
    {
        Own("task.text", $"Tentang {{{{ {variable} }}}}");

        var error = Assert.Throws<MailTemplateException>(() => Mine().Render("own", "task", Model()));

        Assert.Contains("'task.text'", error.Message);
        Assert.DoesNotContain("Rina", error.Message);
    }

    [Theory]
    [MemberData(nameof(StepMails))]
    public void Leaving_out_a_required_variable_is_an_error_and_not_a_gap(string template)
    {
        var model = Model();
        model.Remove("caseNumber");

        Assert.Throws<MailTemplateException>(() => _shipped.Render(SopFolder.Slug, template, model));
    }

    [Theory]
    [InlineData("task", "")]
    [InlineData("not-started", "waitedMinutes lateBy")]
    [InlineData("warning", "percent")]
    [InlineData("overdue", "elapsedMinutes lateBy")]
    [InlineData("escalation", "percent elapsedMinutes lateBy")]
    [InlineData("returned", "")]
    [InlineData("reassigned", "elapsedMinutes")]
    [InlineData("reminder", "lateBy hasNote")]
    [InlineData("resumed", "remainingMinutes lateBy")]
    public void A_step_mail_needs_only_the_variables_that_the_guide_lists(string template, string further)
    {
        string[] listed =
        [
            "recipientName", "url", "officeName", "caseNumber", "stepNumber", "stepPart", "stepName", "actName", "performerName",
            "standardMinutes", "receivedAt", "dueAt", "dueDate", "dueTime", "isPool", "provisional", .. further.Split(' ')
        ];
        var model = Model().Where(entry => listed.Contains(entry.Key)).ToDictionary();

        Assert.NotEmpty(_shipped.Render(SopFolder.Slug, template, model).Html);
        Assert.NotEmpty(_shipped.Render(null, template, model).Html);
    }

    [Theory]
    [InlineData("documented", "caseNumber performerName")]
    [InlineData("password-first", "userName expiresAt")]
    [InlineData("password-reset", "userName expiresAt")]
    [InlineData("email-change", "userName expiresAt")]
    [InlineData("revision-proposed", Revision)]
    [InlineData("revision-approved", Revision)]
    [InlineData("revision-rejected", Revision)]
    [InlineData("revision-withdrawn", Revision)]
    [InlineData("revision-in-force", Revision)]
    public void Any_other_mail_needs_only_the_variables_that_are_listed(string template, string further)
    {
        string[] listed = ["recipientName", "url", "officeName", .. further.Split(' ')];
        var model = Model().Where(entry => listed.Contains(entry.Key)).ToDictionary();

        Assert.NotEmpty(_shipped.Render(SopFolder.Slug, template, model).Html);
        Assert.NotEmpty(_shipped.Render(null, template, model).Html);
    }

    [Theory]
    [MemberData(nameof(EveryMail))]
    public void Values_are_encoded_in_html_and_plain_in_text(string? sop, string template)
    {
        var model = Model();
        model["recipientName"] = "<b onclick=\"x\">R & 'D'</b>";
        model["url"] = "http://localhost:5080/tasks/17?a=1&b=\"><script>";

        var mail = _shipped.Render(sop, template, model);

        Assert.Contains("&lt;b onclick=&quot;x&quot;&gt;R &amp; &#39;D&#39;&lt;/b&gt;", mail.Html);
        Assert.DoesNotContain("<script", mail.Html);
        Assert.DoesNotContain("<b ", mail.Html);
        Assert.Contains("<b onclick=\"x\">R & 'D'</b>", mail.Text);
    }

    [Theory]
    [InlineData("PPID/2026/0001\r\nBcc: luar@contoh.example")]
    [InlineData("PPID/2026/0001\nBcc: luar@contoh.example")]
    [InlineData("PPID/2026/0001\u2028Bcc: luar@contoh.example")]
    [InlineData("PPID/2026/0001\u0085Bcc: luar@contoh.example")]
    public void A_subject_stays_on_one_line(string caseNumber)
    {
        var model = Model();
        model["caseNumber"] = caseNumber;

        var subject = _shipped.Render(SopFolder.Slug, "task", model).Subject;

        Assert.StartsWith("[PPID/2026/0001 Bcc: luar@contoh.example]", subject);
        Assert.DoesNotContain(subject, char.IsControl);
        Assert.DoesNotContain('\u2028', subject);
    }

    [Fact]
    public void A_template_cannot_break_the_subject_either()
    {
        Own("task.subject", "Satu\r\nBcc: luar@contoh.example\r\n");

        Assert.Equal("Satu Bcc: luar@contoh.example", Mine().Render("own", "task", Model()).Subject);
    }

    [Fact]
    public void An_endless_subject_is_cut()
    {
        Own("task.subject", new string('x', 500));

        Assert.Equal(150, Mine().Render("own", "task", Model()).Subject.Length);
    }

    [Fact]
    public void A_task_mail_tells_the_step_and_the_limit_in_its_subject() => Assert.Equal(
        "[PPID/2026/0001] Tugas langkah 5b: Mendokumentasikan — batas 15.58 WIB, Senin, 23 Nov 2026",
        _shipped.Render(SopFolder.Slug, "task", Model()).Subject);

    [Theory]
    [InlineData("escalation")]
    [InlineData("reassigned")]
    [InlineData("resumed")]
    public void Alerts_about_a_step_tell_the_limit_in_their_subject(string template)
    {
        var model = Model();
        model["lateBy"] = null;
        foreach (var sop in new[] { SopFolder.Slug, null })
        {
            Assert.EndsWith("— batas 15.58 WIB, Senin, 23 Nov 2026", _shipped.Render(sop, template, model).Subject, StringComparison.Ordinal);
            Assert.Contains("batas 15.58 WIB", _shipped.Render(sop, template, Model()).Subject, StringComparison.Ordinal);
        }
        var english = _shipped.Render(SopFolder.Slug, template, model, System.Globalization.CultureInfo.GetCultureInfo("en-GB"));
        Assert.EndsWith("— due 15.58 WIB, Senin, 23 Nov 2026", english.Subject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("still-paused", "step pausedBy pausedAt")]
    [InlineData("case-stopped", "incidents caseNumbers")]
    [InlineData("absence-begun", "absentName isSubstitute substituteName until count tasks")]
    [InlineData("absence-returned", "takenCount taken waitingCount waiting")]
    [InlineData("transfer-declined", "absentName step")]
    [InlineData("acting-appointed", "actingName title isActing letterNumber firstDay lastDay")]
    [InlineData("acting-offered", "title formerName letterNumber until count tasks")]
    public void Mails_about_people_say_the_same_in_both_languages(string template, string further)
    {
        foreach (var flag in new[] { false, true })
        {
            var model = Model();
            model["stepName"] = "Prepare";
            foreach (var name in further.Split(' '))
                model[name] = name.StartsWith("is", StringComparison.Ordinal) ? flag : name.EndsWith("ount", StringComparison.Ordinal) ? 3 : $"<{name}>";
            var indonesian = _shipped.Render(null, template, model);
            var english = _shipped.Render(null, template, model, System.Globalization.CultureInfo.GetCultureInfo("en-GB"));

            Assert.Contains("Dear Rina Wati,", english.Text);
            foreach (var word in (string[])["Yth.", "Bapak/Ibu", "langkah", "tugas", "sampai"])
                Assert.DoesNotContain(word, english.Subject + english.Text + english.Html);
            foreach (var name in further.Split(' '))
                Assert.Equal(indonesian.Text.Contains($"<{name}>", StringComparison.Ordinal), english.Text.Contains($"<{name}>", StringComparison.Ordinal));
            Assert.InRange(english.Subject.Length, 10, 110);
        }
    }

    [Fact]
    public void A_task_for_several_holders_says_that_anyone_of_them_may_take_it()
    {
        var model = Model();
        Assert.DoesNotContain("siapa pun", _shipped.Render(SopFolder.Slug, "task", model).Text);

        model["isPool"] = true;

        Assert.Contains("dapat diambil oleh siapa pun", _shipped.Render(SopFolder.Slug, "task", model).Text);
        Assert.Contains("dapat diambil oleh siapa pun", _shipped.Render(null, "task", model).Html);
    }

    [Theory]
    [InlineData("task", "Sari, M.Si. mengalihkan tugas ini dari Bapak/Ibu Budi Santoso kepada Bapak/Ibu. Waktu", "Sari, M.Si. has given this task of Budi Santoso to you. Its")]
    [InlineData("reassigned", "kepada Bapak/Ibu Budi Santoso oleh Sari, M.Si., sehingga Bapak/Ibu tidak", "to Budi Santoso by Sari, M.Si., so you need not")]
    public void A_hand_over_names_whoever_did_it_and_the_ladder_only_where_the_ladder_did(string template, string byHand, string inEnglish)
    {
        var model = Model();
        model["isHandedOver"] = true;
        var english = System.Globalization.CultureInfo.GetCultureInfo("en-GB");
        foreach (var sop in new[] { SopFolder.Slug, null })
        {
            model["handedOverBy"] = null;
            foreach (var words in Bodies(_shipped.Render(sop, template, model)))
                Assert.Contains("Budi Santoso menurut jenjang waktu SOP.", words, StringComparison.Ordinal);
            foreach (var words in Bodies(_shipped.Render(sop, template, model, english)))
                Assert.Contains("Budi Santoso by the SOP's ladder.", words, StringComparison.Ordinal);

            model["handedOverBy"] = "Sari, M.Si.";
            foreach (var words in Bodies(_shipped.Render(sop, template, model)))
            {
                Assert.Contains(byHand, words, StringComparison.Ordinal);
                Assert.DoesNotContain("jenjang", words, StringComparison.Ordinal);
            }
            foreach (var words in Bodies(_shipped.Render(sop, template, model, english)))
            {
                Assert.Contains(inEnglish, words, StringComparison.Ordinal);
                Assert.DoesNotContain("ladder", words, StringComparison.Ordinal);
            }
        }
        Assert.Equal(template == "task", _shipped.Render(null, template, model).Text.Contains("Buka tugas:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, "telah berakhir; langkah berikut kembali menjadi tugas Bapak/Ibu.", "is over; the following step is yours again.")]
    [InlineData(true, "telah berakhir; langkah berikut dapat diambil oleh siapa pun yang memegang peran ini.", "is over; anybody who holds the role may take the following step.")]
    public void A_step_that_comes_back_with_the_end_of_an_appointment_says_so(bool isPool, string indonesian, string inEnglish)
    {
        var model = Model();
        model["isHandedBack"] = true;
        model["isPool"] = isPool;

        foreach (var sop in new[] { SopFolder.Slug, null })
            Assert.All(Bodies(_shipped.Render(sop, "task", model)), words => Assert.Contains($"Penunjukan Bapak/Ibu Budi Santoso dalam peran ini {indonesian}", words, StringComparison.Ordinal));
        Assert.All(
            Bodies(_shipped.Render(null, "task", model, System.Globalization.CultureInfo.GetCultureInfo("en-GB"))),
            words => Assert.Contains($"The appointment of Budi Santoso in this role {inEnglish}", words, StringComparison.Ordinal));
    }

    [Fact]
    public void Work_sent_back_to_a_substitute_names_who_is_away_in_both_languages()
    {
        var model = Model();
        model["inSteadOfName"] = "Rina Wati";

        Assert.All(Bodies(_shipped.Render(SopFolder.Slug, "returned", model)), words => Assert.Contains("Bapak/Ibu Rina Wati sedang tidak di tempat", words, StringComparison.Ordinal));
        Assert.All(
            Bodies(_shipped.Render(null, "returned", model, System.Globalization.CultureInfo.GetCultureInfo("en-GB"))),
            words => Assert.Contains("Rina Wati is away; you do it in their stead.", words, StringComparison.Ordinal));
    }

    [Fact]
    public void A_mail_of_a_clock_that_runs_again_says_until_when_and_how_much_is_left()
    {
        var model = Model();
        model["lateBy"] = null;

        var mail = _shipped.Render(SopFolder.Slug, "resumed", model).Text;
        var english = _shipped.Render(SopFolder.Slug, "resumed", model, System.Globalization.CultureInfo.GetCultureInfo("en-GB")).Text;

        Assert.Contains("Jeda langkah berikut diakhiri oleh Budi Santoso: waktu bakunya berjalan lagi.", mail, StringComparison.Ordinal);
        Assert.Contains("Sisa waktu   : 4 menit kerja\nBatas waktu  : Senin, 23 Nov 2026 15.58 WIB", mail, StringComparison.Ordinal);
        Assert.Contains("Budi Santoso has ended the pause of the following step: its standard time runs again.", english, StringComparison.Ordinal);
        Assert.Contains("Left          : 4 working minutes\nDue           : Senin, 23 Nov 2026 15.58 WIB", english, StringComparison.Ordinal);
        Assert.DoesNotContain("lewat", mail, StringComparison.Ordinal);
        Assert.Contains("telah lewat 3 menit kerja", _shipped.Render(SopFolder.Slug, "resumed", Model()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_provisional_limit_is_called_provisional()
    {
        var model = Model();
        model["provisional"] = true;

        Assert.Contains("15.58 WIB (sementara)", _shipped.Render(SopFolder.Slug, "warning", model).Text);
    }

    /// <summary>A subject is read without its mail: a limit that may move says so there, too.</summary>
    [Theory]
    [MemberData(nameof(EveryMail))]
    public void So_is_the_limit_in_a_subject(string? sop, string template)
    {
        var settled = Model();
        var open = new Dictionary<string, object?>(Model()) { ["provisional"] = true };
        foreach (var (culture, word) in ((string, string)[])[("id-ID", "(sementara)"), ("en-GB", "(provisional)")])
        {
            var language = System.Globalization.CultureInfo.GetCultureInfo(culture);
            var names = _shipped.Render(sop, template, settled, language).Subject.Contains("15.58 WIB", StringComparison.Ordinal);

            Assert.DoesNotContain(word, _shipped.Render(sop, template, settled, language).Subject, StringComparison.Ordinal);
            Assert.Equal(names, _shipped.Render(sop, template, open, language).Subject.Contains(word, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_date_is_not_broken_over_two_lines() => Assert.Contains(
        "<span style=\"white-space:nowrap;\">Senin, 23 Nov 2026 15.58 WIB</span>",
        _shipped.Render(SopFolder.Slug, "task", Model()).Html);

    [Fact]
    public void The_part_that_an_SOP_lacks_comes_from_the_defaults()
    {
        Own("task.subject", "Khusus {{ caseNumber }}");

        var mail = Mine().Render("own", "task", Model());

        Assert.Equal("Khusus PPID/2026/0001", mail.Subject);
        Assert.Equal(_shipped.Render(null, "task", Model()).Text, mail.Text);
    }

    [Fact]
    public void An_SOP_without_templates_uses_the_defaults() =>
        Assert.Equal(_shipped.Render(null, "overdue", Model()), _shipped.Render("sop-lain", "overdue", Model()));

    [Fact]
    public void An_SOP_words_its_mails_itself() =>
        Assert.NotEqual(_shipped.Render(null, "task", Model()).Text, _shipped.Render(SopFolder.Slug, "task", Model()).Text);

    [Fact]
    public void An_edited_template_is_read_again()
    {
        var templates = Mine();
        Own("task.subject", "Sebelum");
        Assert.Equal("Sebelum", templates.Render("own", "task", Model()).Subject);

        Own("task.subject", "Sesudah");
        File.SetLastWriteTimeUtc(Path.Combine(_ownRoot, "own", "mail", "task.subject.liquid"), DateTime.UtcNow.AddMinutes(1));

        Assert.Equal("Sesudah", templates.Render("own", "task", Model()).Subject);
    }

    [Fact]
    public void An_SOP_cannot_word_the_mails_of_accounts()
    {
        Own("password-reset.subject", "Palsu");

        Assert.Equal("Permintaan kata sandi baru", Mine().Render("own", "password-reset", Model()).Subject);
    }

    [Theory]
    [InlineData("../own", "task")]
    [InlineData("..", "task")]
    [InlineData("", "task")]
    [InlineData("/etc", "task")]
    [InlineData("own\n", "task")]
    [InlineData("own", "../task")]
    [InlineData("own", "task.subject")]
    [InlineData("own", "")]
    public void A_name_cannot_leave_the_folder(string sop, string template) =>
        Assert.Throws<MailTemplateException>(() => Mine().Render(sop, template, Model()));

    [Fact]
    public void An_unknown_template_is_named()
    {
        var error = Assert.Throws<MailTemplateException>(() => _shipped.Render(null, "undangan", Model()));

        Assert.Contains("'undangan.subject'", error.Message);
    }

    [Theory]
    [InlineData("{% for i in (1..100000000) %}x{% endfor %}")]
    [InlineData("{% for i in (1..100) %}{% for j in (1..100) %}{% for k in (1..100) %}{{ url }}{% endfor %}{% endfor %}{% endfor %}")]
    [InlineData("{% include 'layout.html' %}")]
    [InlineData("{% if caseNumber %}")]
    [InlineData("{{ caseNumber | rahasia }}")]
    public void A_template_that_is_boundless_or_malformed_is_refused(string source)
    {
        Own("task.html", "{% assign action = 'a' %}{% assign why = 'b' %}" + source);

        Assert.Contains("'task.html'", Assert.Throws<MailTemplateException>(() => Mine().Render("own", "task", Model())).Message);
    }

    [Fact]
    public void A_model_may_hold_scalars_only()
    {
        var model = Model();
        model["performerName"] = new Uri("http://localhost/");

        Assert.Contains("'performerName'", Assert.Throws<MailTemplateException>(() => _shipped.Render(null, "task", model)).Message);
    }

    [Fact]
    public void A_model_read_back_from_JSON_gives_the_same_mail()
    {
        var model = JsonSerializer.Deserialize<Dictionary<string, object?>>(JsonSerializer.Serialize(Model()))!;

        Assert.Equal(_shipped.Render(SopFolder.Slug, "escalation", Model()), _shipped.Render(SopFolder.Slug, "escalation", model));
    }

    [Theory]
    [InlineData("revision-proposed", "Mohon pengesahan: revisi SOP Pendokumentasian, versi 2", "Alasan revisi   : Penyesuaian waktu baku")]
    [InlineData("revision-approved", "Disahkan: revisi SOP Pendokumentasian, versi 2", "Tanggal berlaku : Senin, 23 Nov 2026 15.58 WIB")]
    [InlineData("revision-rejected", "Ditolak: revisi SOP Pendokumentasian, versi 2", "Alasan penolakan : Belum diuji")]
    [InlineData("revision-withdrawn", "Ditarik kembali: revisi SOP Pendokumentasian, versi 2", "ditarik kembali oleh Kepala Biro Umum")]
    [InlineData("revision-in-force", "Mulai berlaku: SOP Pendokumentasian, versi 2", "Nomor revisi    : 3")]
    public void A_mail_about_a_revision_says_what_happened_and_why(string template, string subject, string line)
    {
        var mail = _shipped.Render(null, template, Model());

        Assert.Equal(subject, mail.Subject);
        Assert.Contains(line, mail.Text);
    }

    [Fact]
    public void An_SOP_cannot_word_the_mails_of_revisions()
    {
        Own("revision-approved.subject", "Palsu");

        Assert.StartsWith("Disahkan", Mine().Render("own", "revision-approved", Model()).Subject);
    }

    private const string Revision = "sopName versionNumber revisionNumber byName revisionReason decisionReason effectiveAt";

    internal static Dictionary<string, object?> Model() => new()
    {
        ["sopName"] = "Pendokumentasian",
        ["versionNumber"] = 2,
        ["revisionNumber"] = 3,
        ["byName"] = "Kepala Biro Umum",
        ["revisionReason"] = "Penyesuaian waktu baku",
        ["decisionReason"] = "Belum diuji",
        ["effectiveAt"] = "Senin, 23 Nov 2026 15.58 WIB",
        ["caseNumber"] = "PPID/2026/0001",
        ["stepNumber"] = "5",
        ["stepPart"] = "b",
        ["stepName"] = "Menugaskan petugas mendokumentasikan hardcopy dan softcopy informasi publik yang dikecualikan",
        ["actName"] = "Mendokumentasikan",
        ["recipientName"] = "Rina Wati",
        ["performerName"] = "Budi Santoso",
        ["standardMinutes"] = 15,
        ["receivedAt"] = "Senin, 23 Nov 2026 15.43 WIB",
        ["dueAt"] = "Senin, 23 Nov 2026 15.58 WIB",
        ["dueDate"] = "Senin, 23 Nov 2026",
        ["dueTime"] = "15.58 WIB",
        ["elapsedMinutes"] = 12,
        ["waitedMinutes"] = 7,
        ["remainingMinutes"] = 4,
        ["percent"] = 80,
        ["lateBy"] = "3 menit kerja",
        ["url"] = "http://localhost:5080/tasks/17",
        ["officeName"] = "Biro Umum Setda Kalimantan Tengah",
        ["isPool"] = false,
        ["hasNote"] = false,
        ["provisional"] = false,
        ["userName"] = "petugas.informasi",
        ["expiresAt"] = "Selasa, 24 Nov 2026 15.58 WIB"
    };

    private static string[] Bodies(RenderedMail mail) => [mail.Text, mail.Html];

    private MailTemplates Mine() => new(_ownRoot);

    private void Own(string name, string source)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_ownRoot, "own", "mail")).FullName;
        File.WriteAllText(Path.Combine(folder, name + ".liquid"), source);
    }

    [GeneratedRegex("(?i)https?://[^\\s\"<]+", RegexOptions.None, 1000)]
    private static partial Regex Addresses();
}
