using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>
/// What stands against publishing a definition: what the compiler finds, what an SOP must say besides, and what only the office can know (a
/// role nobody holds, a ladder that reaches nobody).
/// </summary>
public sealed class DefinitionCheck(
    WorkflowCompiler compiler, PpidDbContext db, OfficerDirectory directory, EscalationAddressees addressees, OfficeCalendar office)
{
    /// <summary>Errors and warnings; without an error: fit to be proposed.</summary>
    public async Task<IReadOnlyList<DefinitionProblem>> ProblemsAsync(WorkflowDefinition definition, CancellationToken cancellation = default)
    {
        var (found, steps) = compiler.Survey(definition);
        var problems = new List<DefinitionProblem>(found);
        CheckSop(definition, steps, office.Current, problems);
        await CheckOfficeAsync(steps, problems, cancellation);
        await CheckChildrenAsync(definition, problems, cancellation);
        return problems;
    }

    /// <summary>Definitions that are named as children; what is computed while it runs is an incident then.</summary>
    private async Task CheckChildrenAsync(WorkflowDefinition definition, List<DefinitionProblem> problems, CancellationToken cancellation)
    {
        var children = NormalForm.Activities(definition.Root).Where(a => (string?)a["type"] is "Elsa.ExecuteWorkflow" or "Elsa.DispatchWorkflow" or "Elsa.BulkDispatchWorkflows")
            .Select(a => (Id: a["id"]?.ToString(), Child: LiteralOf(a["workflowDefinitionId"]))).Where(a => a.Child is { Length: > 0 }).ToList();
        foreach (var wanted in children.GroupBy(c => c.Child!))
        {
            var content = await db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == wanted.Key && v.State == RevisionState.InForce)
                .Select(v => v.Content).SingleOrDefaultAsync(cancellation);
            var needsCase = content is not null && compiler.Survey(DefinitionReader.ReadStored(content)).SopSteps.Count > 0;
            foreach (var (id, child) in wanted)
                if (content is null)
                    problems.Add(Warning("child-not-found", id, $"Aktivitas \"{id}\" menjalankan alur kerja \"{child}\", yang belum berlaku."));
                else if (needsCase)
                    problems.Add(new DefinitionProblem(
                        "child-needs-case", id,
                        $"Aktivitas \"{id}\" menjalankan alur kerja \"{child}\", yang memuat langkah SOP. Langkah SOP memerlukan berkas: pakai alur kerja itu sebagai aktivitas."));
        }
    }

    private static string? LiteralOf(System.Text.Json.Nodes.JsonNode? input) =>
        input is System.Text.Json.Nodes.JsonObject wrapped && wrapped["expression"] is System.Text.Json.Nodes.JsonObject expression
            ? (string?)expression["type"] is null or "Literal" ? expression["value"]?.ToString() : null
            : input is System.Text.Json.Nodes.JsonValue plain ? plain.ToString() : null;

    /// <summary>The same without knowledge of the office: the verb <c>validate</c> has no database.</summary>
    public static IReadOnlyList<DefinitionProblem> ProblemsWithoutOffice(
        WorkflowCompiler compiler, WorkflowDefinition definition, WorkingCalendar calendar)
    {
        var (found, steps) = compiler.Survey(definition);
        var problems = new List<DefinitionProblem>(found);
        CheckSop(definition, steps, calendar, problems);
        return problems;
    }

    private static void CheckSop(
        WorkflowDefinition definition, IReadOnlyList<SopStepOutline> steps, WorkingCalendar calendar, List<DefinitionProblem> problems)
    {
        if (steps.Count == 0)
            return;
        if (definition.CustomProperties["sop"] is not System.Text.Json.Nodes.JsonObject)
            problems.Add(Warning("identity-block-missing", null, "Definisi belum memuat blok identitas SOP (nomor, tanggal, pengesahan)."));
        CheckCaseForm(definition, problems);

        foreach (var group in steps.Where(s => s.Number.Length > 0).GroupBy(s => s.Number, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            foreach (var step in group.Skip(1))
                problems.Add(Warning(
                    "duplicate-step-number", step.ActivityId,
                    $"Langkah {step.Label} memakai nomor {step.Number}, yang sudah dipakai langkah {group.First().Label}."));
        }

        var day = LongestDay(calendar);
        foreach (var step in steps.Where(s => s.StandardTime > day))
            problems.Add(Warning(
                "standard-over-a-day", step.ActivityId,
                $"Waktu baku langkah {step.Label} ({OfficeTime.Duration(step.StandardTime)}) lebih panjang daripada satu hari kerja "
                + $"({OfficeTime.Duration(day)})."));
    }

    /// <summary>Hints that cannot be read would say something else at the first new case than their author meant.</summary>
    private static void CheckCaseForm(WorkflowDefinition definition, List<DefinitionProblem> problems)
    {
        if (CaseForm.FaultIn(definition) is { } fault)
            problems.Add(new DefinitionProblem("case-form-invalid", null, fault));
        var form = CaseForm.Of(definition);
        foreach (var name in form.UniqueKey.Where(name => form.Fields.All(f => f.Name != name)))
            problems.Add(new DefinitionProblem("case-form-invalid", null, $"Kunci unik berkas menyebut masukan \"{name}\", yang tidak ada."));
    }

    // Of the standing hours: those of Ramadan pass.
    private static TimeSpan LongestDay(WorkingCalendar calendar) =>
        calendar.RegimeOn(DateOnly.MaxValue) is { } standing
            ? new TimeSpan(standing.Windows.Values.Max(day => day.Sum(window => (window.Closes - window.Opens).Ticks)))
            : TimeSpan.FromDays(1);

    private async Task CheckOfficeAsync(IReadOnlyList<SopStepOutline> steps, List<DefinitionProblem> problems, CancellationToken cancellation)
    {
        if (steps.Count == 0)
            return;
        // By the letter: what an officer may do is asked by the letter too.
        var known = (await db.Roles.AsNoTracking().Select(r => r.Name!).ToListAsync(cancellation)).ToHashSet(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            var performers = await CheckRoleAsync(step, step.PerformerRole, "pelaksana", isNeeded: true, known, problems, cancellation);
            var recipients = await CheckRoleAsync(step, step.RecipientRole ?? "", "penerima", step.NeedsRecipient, known, problems, cancellation);
            // Row 5 is done by two people, one after the other, under one ladder.
            var doers = step.Act == SopAct.Document ? [.. performers, .. recipients] : performers;
            foreach (var rung in step.Escalation)
                await CheckRungAsync(step, rung, doers, problems, cancellation);
        }
    }

    private async Task<IReadOnlyList<Officer>> CheckRoleAsync(
        SopStepOutline step, string role, string part, bool isNeeded, HashSet<string> known, List<DefinitionProblem> problems,
        CancellationToken cancellation)
    {
        if (role.Length == 0)
            return [];
        var severity = isNeeded ? ProblemSeverity.Error : ProblemSeverity.Warning;
        var holders = await directory.HoldersOfAsync(role, cancellation);
        if (!known.Contains(role))
            problems.Add(new DefinitionProblem(
                "role-unknown", step.ActivityId, $"Langkah {step.Label} menyebut peran {part} \"{role}\", yang tidak dikenal di kantor ini.",
                severity));
        else if (holders.Count == 0)
            problems.Add(new DefinitionProblem(
                "role-without-holder", step.ActivityId,
                $"Peran {part} langkah {step.Label}, {await directory.RoleNameAsync(role, cancellation)} ({role}), belum dipegang petugas aktif "
                + "mana pun.",
                severity));
        return holders;
    }

    private async Task CheckRungAsync(
        SopStepOutline step, EscalationRung rung, IReadOnlyList<Officer> doers, List<DefinitionProblem> problems, CancellationToken cancellation)
    {
        var missing = new List<string>();
        foreach (var to in rung.To)
        {
            if ((await addressees.ResolveAsync(to, doers, null, cancellation)).Count == 0)
                missing.Add(to);
        }
        // Nobody performs the step: that has been told, and the rung is not at fault.
        if (missing.Count == 0 || (doers.Count == 0 && missing.All(to => RungAddressee.TryParse(to)?.Kind == RungAddresseeKind.Assignee)))
            return;
        var at = rung switch
        {
            { After: { } after } => OfficeTime.Duration(after),
            { FromDue: { } span } => $"{OfficeTime.Duration(span.Duration())} {(span < TimeSpan.Zero ? "sebelum" : "setelah")} batas waktu",
            _ => rung.At
        };
        var why = string.Join("; ", missing.Select(Why));
        problems.Add(missing.Count == rung.To.Count
            ? new DefinitionProblem(
                "ladder-without-addressee", step.ActivityId, $"Eskalasi {at} langkah {step.Label} tidak sampai kepada siapa pun: {why}.")
            : Warning("addressee-unreachable", step.ActivityId, $"Eskalasi {at} langkah {step.Label} tidak sampai kepada semua yang disebut: {why}."));
    }

    private static string Why(string to) => RungAddressee.TryParse(to) switch
    {
        { Level: > 1 } above => $"{to}: tidak ada atasan aktif sampai {above.Level} tingkat di atasnya",
        { Level: 1, Kind: RungAddresseeKind.Assignee } => "pelaksana tidak punya atasan yang aktif",
        { Level: 1 } => $"{to}: tidak ada yang punya atasan yang aktif",
        { Kind: RungAddresseeKind.Assignee } => "pelaksana belum ada",
        { Kind: RungAddresseeKind.Role, Name: var role } => $"peran {role} belum dipegang petugas aktif mana pun",
        { Kind: RungAddresseeKind.Officer, Name: var officer } => $"tidak ada petugas aktif dengan nama pengguna {officer}",
        { Name: var address } => $"alamat {address} tidak sah",
        _ => to
    };

    private static DefinitionProblem Warning(string code, string? activityId, string message) =>
        new(code, activityId, message, ProblemSeverity.Warning);
}
