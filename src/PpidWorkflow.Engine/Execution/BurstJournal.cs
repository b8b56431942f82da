using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Execution;

/// <summary>
/// What one burst writes into the instance's journal: an entry for each move of an execution, and the evaluated inputs and outputs that may be told of
/// it. Values are kept with the instance's state while their execution is under way, and go out with the entry of its end.
/// </summary>
internal sealed class BurstJournal(WorkflowState state, DateTimeOffset now)
{
    private readonly List<JournalEntry> _entries = [];
    private Dictionary<long, ExecutionValues>? _values;
    private int? _room;

    public IReadOnlyList<JournalEntry> Entries => _entries;

    /// <summary>By the number of the entry that ended their execution.</summary>
    public IReadOnlyDictionary<long, ExecutionValues> Values => _values ?? RunResult.NoValues;

    public void Add(ActivityExecutionContext context, string eventName, string? message = null, JsonObject? payload = null) =>
        _entries.Add(new JournalEntry(
            state.JournalSequence++, now, context.Id, context.State.ParentId, context.Activity.Id, context.Node.NodeId,
            context.Activity.Type, context.Activity.Name, eventName, message, payload));

    public void Canceled(ActivityExecutionContext context)
    {
        TellValues(context);
        Add(context, "Canceled");
    }

    public void Completed(ActivityExecutionContext context, IReadOnlyList<string> outcomes)
    {
        TellValues(context);
        var payload = context.TakeJournalData();
        if (outcomes is not ["Done"])
            (payload ??= [])["Outcomes"] = new JsonArray([.. outcomes.Select(o => (JsonNode)o)]);
        Add(context, "Completed", payload: payload);
    }

    private void TellValues(ActivityExecutionContext context)
    {
        if (state.Values?.Remove(context.Id, out var values) == true)
            (_values ??= [])[state.JournalSequence] = values;
    }

    /// <summary>Notes an evaluated input. What is a literal stands in the definition; it is noted only where an expression decides whether it is told.</summary>
    public void NoteInput(ActivityExecutionContext context, Input input, object? value)
    {
        if (!input.Expression!.IsLiteral || LogPersistence.Lets(context.Node, input.Name, isInput: true, host: false, null) is null)
            NoteValue(context, input.Name, value, isInput: true);
    }

    /// <summary>Notes an evaluated input or an output for the journal, if it may hold it; where there is no room any more, a mark.</summary>
    public void NoteValue(ActivityExecutionContext context, string name, object? value, bool isInput)
    {
        if (LogPersistence.Lets(context.Node, name, isInput, state.Journaled == JournaledValues.UnlessExcluded, context) != true)
            return;
        var all = state.Values ??= [];
        _room ??= JournalValue.MostOfABurst - all.Values.Sum(v => v.Length);
        if (!all.TryGetValue(context.Id, out var values))
            all[context.Id] = values = new ExecutionValues();
        // A loop gives the same output again and again.
        var before = 0;
        if ((isInput ? values.Inputs : values.Outputs).TryGetValue(name, out var former))
            JournalValue.Of(name, former, out before);
        JsonNode? noted = JournalValue.NoRoom;
        var length = JournalValue.NoRoom.Length;
        if (_room > 0)
            noted = JournalValue.Of(name, ValueConverter.ToJson(value), out length);
        _room -= length - before;
        values.Length += length - before;
        (isInput ? values.Inputs : values.Outputs)[name] = noted;
    }
}
