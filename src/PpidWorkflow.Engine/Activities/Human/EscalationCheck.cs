using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Engine.Activities.Human;

/// <summary>Rungs that can be read and yet would never do what their author means. Whom an addressee is, only the office knows.</summary>
internal static class EscalationCheck
{
    public static void Check(
        string activityId, string label, JsonNode? ladder, TimeSpan standard, MeasuredFrom measuredFrom, List<DefinitionProblem> problems)
    {
        foreach (var (rung, written) in EscalationLadder.ReadWritten(ladder, out _))
        {
            var name = $"Langkah {label}, eskalasi {rung.At}";
            if (rung.FromDue is { } span && -span >= standard && standard > TimeSpan.Zero)
                Add("rung-before-begin", $"{name}: {Minutes(-span)} sebelum batas waktu adalah sebelum langkah diterima; waktu bakunya {Minutes(standard)}.");
            if (rung is { When: RungCondition.NotStarted, FromDue: not null } && measuredFrom == MeasuredFrom.Started)
            {
                Add(
                    "rung-never-fires",
                    $"{name}: langkah yang dihitung sejak mulai dikerjakan belum punya batas waktu selama belum dimulai. Tulis persen atau waktu kerja sejak diterima (PT30M).");
            }
            if (rung.Action != EscalationAction.Notify && rung.To.All(to => !MayBeTarget(rung.Action, RungAddressee.TryParse(to)!)))
                Add("rung-without-target", $"{name}: {Target(rung.Action)}.");
            if (rung.Every is not null && written["max"] is null)
                Warn("rung-repeats-without-cap", $"{name}: diulang tanpa batas (max); berhenti setelah {rung.Max} kali.");
            if (rung.Every is null && rung.Max > 1)
                Warn("rung-cap-without-repeat", $"{name}: max {rung.Max} tanpa every tidak berarti apa-apa; peringatan hanya satu kali.");
        }

        void Add(string code, string message) => problems.Add(new DefinitionProblem(code, activityId, message));

        void Warn(string code, string message) => problems.Add(new DefinitionProblem(code, activityId, message, ProblemSeverity.Warning));
    }

    // A mailbox neither works nor sees a page; whoever has the task need not be given it.
    private static bool MayBeTarget(EscalationAction action, RungAddressee to) =>
        to.Kind != RungAddresseeKind.Mailbox && (action == EscalationAction.Banner || to is not { Kind: RungAddresseeKind.Assignee, Level: 0 });

    private static string Target(EscalationAction action) => action switch
    {
        EscalationAction.Reassign => "tugas dialihkan, tetapi tidak disebut kepada siapa (atasan, peran atau petugas lain)",
        EscalationAction.AddHelper => "ditambahkan pembantu, tetapi tidak disebut siapa (atasan, peran atau petugas lain)",
        _ => "spanduk di layar memerlukan seorang petugas; kotak surel tidak membuka halaman"
    };

    private static string Minutes(TimeSpan span) =>
        string.Create(System.Globalization.CultureInfo.GetCultureInfo("id-ID"), $"{Math.Round(span.TotalMinutes, 2):0.##} menit kerja");
}
