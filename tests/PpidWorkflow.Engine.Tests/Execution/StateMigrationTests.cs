using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;
using static PpidWorkflow.Engine.Tests.Fixtures;

namespace PpidWorkflow.Engine.Tests.Execution;

/// <summary>A waiting instance goes on with another version, or is told why not. Nothing runs, and nothing finished comes again.</summary>
public class StateMigrationTests
{
    private static readonly string A = Wait("a");
    private static readonly string B = Wait("b");
    private static readonly string C = Wait("c");

    [Fact]
    public async Task It_stands_where_it_stood_and_what_follows_is_new()
    {
        var run = await At("s->a a->b b->c", [A, B, C], "a");
        var to = Flow("s->a a->b b->x x->c", Of("Elsa.Start", "s"), A, B, C, Write("x"));

        var plan = Plan(run, to);
        var moved = EngineHarness.At(to, plan.State!);
        await moved.ResumeAsync("b");
        await moved.ResumeAsync("c");

        Assert.Empty(plan.Obstacles);
        Assert.Equal(["x"], moved.Lines);
        Assert.DoesNotContain(moved.Path, p => p.StartsWith("a ", StringComparison.Ordinal));
        moved.ShouldBeFinished();
    }

    [Fact]
    public async Task The_given_state_is_left_alone_and_a_deeper_place_gets_its_new_path()
    {
        var run = await At("s->a", [A]);
        var before = run.State.ToJson();

        var plan = Plan(run, Flow("s->a a->b", Of("Elsa.Start", "s"), A, B));

        Assert.Equal(before, run.State.ToJson());
        Assert.Equal(run.State.Bookmarks[0].ActivityNodeId, plan.State!.Bookmarks[0].ActivityNodeId);
        Assert.Equal(run.State.Bookmarks[0].Id, plan.State.Bookmarks[0].Id);
    }

    [Fact]
    public async Task A_branch_that_is_there_in_both_versions_still_meets_the_other()
    {
        var join = Of("Elsa.FlowJoin", "j", "'mode':'WaitAll'");
        var run = await At("s->a s->b a->j b->j", [A, B, join], "a");
        var to = Flow("s->a s->b a->j b->x x->j j->end", Of("Elsa.Start", "s"), A, B, join, Write("x"), Write("end"));

        var plan = Plan(run, to);
        Assert.Empty(plan.Obstacles);
        var moved = EngineHarness.At(to, plan.State!);
        await moved.ResumeAsync("b");

        Assert.Equal(["x", "end"], moved.Lines);
        moved.ShouldBeFinished();
    }

    public static TheoryData<string, MigrationObstacleKind, string?> Obstacles => new()
    {
        { "gone", MigrationObstacleKind.ActivityMissing, "b" },
        { "other type", MigrationObstacleKind.ActivityTypeChanged, "b" },
        { "in a container", MigrationObstacleKind.ContainerChanged, "b" },
        { "finished lies ahead", MigrationObstacleKind.FinishedAgain, "a" },
        { "finished lies ahead by a decision", MigrationObstacleKind.FinishedAgain, "a" },
        { "finished lies ahead within a container", MigrationObstacleKind.FinishedAgain, "a" },
        { "a branch never entered", MigrationObstacleKind.JoinOutOfReach, "j" },
        { "a branch never entered, by merge mode", MigrationObstacleKind.JoinOutOfReach, "j" }
    };

    [Theory]
    [MemberData(nameof(Obstacles))]
    public async Task What_stands_against_it_is_named(string what, MigrationObstacleKind kind, string? subject)
    {
        var run = await At("s->a a->b b->c", [A, B, C], "a");
        var start = Of("Elsa.Start", "s");
        var inner = """{"type":"Elsa.Flowchart","id":"G","activities":[%],"connections":[]}""";
        var to = what switch
        {
            "gone" => Flow("s->a a->c", start, A, C),
            "other type" => Flow("s->a a->b b->c", start, A, Write("b"), C),
            "in a container" => Flow("s->a a->G G->c", start, A, inner.Replace("%", B, StringComparison.Ordinal), C),
            "finished lies ahead" => Flow("s->b b->a a->c", start, A, B, C),
            "finished lies ahead by a decision" => Flow("s->b b->d d:False->a d:True->c a->c", start, A, B, C, Of("Elsa.FlowDecision", "d")),
            "finished lies ahead within a container" => Flow("s->b b->G G->c", start, B, inner.Replace("%", A, StringComparison.Ordinal), C),
            "a branch never entered" =>
                Flow("s->a a->b a->x b->j x->j j->c", start, A, B, C, Wait("x"), Of("Elsa.FlowJoin", "j", "'mode':'WaitAll'")),
            _ => Flow("s->a a->b a->x b->j x->j j->c", start, A, B, C, Wait("x"), Of("Elsa.WriteLine", "j", "'text':'j','customProperties':{'mergeMode':'Merge'}"))
        };

        var plan = Plan(run, to);

        Assert.Null(plan.State);
        Assert.Equal(new MigrationObstacle(kind, subject), Assert.Single(plan.Obstacles));
    }

    [Fact]
    public async Task A_loop_that_was_there_before_may_come_round_again()
    {
        const string Loop = "s->a a->b b->d d:False->a d:True->c";
        string[] activities = [A, B, C, Of("Elsa.FlowDecision", "d")];
        var run = await At(Loop, activities, "a");

        Assert.Empty(Plan(run, Flow(Loop + " c->x", [Of("Elsa.Start", "s"), .. activities, Write("x")])).Obstacles);
    }

    [Theory]
    [InlineData("s->a s->b a->j j->c", false)]
    [InlineData("s->a s->b a->j b->j j->c", true)]
    public async Task A_token_that_waits_at_a_join_needs_its_connection(string arrows, bool moves)
    {
        var join = Of("Elsa.FlowJoin", "j", "'mode':'WaitAll'");
        var run = await At("s->a s->b a->j b->j j->c", [A, B, C, join], "b");

        var plan = Plan(run, Flow(arrows, Of("Elsa.Start", "s"), A, B, C, join));

        Assert.Equal(moves, plan.State is not null);
        if (!moves)
            Assert.Contains(plan.Obstacles, o => o.Kind == MigrationObstacleKind.TokenMissing);
    }

    [Theory]
    [InlineData("a b x c", true)]
    [InlineData("a b", true)]
    [InlineData("x a b c", false)]
    [InlineData("b a c", false)]
    public async Task A_sequence_may_change_only_after_the_open_child(string order, bool moves)
    {
        var run = await new EngineHarness(Sequence("a b c")).StartAsync();
        await run.ResumeAsync("a");

        var plan = Plan(run, Sequence(order));

        Assert.Equal(moves, plan.State is not null);
        if (!moves)
        {
            Assert.Contains(plan.Obstacles, o => o is { Kind: MigrationObstacleKind.ContainerChanged, Subject: "S" });
            return;
        }
        var moved = EngineHarness.At(Sequence(order), plan.State!);
        while (moved.State.Bookmarks.Count > 0)
            await moved.ResumeAsync(moved.State.Bookmarks[0]);
        Assert.Equal(order.Split(' ').Skip(1).Select(id => $"{id} Completed"), moved.Path.Where(p => p.EndsWith("Completed", StringComparison.Ordinal) && p[1] == ' ' && p[0] is >= 'a' and <= 'z'));
        moved.ShouldBeFinished();
    }

    [Theory]
    [InlineData("""[{"id":"v1","name":"n","typeName":"Int32"}]""", false)]
    [InlineData("""[{"id":"v1","name":"renamed","typeName":"String"},{"id":"v2","name":"more","typeName":"Int32"}]""", true)]
    [InlineData("[]", true)]
    public async Task A_variable_with_a_value_keeps_its_type(string variables, bool moves)
    {
        const string Before = """[{"id":"v1","name":"n","typeName":"String"}]""";
        var set = """{"type":"Elsa.SetVariable","id":"set","variable":{"id":"v1","name":"n"},"value":{"typeName":"Object","expression":{"type":"Literal","value":"x"}}}""";
        var run = await new EngineHarness(Definition(FlowJson("s->set set->a", Of("Elsa.Start", "s"), set, A), Before)).StartAsync();

        var plan = Plan(run, Definition(FlowJson("s->a", Of("Elsa.Start", "s"), A), variables));

        Assert.Equal(moves, plan.State is not null);
        if (!moves)
            Assert.Equal(new MigrationObstacle(MigrationObstacleKind.VariableTypeChanged, "n"), Assert.Single(plan.Obstacles));
    }

    [Theory]
    [InlineData("""[{"name":"unit","type":"String","customProperties":{"required":true}}]""", "unit")]
    [InlineData("""[{"name":"unit","type":"String","displayName":"Unit","customProperties":{"required":true}}]""", "Unit")]
    [InlineData("""[{"name":"unit","type":"String","defaultValue":"x","customProperties":{"required":true}}]""", null)]
    [InlineData("""[{"name":"Given","type":"String","customProperties":{"required":true}}]""", null)]
    public async Task A_required_input_must_have_been_given(string inputs, string? missing)
    {
        var flow = FlowJson("s->a", Of("Elsa.Start", "s"), A);
        var run = await new EngineHarness(Definition(flow, inputs: """[{"name":"given","type":"String"}]""")).StartAsync(("given", "ya"));

        var plan = Plan(run, Definition(flow, inputs: inputs));

        Assert.Equal(missing is null ? [] : [new MigrationObstacle(MigrationObstacleKind.InputMissing, missing)], plan.Obstacles);
    }

    [Fact]
    public async Task What_has_ended_or_faulted_does_not_move()
    {
        var ended = await At("s->a", [A], "a");
        var faulted = await new EngineHarness(Flow(
            "s->f f->a", Of("Elsa.Start", "s"), $$"""{"type":"Elsa.WriteLine","id":"f","text":{{Js("nobody.knows")}} }""", A)).StartAsync();
        faulted.ShouldBeFaulted();

        foreach (var run in (EngineHarness[])[ended, faulted])
            Assert.Equal(new MigrationObstacle(MigrationObstacleKind.NotWaiting, null), Assert.Single(Plan(run, run.Workflow.Definition).Obstacles));
    }

    private static async Task<EngineHarness> At(string arrows, string[] activities, params string[] resumed)
    {
        var run = await new EngineHarness(Flow(arrows, [Of("Elsa.Start", "s"), .. activities])).StartAsync();
        foreach (var id in resumed)
            await run.ResumeAsync(id);
        return run;
    }

    private static MigrationPlan Plan(EngineHarness run, WorkflowDefinition to) => StateMigration.Plan(
        run.Workflow, new WorkflowCompiler().Compile(to), run.State,
        run.Journal.Where(e => e.EventName == "Completed").Select(e => e.ActivityId).ToHashSet());

    private static WorkflowDefinition Sequence(string order) =>
        Definition($$"""{"type":"Elsa.Sequence","id":"S","activities":[{{string.Join(',', order.Split(' ').Select(Wait))}}]}""");

    private static string Wait(string id) => Of("Elsa.Event", id, $"'eventName':'{id}'");
}
