using PpidWorkflow.Application.Notifications.Bounces;

namespace PpidWorkflow.Application.Tests.Notifications;

public class BounceReaderTests
{
    private const string Id = "0199aa@ppid.example";

    public static TheoryData<string, string, bool, string> Bounces => new()
    {
        { "Postfix", BounceSamples.Postfix(Id), true, "5.1.1" },
        { "Postfix, delayed", BounceSamples.Postfix(Id, "delayed", "4.4.1"), false, "4.4.1" },
        { "Postfix, given up", BounceSamples.Postfix(Id, "FAILED", "4.4.1"), true, "4.4.1" },
        { "no status", BounceSamples.Postfix(Id, "failed", "tidak dikenal"), true, "5.0.0" },
        { "no action", BounceSamples.Postfix(Id, "").Replace("Action: \n", "", StringComparison.Ordinal), true, "5.1.1" },
        { "Exchange", BounceSamples.Exchange(Id), true, "5.2.2" },
        { "Gmail", BounceSamples.Gmail(Id), true, "4.4.1" },
        { "Gmail by the envelope's id", BounceSamples.Gmail(Id, envelope: true), true, "4.4.1" }
    };

    [Theory]
    [MemberData(nameof(Bounces))]
    public void A_bounce_is_read_by_its_code_and_the_mail_it_names(string server, string text, bool isFinal, string status)
    {
        var bounce = BounceReader.Read(BounceSamples.Load(text));

        Assert.True(bounce is not null, server);
        Assert.Equal((isFinal, status, Id), (bounce.IsFinal, bounce.Status, bounce.MessageIds[0]));
        Assert.DoesNotContain(bounce.MessageIds, id => id.Contains("lain", StringComparison.Ordinal));
    }

    public static TheoryData<string, string> Others => new()
    {
        { "an answer", BounceSamples.Answer(Id) },
        { "a read receipt", BounceSamples.Receipt(Id) },
        { "delivered", BounceSamples.Postfix(Id, "delivered", "2.0.0") },
        { "relayed", BounceSamples.Postfix(Id, "relayed", "2.0.0") },
        { "of nothing", BounceSamples.Postfix("") },
        { "empty", "\n" },
        { "no boundary", BounceSamples.Postfix(Id).Replace("--4bX1.1", "", StringComparison.Ordinal) },
        { "nonsense", "Content-Type: multipart/report; boundary=\"\"\n\n\u0001\u00ff--\n--" }
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Everything_else_is_none(string what, string text) => Assert.True(BounceReader.Read(BounceSamples.Load(text)) is null, what);

    [Fact]
    public void What_was_cut_off_anywhere_harms_nobody()
    {
        var whole = BounceSamples.Exchange(Id);
        for (var length = whole.IndexOf("\n\n", StringComparison.Ordinal) + 2; length < whole.Length; length += 7)
            _ = BounceReader.Read(BounceSamples.Load(whole[..length]));

        Assert.NotNull(BounceReader.Read(BounceSamples.Load(whole)));
    }
}
