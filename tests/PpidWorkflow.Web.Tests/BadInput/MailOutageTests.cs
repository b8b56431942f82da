using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Web.Tests.BadInput;

/// <summary>
/// A mail server that is away, dumb or unwilling: the office works on, and the administrator sees which mails wait or failed, and why.
/// </summary>
public sealed class MailOutageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_server_that_is_down_delays_mails_and_nothing_else()
    {
        await using var office = await SmtpClientOffice.OpenAsync(FreePort());

        await WorkAsync(office);
        await office.UntilMailsAsync("LastError LIKE '%cannot be reached%'");

        Assert.All(await office.MailLogAsync(), mail => Assert.Contains(mail.State, (string[])["pending", "troubled"]));
    }

    [Fact]
    public async Task A_server_that_never_answers_holds_up_no_officer()
    {
        using var server = new LineServer(_ => null);
        await using var office = await SmtpClientOffice.OpenAsync(server.Port);

        await WorkAsync(office);
        await server.Visited.WaitAsync(Patience);
        await WorkAsync(office);

        Assert.All(await office.MailLogAsync(), mail => Assert.Equal("pending", mail.State));
    }

    [Fact]
    public async Task A_server_that_turns_us_away_is_seen_with_its_words()
    {
        using var server = new LineServer(said => said is null ? "554 Tidak melayani" : "503 Tidak");
        await using var office = await SmtpClientOffice.OpenAsync(server.Port);

        await WorkAsync(office);
        await office.UntilMailsAsync("LastError LIKE '%554%'");

        Assert.All(await office.MailLogAsync(), mail => Assert.Contains(mail.State, (string[])["pending", "troubled"]));
    }

    [Fact]
    public async Task A_refused_address_is_failed_and_shown_and_not_tried_for_ever()
    {
        using var server = new LineServer(said => said switch
        {
            null => "220 uji",
            _ when said.StartsWith("RCPT", StringComparison.Ordinal) => "550 Alamat tidak dikenal",
            _ when said.StartsWith("QUIT", StringComparison.Ordinal) => "221 Sampai jumpa",
            _ => "250 Baik"
        });
        await using var office = await SmtpClientOffice.OpenAsync(server.Port);

        await WorkAsync(office);
        await office.UntilMailsAsync("State = 'Failed'");

        Assert.All(await office.MailLogAsync(),
            mail => Assert.Equal(("failed", 1, "550"), (mail.State, mail.Attempts, mail.LastError)));
    }

    // Three steps of a case, each answered as if mails went: waiting for the server in every one of them would take minutes.
    private static async Task WorkAsync(LiveOffice office)
    {
        var watch = Stopwatch.StartNew();
        var caseId = await office.OpenCaseAsync();
        await office.WalkToAsync(caseId, "3");

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.OK, (await office.Http.GetAsync("/health/ready")).StatusCode);
        Assert.DoesNotContain(LiveOffice.Canary, office.Service.Log, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class SmtpClientOffice(int port) : LiveOffice
    {
        // In small letters on purpose: settings are read as people write them.
        protected override IReadOnlyList<string> Settings =>
            ["--Mail:Delivery=smtp", "--Mail:Smtp:Host=127.0.0.1", $"--Mail:Smtp:Port={port}", "--Mail:Smtp:Security=None"];

        public static async Task<SmtpClientOffice> OpenAsync(int port)
        {
            var office = new SmtpClientOffice(port);
            await office.InitializeAsync();
            return office;
        }

        /// <summary>Until every mail is as said (SQL).</summary>
        public async Task UntilMailsAsync(string condition)
        {
            await using var database = await OpenDatabaseAsync();
            await using var command = database.CreateCommand();
            command.CommandText = $"SELECT COUNT(*) >= 3 AND SUM(CASE WHEN {condition} THEN 0 ELSE 1 END) = 0 FROM Outbox";
            for (var watch = Stopwatch.StartNew(); Convert.ToInt64(await command.ExecuteScalarAsync(), null) != 1; await Task.Delay(50))
                Assert.True(watch.Elapsed < Patience, $"Mails are not: {condition}\n{Service.Log}");
        }

        public async Task<IReadOnlyList<MailLogEntry>> MailLogAsync()
        {
            var log = await AskAsync(async services =>
                (await services.GetRequiredService<MailLog>().ListAsync(null, null, 200)).Value.Items);
            Assert.True(log.Count >= 3);
            return log;
        }
    }

    /// <summary>Speaks SMTP by a function: what the client said (null: it has connected) to what is answered (null: nothing).</summary>
    private sealed class LineServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource _visited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LineServer(Func<string?, string?> answer)
        {
            _listener.Start();
            _ = AcceptAsync(answer);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public Task Visited => _visited.Task;

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync(Func<string?, string?> answer)
        {
            try
            {
                while (true)
                    _ = ServeAsync(await _listener.AcceptTcpClientAsync(), answer);
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(TcpClient client, Func<string?, string?> answer)
        {
            using var connection = client;
            _visited.TrySetResult();
            try
            {
                using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                string? said = null;
                do
                {
                    if (answer(said) is { } line)
                        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
                    said = await reader.ReadLineAsync();
                }
                while (said is not null);
            }
            catch (IOException)
            {
                // The client hung up.
            }
        }
    }
}
