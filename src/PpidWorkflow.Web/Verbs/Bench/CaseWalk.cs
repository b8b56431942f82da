using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Web.Verbs.Bench;

/// <summary>How one step of the delivered SOP is completed: by whom and with what.</summary>
/// <param name="Label">"5a".</param>
/// <param name="Actor">Its performer.</param>
/// <param name="Completion">What the step wants, without the revision.</param>
public sealed record StepScript(string Label, Actor Actor, Completion Completion);

/// <summary>
/// Takes cases through the delivered SOP by the methods that pages and API call, each act in a scope of its own as a request has one. The first
/// case is looked at like an officer does and tells what each step wants; the others repeat it.
/// </summary>
internal sealed class CaseWalk(BenchOffice office)
{
    private readonly List<StepScript> _script = [];
    private Actor? _opener;
    private int _opened;

    /// <summary>The steps in their order, known after <see cref="LearnAsync"/>.</summary>
    public IReadOnlyList<StepScript> Script => _script;

    /// <summary>Acts of one case that are committed: the opening and each completion.</summary>
    public int Acts => _script.Count + 1;

    /// <summary>Walks one case by looking at each page.</summary>
    /// <param name="acting">Sees the scope of each act before it happens; null: nobody does.</param>
    public async Task LearnAsync(Action<IServiceProvider>? acting = null)
    {
        _script.Clear();
        _opener = await ActorAsync("kasubid.informasi");
        var (caseId, _) = await OpenAsync(acting);
        while (await NextAsync(caseId) is { } next)
        {
            var task = (await office.InScopeAsync(async s => await s.GetRequiredService<TaskInbox>().GetAsync(next.Actor, next.Id))).Value;
            var completion = task.Step.Act switch
            {
                "assign" => new Completion { AssignTo = task.Assignable![0] },
                "prepare" => new Completion { Fields = new CompletionFields { HardcopyItems = [new NewHardcopyItem("Laporan, satu jilid", 1, "asli")] } },
                "document" => new Completion
                {
                    Fields = new CompletionFields
                    {
                        Location = new LocationView("Gedung B", "Lemari 2", null, "A", null, null),
                        MissingMedia = [new MissingMediumView("softcopy", "Belum dipindai")]
                    }
                },
                _ => new Completion()
            };
            var step = new StepScript(task.Step.Label, next.Actor, completion);
            _script.Add(step);
            await CompleteAsync(step, next.Id, task.Revision, acting);
        }
    }

    /// <summary>One case from the opening to its documentation.</summary>
    /// <param name="latencies">Gets the milliseconds of each act, from the call to the answer.</param>
    public async Task RunAsync(ICollection<double> latencies)
    {
        var since = Stopwatch.GetTimestamp();
        var (_, next) = await OpenAsync(null);
        latencies.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        foreach (var step in _script)
        {
            var (id, revision) = (next!.Id, next.Revision);
            since = Stopwatch.GetTimestamp();
            next = await CompleteAsync(step, id, revision, null);
            latencies.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }
    }

    /// <summary>Inputs of a new case; its determination number is used once.</summary>
    public Dictionary<string, string> Inputs() => new()
    {
        ["title"] = "Laporan hasil pemeriksaan internal",
        ["exemptionBasis"] = "j",
        ["determinationNumber"] = $"188.44/{Interlocked.Increment(ref _opened)}/2026",
        ["determinationDate"] = "2026-11-02"
    };

    /// <summary>The open work item of a case; what a mail's link would be.</summary>
    public Task<(Guid Id, int Revision)> TaskAsync(Guid caseId) => office.InScopeAsync(async services =>
    {
        var open = await services.GetRequiredService<PpidDbContext>().WorkItems.AsNoTracking()
            .Where(w => w.CaseId == caseId && w.Closure == WorkItemClosure.Open).Select(w => new { w.Id, w.Revision }).SingleAsync();
        return (open.Id, open.Revision);
    });

    private Task<(Guid CaseId, WorkItem? Next)> OpenAsync(Action<IServiceProvider>? acting) => office.InScopeAsync(async services =>
    {
        acting?.Invoke(services);
        var next = Watch(services);
        var opened = await services.GetRequiredService<CaseRegister>().CreateAsync(
            _opener!, new NewCase(null, Inputs().ToDictionary(i => i.Key, i => JsonSerializer.SerializeToElement(i.Value))));
        return (Required(opened, "open").Id, next());
    });

    private Task<WorkItem?> CompleteAsync(StepScript step, Guid id, int revision, Action<IServiceProvider>? acting) => office.InScopeAsync(async services =>
    {
        acting?.Invoke(services);
        var next = Watch(services);
        Required(await services.GetRequiredService<TaskInbox>().CompleteAsync(step.Actor, id, step.Completion with { Revision = revision }), step.Label);
        return next();
    });

    // The item that an act opens: its officer has it from his mail, and no client asks the database for it.
    private static Func<WorkItem?> Watch(IServiceProvider scope)
    {
        var db = scope.GetRequiredService<PpidDbContext>();
        WorkItem? opened = null;
        db.Writing += (_, _) => opened = db.ChangeTracker.Entries<WorkItem>().FirstOrDefault(e => e.State == EntityState.Added)?.Entity;
        return () => opened;
    }

    private Task<(Guid Id, Actor Actor)?> NextAsync(Guid caseId) => office.InScopeAsync(async services =>
    {
        var open = await services.GetRequiredService<PpidDbContext>().WorkItems.AsNoTracking()
            .SingleOrDefaultAsync(w => w.CaseId == caseId && w.Closure == WorkItemClosure.Open);
        return open is null ? ((Guid, Actor)?)null
            : (open.Id, (await services.GetRequiredService<OfficerDirectory>().ActorAsync(open.AssigneeId!.Value, default))!);
    });

    private Task<Actor> ActorAsync(string userName) => office.InScopeAsync(async services =>
    {
        var directory = services.GetRequiredService<OfficerDirectory>();
        return (await directory.ActorAsync((await directory.FindAsync(userName, default))!.Id, default))!;
    });

    private static T Required<T>(Result<T> result, string act) =>
        result.Succeeded ? result.Value : throw new InvalidOperationException($"{act}: {result.Problems[0]}");
}
