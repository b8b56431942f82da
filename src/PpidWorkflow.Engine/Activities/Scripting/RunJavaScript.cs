using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Scripting;

/// <summary>
/// Runs a script under the limits of every script (<see cref="JavaScriptEvaluator"/>). It may choose outcomes with <c>setOutcome</c> and
/// <c>setOutcomes</c>. The script is part of the definition: text that is computed while the workflow runs is never run.
/// </summary>
[Activity("Elsa", "Scripting", "Menjalankan skrip JavaScript.", DisplayName = "Jalankan JavaScript")]
public sealed class RunJavaScript : Activity, IPrepared
{
    private object? _script;

    [Input(DisplayName = "Skrip", Description = "Skrip yang dijalankan; setOutcome(nama) memilih hasilnya.", UIHint = "code-editor")]
    public Input<string>? Script { get; set; }

    [Input(DisplayName = "Hasil yang mungkin", Description = "Nama jalur yang dapat dipilih skrip.", UIHint = "dynamic-outcomes", Order = 1)]
    public Input<string[]>? PossibleOutcomes { get; set; }

    [Output(Description = "Nilai terakhir skrip.")]
    public Output<object>? Result { get; set; }

    void IPrepared.Prepare() => _script = Script?.Expression switch
    {
        null => null,
        { Type: "JavaScript" } script => script.Compiled,
        { Type: "Literal" } text => JavaScriptEvaluator.Prepare(text.Value),
        _ => throw new ExpressionSyntaxException("Skrip harus ditulis di definisi, tidak dihitung saat berjalan.")
    };

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        if (_script is null && Script?.Expression is not null)
            throw new ActivityFaultException("expression-syntax-error", "Skrip tidak dapat dibaca.");
        var outcomes = new List<string>();
        if (_script is not null && JavaScriptEvaluator.Run(_script, context, outcomes) is { } result)
            context.Set(Result, result);
        return outcomes.Count == 0 ? context.CompleteActivityAsync() : context.CompleteActivityWithOutcomesAsync([.. outcomes]);
    }
}
