using System.Globalization;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.Scenarios;

namespace PpidWorkflow.Application.Tests.People;

/// <summary>What a test of absences and appointments does in words. Actors are asked anew at every act, as a request does.</summary>
internal static class PeopleOffice
{
    public static DateTimeOffset Wib(string local) =>
        new(DateTime.Parse(local, CultureInfo.InvariantCulture), TimeSpan.FromHours(7));

    public static DateOnly Day(string day) => DateOnly.Parse(day, CultureInfo.InvariantCulture);

    public static Task<Actor> NowAsync(this Office office, string userName) =>
        office.AskAsync<OfficerDirectory, Actor>(async d => (await d.ActorAsync(office[userName].Id, null, CancellationToken.None))!);

    public static AbsenceForm Away(string userName, string first, string last, string? substitute = null) => new()
    {
        OfficerUserName = userName,
        Kind = "leave",
        FirstDay = Day(first),
        LastDay = Day(last),
        SubstituteUserName = substitute
    };

    public static async Task<Result<AbsenceView>> TryAwayAsync(this Office office, AbsenceForm form, string? by = null)
    {
        var actor = await office.NowAsync(by ?? form.OfficerUserName!);
        return await office.AskAsync<AbsenceDesk, Result<AbsenceView>>(d => d.RecordAsync(actor, form));
    }

    public static async Task<AbsenceView> AwayAsync(this Office office, string userName, string first, string last, string? substitute = null)
    {
        var recorded = await office.TryAwayAsync(Away(userName, first, last, substitute));
        Assert.True(recorded.Succeeded, recorded.Succeeded ? "" : recorded.Problems[0].ToString());
        return recorded.Value;
    }

    public static AppointmentForm Acting(string userName, string role, string first, string last, string capacity = "plh") => new()
    {
        OfficerUserName = userName,
        Role = role,
        Capacity = capacity,
        LetterNumber = "800/12/BU/2026",
        FirstDay = Day(first),
        LastDay = Day(last)
    };

    public static async Task<Result<AppointmentView>> TryAppointAsync(this Office office, AppointmentForm form, string by = "admin")
    {
        var actor = await office.NowAsync(by);
        return await office.AskAsync<AppointmentDesk, Result<AppointmentView>>(d => d.RecordAsync(actor, form));
    }

    public static async Task<AppointmentView> AppointAsync(this Office office, AppointmentForm form)
    {
        var recorded = await office.TryAppointAsync(form);
        Assert.True(recorded.Succeeded, recorded.Succeeded ? "" : recorded.Problems[0].ToString());
        return recorded.Value;
    }

    public static Task<int> SweepAsync(this Office office) => office.AskAsync<TransferDesk, int>(d => d.SweepAsync());

    public static async Task<IReadOnlyList<TransferOfferView>> OffersAsync(this Office office, string userName)
    {
        var actor = await office.NowAsync(userName);
        return await office.AskAsync<TransferDesk, IReadOnlyList<TransferOfferView>>(d => d.ListAsync(actor));
    }

    public static async Task<Result<TaskView>> CompleteAsNowAsync(this Office office, TaskView task, string by, Completion? completion = null)
    {
        var actor = await office.NowAsync(by);
        return await office.InboxAsync(i => i.CompleteAsync(actor, task.Id, (completion ?? new Completion()) with { Revision = task.Revision }));
    }

    public static void GoTo(this Office office, string local) => office.Time.Advance(Wib(local) - office.Time.GetUtcNow());

    public static string Code<T>(Result<T> refused)
    {
        Assert.False(refused.Succeeded);
        return string.Join(' ', refused.Problems.Select(p => p.Code));
    }
}
