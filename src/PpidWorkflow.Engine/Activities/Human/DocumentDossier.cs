using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Engine.Activities.Human;

/// <summary>
/// Row 5 of the SOP, one standard for two acts: the performer assigns somebody of the recipient's role (part a), who documents (part b).
/// Both
/// carry the same visit, and with it one clock. A declined assignment (b returned) opens part a again as a new visit; part a returned
/// leaves
/// by the Returned port.
/// </summary>
[Activity("Ppid", "SOP", "Menugaskan petugas dan mendokumentasikan berkas.", DisplayName = "Mendokumentasikan")]
public sealed class DocumentDossier : SopActivity
{
    private const string Part = "Part";
    private const string Visit = "Visit";

    public override SopAct Act => SopAct.Document;
    public override bool NeedsRecipient => true;

    protected override void Execute(ActivityExecutionContext context) => AskToAssign(context, 1);

    protected override ValueTask ResumeAsync(ActivityExecutionContext context)
    {
        var result = TakeResult(context);
        var visit = context.GetProperty<int>(Visit);
        switch (context.GetProperty<string>(Part), result.Outcome)
        {
            case ("a", "Done"):
                AskToDocument(context, visit);
                return ValueTask.CompletedTask;
            case ("b", "Returned"):
                AskToAssign(context, visit + 1);
                return ValueTask.CompletedTask;
            default:
                return CompleteAsync(context, result);
        }
    }

    private void AskToAssign(ActivityExecutionContext context, int visit)
    {
        Note(context, "a", visit);
        Ask(context, Describe(context) with { Act = SopAct.Assign, Part = "a", Visit = visit });
    }

    private void AskToDocument(ActivityExecutionContext context, int visit)
    {
        Note(context, "b", visit);
        var task = Describe(context);
        Ask(context, task with
        {
            Part = "b",
            Visit = visit,
            PerformerRole = task.RecipientRole
                ?? throw new ActivityFaultException("step-without-role", "Langkah tidak menyebut petugas pendokumentasi."),
            RecipientRole = null,
            Returnable = true
        });
    }

    private static void Note(ActivityExecutionContext context, string part, int visit)
    {
        context.SetProperty(Part, part);
        context.SetProperty(Visit, visit);
    }
}
