using System.Text.Json.Nodes;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tests.Scenarios;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Tests.Definitions;

public sealed class DefinitionCheckTests
{
    [Fact]
    public async Task The_delivered_SOP_and_its_revision_have_nothing_against_them()
    {
        await using var office = await Office.OpenAsync();

        Assert.Empty(await ProblemsAsync(office, new SopDraft()));
        Assert.Empty(await ProblemsAsync(office, SopDraft.OfSixSteps()));
    }

    [Theory]
    [InlineData("ARCHIVIST")]
    [InlineData("information_officer")]
    public async Task A_role_that_the_office_does_not_know_is_an_error(string role)
    {
        await using var office = await Office.OpenAsync();

        var problem = await OneAsync(office, new SopDraft().Set("Step3", "performerRole", role), "role-unknown");

        Assert.Equal(("Step3", ProblemSeverity.Error), (problem.ActivityId, problem.Severity));
        Assert.Contains("\"3. Melaporkan kesiapan\"", problem.Message, StringComparison.Ordinal);
        Assert.Contains(role, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_nobody_holds_is_an_error_for_performer_and_needed_recipient()
    {
        await using var office = await Office.OpenAsync();
        await office.TamperAsync("UPDATE Officers SET IsActive = 0 WHERE UserName = 'petugas.informasi'");

        var problems = (await ProblemsAsync(office, new SopDraft())).Where(p => p.Code == "role-without-holder").ToList();

        Assert.Equal(["Step1", "Step2", "Step3"], problems.Select(p => p.ActivityId));
        Assert.All(problems, p => Assert.Equal(ProblemSeverity.Error, p.Severity));
        Assert.Contains("penerima langkah \"1. Menugaskan petugas\"", problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("pelaksana langkah \"2. Menyiapkan berkas\"", problems[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipient_that_nothing_depends_on_is_a_warning()
    {
        await using var office = await Office.OpenAsync();

        var problem = await OneAsync(office, new SopDraft().Set("Step3", "recipientRole", "ARCHIVIST"), "role-unknown");

        Assert.Equal(ProblemSeverity.Warning, problem.Severity);
    }

    [Theory]
    [InlineData("[{'at':'80%','to':['role:SOP_MANAGER']}]", "80%")]
    [InlineData("[{'at':'PT4M','to':['mailbox:a@b@c']}]", "4 menit")]
    [InlineData("[{'at':'100%','to':['mailbox:kepala biro@ppid.example','role:NOBODY']}]", "100%")]
    public async Task A_rung_that_reaches_nobody_is_an_error(string ladder, string at)
    {
        await using var office = await Office.OpenAsync();

        var problem = await OneAsync(office, new SopDraft().Ladder("Step4", ladder), "ladder-without-addressee");

        Assert.Equal(("Step4", ProblemSeverity.Error), (problem.ActivityId, problem.Severity));
        Assert.Contains("\"4. Menyerahkan berkas\"", problem.Message, StringComparison.Ordinal);
        Assert.Contains($"Eskalasi {at} ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_supervisor_of_somebody_who_has_none_is_nobody()
    {
        await using var office = await Office.OpenAsync();
        await office.TamperAsync("UPDATE Officers SET SupervisorId = NULL WHERE UserName = 'kasubid.informasi'");

        var problems = (await ProblemsAsync(office, new SopDraft())).ToList();

        Assert.Equal(["Step1", "Step4"], problems.Select(p => p.ActivityId));
        Assert.All(problems, p => Assert.Equal("ladder-without-addressee", p.Code));
        Assert.Contains("atasan", problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rung_that_reaches_somebody_besides_is_a_warning()
    {
        await using var office = await Office.OpenAsync();

        var problem = await OneAsync(office, new SopDraft().Ladder("Step4", "[{'at':'80%','to':['assignee','role:SOP_MANAGER']}]"), "addressee-unreachable");

        Assert.Equal(ProblemSeverity.Warning, problem.Severity);
    }

    [Theory]
    [InlineData("[{'at':'80%','to':['supervisor^3']}]", "supervisor^3")]
    [InlineData("[{'at':'80%','to':['supervisor:role:UNIT_PPID_HEAD']}]", "supervisor:role:UNIT_PPID_HEAD")]
    [InlineData("[{'at':'80%','to':['officer:siapa.pun']}]", "siapa.pun")]
    [InlineData("[{'at':'-PT2M','to':['role:NOBODY']}]", "2 menit sebelum batas waktu")]
    public async Task Superiors_and_officers_that_there_are_not_are_nobody(string ladder, string named)
    {
        await using var office = await Office.OpenAsync();

        var problem = await OneAsync(office, new SopDraft().Ladder("Step2", ladder), "ladder-without-addressee");

        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{'at':'-PT15M','to':['assignee']}]", null, "rung-before-begin", ProblemSeverity.Error)]
    [InlineData("[{'at':'+PT5M','to':['supervisor'],'when':'notStarted'}]", "started", "rung-never-fires", ProblemSeverity.Error)]
    [InlineData("[{'at':'-PT5M','to':['supervisor'],'when':'notStarted'}]", "started", "rung-never-fires", ProblemSeverity.Error)]
    [InlineData("[{'at':'100%','to':['assignee','mailbox:a@b.id'],'action':'reassign'}]", null, "rung-without-target", ProblemSeverity.Error)]
    [InlineData("[{'at':'100%','to':['mailbox:a@b.id'],'action':'addHelper'}]", null, "rung-without-target", ProblemSeverity.Error)]
    [InlineData("[{'at':'100%','to':['mailbox:a@b.id'],'action':'banner'}]", null, "rung-without-target", ProblemSeverity.Error)]
    [InlineData("[{'at':'100%','to':['supervisor'],'every':'PT5M'}]", null, "rung-repeats-without-cap", ProblemSeverity.Warning)]
    [InlineData("[{'at':'100%','to':['supervisor'],'max':5}]", null, "rung-cap-without-repeat", ProblemSeverity.Warning)]
    public void A_rung_that_would_not_do_what_it_says_is_named_with_its_step(string ladder, string? measuredFrom, string code, ProblemSeverity severity)
    {
        var draft = new SopDraft().Ladder("Step2", ladder);
        if (measuredFrom is not null)
            draft.Set("Step2", "measuredFrom", measuredFrom);

        var problem = Assert.Single(DefinitionCheck.ProblemsWithoutOffice(new WorkflowCompiler(), draft.Read(), new WorkingCalendar(CalendarData.Kalteng())));

        Assert.Equal((code, "Step2", severity), (problem.Code, problem.ActivityId, problem.Severity));
        Assert.Contains("\"2. Menyiapkan berkas\"", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{'at':'-PT14M','to':['assignee']},{'at':'40%','to':['supervisor'],'when':'notStarted'}]", null)]
    [InlineData("[{'at':'PT30M','to':['supervisor'],'when':'notStarted'},{'at':'200%','to':['supervisor^2'],'when':'notStarted'},{'at':'+PT5M','to':['assignee']}]", "started")]
    [InlineData("[{'at':'100%','to':['supervisor','assignee'],'action':'reassign'},{'at':'100%','to':['assignee'],'action':'banner','every':'PT5M','max':2,'anyTime':true}]", null)]
    public async Task A_ladder_that_makes_sense_has_nothing_against_it(string ladder, string? measuredFrom)
    {
        await using var office = await Office.OpenAsync();
        var draft = new SopDraft().Ladder("Step2", ladder);
        if (measuredFrom is not null)
            draft.Set("Step2", "measuredFrom", measuredFrom);

        Assert.Empty(await ProblemsAsync(office, draft));
    }

    [Fact]
    public async Task Numbers_standards_and_identity_that_an_SOP_should_not_have_are_warnings()
    {
        await using var office = await Office.OpenAsync();
        var draft = new SopDraft().Set("Step3", "number", "2").Set("Step4", "standardTime", "PT8H");
        draft.Document["customProperties"]!.AsObject().Remove("sop");

        var problems = await ProblemsAsync(office, draft);

        Assert.Equal(
            [("identity-block-missing", null), ("duplicate-step-number", "Step3"), ("standard-over-a-day", "Step4")],
            problems.Select(p => (p.Code, p.ActivityId)));
        Assert.All(problems, p => Assert.Equal(ProblemSeverity.Warning, p.Severity));
        Assert.Contains("\"3. Melaporkan kesiapan\"", problems[1].Message, StringComparison.Ordinal);
        Assert.Contains("7 jam 30 menit", problems[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_standard_of_exactly_a_working_day_is_none_too_many()
    {
        var problems = DefinitionCheck.ProblemsWithoutOffice(
            new WorkflowCompiler(), new SopDraft().Set("Step4", "standardTime", "PT7H30M").Read(), new WorkingCalendar(CalendarData.Kalteng()));

        Assert.Empty(problems);
    }

    [Fact]
    public void Hints_of_the_new_case_that_would_fail_at_its_opening_are_errors()
    {
        var unreadable = new SopDraft();
        unreadable.Sop["caseForm"]!["fields"]!["title"]!["maxLength"] = "banyak";
        var pattern = new SopDraft();
        pattern.Sop["caseForm"]!["fields"]!["exemptionBasis"]!["pattern"] = "[a-";
        var key = new SopDraft();
        key.Sop["caseForm"]!["uniqueKey"] = new JsonArray("nomor");

        Assert.All([unreadable, pattern, key], draft => Assert.Equal(
            ("case-form-invalid", ProblemSeverity.Error),
            Assert.Single(DefinitionCheck.ProblemsWithoutOffice(
                new WorkflowCompiler(), draft.Read(), new WorkingCalendar(CalendarData.Kalteng())).Select(p => (p.Code, p.Severity)))));
    }

    [Fact]
    public async Task A_proposal_is_refused_for_what_only_the_office_knows()
    {
        await using var office = await Office.OpenAsync(roster: people => people.Add("pengelola.sop", "Pengelola", Office.UnitHead, Roles.SopManager));
        await office.AskAsync<DefinitionSeeder, Result<ImportOutcome>>(s => s.ImportAsync(
            DefinitionWriter.Write(new SopDraft().Set("Step3", "performerRole", "ARCHIVIST").Read()), null, publish: false, inForce: false, null, "penulis"));

        var proposed = await office.AskAsync<RevisionDesk, Result<DefinitionVersion>>(d => d.ProposeAsync(
            office["pengelola.sop"], "pendokumentasian-informasi-dikecualikan", null, new ProposalDetails("Uji")));

        Assert.Equal("definition-has-errors", Assert.Single(proposed.Problems).Code);
        Assert.Contains("3. Melaporkan kesiapan", Assert.Single(proposed.Problems[0].Arguments).ToString(), StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<DefinitionProblem>> ProblemsAsync(Office office, SopDraft draft) =>
        office.AskAsync<DefinitionCheck, IReadOnlyList<DefinitionProblem>>(c => c.ProblemsAsync(draft.Read(), TestContext.Current.CancellationToken));

    private static async Task<DefinitionProblem> OneAsync(Office office, SopDraft draft, string code) =>
        Assert.Single(await ProblemsAsync(office, draft), p => p.Code == code);
}
