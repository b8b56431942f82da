using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Primitives;

/// <summary>Waits for a named event; what the host resumes it with becomes <see cref="CodeActivity{T}.Result"/>.</summary>
[Activity("Elsa", "Primitives", "Menunggu sebuah peristiwa.", DisplayName = "Peristiwa")]
public sealed class Event : CodeActivity<object>, ITrigger
{
    /// <summary>Name of its bookmarks.</summary>
    public const string StimulusName = "Elsa.Event";

    /// <summary>Longest name of an event, characters.</summary>
    public const int LongestName = 200;

    private const string NameMember = "eventName";
    private const string Wrapped = "_value";

    [Input(DisplayName = "Nama peristiwa", Description = "Peristiwa yang ditunggu.")]
    public Input<string>? EventName { get; set; }

    TriggerStimulus? ITrigger.Stimulus =>
        EventName is not null && EventName.TryGetFixed(out var name) && name.Length is > 0 and <= LongestName ? new TriggerStimulus(name) : null;

    /// <summary>The event that a bookmark waits for; null: it waits for something else.</summary>
    public static string? NameOf(Bookmark bookmark) => bookmark.Name == StimulusName ? (string?)bookmark.Payload?[NameMember] : null;

    /// <summary>A payload as a bookmark is resumed with it, or an instance started: an object as it is, anything else wrapped.</summary>
    public static JsonObject? InputOf(JsonNode? payload) => payload switch
    {
        null => null,
        JsonObject members => members.DeepClone().AsObject(),
        _ => new JsonObject { [Wrapped] = payload.DeepClone() }
    };

    internal static string Checked(string? name) => name switch
    {
        null or "" => throw new ActivityFaultException("missing-input", "Nama peristiwa kosong."),
        { Length: > LongestName } => throw new ActivityFaultException("event-name-too-long", $"Nama peristiwa lebih dari {LongestName} karakter."),
        _ => name
    };

    protected override void Execute(ActivityExecutionContext context)
    {
        if (context.TryTakeTrigger(out var input))
            context.Set(Result, PayloadOf(input));
        else
            context.CreateBookmark(new JsonObject { [NameMember] = Checked(context.Get(EventName)) }, ResumeAsync);
    }

    private ValueTask ResumeAsync(ActivityExecutionContext context)
    {
        context.Set(Result, PayloadOf(context.BookmarkInput));
        return context.CompleteActivityAsync();
    }

    private static JsonNode? PayloadOf(JsonObject? input) => input is { Count: 1 } && input.TryGetPropertyValue(Wrapped, out var value) ? value : input;
}
