using System.Text.Json.Nodes;
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

/// <summary>
/// Stops with an incident that the author words; it is read by people, so it should not repeat the matter of a case. Category and type, which Elsa
/// keeps in no record, go into the journal. What is not said is said as in Elsa.
/// </summary>
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

    /// <summary>Letters of a code, as many as an incident keeps, and of category and type.</summary>
    private const int MaxLetters = 60;

    protected override void Execute(ActivityExecutionContext context)
    {
        throw new ActivityFaultException(Said(Code, "0"), context.Get(Message) ?? "Alur dihentikan.")
        {
            Details = new JsonObject { [nameof(Category)] = Said(Category, "General"), [nameof(FaultType)] = Said(FaultType, "System") }
        };

        string Said(Input<string>? input, string otherwise) =>
            context.Get(input) is not { Length: > 0 } text ? otherwise : text.Length > MaxLetters ? text[..MaxLetters] : text;
    }
}
