using PpidWorkflow.Application.Notifications;

namespace PpidWorkflow.Application.Tests.Notifications;

public sealed class MailOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.True(new MailOptionsValidation().Validate(null, new MailOptions()).Succeeded);

    [Fact]
    public void A_sender_without_a_domain_is_no_address() =>
        Assert.Contains("Mail:From", Assert.Single(new MailOptionsValidation().Validate(null, new MailOptions { From = "bukan-alamat" }).Failures!));

    [Theory]
    [InlineData("Mail:Delivery")]
    [InlineData("Mail:From")]
    [InlineData("Mail:Smtp:Host")]
    [InlineData("Mail:Smtp:Port")]
    [InlineData("Mail:Smtp:Security")]
    [InlineData("Mail:Bounces:Port")]
    [InlineData("Mail:Bounces:Security")]
    [InlineData("Mail:Bounces:UserName")]
    [InlineData("Mail:Bounces:Folder")]
    [InlineData("Mail:Bounces:Minutes")]
    public void What_no_mail_could_leave_by_is_named_by_its_key(string key)
    {
        var options = new MailOptions { Delivery = "Smtp", Bounces = { Host = "imap.kantor.example", UserName = "ppid" } };
        switch (key)
        {
            case "Mail:Delivery":
                options.Delivery = "Merpati";
                break;
            case "Mail:From":
                options.From = "bukan alamat <";
                break;
            case "Mail:Smtp:Host":
                options.Smtp.Host = " ";
                break;
            case "Mail:Bounces:Port":
                options.Bounces.Port = 0;
                break;
            case "Mail:Bounces:Security":
                options.Bounces.Security = "7";
                break;
            case "Mail:Bounces:UserName":
                options.Bounces.UserName = " ";
                break;
            case "Mail:Bounces:Folder":
                options.Bounces.Folder = "";
                break;
            case "Mail:Bounces:Minutes":
                options.Bounces.Minutes = 60;
                break;
            case "Mail:Smtp:Port":
                options.Smtp.Port = 0;
                break;
            default:
                options.Smtp.Security = "7";
                break;
        }

        Assert.Contains(key, Assert.Single(new MailOptionsValidation().Validate(null, options).Failures!));
    }

    [Fact]
    public void A_reason_keeps_the_first_line_and_is_bounded()
    {
        Assert.Equal("550 No such user", Delivery.Refused("550 No such user\r\nsee https://example").Reason);
        Assert.Equal(Delivery.MaxReason, Delivery.RetryLater(new string('x', 9000)).Reason!.Length);
    }

    [Fact]
    public void Jitter_only_ever_waits_longer_by_a_tenth()
    {
        var pace = new OutboxPace(new Random(7));

        for (var attempt = 1; attempt < 200; attempt++)
            Assert.InRange(pace.AfterAttempt(attempt).TotalMinutes, attempt == 1 ? 1 : 2, 33);
    }
}
