using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Tests.Sop;
using PpidWorkflow.Engine.Definitions;
using static PpidWorkflow.Application.Tests.Scenarios.Revisions;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>The life of a revision: proposed, withdrawn, approved, rejected, in force, superseded (design.md §4).</summary>
public class RevisionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_proposal_freezes_the_draft_with_number_and_date_in_its_identity_block()
    {
        await using var office = await OpenOfficeAsync();
        var draft = await office.DraftAsync(LongerStep2);

        var proposed = (await office.ProposeAsync()).Value;

        Assert.Equal((RevisionState.Proposed, Manager, "Penyesuaian waktu baku"), (proposed.State, proposed.ProposedBy, proposed.Reason));
        Assert.Equal((2, new DateOnly(2026, 11, 23)), (proposed.RevisionNumber, proposed.RevisedOn));
        var block = JsonNode.Parse(proposed.Content)!["customProperties"]!["sop"]!;
        Assert.Equal(2, block["revisionNumber"]!.GetValue<int>());
        Assert.Equal(("2026-11-23", "23 November 2026"), (block["revisedOn"]!["value"]!.ToString(), block["revisedOn"]!["asPrinted"]!.ToString()));
        Assert.NotEqual(draft.ContentHash, proposed.ContentHash);
        Assert.Equal(proposed.ContentHash, DefinitionWriter.ContentHash(DefinitionReader.Read(System.Text.Encoding.UTF8.GetBytes(proposed.Content))));
        Assert.Equal([1], await office.InForceAsync());
    }

    [Fact]
    public async Task Number_and_date_are_as_the_proposer_gives_them()
    {
        await using var office = await OpenOfficeAsync();
        await office.DraftAsync(LongerStep2);

        var proposed = (await office.ProposeAsync(details: new ProposalDetails(null, 4, new DateOnly(2026, 12, 1)))).Value;

        Assert.Equal((4, new DateOnly(2026, 12, 1), null), (proposed.RevisionNumber, proposed.RevisedOn, proposed.Reason));
        Assert.Equal("1 Desember 2026", JsonNode.Parse(proposed.Content)!["customProperties"]!["sop"]!["revisedOn"]!["asPrinted"]!.ToString());
    }

    [Fact]
    public async Task An_approval_brings_the_revision_into_force_and_supersedes_the_former_in_the_same_commit()
    {
        await using var office = await OpenOfficeAsync();
        await office.DraftAsync(LongerStep2);
        var proposed = (await office.ProposeAsync()).Value;

        var approved = (await office.ApproveAsync(proposed)).Value;

        Assert.Equal((RevisionState.InForce, Office.UnitHead), (approved.State, approved.DecidedBy));
        var former = await office.VersionAsync(1);
        Assert.Equal((RevisionState.Superseded, approved.InForceSince), (former.State, former.SupersededAt));
        Assert.Equal(proposed.ContentHash, approved.ContentHash);
        Assert.True(JsonNode.Parse(approved.Content)!["isPublished"]!.GetValue<bool>());
        Assert.False(JsonNode.Parse(former.Content)!["isPublished"]!.GetValue<bool>());
        Assert.Equal(20, (await office.WalkToAsync((await office.OpenCaseAsync()).Id, "2")).Step.StandardMinutes);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task An_approval_for_later_takes_effect_at_its_instant_and_not_before()
    {
        await using var office = await OpenOfficeAsync();
        await office.DraftAsync(LongerStep2);
        var at = office.Time.GetUtcNow() + TimeSpan.FromDays(3);
        await office.ApproveAsync((await office.ProposeAsync()).Value, at);

        Assert.Equal(at, await office.AskAsync<RevisionDesk, DateTimeOffset?>(d => d.NextEffectiveAsync(Cancellation)));
        office.Time.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, await office.AskAsync<RevisionDesk, int>(d => d.EnterDueAsync(Cancellation)));
        Assert.Equal([1], await office.InForceAsync());

        office.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await office.AskAsync<RevisionDesk, int>(d => d.EnterDueAsync(Cancellation)));

        Assert.Equal([2], await office.InForceAsync());
        Assert.Equal(at, (await office.VersionAsync(2)).InForceSince);
        Assert.Equal(0, await office.AskAsync<RevisionDesk, int>(d => d.EnterDueAsync(Cancellation)));
        Assert.Null(await office.AskAsync<RevisionDesk, DateTimeOffset?>(d => d.NextEffectiveAsync(Cancellation)));
    }

    [Fact]
    public async Task The_process_sleeps_until_the_instant_and_writes_nothing_when_idle()
    {
        await using var office = await OpenOfficeAsync();
        await office.DraftAsync(LongerStep2);
        var at = office.Time.GetUtcNow() + TimeSpan.FromSeconds(40);
        await office.ApproveAsync((await office.ProposeAsync()).Value, at);
        var records = await office.RowsAsync(db => db.AuditRecords.CountAsync());

        var next = await office.InScopeAsync(s => RevisionProcess.EnterDueAsync(s.Get<IServiceScopeFactory>(), Cancellation));
        Assert.Equal(at, next);
        Assert.Equal(records, await office.RowsAsync(db => db.AuditRecords.CountAsync()));

        office.Time.Advance(TimeSpan.FromSeconds(40));
        Assert.Null(await office.InScopeAsync(s => RevisionProcess.EnterDueAsync(s.Get<IServiceScopeFactory>(), Cancellation)));
        Assert.Equal([2], await office.InForceAsync());
    }

    [Fact]
    public async Task One_that_was_overtaken_since_its_approval_is_withdrawn_instead_of_bringing_old_content_back()
    {
        await using var office = await OpenOfficeAsync();
        await office.DraftAsync(LongerStep2);
        await office.ApproveAsync((await office.ProposeAsync()).Value, office.Time.GetUtcNow() + TimeSpan.FromDays(1));
        office.Time.Advance(TimeSpan.FromHours(1));
        var document = JsonNode.Parse((await office.VersionAsync(1)).Content)!.AsObject();
        document.Step("Step3").Set("standardTime", "PT7M");
        await office.AskAsync<DefinitionSeeder, Result<ImportOutcome>>(s => s.ImportAsync(
            System.Text.Encoding.UTF8.GetBytes(document.ToJsonString()), SopFolder.Slug, publish: true, inForce: true, null, "system", Cancellation));
        Assert.Equal([3], await office.InForceAsync());

        office.Time.Advance(TimeSpan.FromDays(1));
        await office.AskAsync<RevisionDesk, int>(d => d.EnterDueAsync(Cancellation));

        Assert.Equal([3], await office.InForceAsync());
        var overtaken = await office.VersionAsync(2);
        Assert.Equal((RevisionState.Withdrawn, "system"), (overtaken.State, overtaken.DecidedBy));
        Assert.Contains("Versi 3", overtaken.DecisionReason);
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Each_step_mails_exactly_whom_it_concerns()
    {
        await using var office = await OpenOfficeAsync();
        await office.DraftAsync(LongerStep2, [OtherManager, Manager]);

        await Mailed("revision-proposed", () => office.ProposeAsync(), Office.UnitHead, Both);
        await Mailed("revision-rejected",
            () => office.DeskAsync(d => d.RejectAsync(office[Office.UnitHead], SopFolder.Slug, 2, "Waktu belum diuji")), Manager, OtherManager);
        await office.DraftAsync(LongerStep2, [OtherManager]);
        await Mailed("revision-proposed", () => office.ProposeAsync(), Office.UnitHead, Both);
        await Mailed("revision-withdrawn",
            () => office.DeskAsync(d => d.WithdrawAsync(office[Manager], SopFolder.Slug, 3, null)), Manager, OtherManager, Office.UnitHead, Both);
        await office.DraftAsync(LongerStep2, [OtherManager]);
        var proposed = await office.ProposeAsync();
        var before = (await office.MailAsync()).Count;
        await office.ApproveAsync(proposed.Value);
        var mails = (await office.MailAsync()).Skip(before).ToList();
        Assert.Equal([OtherManager, Manager], To(mails.Where(m => m.Template == "revision-approved")));
        Assert.Equal(
            [Office.DocumentationHead, Office.InformationHead, Office.DocumentationOfficer, Office.InformationOfficer],
            To(mails.Where(m => m.Template == "revision-in-force")));
        Assert.Equal(6, mails.Count);
        Assert.All(mails, mail =>
        {
            Assert.Null(mail.CaseId);
            Assert.EndsWith($"/definitions/{SopFolder.Slug}/versions/4", JsonDocument.Parse(mail.Model).RootElement.GetProperty("url").GetString());
        });

        async Task Mailed(string template, Func<Task<Result<DefinitionVersion>>> act, params string[] to)
        {
            var known = (await office.MailAsync()).Count;
            var done = await act();
            Assert.True(done.Succeeded, done.Succeeded ? "" : done.Problems[0].ToString());
            var sent = (await office.MailAsync()).Skip(known).ToList();
            Assert.All(sent, mail => Assert.Equal(template, mail.Template));
            Assert.Equal(to.Order(), To(sent).Order());
        }

        static IEnumerable<string> To(IEnumerable<OutboxMessage> mails) => mails.Select(m => m.ToAddress[..m.ToAddress.IndexOf('@')]).Order();
    }

    [Fact]
    public async Task Every_step_stands_in_the_administration_chain_with_the_content_hash()
    {
        await using var office = await OpenOfficeAsync();
        await office.DraftAsync(LongerStep2);
        var proposed = (await office.ProposeAsync()).Value;
        await office.ApproveAsync(proposed);

        var records = await office.RowsAsync(db => db.AuditRecords.Where(r => r.Chain == AuditTrail.Administration && r.Action.StartsWith("revision-"))
            .OrderBy(r => r.Sequence).ToListAsync());

        Assert.Equal(
            [("revision-proposed", Manager), ("revision-approved", Office.UnitHead), ("revision-in-force", Office.UnitHead)],
            records.Select(r => (r.Action, r.Actor)));
        Assert.All(records, r => Assert.Equal(proposed.ContentHash, JsonDocument.Parse(r.Data).RootElement.GetProperty("contentHash").GetString()));
    }

    [Fact]
    public async Task A_running_case_finishes_on_its_version_and_a_new_one_runs_six_steps()
    {
        await using var office = await OpenOfficeAsync();
        var old = await office.OpenCaseAsync();
        await office.WalkToAsync(old.Id, "2");
        await office.BringIntoForceAsync(SixSteps);
        var fresh = await office.OpenCaseAsync();

        await FinishAsync(office, old.Id);
        await FinishAsync(office, fresh.Id);

        var (before, after) = (await office.CaseAsync(old.Id), await office.CaseAsync(fresh.Id));
        Assert.Equal(("documented", 1), (before.State, before.DefinitionVersion));
        Assert.Equal(["1", "2", "3", "4", "5a", "5b"], before.Steps.Select(s => s.Step.Label));
        Assert.Equal(("documented", 2), (after.State, after.DefinitionVersion));
        Assert.Equal(["1", "2", "3", "4", "5", "6a", "6b"], after.Steps.Select(s => s.Step.Label));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task Rolling_back_is_a_new_revision_with_the_old_content()
    {
        await using var office = await OpenOfficeAsync();
        var first = await office.VersionAsync(1);
        await office.BringIntoForceAsync(SixSteps);

        var back = await office.BringIntoForceAsync(_ => { }, from: 1);

        Assert.Equal((3, RevisionState.InForce, 3), (back.Version, back.State, back.RevisionNumber));
        Assert.Equal([3], await office.InForceAsync());
        var compiler = new WorkflowCompiler();
        var diff = RevisionDiff.Between(compiler, Read(first), Read(back));
        Assert.All(diff.Changes, c => Assert.Equal("identity-changed", c.Code));
        Assert.All(diff.Rows, r => Assert.Equal(SopRowFate.Same, r.Fate));
    }

    [Fact]
    public async Task Two_approvals_at_once_are_one_approval()
    {
        await using var office = await OpenOfficeAsync();
        await office.DraftAsync(LongerStep2);
        var proposed = (await office.ProposeAsync()).Value;

        var both = await Task.WhenAll(office.ApproveAsync(proposed), office.ApproveAsync(proposed, by: Both));

        Assert.Single(both, r => r.Succeeded);
        Assert.Equal(ProblemKind.Conflict, both.Single(r => !r.Succeeded).Problems[0].Kind);
        Assert.Equal([2], await office.InForceAsync());
    }

    [Fact]
    public async Task An_approval_whose_commit_fails_half_way_has_changed_nothing()
    {
        await using var office = await OpenOfficeAsync();
        await office.DraftAsync(LongerStep2);
        var proposed = (await office.ProposeAsync()).Value;
        var (mails, records) = ((await office.MailAsync()).Count, await office.RowsAsync(db => db.AuditRecords.CountAsync()));
        await office.FailMailAsync("revision-in-force");

        await Record.ExceptionAsync(() => office.ApproveAsync(proposed));

        Assert.Equal((RevisionState.Proposed, RevisionState.InForce), ((await office.VersionAsync(2)).State, (await office.VersionAsync(1)).State));
        Assert.Equal((mails, records), ((await office.MailAsync()).Count, await office.RowsAsync(db => db.AuditRecords.CountAsync())));
        await office.FailMailAsync(null);
        Assert.True((await office.ApproveAsync(proposed)).Succeeded);
        Assert.Equal([2], await office.InForceAsync());
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task What_fell_due_while_the_service_was_down_enters_at_the_next_start()
    {
        var folder = Directory.CreateTempSubdirectory("ppid-office-").FullName;
        DateTimeOffset at;
        await using (var before = await OpenOfficeAsync(folder: folder, keep: true))
        {
            await before.DraftAsync(LongerStep2);
            at = before.Time.GetUtcNow() + TimeSpan.FromHours(5);
            await before.ApproveAsync((await before.ProposeAsync()).Value, at);
        }
        await using var office = await Office.OpenAsync(at + TimeSpan.FromDays(2), folder: folder);

        Assert.Equal(1, await office.AskAsync<RevisionDesk, int>(d => d.EnterDueAsync(Cancellation)));

        Assert.Equal([2], await office.InForceAsync());
        Assert.Equal(at + TimeSpan.FromDays(2), (await office.VersionAsync(2)).InForceSince);
    }

    [Fact]
    public async Task A_seeded_revision_is_proposed_to_the_head_and_waits_for_a_reason()
    {
        await using var office = await OpenOfficeAsync();
        var document = JsonNode.Parse((await office.VersionAsync(1)).Content)!.AsObject();
        LongerStep2(document);
        await office.AskAsync<DefinitionSeeder, Result<ImportOutcome>>(s => s.ImportAsync(
            System.Text.Encoding.UTF8.GetBytes(document.ToJsonString()), SopFolder.Slug, publish: true, inForce: false, null, "system", Cancellation));
        var seeded = await office.VersionAsync(2);

        Assert.Equal("revision-without-reason", (await office.ApproveAsync(seeded)).Problems[0].Code);
        Assert.Equal(2, (await office.MailAsync()).Count(m => m.Template == "revision-proposed"));
        Assert.True((await office.DeskAsync(d => d.ExplainAsync(office[Manager], SopFolder.Slug, 2, "Hasil evaluasi tahunan"))).Succeeded);
        Assert.True((await office.ApproveAsync(seeded)).Succeeded);
        Assert.Equal("Hasil evaluasi tahunan", (await office.VersionAsync(2)).Reason);
    }

    public static TheoryData<string> Refusals => [.. Table.Keys];

    /// <summary>What is asked, of a proposed version 2, and the code it must get.</summary>
    private static readonly Dictionary<string, (string Code, ProblemKind Kind, Func<Office, DefinitionVersion, Task<Result<DefinitionVersion>>> Ask)> Table = new()
    {
        ["an officer proposes"] = ("forbidden", ProblemKind.Forbidden, (o, _) => o.ProposeAsync(Office.InformationHead)),
        ["the head proposes"] = ("forbidden", ProblemKind.Forbidden, (o, _) => o.ProposeAsync(Office.UnitHead)),
        ["an administrator proposes"] = ("forbidden", ProblemKind.Forbidden, (o, _) => o.ProposeAsync("admin")),
        ["proposed again"] = ("revision-not-a-draft", ProblemKind.Conflict, (o, _) => o.ProposeAsync()),
        ["an unknown definition"] = ("revision-not-found", ProblemKind.NotFound,
            (o, _) => o.DeskAsync(d => d.ProposeAsync(o[Manager], "tidak-ada", null, new ProposalDetails()))),
        ["an unknown version"] = ("revision-not-found", ProblemKind.NotFound, (o, _) => o.ProposeAsync(version: 9)),
        ["a second revision beside a proposed one"] = ("revision-already-proposed", ProblemKind.Conflict, async (o, _) =>
        {
            await o.DraftAsync(SixSteps);
            return await o.ProposeAsync();
        }
        ),
        ["a draft that was saved since"] = ("revision-changed", ProblemKind.Conflict, async (o, _) =>
        {
            await o.DraftAsync(SixSteps);
            return await o.ProposeAsync(details: new ProposalDetails("Alasan", ContentHash: new string('a', 64)));
        }
        ),
        ["a draft that later versions have left behind"] = ("revision-not-latest", ProblemKind.Conflict, async (o, p) =>
        {
            await Withdraw(o, p);
            var left = await o.DraftAsync(LongerStep2);
            await o.DraftAsync(SixSteps);
            return await o.ProposeAsync(version: left.Version);
        }
        ),
        ["a revision that changes nothing"] = ("revision-without-change", ProblemKind.Conflict, async (o, p) =>
        {
            await Withdraw(o, p);
            await o.DraftAsync(_ => { });
            return await o.ProposeAsync();
        }
        ),
        ["a draft with an error"] = ("definition-has-errors", ProblemKind.Invalid, async (o, p) =>
        {
            await Withdraw(o, p);
            await o.DraftAsync(d => d.Step("Step2").Set("standardTime", ""));
            return await o.ProposeAsync();
        }
        ),
        ["a number borne before"] = ("revision-number-invalid", ProblemKind.Invalid, (o, p) => ProposeAnew(o, p, new ProposalDetails("Alasan", 1))),
        ["a number of thousands"] = ("revision-number-invalid", ProblemKind.Invalid, (o, p) => ProposeAnew(o, p, new ProposalDetails("Alasan", 1000))),
        ["a date of the Dutch time"] = ("revised-on-invalid", ProblemKind.Invalid,
            (o, p) => ProposeAnew(o, p, new ProposalDetails("Alasan", null, new DateOnly(1901, 1, 1)))),
        ["a date in ten years"] = ("revised-on-invalid", ProblemKind.Invalid,
            (o, p) => ProposeAnew(o, p, new ProposalDetails("Alasan", null, new DateOnly(2036, 1, 1)))),
        ["a reason of 2,001 characters"] = ("reason-too-long", ProblemKind.Invalid, (o, p) => ProposeAnew(o, p, new ProposalDetails(new string('x', 2001)))),
        ["a manager approves"] = ("approval-not-yours", ProblemKind.Forbidden, (o, p) => o.ApproveAsync(p, by: OtherManager)),
        ["an auditor approves"] = ("approval-not-yours", ProblemKind.Forbidden, (o, p) => o.ApproveAsync(p, by: "auditor")),
        ["an author who is head as well"] = ("approval-of-own-revision", ProblemKind.Forbidden, async (o, p) =>
        {
            await Withdraw(o, p);
            await o.DraftAsync(LongerStep2, [Both, Manager]);
            return await o.ApproveAsync((await o.ProposeAsync()).Value, by: Both);
        }
        ),
        ["the proposer who is head as well"] = ("approval-of-own-revision", ProblemKind.Forbidden, async (o, p) =>
        {
            await Withdraw(o, p);
            await o.DraftAsync(LongerStep2);
            return await o.ApproveAsync((await o.ProposeAsync(Both)).Value, by: Both);
        }
        ),
        ["an author in other letters"] = ("approval-of-own-revision", ProblemKind.Forbidden, async (o, p) =>
        {
            await Withdraw(o, p);
            await o.DraftAsync(LongerStep2, ["KEPALA.Biro"]);
            return await o.ApproveAsync((await o.ProposeAsync()).Value);
        }
        ),
        ["approved without a hash"] = ("field-required", ProblemKind.Invalid,
            (o, p) => o.DeskAsync(d => d.ApproveAsync(o[Office.UnitHead], p.DefinitionId, p.Version, " ", null))),
        ["another content than the one seen"] = ("revision-changed", ProblemKind.Conflict,
            (o, p) => o.DeskAsync(d => d.ApproveAsync(o[Office.UnitHead], p.DefinitionId, p.Version, new string('0', 64), null))),
        ["approved for yesterday"] = ("effective-date-past", ProblemKind.Invalid, (o, p) => o.ApproveAsync(p, o.Time.GetUtcNow() - TimeSpan.FromDays(1))),
        ["approved for the year 2206"] = ("effective-date-too-far", ProblemKind.Invalid,
            (o, p) => o.ApproveAsync(p, new DateTimeOffset(2206, 1, 1, 0, 0, 0, TimeSpan.Zero))),
        ["approved without a reason"] = ("revision-without-reason", ProblemKind.Invalid, async (o, p) =>
        {
            await Withdraw(o, p);
            await o.DraftAsync(LongerStep2);
            return await o.ApproveAsync((await o.ProposeAsync(details: new ProposalDetails(" "))).Value);
        }
        ),
        ["approved twice"] = ("revision-not-proposed", ProblemKind.Conflict, async (o, p) =>
        {
            await o.ApproveAsync(p, o.Time.GetUtcNow() + TimeSpan.FromDays(1));
            return await o.ApproveAsync(p);
        }
        ),
        ["approved after it was withdrawn"] = ("revision-not-proposed", ProblemKind.Conflict, async (o, p) =>
        {
            await Withdraw(o, p);
            return await o.ApproveAsync(p);
        }
        ),
        ["approved against a version that is not in force any more"] = ("revision-overtaken", ProblemKind.Conflict, async (o, p) =>
        {
            o.Time.Advance(TimeSpan.FromMinutes(1));
            var document = JsonNode.Parse((await o.VersionAsync(1)).Content)!.AsObject();
            document.Step("Step3").Set("standardTime", "PT7M");
            await o.AskAsync<DefinitionSeeder, Result<ImportOutcome>>(s => s.ImportAsync(
                System.Text.Encoding.UTF8.GetBytes(document.ToJsonString()), SopFolder.Slug, true, true, null, "system"));
            return await o.ApproveAsync(p);
        }
        ),
        ["an unknown version approved"] = ("revision-not-found", ProblemKind.NotFound,
            (o, p) => o.DeskAsync(d => d.ApproveAsync(o[Office.UnitHead], p.DefinitionId, 77, p.ContentHash, null))),
        ["rejected without a reason"] = ("reason-required", ProblemKind.Invalid,
            (o, p) => o.DeskAsync(d => d.RejectAsync(o[Office.UnitHead], p.DefinitionId, p.Version, "  "))),
        ["rejected by a manager"] = ("approval-not-yours", ProblemKind.Forbidden,
            (o, p) => o.DeskAsync(d => d.RejectAsync(o[Manager], p.DefinitionId, p.Version, "Tidak"))),
        ["rejected after the approval"] = ("revision-not-proposed", ProblemKind.Conflict, async (o, p) =>
        {
            await o.ApproveAsync(p);
            return await o.DeskAsync(d => d.RejectAsync(o[Office.UnitHead], p.DefinitionId, p.Version, "Tidak"));
        }
        ),
        ["withdrawn by the head"] = ("forbidden", ProblemKind.Forbidden,
            (o, p) => o.DeskAsync(d => d.WithdrawAsync(o[Office.UnitHead], p.DefinitionId, p.Version, null))),
        ["withdrawn when in force"] = ("revision-not-withdrawable", ProblemKind.Conflict, async (o, p) =>
        {
            await o.ApproveAsync(p);
            return await o.DeskAsync(d => d.WithdrawAsync(o[Manager], p.DefinitionId, p.Version, null));
        }
        ),
        ["a reason given after the decision"] = ("revision-not-proposed", ProblemKind.Conflict, async (o, p) =>
        {
            await o.ApproveAsync(p);
            return await o.DeskAsync(d => d.ExplainAsync(o[Manager], p.DefinitionId, p.Version, "Sesudahnya"));
        }
        ),
        ["a reason given by the head"] = ("forbidden", ProblemKind.Forbidden,
            (o, p) => o.DeskAsync(d => d.ExplainAsync(o[Office.UnitHead], p.DefinitionId, p.Version, "Saya"))),
        ["an empty reason"] = ("reason-required", ProblemKind.Invalid, (o, p) => o.DeskAsync(d => d.ExplainAsync(o[Manager], p.DefinitionId, p.Version, "")))
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_is_not_to_be_is_refused_by_name_and_changes_nothing(string name)
    {
        var (code, kind, ask) = Table[name];
        await using var office = await OpenOfficeAsync();
        await office.DraftAsync(LongerStep2);
        var proposed = (await office.ProposeAsync()).Value;

        var refused = await ask(office, proposed);

        Assert.False(refused.Succeeded);
        Assert.Equal((code, kind), (refused.Problems[0].Code, refused.Problems[0].Kind));
        Assert.Single(await office.InForceAsync());
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task An_approved_revision_is_withdrawn_before_its_day_and_never_enters()
    {
        await using var office = await OpenOfficeAsync();
        await office.DraftAsync(LongerStep2);
        await office.ApproveAsync((await office.ProposeAsync()).Value, office.Time.GetUtcNow() + TimeSpan.FromDays(1));

        Assert.True((await office.DeskAsync(d => d.WithdrawAsync(office[Manager], SopFolder.Slug, 2, "Ada keberatan"))).Succeeded);
        office.Time.Advance(TimeSpan.FromDays(2));

        Assert.Equal(0, await office.AskAsync<RevisionDesk, int>(d => d.EnterDueAsync(Cancellation)));
        Assert.Equal([1], await office.InForceAsync());
    }

    [Fact]
    public async Task Readers_see_versions_with_who_when_and_why_and_where_cases_stand()
    {
        await using var office = await OpenOfficeAsync();
        var first = await office.OpenCaseAsync();
        await office.WalkToAsync(first.Id, "3");
        await office.DraftAsync(SixSteps);
        await office.ProposeAsync();

        var seen = await office.AskAsync<RevisionReader, Result<RevisionView>>(r => r.GetAsync(office[Office.UnitHead], SopFolder.Slug, 2, Cancellation));

        Assert.Equal(1, seen.Value.ComparedWith);
        Assert.Equal(["approve", "reject"], seen.Value.Actions);
        var running = Assert.Single(seen.Value.Running);
        Assert.Equal((first.Number, 1, "3"), (running.Number, running.Version, running.Step));
        Assert.Contains(seen.Value.Changes, c => c is { Code: "step-added", Subject: "5" });
        Assert.Contains(seen.Value.Changes, c => c is { Code: "step-standard-changed", Subject: "2", Before: "PT15M", After: "PT20M" });
        Assert.Equal("Pengelola SOP", seen.Value.Names[Manager]);
        Assert.Equal(["explain", "withdraw"],
            (await office.AskAsync<RevisionReader, Result<RevisionView>>(r => r.GetAsync(office[Manager], SopFolder.Slug, 2, Cancellation))).Value.Actions);
        var list = (await office.AskAsync<RevisionReader, Result<IReadOnlyList<DefinitionSummary>>>(r => r.ListAsync(office["auditor"], Cancellation))).Value;
        var sop = Assert.Single(list, d => d.DefinitionId == SopFolder.Slug);
        Assert.Equal((1, 2, "proposed", 1), (sop.InForce!.Version, sop.Open!.Version, sop.Open.State, sop.RunningCases));
        Assert.Single(await office.AskAsync<RevisionReader, IReadOnlyList<RevisionSummary>>(r => r.AwaitingAsync(office[Office.UnitHead], Cancellation)));
        Assert.Empty(await office.AskAsync<RevisionReader, IReadOnlyList<RevisionSummary>>(r => r.AwaitingAsync(office[Manager], Cancellation)));
    }

    [Fact]
    public async Task An_officer_reads_what_is_in_force_but_no_proposal_and_no_case()
    {
        await using var office = await OpenOfficeAsync();
        await office.OpenCaseAsync();
        await office.DraftAsync(LongerStep2);
        await office.ProposeAsync();
        var officer = office[Office.InformationOfficer];

        var inForce = await office.AskAsync<RevisionReader, Result<RevisionView>>(r => r.GetAsync(officer, SopFolder.Slug, 1, Cancellation));
        var proposed = await office.AskAsync<RevisionReader, Result<RevisionView>>(r => r.GetAsync(officer, SopFolder.Slug, 2, Cancellation));

        Assert.True(inForce.Succeeded);
        Assert.Equal((0, 0, 0), (inForce.Value.Running.Count, inForce.Value.RunningCases, inForce.Value.Actions.Count));
        Assert.Equal("definitions-not-yours", proposed.Problems[0].Code);
        Assert.Equal(ProblemKind.Forbidden,
            (await office.AskAsync<RevisionReader, Result<IReadOnlyList<DefinitionSummary>>>(r => r.ListAsync(officer, Cancellation))).Problems[0].Kind);
    }

    private static async Task<Result<DefinitionVersion>> ProposeAnew(Office office, DefinitionVersion proposed, ProposalDetails details)
    {
        await Withdraw(office, proposed);
        await office.DraftAsync(LongerStep2);
        return await office.ProposeAsync(details: details);
    }

    private static Task<Result<DefinitionVersion>> Withdraw(Office office, DefinitionVersion proposed) =>
        office.DeskAsync(d => d.WithdrawAsync(office[Manager], proposed.DefinitionId, proposed.Version, null));

    internal static async Task FinishAsync(Office office, Guid caseId)
    {
        while ((await office.CaseAsync(caseId)).State == "running")
            await office.CompleteOpenAsync(caseId);
    }

    private static WorkflowDefinition Read(DefinitionVersion version) => DefinitionReader.Read(System.Text.Encoding.UTF8.GetBytes(version.Content));
}
