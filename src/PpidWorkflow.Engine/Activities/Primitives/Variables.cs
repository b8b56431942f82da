using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Primitives;

[Activity("Elsa", "Primitives", "Memberi nilai kepada sebuah variabel.", DisplayName = "Isi variabel")]
public sealed class SetVariable : CodeActivity
{
    [Input(DisplayName = "Variabel", Description = "Variabel yang diisi.", UIHint = "variable-picker")]
    public Variable Variable { get; set; } = new();

    [Input(DisplayName = "Nilai", Description = "Nilai yang diisikan.", Order = 1)]
    public Input<object>? Value { get; set; }

    protected override void Execute(ActivityExecutionContext context) =>
        context.SetVariable(Variable.Id.Length > 0 ? Variable.Id : Variable.Name, context.Get(Value));
}

[Activity("Elsa", "Composition", "Memberi nilai kepada keluaran alur kerja.", DisplayName = "Isi keluaran")]
public sealed class SetOutput : CodeActivity
{
    [Input(DisplayName = "Keluaran", Description = "Keluaran yang diisi.", UIHint = "output-picker")]
    public Input<string>? OutputName { get; set; }

    [Input(DisplayName = "Nilai", Description = "Nilai yang diisikan.", Order = 1)]
    public Input<object>? OutputValue { get; set; }

    protected override void Execute(ActivityExecutionContext context) =>
        context.SetWorkflowOutput(
            context.Get(OutputName) ?? throw new ActivityFaultException("missing-input", "Nama keluaran kosong."),
            context.Get(OutputValue));
}
