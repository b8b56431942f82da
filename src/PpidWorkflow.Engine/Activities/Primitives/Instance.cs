using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Primitives;

[Activity("Elsa", "Primitives", "Memberi nama kepada instans.", DisplayName = "Beri nama")]
public sealed class SetName : CodeActivity
{
    [Input(DisplayName = "Nama", Description = "Nama yang tampil pada daftar instans.")]
    public Input<string>? Value { get; set; }

    protected override void Execute(ActivityExecutionContext context) => context.WorkflowInstanceName = context.Get(Value);
}

[Activity("Elsa", "Primitives", "Memberi kunci korelasi kepada instans.", DisplayName = "Korelasi")]
public sealed class Correlate : CodeActivity
{
    [Input(DisplayName = "Kunci korelasi", Description = "Kunci yang menghubungkan instans dengan perkara di luarnya.")]
    public Input<string>? CorrelationId { get; set; }

    protected override void Execute(ActivityExecutionContext context) => context.CorrelationId = context.Get(CorrelationId);
}

/// <summary>The line becomes part of the burst's result; the host decides whether anybody sees it.</summary>
[Activity("Elsa", "Console", "Menulis satu baris.", DisplayName = "Tulis baris")]
public sealed class WriteLine : CodeActivity
{
    [Input(DisplayName = "Teks", Description = "Baris yang ditulis.")]
    public Input<string>? Text { get; set; }

    protected override void Execute(ActivityExecutionContext context) => context.WriteLine(context.Get(Text));
}

/// <summary>Stops with an incident that the author words; it is read by people, so it should not repeat the matter of a case.</summary>
[Activity("Elsa", "Primitives", "Menghentikan alur dengan insiden.", DisplayName = "Gagalkan")]
public sealed class Fault : Activity
{
    [Input(DisplayName = "Kode", Description = "Kode insiden.")]
    public Input<string>? Code { get; set; }

    [Input(DisplayName = "Golongan", Description = "Golongan insiden.", Order = 1)]
    public Input<string>? Category { get; set; }

    [Input(DisplayName = "Jenis", Description = "Jenis insiden.", Order = 2)]
    public Input<string>? FaultType { get; set; }

    [Input(DisplayName = "Pesan", Description = "Kalimat yang dibaca orang; jangan memuat isi berkas.", Order = 3)]
    public Input<string>? Message { get; set; }

    protected override void Execute(ActivityExecutionContext context) =>
        throw new ActivityFaultException(
            context.Get(Code) is { Length: > 0 } code ? code : "fault", context.Get(Message) ?? "Alur dihentikan.");
}
