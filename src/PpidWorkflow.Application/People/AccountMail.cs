using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.People;

/// <summary>
/// Mails whose link proves that the reader owns the address. Rows of the commit in hand; the token is in the link only, never in logs or
/// audit.
/// </summary>
public sealed class AccountMail(
    UserManager<Officer> users, Outbox outbox, OfficeCalendar calendar, IOptions<OfficeOptions> office, TimeProvider time)
{
    /// <summary>How long a link works. The host gives the same to the token provider.</summary>
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromHours(24);

    /// <summary>The link to set a password: the first one, or a new one for who has one.</summary>
    public async Task PasswordAsync(Officer officer)
    {
        var token = await users.GeneratePasswordResetTokenAsync(officer);
        Add(officer.PasswordHash is null ? "password-first" : "password-reset", officer, officer.Email!, "account/password", token);
    }

    /// <summary>The link that confirms <see cref="Officer.PendingEmail"/>, sent there.</summary>
    public async Task EmailChangeAsync(Officer officer)
    {
        var token = await users.GenerateChangeEmailTokenAsync(officer, officer.PendingEmail!);
        Add("email-change", officer, officer.PendingEmail!, "account/email", token);
    }

    private void Add(string template, Officer officer, string address, string page, string token)
    {
        var link = new StringBuilder(office.Value.PublicUrl.TrimEnd('/'))
            .Append(CultureInfo.InvariantCulture, $"/{page}?officer={officer.Id}&token={Uri.EscapeDataString(token)}");
        var to = new MailAddressee(address, officer.DisplayName, officer.Id);
        outbox.Add(template, null, to, new Dictionary<string, object?>
        {
            ["recipientName"] = officer.DisplayName,
            ["userName"] = officer.UserName,
            ["url"] = link.ToString(),
            ["validHours"] = (int)LinkLifetime.TotalHours,
            ["expiresAt"] = calendar.Time.DateAndTime(time.Now() + LinkLifetime, outbox.CultureOf(to, template)),
            ["officeName"] = StepMail.OfficeName
        });
    }
}
