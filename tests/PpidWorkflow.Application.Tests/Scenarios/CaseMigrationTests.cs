using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Tests.Sop;
using static PpidWorkflow.Application.Tests.Scenarios.Revisions;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Chosen running cases go on with the version in force, and no finished step comes again.</summary>
public class CaseMigrationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1", "1 2 3 4 5 6a 6b")]
    [InlineData("3", "1 2 3 4 5 6a 6b")]
    [InlineData("4", "1 2 3 4 5 6a 6b")]
    public async Task A_case_stays_at_its_step_and_goes_on_with_the_new_version(string at, string path)
    {
        await using var office = await OpenOfficeAsync();
        var opened = await office.OpenCaseAsync();
        var standing = await office.WalkToAsync(opened.Id, at);
        await office.BringIntoForceAsync(SixSteps);

        var preview = Assert.Single((await DryRunAsync(office)).Cases);
        Assert.Equal((opened.Number, at, 1), (preview.Number, preview.Step, preview.FromVersion));
        Assert.Empty(preview.Obstacles);
        Assert.Equal(["5"], preview.Ahead);
        Assert.Empty(preview.Skipped);
        var outcome = Assert.Single((await MigrateAsync(office, preview)).Value);
        Assert.True(outcome.Moved);

        var task = await office.OpenTaskAsync(opened.Id);
        Assert.Equal((standing.Id, standing.DueAt, standing.Step.StandardMinutes), (task.Id, task.DueAt, task.Step.StandardMinutes));
        await RevisionTests.FinishAsync(office, opened.Id);
        var done = await office.CaseAsync(opened.Id);
        Assert.Equal(("documented", 2), (done.State, done.DefinitionVersion));
        Assert.Equal(path.Split(' '), done.Steps.Select(s => s.Step.Label));
        Assert.Empty((await DryRunAsync(office)).Cases);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task The_standard_of_the_open_step_stays_as_begun_and_later_ones_follow_the_new_version()
    {
        await using var office = await OpenOfficeAsync();
        var opened = await office.OpenCaseAsync();
        await office.WalkToAsync(opened.Id, "2");
        await office.BringIntoForceAsync(document =>
        {
            document.Step("Step2").Set("standardTime", "PT45M");
            document.Step("Step3").Set("standardTime", "PT8M");
        });

        await MigrateAsync(office, (await DryRunAsync(office)).Cases[0]);

        Assert.Equal(15, (await office.OpenTaskAsync(opened.Id)).Step.StandardMinutes);
        Assert.Equal(8, (await office.WalkToAsync(opened.Id, "3")).Step.StandardMinutes);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Part_b_keeps_the_number_standard_and_clock_with_which_part_a_began()
    {
        await using var office = await OpenOfficeAsync();
        var opened = await office.OpenCaseAsync();
        await office.WalkToAsync(opened.Id, "5a");
        await office.BringIntoForceAsync(document =>
        {
            SixSteps(document);
            document.Step("Step5").Set("standardTime", "PT60M");
        });

        var preview = Assert.Single((await DryRunAsync(office)).Cases);
        Assert.Equal((0, "5"), (preview.Ahead.Count, Assert.Single(preview.Skipped)));
        await MigrateAsync(office, preview);
        await office.CompleteOpenAsync(opened.Id);

        var documenting = await office.OpenTaskAsync(opened.Id);
        Assert.Equal(("5b", 15), (documenting.Step.Label, documenting.Step.StandardMinutes));
        await RevisionTests.FinishAsync(office, opened.Id);
        Assert.Equal(["1", "2", "3", "4", "5a", "5b"], (await office.CaseAsync(opened.Id)).Steps.Select(s => s.Step.Label));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_case_after_a_return_moves_and_its_later_steps_come_again_as_they_would_have()
    {
        await using var office = await OpenOfficeAsync();
        var opened = await office.OpenCaseAsync();
        var handOver = await office.WalkToAsync(opened.Id, "4");
        await office.InboxAsync(i => i.ReturnAsync(office[Office.InformationHead], handOver.Id, handOver.Revision, "Kurang"));
        await office.BringIntoForceAsync(SixSteps);

        var preview = Assert.Single((await DryRunAsync(office)).Cases);
        Assert.Empty(preview.Obstacles);
        await MigrateAsync(office, preview);
        await RevisionTests.FinishAsync(office, opened.Id);

        Assert.Equal(["1", "2", "3", "4", "2", "3", "4", "5", "6a", "6b"], (await office.CaseAsync(opened.Id)).Steps.Select(s => s.Step.Label));
    }

    [Fact]
    public async Task A_moved_step_can_be_sent_back_only_where_the_new_version_leads_back()
    {
        await using var office = await OpenOfficeAsync();
        var opened = await office.OpenCaseAsync();
        await office.WalkToAsync(opened.Id, "4");
        await office.BringIntoForceAsync(document => document.Disconnect("Step4", "Returned"));

        await MigrateAsync(office, (await DryRunAsync(office)).Cases[0]);

        var task = await office.OpenTaskAsync(opened.Id, Office.InformationHead);
        Assert.DoesNotContain("return", task.Actions);
        var refused = await office.InboxAsync(i => i.ReturnAsync(office[Office.InformationHead], task.Id, task.Revision, "Kurang"));
        Assert.Equal("return-not-possible", refused.Problems[0].Code);
        Assert.Equal("running", (await office.CaseAsync(opened.Id)).State);
    }

    [Fact]
    public async Task A_completion_from_before_cannot_be_taken_back_on_the_new_version()
    {
        await using var office = await OpenOfficeAsync();
        var opened = await office.OpenCaseAsync();
        await office.WalkToAsync(opened.Id, "2");
        await office.CompleteOpenAsync(opened.Id);
        await office.BringIntoForceAsync(SixSteps);
        await MigrateAsync(office, (await DryRunAsync(office)).Cases[0]);

        var completed = await office.RowsAsync(db => db.WorkItems.AsNoTracking().SingleAsync(w => w.StepNumber == "2"));
        var refused = await office.InboxAsync(i => i.TakeBackAsync(office[Office.InformationOfficer], completed.Id, completed.Revision));

        Assert.Equal("take-back-not-possible", refused.Problems[0].Code);
    }

    public static TheoryData<string, string, string> Obstacles => new()
    {
        { "the step is gone", "3", "migration-activity-missing" },
        { "the step is of another type", "3", "migration-activity-type-changed" },
        { "the order is turned round", "3", "migration-finished-again" },
        { "a new input is required", "2", "migration-input-missing" }
    };

    [Theory]
    [MemberData(nameof(Obstacles))]
    public async Task What_cannot_move_is_said_beforehand_and_refused(string what, string at, string code)
    {
        await using var office = await OpenOfficeAsync();
        var opened = await office.OpenCaseAsync();
        await office.WalkToAsync(opened.Id, at);
        await office.BringIntoForceAsync(document =>
        {
            switch (what)
            {
                case "the step is gone":
                    document.TakeOut("Step3");
                    break;
                case "the step is of another type":
                    document.Step("Step3")["type"] = "Ppid.SopStep";
                    break;
                case "the order is turned round":
                    document.Disconnect("Step1");
                    document.Disconnect("Step2");
                    document.Disconnect("Step3");
                    document.Connect("Step1", "Step3");
                    document.Connect("Step3", "Step2");
                    document.Connect("Step2", "Step4");
                    break;
                default:
                    document["inputs"]!.AsArray().Add(new JsonObject
                    {
                        ["type"] = "String",
                        ["name"] = "unit",
                        ["displayName"] = "Unit pengolah",
                        ["customProperties"] = new JsonObject { ["required"] = true }
                    });
                    break;
            }
        });

        var preview = Assert.Single((await DryRunAsync(office)).Cases);
        Assert.Equal(code, Assert.Single(preview.Obstacles).Code);
        var before = await office.RowsAsync(db => db.Instances.AsNoTracking().SingleAsync());
        var outcome = Assert.Single((await MigrateAsync(office, preview)).Value);

        Assert.Equal((false, code), (outcome.Moved, outcome.Problems[0].Code));
        var after = await office.RowsAsync(db => db.Instances.AsNoTracking().SingleAsync());
        Assert.Equal((before.State, before.DefinitionVersion, before.Revision), (after.State, after.DefinitionVersion, after.Revision));
        await RevisionTests.FinishAsync(office, opened.Id);
        Assert.Equal(1, (await office.CaseAsync(opened.Id)).DefinitionVersion);
    }

    [Fact]
    public async Task An_order_is_checked_again_against_the_case_as_it_is_then()
    {
        await using var office = await OpenOfficeAsync();
        var gone = await office.OpenCaseAsync();
        var chosen = await office.OpenCaseAsync();
        await office.BringIntoForceAsync(SixSteps);
        var run = await DryRunAsync(office);
        await office.CompleteOpenAsync(gone.Id);

        var outcomes = (await MigrateAsync(office, [.. run.Cases])).Value;

        Assert.Equal("stale-revision", outcomes.Single(o => o.CaseId == gone.Id).Problems[0].Code);
        Assert.True(outcomes.Single(o => o.CaseId == chosen.Id).Moved);
        var again = (await MigrateAsync(office, [.. run.Cases])).Value;
        Assert.True(again.Single(o => o.CaseId == chosen.Id).Moved);
        var records = await office.RowsAsync(db => db.AuditRecords.Where(r => r.Action == "case-migrated").ToListAsync());
        var record = Assert.Single(records);
        Assert.Equal((AuditTrail.ChainOf(chosen.Id), Manager), (record.Chain, record.Actor));
        Assert.Equal(2, JsonDocument.Parse(record.Data).RootElement.GetProperty("toVersion").GetInt32());
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Only_a_manager_moves_and_only_to_what_is_in_force()
    {
        await using var office = await OpenOfficeAsync();
        var opened = await office.OpenCaseAsync();
        await office.BringIntoForceAsync(SixSteps);
        var order = new MigrationOrder(opened.Id, (await DryRunAsync(office)).Cases[0].Revision);

        async Task<string> Refused(string by, int? to, params MigrationOrder[] orders) =>
            (await office.AskAsync<CaseMigration, Result<IReadOnlyList<MigrationOutcome>>>(m =>
                m.CarryOutAsync(office[by], SopFolder.Slug, to, orders, Cancellation))).Problems[0].Code;

        Assert.Equal("migration-not-yours", await Refused(Office.UnitHead, 2, order));
        Assert.Equal("migration-not-yours", await Refused("auditor", 2, order));
        Assert.Equal("field-required", await Refused(Manager, null, order));
        Assert.Equal("migration-none-chosen", await Refused(Manager, 2));
        Assert.Equal("migration-target-not-in-force", await Refused(Manager, 1, order));
        Assert.Equal("too-many-items", await Refused(Manager, 2, [.. Enumerable.Range(0, 201).Select(_ => order)]));
        Assert.Equal("migration-not-yours", (await office.AskAsync<CaseMigration, Result<MigrationDryRun>>(m =>
            m.DryRunAsync(office[Office.InformationHead], SopFolder.Slug, null, 50, Cancellation))).Problems[0].Code);
        Assert.Equal("definition-unknown", (await office.AskAsync<CaseMigration, Result<MigrationDryRun>>(m =>
            m.DryRunAsync(office[Manager], "tidak-ada", null, 50, Cancellation))).Problems[0].Code);
        Assert.Equal("case-not-found", Assert.Single((await MigrateAsync(office, new MigrationPreview(
            Guid.NewGuid(), "", 1, 1, null, default, [], [], []))).Value).Problems[0].Code);
        Assert.Equal(1, (await office.CaseAsync(opened.Id)).DefinitionVersion);
    }

    [Fact]
    public async Task The_dry_run_goes_page_by_page_and_changes_nothing()
    {
        await using var office = await OpenOfficeAsync();
        for (var i = 0; i < 5; i++)
            await office.OpenCaseAsync();
        await office.BringIntoForceAsync(SixSteps);
        var records = await office.RowsAsync(db => db.AuditRecords.CountAsync());

        var numbers = new List<string>();
        string? after = null;
        do
        {
            var page = (await office.AskAsync<CaseMigration, Result<MigrationDryRun>>(m =>
                m.DryRunAsync(office[Office.UnitHead], SopFolder.Slug, after, 2, Cancellation))).Value;
            numbers.AddRange(page.Cases.Select(c => c.Number));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(["PPID/2026/0001", "PPID/2026/0002", "PPID/2026/0003", "PPID/2026/0004", "PPID/2026/0005"], numbers);
        Assert.Equal(records, await office.RowsAsync(db => db.AuditRecords.CountAsync()));
    }

    private static async Task<MigrationDryRun> DryRunAsync(Office office) => (await office.AskAsync<CaseMigration, Result<MigrationDryRun>>(m =>
        m.DryRunAsync(office[Manager], SopFolder.Slug, null, 50, Cancellation))).Value;

    private static Task<Result<IReadOnlyList<MigrationOutcome>>> MigrateAsync(Office office, params MigrationPreview[] chosen) =>
        office.AskAsync<CaseMigration, Result<IReadOnlyList<MigrationOutcome>>>(async m => await m.CarryOutAsync(
            office[Manager], SopFolder.Slug, (await office.InForceAsync())[0], [.. chosen.Select(c => new MigrationOrder(c.CaseId, c.Revision))], Cancellation));
}
