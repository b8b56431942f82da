using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Primitives;

/// <summary>Gives out an event for whoever waits for it; delivering is the host's (<see cref="RunResult.PublishedEvents"/>).</summary>
[Activity("Elsa", "Primitives", "Menerbitkan sebuah peristiwa.", DisplayName = "Terbitkan peristiwa")]
public sealed class PublishEvent : CodeActivity
{
    [Input(DisplayName = "Nama peristiwa", Description = "Peristiwa yang diterbitkan.")]
    public Input<string>? EventName { get; set; }

    [Input(DisplayName = "Kunci korelasi", Description = "Hanya untuk instans dengan kunci ini.", Order = 1)]
    public Input<string>? CorrelationId { get; set; }

    [Input(DisplayName = "Hanya di sini", Description = "Hanya untuk instans ini sendiri.", UIHint = "checkbox", Order = 2)]
    public Input<bool>? IsLocalEvent { get; set; }

    [Input(DisplayName = "Muatan", Description = "Data yang disertakan.", Order = 3)]
    public Input<object>? Payload { get; set; }

    protected override void Execute(ActivityExecutionContext context)
    {
        var name = Event.Checked(context.Get(EventName));
        var correlation = context.Get(CorrelationId);
        if (correlation?.Length > Event.LongestName)
            throw new ActivityFaultException("correlation-too-long", $"Kunci korelasi lebih dari {Event.LongestName} karakter.");
        context.PublishEvent(
            name, string.IsNullOrWhiteSpace(correlation) ? null : correlation, context.Get(IsLocalEvent), context.Get(Payload));
    }
}
