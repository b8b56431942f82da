using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Activities.Human;

/// <summary>
/// One row of an SOP: asks a person for an act and waits until the host resumes it with a <see cref="SopTaskResult"/>. The inputs are the
/// columns of the printed form and so literals of the definition: form, task and alarm must say the same.
/// </summary>
[FlowNode("Done", "Returned")]
public abstract class SopActivity : Activity
{
    [Input(DisplayName = "Nomor", Description = "Nomor baris pada formulir SOP.", Order = 0)]
    public Input<string>? Number { get; set; }

    [Input(DisplayName = "Uraian prosedur", Description = "Kegiatan sebagaimana tercetak pada formulir SOP.", UIHint = "multiline", Order = 1)]
    public Input<string>? Description { get; set; }

    [Input(DisplayName = "Pelaksana", Description = "Peran yang mengerjakan langkah ini.", UIHint = "dropdown", OptionsFrom = "roles", Order = 2)]
    public Input<string>? PerformerRole { get; set; }

    [Input(DisplayName = "Penerima", Description = "Peran yang menerima hasilnya atau yang ditugasi.", UIHint = "dropdown",
        OptionsFrom = "roles", Order = 3)]
    public Input<string>? RecipientRole { get; set; }

    [Input(DisplayName = "Kelengkapan", Description = "Mutu baku: yang harus ada sebelum langkah dimulai.", UIHint = "multiline", Order = 4)]
    public Input<string>? RequiredInput { get; set; }

    [Input(DisplayName = "Waktu baku (menit kerja)", Description = "Ketik bilangan menit, misalnya 20. Malam, akhir pekan dan hari libur tidak dihitung.",
        TypeName = "String", Order = 5)]
    public Input<JsonNode>? StandardTime { get; set; }

    [Input(DisplayName = "Output", Description = "Mutu baku: hasil langkah ini.", UIHint = "multiline", Order = 6)]
    public Input<string>? Output { get; set; }

    [Input(DisplayName = "Keterangan", Description = "Keterangan pada formulir SOP.", UIHint = "multiline", Order = 7)]
    public Input<string>? Remarks { get; set; }

    [Input(DisplayName = "Waktu dihitung sejak", Description = "Sejak tugas diterima, atau sejak mulai dikerjakan.", UIHint = "dropdown",
        DefaultValue = Activities.Human.MeasuredFrom.Received, Options = ["received", "started"], OptionTexts = ["diterima", "mulai dikerjakan"],
        TypeName = "String",
        Order = 8)]
    public Input<MeasuredFrom> MeasuredFrom { get; set; } = new(Activities.Human.MeasuredFrom.Received);

    [Input(DisplayName = "Peringatan dan eskalasi",
        Description = "Siapa diberi tahu, dan pada berapa bagian dari waktu baku. Bila tidak ada yang dicentang, berlaku tangga lazim.",
        UIHint = "checklist", OptionsFrom = "ladder", Order = 9)]
    public Input<JsonNode>? Escalation { get; set; }

    [Output(Description = "Nama pengguna yang menyelesaikan.")]
    public Output<string>? CompletedBy { get; set; }

    [Output(Description = "Nama pengguna yang ditugasi.")]
    public Output<string>? AssignedTo { get; set; }

    /// <summary>The act asked for.</summary>
    public abstract SopAct Act { get; }

    /// <summary>Whether <see cref="RecipientRole"/> is needed to carry on.</summary>
    public virtual bool NeedsRecipient => false;

    /// <summary>What is wrong with the step as written; <paramref name="label"/> names it.</summary>
    internal void Check(string label, List<DefinitionProblem> problems)
    {
        foreach (var (name, input) in new (string, Input?)[]
                 {
                     ("Number", Number), ("Description", Description), ("PerformerRole", PerformerRole), ("RecipientRole", RecipientRole),
                     ("RequiredInput", RequiredInput), ("StandardTime", StandardTime), ("Output", Output), ("Remarks", Remarks),
                     ("MeasuredFrom", MeasuredFrom), ("Escalation", Escalation)
                 })
            if (input?.Expression is { Type: not ("Literal" or "Object" or "Json") })
                Add("step-not-literal", $"{name} langkah {label} harus ditulis langsung, bukan dihitung: formulir SOP mencetaknya.");
        if (Literal(PerformerRole) is null)
            Add("step-without-role", $"Langkah {label} tidak menyebut pelaksana.");
        if (NeedsRecipient && Literal(RecipientRole) is null)
            Add("step-without-role", $"Langkah {label} tidak menyebut peran penerima, padahal dari sanalah petugas dipilih.");
        if (!Duration.TryParseWorkingTime(Node(StandardTime), out var standard) || standard < Duration.ShortestStandard)
            Add("step-without-standard", $"Langkah {label} tidak punya waktu baku yang sah (misalnya 15 atau PT15M).");
        EscalationLadder.Read(Node(Escalation), out var problem);
        if (problem is not null)
            Add("ladder-invalid", $"Langkah {label}: {problem}.");
        if (Literal(MeasuredFrom) is { } from && !Enum.TryParse<MeasuredFrom>(from, ignoreCase: true, out _))
            Add("measured-from-invalid", $"Langkah {label}: waktu dihitung sejak received atau started.");
        EscalationCheck.Check(Id, label, Node(Escalation), standard, Enum.TryParse(Literal(MeasuredFrom), ignoreCase: true, out MeasuredFrom begin) ? begin : default, problems);

        void Add(string code, string message) => problems.Add(new DefinitionProblem(code, Id, message));
    }

    internal SopStepOutline Outline(string label) => new(
        Id, Type, Act, Literal(Number) ?? "", Literal(Description) ?? "", Literal(PerformerRole) ?? "", Literal(RecipientRole),
        Literal(RequiredInput),
        Duration.TryParseWorkingTime(Node(StandardTime), out var standard) ? standard : TimeSpan.Zero, Literal(Output), Literal(Remarks))
    {
        MeasuredFrom = Enum.TryParse<MeasuredFrom>(Literal(MeasuredFrom), ignoreCase: true, out var from) ? from : default,
        Label = label,
        NeedsRecipient = NeedsRecipient,
        Escalation = EscalationLadder.Read(Node(Escalation), out _)
    };

    private static string? Literal<T>(Input<T>? input) => NullIfEmpty(ValueConverter.ToText(Node(input)));
    private static JsonNode? Node<T>(Input<T>? input) => input?.TryGetLiteral(out var value) == true ? value : null;

    protected override void Execute(ActivityExecutionContext context) => Ask(context, Describe(context));

    /// <summary>The task as the definition tells it.</summary>
    protected SopTask Describe(ActivityExecutionContext context)
    {
        if (!Duration.TryParseWorkingTime(context.Get(StandardTime), out var standard) || standard < Duration.ShortestStandard)
            throw new ActivityFaultException("step-without-standard", "Waktu baku langkah tidak terbaca.");
        return new SopTask
        {
            Act = Act,
            Number = context.Get(Number) ?? "",
            Description = context.Get(Description) ?? "",
            PerformerRole = context.Get(PerformerRole)
                ?? throw new ActivityFaultException("step-without-role", "Langkah tidak menyebut pelaksana."),
            RecipientRole = NullIfEmpty(context.Get(RecipientRole)),
            RequiredInput = NullIfEmpty(context.Get(RequiredInput)),
            StandardTime = standard,
            Output = NullIfEmpty(context.Get(Output)),
            Remarks = NullIfEmpty(context.Get(Remarks)),
            MeasuredFrom = context.Get(MeasuredFrom),
            Escalation = EscalationLadder.Read(context.Get(Escalation), out var problem) is var ladder && problem is null
                ? ladder
                : throw new ActivityFaultException("ladder-invalid", $"Tangga eskalasi: {problem}."),
            Returnable = context.IsPortConnected("Returned")
        };
    }

    protected void Ask(ActivityExecutionContext context, SopTask task) => context.CreateBookmark(
        new CreateBookmarkArgs { BookmarkName = SopTask.StimulusName, Stimulus = task.ToJson(), Callback = ResumeAsync });

    /// <summary>Takes the result up and completes with its outcome.</summary>
    protected virtual ValueTask ResumeAsync(ActivityExecutionContext context) => CompleteAsync(context, TakeResult(context));

    protected SopTaskResult TakeResult(ActivityExecutionContext context)
    {
        var result = SopTaskResult.FromJson(context.BookmarkInput);
        if (result.Outcome is not ("Done" or "Returned"))
            throw new ActivityFaultException("unknown-outcome", "Hasil langkah hanya boleh Done atau Returned.");
        if (result.CompletedBy is not null)
            context.Set(CompletedBy, result.CompletedBy);
        if (result.AssignedTo is not null)
            context.Set(AssignedTo, result.AssignedTo);
        return result;
    }

    protected static ValueTask CompleteAsync(ActivityExecutionContext context, SopTaskResult result) =>
        context.CompleteActivityWithOutcomesAsync(result.Outcome);

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}

[Activity("Ppid", "SOP", "Satu langkah SOP yang dikerjakan seseorang.", DisplayName = "Langkah SOP")]
public sealed class SopStep : SopActivity
{
    public override SopAct Act => SopAct.Step;
}

[Activity("Ppid", "SOP", "Menugaskan seseorang untuk langkah berikutnya.", DisplayName = "Menugaskan")]
public sealed class AssignOfficer : SopActivity
{
    public override SopAct Act => SopAct.Assign;
    public override bool NeedsRecipient => true;
}

[Activity("Ppid", "SOP", "Menyiapkan berkas hardcopy dan softcopy.", DisplayName = "Menyiapkan")]
public sealed class PrepareDossier : SopActivity
{
    public override SopAct Act => SopAct.Prepare;
}

[Activity("Ppid", "SOP", "Melaporkan kesiapan kepada atasan.", DisplayName = "Melaporkan")]
public sealed class ReportReadiness : SopActivity
{
    public override SopAct Act => SopAct.Report;
}

[Activity("Ppid", "SOP", "Menyerahkan berkas kepada penerima.", DisplayName = "Menyerahkan")]
public sealed class HandOver : SopActivity
{
    public override SopAct Act => SopAct.HandOver;
}
