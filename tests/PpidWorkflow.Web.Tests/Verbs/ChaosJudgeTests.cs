using System.Text;
using System.Text.Json;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Web.Verbs;
using PpidWorkflow.Web.Verbs.Bench.Chaos;

namespace PpidWorkflow.Web.Tests.Verbs;

/// <summary>What the kill loop would say of a service that loses or doubles something: each fault is put into rows that agree.</summary>
public class ChaosJudgeTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 27, 2, 0, 0, TimeSpan.Zero);
    private static readonly Guid CaseId = Guid.CreateVersion7(), First = Guid.CreateVersion7(), Second = Guid.CreateVersion7(), ClockId = Guid.CreateVersion7(), Fire = Guid.CreateVersion7();

    private static readonly IReadOnlyList<Told> Told =
    [
        Answer("/api/v1/cases", "a/buka", new { id = CaseId, number = "PPID/2026/0001" }),
        Answer($"/api/v1/tasks/{First}/complete", "a/1", new { id = First })
    ];

    private static readonly ChaosRows Sound = new(
        new Dictionary<Guid, string> { [CaseId] = "PPID/2026/0001" },
        [new(First, CaseId, "1", WorkItemClosure.Completed), new(Second, CaseId, "2", WorkItemClosure.Open)],
        new Dictionary<Guid, string>(),
        new Dictionary<string, int> { ["case-created"] = 1, ["task-completed"] = 1 },
        ["a/buka", "a/1"],
        [Mail("m1", First), Mail("m2", Second), new MailRow("m3", "budi@ppid.example", OutboxState.Sent, "warning", Second, CaseId, Fire)],
        [new(ClockId, 0, 1, Begin, Begin.AddMilliseconds(5))],
        [new(ClockId, CaseId, ClockState.Running, null, 1)]);

    private static readonly IReadOnlyList<SunkMail> Sunk = [Came("m1", 0), Came("m2", 0.5), Came("m3", 1, "budi@ppid.example")];

    [Fact]
    public void Of_rows_that_agree_nothing_is_said() => Assert.Empty(Judged(Sound, Told, Sunk));

    [Fact]
    public void A_case_a_step_and_an_answer_that_are_gone_are_named()
    {
        var lost = Sound with { Cases = new Dictionary<Guid, string>(), Items = [.. Sound.Items.Skip(1)], Keys = ["a/buka"], Audit = new Dictionary<string, int> { ["case-created"] = 1 } };

        var said = Judged(lost, Told, Sunk);

        Assert.Contains("lost: case PPID/2026/0001", said);
        Assert.Contains($"lost: completion of {First}", said);
        Assert.Contains("lost: answer to a/1", said);
        Assert.Contains("audit records task-completed: 0 found, 1 told", said);
    }

    [Fact]
    public void What_was_done_twice_or_never_ordered_is_named()
    {
        var twin = Guid.CreateVersion7();
        var more = Sound with
        {
            Cases = new Dictionary<Guid, string>(Sound.Cases) { [twin] = "PPID/2026/0001" },
            Items = [.. Sound.Items, new ItemRow(twin, CaseId, "1", WorkItemClosure.Completed)],
            Mails = [.. Sound.Mails, Mail("m4", Second), Mail("m5", twin)],
            Fires = [.. Sound.Fires, Sound.Fires[0]]
        };

        var said = Judged(more, Told, [.. Sunk, Came("m4", 2), Came("m5", 2)]);

        Assert.Contains("cases: 2 found, 1 told", said);
        Assert.Contains("twice: number PPID/2026/0001", said);
        Assert.Contains("completed steps: 2 found, 1 told", said);
        Assert.Contains($"twice: step 1 of case {CaseId}", said);
        Assert.Contains($"twice: mail task of {Second} to rina@ppid.example", said);
        Assert.Contains($"twice: rung 0 of clock {ClockId}", said);
    }

    [Fact]
    public void A_rung_that_is_missing_from_a_ladder_run_out_or_too_early_is_named()
    {
        Assert.Contains($"rungs: clock {ClockId} has fired 0 of 1", Judged(Sound with { Fires = [] }, Told, Sunk));
        Assert.Contains($"early: rung 0 of clock {ClockId}", Judged(Sound with { Fires = [Sound.Fires[0] with { FiredAt = Begin.AddMilliseconds(-1) }] }, Told, Sunk));
    }

    [Fact]
    public void A_mail_that_never_came_belongs_to_nobody_or_is_missing_is_named()
    {
        Assert.Contains("mail: m2 is marked as sent and has not come", Judged(Sound, Told, [Sunk[0], Sunk[2]]));
        Assert.Contains("mail: m9 is owed to nobody, or to somebody else", Judged(Sound, Told, [.. Sunk, Came("m9", 1)]));
        Assert.Contains("mail: m1 is owed to nobody, or to somebody else", Judged(Sound, Told, [Came("m1", 0, "lain@ppid.example"), .. Sunk.Skip(1)]));
        Assert.Contains($"lost: task mail of {Second}", Judged(Sound with { Mails = [Sound.Mails[0], Sound.Mails[2]] }, Told, [Sunk[0], Sunk[2]]));
    }

    [Fact]
    public void A_copy_is_forgiven_once_to_a_blow_and_never_without_one()
    {
        var kill = new Fault(StrikeKind.Node, Begin.AddSeconds(1), Begin.AddSeconds(1.1));

        Assert.Empty(Judged(Sound, Told, [.. Sunk, Came("m1", 30)], kill));
        Assert.Contains(Judged(Sound, Told, [.. Sunk, Came("m1", 30), Came("m2", 30)], kill), s => s.StartsWith("mail: 2 came twice by one blow", StringComparison.Ordinal));
        Assert.Contains(Judged(Sound, Told, [.. Sunk, Came("m1", 0.4)]), s => s.StartsWith("mail: m1 came twice without a blow", StringComparison.Ordinal));
        // Long before the blow: its outcome had been recorded.
        Assert.Contains(
            Judged(Sound, Told, [.. Sunk, Came("m1", 90)], new Fault(StrikeKind.Node, Begin.AddSeconds(60), Begin.AddSeconds(60))),
            s => s.StartsWith("mail: m1 came twice without a blow", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--provider", "SqlServer")]
    [InlineData("--rounds", "0")]
    [InlineData("--nodes", "2")]
    [InlineData("--seed", "x")]
    [InlineData("--kill", "both")]
    [InlineData("--kill", "7")]
    public void What_cannot_be_run_is_refused_with_the_option_named(string option, string value)
    {
        var (options, refusal) = ChaosVerb.Read(Verb.Parse(["bench", "chaos", option, value]));

        Assert.Null(options);
        Assert.Contains(option, refusal, StringComparison.Ordinal);
    }

    private static List<string> Judged(ChaosRows rows, IReadOnlyList<Told> told, IReadOnlyList<SunkMail> sunk, params Fault[] faults) =>
        [.. ChaosJudge.Orders(rows, told), .. ChaosJudge.Rungs(rows, [CaseId]), .. ChaosJudge.Mails(rows, sunk, faults, Begin.AddMinutes(5))];

    private static MailRow Mail(string id, Guid workItem) => new(id, "rina@ppid.example", OutboxState.Sent, "task", workItem, CaseId, null);

    private static SunkMail Came(string id, double seconds, string to = "rina@ppid.example") => new(id, to, Begin.AddSeconds(seconds));

    private static Told Answer(string path, string key, object body) =>
        new(new Order("rina", path, "application/json", Encoding.UTF8.GetBytes("{}"), key), 200, JsonSerializer.Serialize(body));
}
