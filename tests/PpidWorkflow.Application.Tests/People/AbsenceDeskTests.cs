using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.Tests.Scenarios;
using static PpidWorkflow.Application.Tests.People.PeopleOffice;

namespace PpidWorkflow.Application.Tests.People;

/// <summary>Who may enter whose absence, and what an absence must not be.</summary>
public sealed class AbsenceDeskTests
{
    [Fact]
    public async Task Himself_his_supervisors_and_who_keeps_all_may_enter_it_and_nobody_else()
    {
        await using var office = await Office.OpenAsync();
        var form = Away(Office.InformationOfficer, "2026-11-24", "2026-11-24");

        Assert.Equal("absence-not-yours", Code(await office.TryAwayAsync(form, by: Office.DocumentationHead)));
        Assert.Equal("absence-not-yours", Code(await office.TryAwayAsync(form, by: "auditor")));
        string[] allowed = [Office.InformationOfficer, Office.InformationHead, Office.UnitHead, "admin"];
        for (var i = 0; i < allowed.Length; i++)
        {
            var day = Day("2026-12-01").AddDays(i);
            Assert.True((await office.TryAwayAsync(form with { FirstDay = day, LastDay = day }, by: allowed[i])).Succeeded);
        }
        Assert.Equal(4, (await ListAsync(office, Office.InformationHead, "staff")).Count);
        Assert.Empty(await ListAsync(office, Office.DocumentationHead, "all"));
        Assert.Equal(4, (await ListAsync(office, "admin", "all")).Count);
    }

    [Fact]
    public async Task What_is_no_absence_is_refused_with_all_that_is_wrong()
    {
        await using var office = await Office.OpenAsync();
        var good = Away(Office.InformationOfficer, "2026-11-24", "2026-11-25");

        Assert.Equal("absence-kind-unknown day-required day-required", Code(await office.TryAwayAsync(new AbsenceForm(), by: Office.InformationOfficer)));
        Assert.Equal("absence-end-before-start", Code(await office.TryAwayAsync(good with { LastDay = Day("2026-11-23") })));
        Assert.Equal("absence-end-before-start", Code(await office.TryAwayAsync(good with { LastDay = Day("2026-11-24"), FromNoon = true, UntilNoon = true })));
        Assert.Equal("absence-too-long", Code(await office.TryAwayAsync(good with { LastDay = DateOnly.MaxValue })));
        Assert.Equal("absence-too-far", Code(await office.TryAwayAsync(good with { FirstDay = DateOnly.MaxValue, LastDay = DateOnly.MaxValue })));
        Assert.Equal("backdated-reason-required", Code(await office.TryAwayAsync(good with { FirstDay = Day("2026-11-20") })));
        Assert.Equal("text-too-long", Code(await office.TryAwayAsync(good with { Note = new string('x', 501) })));
        Assert.Equal("officer-unknown", Code(await office.TryAwayAsync(good with { OfficerUserName = "tanpa.akun" }, by: "admin")));
        Assert.Equal("substitute-unknown", Code(await office.TryAwayAsync(good with { SubstituteUserName = "tanpa.akun" })));
        Assert.Equal("substitute-self", Code(await office.TryAwayAsync(good with { SubstituteUserName = Office.InformationOfficer })));
        Assert.Equal("substitute-auditor", Code(await office.TryAwayAsync(good with { SubstituteUserName = "auditor" })));

        await office.AwayAsync(Office.InformationOfficer, "2026-11-24", "2026-11-25");
        Assert.Equal("absence-overlaps", Code(await office.TryAwayAsync(good with { FirstDay = Day("2026-11-25") })));
        // The half day after half a day is no overlap.
        await office.AskAsync<AbsenceDesk, Result<AbsenceView>>(d => d.RecordAsync(
            office[Office.DocumentationOfficer], Away(Office.DocumentationOfficer, "2026-11-24", "2026-11-24") with { UntilNoon = true }));
        Assert.True((await office.TryAwayAsync(Away(Office.DocumentationOfficer, "2026-11-24", "2026-11-24") with { FromNoon = true })).Succeeded);
    }

    [Fact]
    public async Task A_substitute_who_is_away_himself_is_refused_and_a_circle_is_called_so()
    {
        await using var office = await Office.OpenAsync();
        await office.AwayAsync(Office.DocumentationOfficer, "2026-11-25", "2026-11-26");
        Assert.Equal("substitute-absent", Code(await office.TryAwayAsync(
            Away(Office.InformationOfficer, "2026-11-26", "2026-11-27", Office.DocumentationOfficer))));

        await office.AwayAsync(Office.InformationOfficer, "2026-11-24", "2026-11-27", Office.InformationHead);
        // Who substitutes may be away later on; but not name him back for whom he substitutes.
        Assert.Equal("substitute-circle", Code(await office.TryAwayAsync(
            Away(Office.InformationHead, "2026-11-25", "2026-11-25", Office.InformationOfficer))));
        Assert.True((await office.TryAwayAsync(Away(Office.InformationHead, "2026-11-25", "2026-11-25", Office.DocumentationHead))).Succeeded);
        office.GoTo("2026-11-25 08:00");
        var standIn = await office.AskAsync<TaskAssignment, Officer?>(async a => await a.StandInAsync(
            await office.AskAsync<OfficerDirectory, Officer>(d => d.GetAsync(office[Office.InformationOfficer].Id, CancellationToken.None)),
            Roles.InformationOfficer, CancellationToken.None));
        Assert.Equal(Office.DocumentationHead, standIn!.UserName);
    }

    [Fact]
    public async Task Entered_afterwards_with_a_reason_it_counts_from_its_first_day_and_says_why()
    {
        await using var office = await Office.OpenAsync();
        var recorded = await office.TryAwayAsync(Away(Office.InformationOfficer, "2026-11-20", "2026-11-24") with { BackdatedReason = "Surat sakit menyusul" });

        Assert.Equal("current", recorded.Value.State);
        Assert.Equal(Wib("2026-11-20 00:00"), recorded.Value.BeginsAt);
        Assert.Equal("Surat sakit menyusul", recorded.Value.BackdatedReason);
    }

    [Fact]
    public async Task A_planned_absence_is_withdrawn_and_a_stale_page_changes_nothing()
    {
        await using var office = await Office.OpenAsync();
        var absence = await office.AwayAsync(Office.InformationOfficer, "2026-11-24", "2026-11-25");
        Assert.Equal("stale-revision", Code(await EndAsync(office, absence.Id, absence.Revision + 1)));
        Assert.Equal("revision-required", Code(await EndAsync(office, absence.Id, null)));
        Assert.Equal("absence-not-found", Code(await office.AskAsync<AbsenceDesk, Result<AbsenceView>>(d =>
            d.EndAsync(office[Office.DocumentationOfficer], absence.Id, absence.Revision))));

        Assert.Equal("withdrawn", (await EndAsync(office, absence.Id, absence.Revision)).Value.State);
        await office.AwayAsync(Office.InformationOfficer, "2026-11-24", "2026-11-25");
    }

    private static Task<Result<AbsenceView>> EndAsync(Office office, Guid id, int? revision) =>
        office.AskAsync<AbsenceDesk, Result<AbsenceView>>(d => d.EndAsync(office[Office.InformationOfficer], id, revision));

    private static async Task<IReadOnlyList<AbsenceView>> ListAsync(Office office, string by, string scope) =>
        (await office.AskAsync<AbsenceDesk, Result<IReadOnlyList<AbsenceView>>>(d => d.ListAsync(office[by], scope))).Value;
}
