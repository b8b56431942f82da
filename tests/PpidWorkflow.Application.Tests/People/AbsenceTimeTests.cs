using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tests.Scenarios;

namespace PpidWorkflow.Application.Tests.People;

/// <summary>Whether somebody is away is a matter of dates in the office's zone and of an instant, of nothing else.</summary>
public sealed class AbsenceTimeTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    // WIB is UTC+7: 17.00 UTC is midnight in the office.
    [Theory]
    [InlineData("2026-11-24T16:59:59.999Z", false)]
    [InlineData("2026-11-24T17:00:00Z", true)]
    [InlineData("2026-11-26T16:59:59.999Z", true)]
    [InlineData("2026-11-26T17:00:00Z", false)]
    public async Task Days_begin_and_end_at_midnight_of_the_office(string at, bool away)
    {
        await using var office = await Office.OpenAsync();
        await AddAsync(office, Office.InformationHead, "2026-11-25", "2026-11-26");

        Assert.Equal(away, await IsAbsentAsync(office, Office.InformationHead, at));
        Assert.False(await IsAbsentAsync(office, Office.InformationOfficer, at));
    }

    [Theory]
    [InlineData("2026-11-25T04:59:59.999Z", false)]
    [InlineData("2026-11-25T05:00:00Z", true)]
    [InlineData("2026-11-26T04:59:59.999Z", true)]
    [InlineData("2026-11-26T05:00:00Z", false)]
    public async Task Half_days_begin_and_end_at_noon(string at, bool away)
    {
        await using var office = await Office.OpenAsync();
        await AddAsync(office, Office.InformationHead, "2026-11-25", "2026-11-26", a => a.FromNoon = a.UntilNoon = true);

        Assert.Equal(away, await IsAbsentAsync(office, Office.InformationHead, at));
    }

    [Fact]
    public async Task Who_returns_early_is_there_from_then_on_and_a_withdrawn_absence_never_was()
    {
        await using var office = await Office.OpenAsync();
        await AddAsync(office, Office.InformationHead, "2026-11-25", "2026-11-27", a => a.EndedAt = Instant("2026-11-26T03:00:00Z"));
        await AddAsync(office, Office.InformationOfficer, "2026-11-25", "2026-11-27", a => a.WithdrawnAt = Instant("2026-11-24T01:00:00Z"));

        Assert.True(await IsAbsentAsync(office, Office.InformationHead, "2026-11-26T02:59:59Z"));
        Assert.False(await IsAbsentAsync(office, Office.InformationHead, "2026-11-26T03:00:00Z"));
        Assert.False(await IsAbsentAsync(office, Office.InformationOfficer, "2026-11-25T03:00:00Z"));
    }

    [Fact]
    public async Task An_absent_supervisor_is_passed_over_and_named_with_the_end_of_all_his_absences()
    {
        await using var office = await Office.OpenAsync();
        await AddAsync(office, Office.InformationHead, "2026-11-25", "2026-11-26");
        await AddAsync(office, Office.InformationHead, "2026-11-27", "2026-11-27", a => a.UntilNoon = true);
        // Not without a gap: does not count.
        await AddAsync(office, Office.InformationHead, "2026-11-28", "2026-11-30");

        var (before, during) = await office.AskAsync<OfficerDirectory, (PresentSupervisor, PresentSupervisor)>(async d => (
            await d.PresentSupervisorAsync(office[Office.InformationOfficer].Id, Instant("2026-11-24T03:00:00Z"), None),
            await d.PresentSupervisorAsync(office[Office.InformationOfficer].Id, Instant("2026-11-25T03:00:00Z"), None)));

        Assert.Equal(Office.InformationHead, before.Officer!.UserName);
        Assert.Empty(before.Skipped);
        Assert.Equal(Office.UnitHead, during.Officer!.UserName);
        var skipped = Assert.Single(during.Skipped);
        Assert.Equal(Office.InformationHead, skipped.Officer.UserName);
        Assert.Equal(Instant("2026-11-27T05:00:00Z"), skipped.Until);
    }

    [Fact]
    public async Task Where_all_above_are_away_nobody_is_found_and_all_are_named()
    {
        await using var office = await Office.OpenAsync();
        await AddAsync(office, Office.InformationHead, "2026-11-25", "2026-11-26");
        await AddAsync(office, Office.UnitHead, "2026-11-25", "2026-11-25");

        var found = await office.AskAsync<OfficerDirectory, PresentSupervisor>(d =>
            d.PresentSupervisorAsync(office[Office.InformationOfficer].Id, Instant("2026-11-25T03:00:00Z"), None));

        Assert.Null(found.Officer);
        Assert.Equal([Office.InformationHead, Office.UnitHead], found.Skipped.Select(s => s.Officer.UserName));
    }

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static Task<bool> IsAbsentAsync(Office office, string userName, string at) =>
        office.AskAsync<OfficerDirectory, bool>(d => d.IsAbsentAsync(office[userName].Id, Instant(at), None));

    private static Task<bool> AddAsync(Office office, string userName, string first, string last, Action<Absence>? more = null) =>
        office.AskAsync<PpidDbContext, bool>(async db =>
        {
            var absence = new Absence
            {
                Id = Guid.CreateVersion7(),
                OfficerId = office[userName].Id,
                FirstDay = DateOnly.Parse(first, System.Globalization.CultureInfo.InvariantCulture),
                LastDay = DateOnly.Parse(last, System.Globalization.CultureInfo.InvariantCulture),
                Kind = AbsenceKind.Leave,
                RecordedBy = "admin",
                RecordedAt = office.Time.GetUtcNow()
            };
            more?.Invoke(absence);
            db.Absences.Add(absence);
            await db.SaveChangesAsync();
            return true;
        });
}
