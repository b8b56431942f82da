using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;
using static PpidWorkflow.Engine.Definitions.DefinitionReader;

namespace PpidWorkflow.Engine.Activities.ControlFlow;

/// <summary>A state of a <see cref="StateMachine"/>: what runs on the way in and on the way out; null: nothing.</summary>
public sealed record MachineState(string Name, IActivity? Entry, IActivity? Exit);

/// <summary>A way from one state to another, taken when its trigger completes and its condition holds.</summary>
public sealed class StateTransition
{
    private readonly Expression? _condition;

    internal StateTransition(string from, string to, IActivity trigger, Expression? condition, IActivity? action) =>
        (From, To, Trigger, _condition, Action) = (from, to, trigger, condition, action);

    public string From { get; }
    public string To { get; }
    public IActivity Trigger { get; }

    /// <summary>What runs between accepting the transition and leaving the state; null: nothing.</summary>
    public IActivity? Action { get; }

    /// <summary>Without a condition it always holds; one that gives null does not.</summary>
    internal bool Holds(ActivityExecutionContext context) => _condition is null || ValueConverter.To<bool?>(_condition.Evaluate(context)) == true;
}

/// <summary>
/// States and what leads from one to the next (Elsa contract: <c>states</c>, <c>transitions</c>, <c>initialState</c>). In a state the triggers of all
/// its transitions are under way at once; the first to complete whose condition holds wins, and the others are cancelled. Then: its action, the
/// state's exit, the next state's entry. A trigger whose condition does not hold begins again. It completes in a state that nothing leads out of.
/// </summary>
[Activity("Elsa", "Flow", "Keadaan demi keadaan: yang pertama terjadi menentukan keadaan berikutnya.", DisplayName = "Mesin keadaan")]
public sealed class StateMachine : Activity, IHoldsActivities, IReadsDefinition, IBreakable
{
    /// <summary>Property of an execution: the state that it is in, or is leaving.</summary>
    internal const string Current = "CurrentState";

    /// <summary>Property of an execution: the transition that was accepted, by the id of its trigger, until the next state is entered.</summary>
    internal const string Accepted = "Transition";

    public IReadOnlyList<MachineState> States { get; private set; } = [];
    public IReadOnlyList<StateTransition> Transitions { get; private set; } = [];

    /// <summary>Where it begins.</summary>
    public string? InitialState { get; private set; }

    /// <summary>In the order in which a reader meets them: states from the initial one on, each with what leads out of it.</summary>
    IEnumerable<IActivity> IHoldsActivities.Children => ReachableFrom(InitialState).Union(States).SelectMany(Of);

    /// <summary>Activities of a state machine as written, wherever they stand in it.</summary>
    public static IEnumerable<JsonObject> ActivitiesIn(JsonObject machine) =>
        Objects(machine["states"]).SelectMany(s => new[] { s["entry"], s["exit"] })
            .Concat(Objects(machine["transitions"]).SelectMany(t => new[] { t["trigger"], t["action"] })).OfType<JsonObject>();

    void IReadsDefinition.Read(JsonObject source, IActivityParts parts)
    {
        // Elsa starts where currentState says, if it says anything.
        InitialState = Text(source, "currentState") is { Length: > 0 } current ? current : Text(source, "initialState");
        var states = new List<MachineState>();
        foreach (var written in Objects(source["states"]))
        {
            var name = Text(written, "name") ?? "";
            if (string.IsNullOrWhiteSpace(name))
                parts.Refuse("state-without-name", $"{parts.Label} memuat keadaan tanpa nama.");
            else if (states.Exists(s => s.Name == name))
                parts.Refuse("duplicate-state", $"{parts.Label} memuat lebih dari satu keadaan bernama \"{name}\".");
            states.Add(new MachineState(name, parts.Child(written["entry"]), parts.Child(written["exit"])));
        }
        States = states;
        if (states.Count == 0)
            parts.Warn("empty-state-machine", $"{parts.Label} tidak memuat keadaan.");
        else if (Find(InitialState) is null)
            parts.Refuse("unknown-state", string.IsNullOrWhiteSpace(InitialState)
                ? $"{parts.Label} tidak menyebut keadaan awal."
                : $"{parts.Label} berawal pada keadaan \"{InitialState}\", yang tidak ada.");
        Transitions = [.. Objects(source["transitions"]).Select(t => Read(t, parts)).OfType<StateTransition>()];
    }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        if (States.Count == 0)
            return context.CompleteActivityAsync();
        context.SetProperty(Current, InitialState);
        return EnterAsync(context);
    }

    /// <summary>What may still run in an execution that is in a state, or on its way out of it.</summary>
    internal IEnumerable<IActivity> Ahead(string? state) => ReachableFrom(state).SelectMany(Of);

    /// <summary>Whether an execution that stands where the properties say goes on here as it would in the other version.</summary>
    internal bool Continues(StateMachine other, string? state, string? accepted) =>
        Find(state) is not null
        && (accepted is null || Transitions.Any(t => t.Trigger.Id == accepted && t.From == state))
        && Out(state).Select(t => t.Trigger.Id).ToHashSet().SetEquals(other.Out(state).Select(t => t.Trigger.Id));

    private ValueTask EnterAsync(ActivityExecutionContext context)
    {
        if (Find(CurrentOf(context)) is not { } state)
            throw new ActivityFaultException("unknown-state", "Mesin keadaan menuju keadaan yang tidak ada.");
        return state.Entry is null ? ArmAsync(context) : context.ScheduleActivityAsync(state.Entry, OnEnteredAsync);
    }

    private ValueTask OnEnteredAsync(ActivityCompletedContext completed) => ArmAsync(completed.TargetContext);

    private async ValueTask ArmAsync(ActivityExecutionContext context)
    {
        var ways = Out(CurrentOf(context)).ToList();
        if (ways.Count == 0 || context.IsBreaking)
        {
            await CompleteAsync(context);
            return;
        }
        foreach (var way in ways)
            await context.ScheduleActivityAsync(way.Trigger, OnTriggeredAsync);
    }

    private ValueTask OnTriggeredAsync(ActivityCompletedContext completed)
    {
        var context = completed.TargetContext;
        if (context.IsBreaking)
            return CompleteAsync(context);
        // Cancelled by hand: this way is closed, the others stand.
        if (completed.ChildContext.Status == ActivityStatus.Canceled)
            return ValueTask.CompletedTask;
        var way = Way(context, completed.ChildContext.Activity.Id);
        if (!way.Holds(context))
            return context.ScheduleActivityAsync(way.Trigger, OnTriggeredAsync);
        context.CancelChildren();
        context.SetProperty(Accepted, way.Trigger.Id);
        return way.Action is null ? ExitAsync(context) : context.ScheduleActivityAsync(way.Action, OnActedAsync);
    }

    private ValueTask OnActedAsync(ActivityCompletedContext completed) => ExitAsync(completed.TargetContext);

    private ValueTask ExitAsync(ActivityExecutionContext context)
    {
        if (context.IsBreaking)
            return CompleteAsync(context);
        return Find(CurrentOf(context))?.Exit is { } exit ? context.ScheduleActivityAsync(exit, OnExitedAsync) : MoveAsync(context);
    }

    private ValueTask OnExitedAsync(ActivityCompletedContext completed) => MoveAsync(completed.TargetContext);

    private ValueTask MoveAsync(ActivityExecutionContext context)
    {
        if (context.IsBreaking)
            return CompleteAsync(context);
        context.SetProperty(Current, Way(context, context.GetProperty<string>(Accepted)).To);
        context.SetProperty(Accepted, null);
        return EnterAsync(context);
    }

    private static ValueTask CompleteAsync(ActivityExecutionContext context)
    {
        context.JournalData[Current] = CurrentOf(context);
        return context.CompleteActivityAsync();
    }

    private StateTransition Way(ActivityExecutionContext context, string? triggerId) =>
        Out(CurrentOf(context)).FirstOrDefault(t => t.Trigger.Id == triggerId)
            ?? throw new ActivityFaultException("unknown-transition", "Mesin keadaan tidak mengenal peralihan yang terjadi.");

    private static string? CurrentOf(ActivityExecutionContext context) => context.GetProperty<string>(Current);

    private MachineState? Find(string? name) => string.IsNullOrWhiteSpace(name) ? null : States.FirstOrDefault(s => s.Name == name);

    private IEnumerable<StateTransition> Out(string? state) => Transitions.Where(t => t.From == state);

    private IEnumerable<IActivity> Of(MachineState state) =>
        new[] { state.Entry }.Concat(Out(state.Name).SelectMany(t => new[] { t.Trigger, t.Action })).Append(state.Exit).OfType<IActivity>();

    private List<MachineState> ReachableFrom(string? first)
    {
        List<MachineState> found = Find(first) is { } state ? [state] : [];
        for (var i = 0; i < found.Count; i++)
            found.AddRange(Out(found[i].Name).Select(t => Find(t.To)).OfType<MachineState>().Distinct().Except(found).ToList());
        return found;
    }

    private StateTransition? Read(JsonObject written, IActivityParts parts)
    {
        var (from, to) = (Text(written, "from") ?? "", Text(written, "to") ?? "");
        var label = Text(written, "displayName") is { Length: > 0 } shown ? shown : Text(written, "name") is { Length: > 0 } name ? name : $"{from} → {to}";
        foreach (var end in new[] { from, to }.Distinct())
            if (Find(end) is null)
                parts.Refuse("unknown-state", $"Peralihan \"{label}\" pada {parts.Label} menyebut keadaan \"{end}\", yang tidak ada.");
        var condition = parts.Expression("Condition", written["condition"]);
        var action = parts.Child(written["action"]);
        if (written["trigger"] is not JsonObject)
            parts.Refuse("transition-without-trigger", $"Peralihan \"{label}\" pada {parts.Label} tidak punya pemicu, sehingga tidak pernah terjadi.");
        return parts.Child(written["trigger"]) is { } trigger ? new StateTransition(from, to, trigger, condition, action) : null;
    }
}
