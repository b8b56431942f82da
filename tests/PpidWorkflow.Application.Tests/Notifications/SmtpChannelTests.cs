using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Application.Tests.Notifications;

/// <summary>What each answer of a real server does to a mail (style §2.5: SMTP failures sorted once).</summary>
public sealed class SmtpChannelTests
{
    [Fact]
    public async Task A_mail_arrives_once_and_its_row_says_so()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        var id = await office.OweAsync("rina@ppid.example");

        await office.SweepAsync();
        await office.SweepAsync();

        var mail = Assert.Single(await server.MailsAsync());
        Assert.Equal((await office.RowAsync(id)).MessageId, mail.Parse().MessageId);
        Assert.Equal("[PPID/2026/0001] Tugas langkah 5b: Mendokumentasikan — batas 15.58 WIB, Senin, 23 Nov 2026", mail.Parse().Subject);
        Assert.Equal(OutboxState.Sent, (await office.RowAsync(id)).State);
    }

    [Fact]
    public async Task One_sweep_uses_one_connection()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        foreach (var name in (string[])["rina", "unknown", "busy", "spam", "budi"])
            await office.OweAsync($"{name}@ppid.example");

        var report = await office.SweepAsync();

        Assert.Equal(new SweepReport(2, 1, 2), report);
        Assert.Equal(1, await server.CountAsync("connect"));
    }

    [Theory]
    [InlineData("unknown@ppid.example", "550")]
    [InlineData("spam@ppid.example", "554")]
    public async Task A_refused_mail_fails_for_good_and_others_go_on(string address, string reason)
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        var refused = await office.OweAsync(address);
        var good = await office.OweAsync("budi@ppid.example");

        await office.SweepAsync();
        office.Time.Advance(TimeSpan.FromDays(7));
        await office.SweepAsync();

        var row = await office.RowAsync(refused);
        Assert.Equal((OutboxState.Failed, 1), (row.State, row.Attempts));
        Assert.Equal(reason, row.LastError);
        Assert.Equal(OutboxState.Sent, (await office.RowAsync(good)).State);
        Assert.Equal(2, await server.CountAsync("rcpt"));
    }

    [Theory]
    [InlineData("busy@ppid.example", "450")]
    [InlineData("full@ppid.example", "452")]
    public async Task A_mail_refused_for_now_waits_longer_each_time_and_is_never_given_up(string address, string reason)
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        var id = await office.OweAsync(address);

        var waits = new List<double>();
        for (var attempt = 0; attempt < 8; attempt++)
        {
            await office.SweepAsync();
            var wait = (await office.RowAsync(id)).NextAttemptAt - office.Time.GetUtcNow();
            waits.Add(wait.TotalMinutes);
            office.Time.Advance(wait - TimeSpan.FromMilliseconds(1));
            Assert.Equal(0, (await office.SweepAsync()).Handled);
            office.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        var row = await office.RowAsync(id);
        Assert.Equal([1, 2, 5, 10, 20, 30, 30, 30], waits);
        Assert.Equal((OutboxState.Pending, 8), (row.State, row.Attempts));
        Assert.Equal(reason, row.LastError);
    }

    [Theory]
    [InlineData("quote-550@ppid.example", "550 5.7.1")]
    [InlineData("quote-421@ppid.example", "421 4.7.0")]
    [InlineData("quote-452@ppid.example", "452 4.2.2")]
    public async Task What_a_server_quotes_of_a_mail_is_not_kept(string address, string codes)
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        var id = await office.OweAsync(address);

        await office.SweepAsync();

        Assert.Equal(codes, (await office.RowAsync(id)).LastError);
        Assert.Contains("PPID/2026/0001", Assert.Single(await server.MailsAsync()).Parse().Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_greylisted_mail_is_sent_once_at_the_third_try()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        var id = await office.OweAsync("grey-2@ppid.example");

        await office.SweepAsync();
        office.Time.Advance(TimeSpan.FromMinutes(1));
        await office.SweepAsync();
        office.Time.Advance(TimeSpan.FromMinutes(2));
        await office.SweepAsync();
        office.Time.Advance(TimeSpan.FromDays(1));
        await office.SweepAsync();

        var row = await office.RowAsync(id);
        Assert.Equal((OutboxState.Sent, 3, null), (row.State, row.Attempts, row.LastError));
        Assert.Single(await server.MailsAsync());
    }

    [Fact]
    public async Task A_connection_lost_after_DATA_means_the_same_message_id_again()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        var id = await office.OweAsync("drop-1@ppid.example");
        var other = await office.OweAsync("budi@ppid.example");

        await office.SweepAsync();
        var lost = await office.RowAsync(id);
        office.Time.Advance(TimeSpan.FromMinutes(1));
        await office.SweepAsync();

        var deliveries = (await server.MailsAsync()).Where(m => m.To == "drop-1@ppid.example").ToList();
        Assert.Equal(OutboxState.Pending, lost.State);
        Assert.Equal([false, true], deliveries.Select(m => m.Accepted));
        Assert.Equal([lost.MessageId, lost.MessageId], deliveries.Select(m => m.Parse().MessageId));
        Assert.Equal(OutboxState.Sent, (await office.RowAsync(id)).State);
        Assert.Equal(1, (await office.RowAsync(other)).Attempts);
    }

    [Fact]
    public async Task A_server_that_ends_the_connection_with_421_gets_a_new_one_at_once()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        await office.OweAsync("rina@ppid.example");
        await office.OweAsync("bye-1@ppid.example");
        await office.OweAsync("budi@ppid.example");

        var report = await office.SweepAsync();

        Assert.Equal(new SweepReport(3, 0, 0), report);
        Assert.Equal(2, await server.CountAsync("connect"));
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_not_waited_for_without_end()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port, operationTimeout: TimeSpan.FromMilliseconds(500));
        var id = await office.OweAsync("mute@ppid.example");
        var other = await office.OweAsync("budi@ppid.example");

        await office.SweepAsync();

        var row = await office.RowAsync(id);
        Assert.Equal((OutboxState.Pending, "The mail server did not answer in time."), (row.State, row.LastError));
        Assert.Equal(OutboxState.Sent, (await office.RowAsync(other)).State);
    }

    [Fact]
    public async Task An_addressee_the_server_stumbles_over_does_not_hold_up_others()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        await office.OweAsync("bye-99@ppid.example");
        await office.OweAsync("rina@ppid.example");
        await office.OweAsync("drop-99@ppid.example");
        await office.OweAsync("budi@ppid.example");

        var report = await office.SweepAsync();

        Assert.Equal(new SweepReport(2, 2, 0), report);
    }

    [Fact]
    public async Task A_server_that_connects_but_never_answers_is_an_outage_after_three_mails()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port, operationTimeout: TimeSpan.FromSeconds(2));
        for (var i = 0; i < 8; i++)
            await office.OweAsync($"mute{i}@ppid.example");

        await office.SweepAsync();

        var rows = await office.RowsAsync();
        Assert.Equal([1, 1, 1, 0, 0, 0, 0, 0], rows.Select(r => r.Attempts));
        Assert.All(rows, r => Assert.Equal("The mail server did not answer in time.", r.LastError));
        Assert.All(rows, r => Assert.True(r.NextAttemptAt > office.Time.GetUtcNow()));
    }

    [Fact]
    public async Task STARTTLS_and_sign_in_work_when_the_certificate_is_trusted()
    {
        using var certificate = new TestCertificate();
        await using var server = await SmtpServerFixture.StartAsync(
            "--tls", "starttls", "--cert", certificate.CertificatePath, "--key", certificate.KeyPath,
            "--user", "ppid", "--password", "rahasia");
        await using var office = await MailOffice.WithSmtpAsync(
            server.Port,
            smtp => (smtp.Security, smtp.UserName, smtp.Password) = ("StartTls", "ppid", "rahasia"),
            certificate);
        await office.OweAsync("rina@ppid.example");

        var report = await office.SweepAsync();

        Assert.Equal(1, report.Sent);
        Assert.True(Assert.Single(await server.MailsAsync()).Secure);
    }

    [Fact]
    public async Task TLS_from_the_first_byte_works()
    {
        using var certificate = new TestCertificate();
        await using var server = await SmtpServerFixture.StartAsync(
            "--tls", "tls", "--cert", certificate.CertificatePath, "--key", certificate.KeyPath);
        await using var office = await MailOffice.WithSmtpAsync(server.Port, smtp => smtp.Security = "Tls", certificate);
        await office.OweAsync("rina@ppid.example");

        Assert.Equal(1, (await office.SweepAsync()).Sent);
        Assert.True(Assert.Single(await server.MailsAsync()).Secure);
    }

    [Theory]
    [InlineData("StartTls")]
    [InlineData("starttls")]
    [InlineData("salah ketik")]
    public async Task Where_STARTTLS_is_not_offered_nothing_is_sent_in_plain(string security)
    {
        await using var server = await SmtpServerFixture.StartAsync("--user", "ppid", "--password", "rahasia");
        await using var office = await MailOffice.WithSmtpAsync(
            server.Port, smtp => (smtp.Security, smtp.UserName, smtp.Password) = (security, "ppid", "rahasia"));
        var id = await office.OweAsync("rina@ppid.example");

        await office.SweepAsync();

        var row = await office.RowAsync(id);
        Assert.Equal(OutboxState.Pending, row.State);
        Assert.Contains("does not offer STARTTLS", row.LastError);
        Assert.Equal((0, 0), (await server.CountAsync("auth"), await server.CountAsync("sender")));
    }

    [Fact]
    public async Task An_untrusted_certificate_stops_password_and_mail()
    {
        using var certificate = new TestCertificate();
        await using var server = await SmtpServerFixture.StartAsync(
            "--tls", "starttls", "--cert", certificate.CertificatePath, "--key", certificate.KeyPath,
            "--user", "ppid", "--password", "rahasia");
        await using var office = await MailOffice.WithSmtpAsync(
            server.Port, smtp => (smtp.Security, smtp.UserName, smtp.Password) = ("StartTls", "ppid", "rahasia"));
        var id = await office.OweAsync("rina@ppid.example");

        await office.SweepAsync();

        Assert.Contains("certificate is not trusted", (await office.RowAsync(id)).LastError);
        Assert.Equal((0, 0), (await server.CountAsync("auth"), await server.CountAsync("sender")));
    }

    [Fact]
    public async Task A_wrong_password_keeps_all_mails_pending_and_says_why()
    {
        await using var server = await SmtpServerFixture.StartAsync("--user", "ppid", "--password", "rahasia");
        await using var office = await MailOffice.WithSmtpAsync(server.Port, smtp => (smtp.UserName, smtp.Password) = ("ppid", "keliru"));
        await office.OweAsync("rina@ppid.example");
        await office.OweAsync("budi@ppid.example");

        await office.SweepAsync();

        var rows = await office.RowsAsync();
        Assert.All(rows, r => Assert.Equal(OutboxState.Pending, r.State));
        Assert.All(rows, r => Assert.Contains("refused the sign-in", r.LastError));
        Assert.DoesNotContain("keliru", rows[0].LastError);
        Assert.Equal(1, rows.Sum(r => r.Attempts));
    }

    [Fact]
    public async Task A_server_that_wants_a_sign_in_we_do_not_have_keeps_the_mail_pending()
    {
        await using var server = await SmtpServerFixture.StartAsync("--user", "ppid", "--password", "rahasia");
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        var id = await office.OweAsync("rina@ppid.example");

        await office.SweepAsync();

        var row = await office.RowAsync(id);
        Assert.Equal(OutboxState.Pending, row.State);
        Assert.StartsWith("The mail server wants a sign-in", row.LastError);
    }

    [Fact]
    public async Task A_server_that_refuses_everybody_keeps_the_mail_pending()
    {
        await using var server = await SmtpServerFixture.StartAsync("--refuse");
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        var id = await office.OweAsync("rina@ppid.example");

        await office.SweepAsync();

        var row = await office.RowAsync(id);
        Assert.Equal(OutboxState.Pending, row.State);
        Assert.Equal("554", row.LastError);
    }

    [Fact]
    public async Task A_mail_accepted_before_a_crash_goes_again_under_the_same_message_id()
    {
        await using var server = await SmtpServerFixture.StartAsync();
        await using var office = await MailOffice.WithSmtpAsync(server.Port);
        var id = await office.OweAsync("rina@ppid.example");
        await office.SweepAsync();
        await office.RewriteAsync(id, OutboxState.Pending, office.Time.GetUtcNow() + MailOffice.Lease);

        office.Time.Advance(MailOffice.Lease);
        await office.SweepAsync();

        var mails = await server.MailsAsync();
        Assert.Equal(2, mails.Count);
        Assert.Single(mails.Select(m => m.Parse().MessageId).Distinct());
    }
}
