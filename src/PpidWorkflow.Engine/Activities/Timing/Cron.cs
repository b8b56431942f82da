using System.Text.Json.Nodes;
using Cronos;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Timing;

/// <summary>
/// Waits until the next instant of a cron expression, in UTC as in Elsa: six fields with the seconds first, or the usual five.
/// </summary>
[Activity("Elsa", "Scheduling", "Berjalan pada waktu-waktu sebuah ekspresi cron.", DisplayName = "Jadwal cron")]
public sealed class Cron : Activity, ITrigger, IPrepared
{
    [Input(DisplayName = "Ekspresi cron", Description = "Waktu UTC; enam kolom dengan detik di depan, misalnya 0 0 1 * * 1-5.")]
    public Input<string>? CronExpression { get; set; }

    void IPrepared.Prepare()
    {
        if (CronExpression is not null && CronExpression.TryGetLiteral(out var text) && Parse(ValueConverter.ToText(text)) is null)
            throw new ExpressionSyntaxException("Ekspresi cron tidak dapat dibaca.");
    }

    TriggerStimulus? ITrigger.Stimulus => CronExpression is not null && CronExpression.TryGetFixed(out var text) && Parse(text) is { } cron
        ? TriggerStimulus.At((_, after) => cron.GetNextOccurrence(after.ToUniversalTime(), TimeZoneInfo.Utc))
        : null;

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        if (context.TryTakeTrigger(out _))
            return context.CompleteActivityAsync();
        var text = context.Get(CronExpression);
        var cron = Parse(text) ?? throw new ActivityFaultException("cron-invalid", "Ekspresi cron tidak dapat dibaca.");
        var next = cron.GetNextOccurrence(context.Now.ToUniversalTime(), TimeZoneInfo.Utc)
            ?? throw new ActivityFaultException("cron-never", "Ekspresi cron tidak pernah terpenuhi.");
        Waiting.Until(context, next, new JsonObject { ["cronExpression"] = text });
        return ValueTask.CompletedTask;
    }

    private static CronExpression? Parse(string? text) =>
        text is { Length: < 500 } && Cronos.CronExpression.TryParse(text, Format(text), out var cron) ? cron : null;

    private static CronFormat Format(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 5 ? CronFormat.Standard : CronFormat.IncludeSeconds;
}
