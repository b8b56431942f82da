using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Runtime;

/// <summary>
/// Instances that instances start (ExecuteWorkflow, DispatchWorkflow, BulkDispatchWorkflows). A child starts in the commit of the step that wants it,
/// after that step's burst, and its parent goes on in the same commit where the child ends at once: nothing is queued that a crash could lose or
/// double. A child has no case; it is a trial where its parent is one.
/// </summary>
public sealed partial class WorkflowRuntime
{
    /// <summary>Children that one commit starts.</summary>
    public const int MostChildrenAtOnce = 1_000;

    /// <summary>
    /// Children that the bursts of one commit may ask for, started or refused, before the rest is refused: each of a thousand children may ask for a
    /// thousand, and a million refusals would take as long as a million starts.
    /// </summary>
    public const int MostAskedAtOnce = 4_000;

    /// <summary>Those of them whose definition is one that they stem from in that commit: what starts itself without waiting ends here, within a second.</summary>
    public const int MostRecursions = 64;

    /// <summary>Instances within instances that are waited for.</summary>
    public const int DeepestChild = 16;

    private const int LongestCorrelation = 200;

    private readonly Queue<(WorkflowInstance Parent, ChildWorkflow Wanted)> _wanted = new();
    private readonly List<(Guid ParentId, string BookmarkId, ChildAnswer Answer)> _answers = [];
    private readonly Stack<(WorkflowInstance Child, string BookmarkId)> _atRest = new();
    private readonly Dictionary<string, DefinitionVersion?> _inForce = [];

    // What this commit has made already and no question to the database finds; asking the change tracker would look through all of it each time.
    private readonly Dictionary<Guid, WorkflowInstance> _family = [];
    private readonly Dictionary<string, BookmarkRow> _made = [];
    private Stopwatch? _settling;
    private bool _follows;
    private int _started;
    private int _recursions;
    private int _asked;

    /// <summary>What a burst means for children and for the parent; the outermost burst of a commit sees to all that follows.</summary>
    /// <param name="gone">Rows of the bookmarks that it burnt.</param>
    private async Task FollowFamilyAsync(
        WorkflowInstance instance, RunResult result, IReadOnlyList<BookmarkRow> gone, OpeningCause cause, CancellationToken cancellation)
    {
        var isOutermost = !_follows;
        _follows = true;
        try
        {
            foreach (var wanted in result.Children)
                _wanted.Enqueue((instance, wanted));
            _asked += result.Children.Count;
            if (result.Children.Count > 0)
                CannotBeTakenBack(instance);
            if (instance.ReportsTo is { } waiting && instance.Status == WorkflowStatus.Finished)
            {
                _answers.Add((instance.ParentInstanceId!.Value, waiting, AnswerOf(instance, result.State)));
                instance.ReportsTo = null;
            }
            foreach (var bookmark in gone.Where(b => b.IsOfChildren))
                await CancelWaitedForAsync(bookmark.Id, cause, cancellation);
            if (!isOutermost || (_wanted.Count == 0 && _answers.Count == 0))
                return;
            _settling = Stopwatch.StartNew();
            _family[instance.Id] = instance;
            await SettleAsync(cause, cancellation);
        }
        finally
        {
            // The commit may be repeated from its beginning.
            if (isOutermost)
                ForgetFamily();
        }
    }

    private void ForgetFamily()
    {
        _wanted.Clear();
        _answers.Clear();
        _atRest.Clear();
        _inForce.Clear();
        _family.Clear();
        _made.Clear();
        _settling = null;
        (_started, _recursions, _asked) = (0, 0, 0);
        _follows = false;
    }

    private async Task SettleAsync(OpeningCause cause, CancellationToken cancellation)
    {
        while (true)
        {
            if (_wanted.TryDequeue(out var next))
            {
                await StartChildAsync(next.Parent, next.Wanted, cause, cancellation);
            }
            else if (_answers.Count > 0)
            {
                var (parent, bookmark, _) = _answers[0];
                // All that ended together, or a parent of a thousand would be read and written a thousand times.
                var together = _answers.Where(a => a.ParentId == parent && a.BookmarkId == bookmark).Select(a => a.Answer).ToList();
                _answers.RemoveAll(a => a.ParentId == parent && a.BookmarkId == bookmark);
                await TellAsync(parent, bookmark, together, cause, cancellation);
            }
            else if (_atRest.TryPop(out var resting))
            {
                _answers.Add((resting.Child.ParentInstanceId!.Value, resting.BookmarkId, AnswerOf(resting.Child, WorkflowState.FromJson(resting.Child.State))));
            }
            else
            {
                return;
            }
        }
    }

    private async Task StartChildAsync(WorkflowInstance parent, ChildWorkflow wanted, OpeningCause cause, CancellationToken cancellation)
    {
        var now = time.Now();
        var (version, workflow, refused) = await ChosenAsync(parent, wanted, cancellation);
        if (version is null || workflow is null)
        {
            _answers.Add((parent.Id, wanted.BookmarkId, refused!));
            return;
        }
        var child = new WorkflowInstance
        {
            Id = identifiers.Next(),
            DefinitionVersionId = version.Id,
            DefinitionId = version.DefinitionId,
            DefinitionVersion = version.Version,
            CorrelationId = wanted.CorrelationId,
            IsTrial = parent.IsTrial,
            StartedBy = parent.StartedBy,
            State = "",
            CreatedAt = now,
            ParentInstanceId = parent.Id,
            RootInstanceId = parent.RootInstanceId ?? parent.Id,
            // What nobody waits for is no deeper than what started it: it may start itself again, as long as something lies between.
            Depth = wanted.Answer == ChildAnswerTime.Started ? 0 : parent.Depth + 1,
            ReportsTo = wanted.Answer == ChildAnswerTime.Ended ? wanted.BookmarkId : null
        };
        using var burst = Observability.Traces.Burst("start", child, null);
        RunResult? result;
        try
        {
            var start = new StartOptions(child.Id.ToString("n"), now, wanted.Input, wanted.CorrelationId) { Journaled = wanted.Journaled };
            result = await BurstAsync(child, limit => runner.StartAsync(workflow, start, limit), cancellation);
        }
        catch (ArgumentException)
        {
            _answers.Add((parent.Id, wanted.BookmarkId, Refused("child-input-missing", "Masukan wajib alur kerja yang diminta kosong.")));
            return;
        }
        if (result is null)
        {
            _answers.Add((parent.Id, wanted.BookmarkId, TooLong()));
            return;
        }
        _started++;
        db.Instances.Add(child);
        _family[child.Id] = child;
        await ApplyAsync(child, null, null, result, cause, now, cancellation);
        if (wanted.Answer == ChildAnswerTime.Started)
            _answers.Add((parent.Id, wanted.BookmarkId, new ChildAnswer { InstanceId = child.Id.ToString("n") }));
        else if (wanted.Answer == ChildAnswerTime.AtRest)
            _atRest.Push((child, wanted.BookmarkId));
    }

    private async Task<(DefinitionVersion? Version, CompiledWorkflow? Workflow, ChildAnswer? Refused)> ChosenAsync(
        WorkflowInstance parent, ChildWorkflow wanted, CancellationToken cancellation)
    {
        if (parent.Depth >= DeepestChild && wanted.Answer != ChildAnswerTime.Started)
            return (null, null, Refused("child-recursion-limit", $"Alur kerja berada lebih dari {DeepestChild} tingkat di dalam alur kerja lain."));
        if (_asked > MostAskedAtOnce)
            return (null, null, Refused("too-many-children", $"Lebih dari {MostAskedAtOnce} alur kerja diminta oleh satu langkah."));
        if (StemsFrom(parent, wanted.DefinitionId) && ++_recursions > MostRecursions)
            return (null, null, Refused("child-recursion-limit", $"Alur kerja memulai dirinya sendiri lebih dari {MostRecursions} kali dalam satu langkah."));
        if (_started >= MostChildrenAtOnce)
            return (null, null, Refused("too-many-children", $"Lebih dari {MostChildrenAtOnce} alur kerja dimulai oleh satu langkah."));
        if (parent.IsTrial && _settling!.Elapsed > TrialBurst)
            return (null, null, TooLong());
        if (wanted.CorrelationId?.Length > LongestCorrelation)
            return (null, null, Refused("child-correlation-too-long", $"Kunci korelasi lebih dari {LongestCorrelation} huruf."));
        if (!_inForce.TryGetValue(wanted.DefinitionId, out var version))
        {
            version = _inForce[wanted.DefinitionId] = await db.DefinitionVersions.AsNoTracking()
                .SingleOrDefaultAsync(v => v.DefinitionId == wanted.DefinitionId && v.State == RevisionState.InForce, cancellation);
        }
        // Neither sentence repeats the id: it may have been computed from what is in the case.
        if (version is null)
            return (null, null, Refused("child-not-found", "Tidak ada versi yang berlaku dari alur kerja yang diminta."));
        var workflow = await library.PinnedAsync(version.Id, cancellation);
        return workflow.SopSteps.Count > 0
            ? (null, null, Refused("child-needs-case", "Alur kerja yang diminta memuat langkah SOP, yang memerlukan berkas; pakai sebagai aktivitas."))
            : (version, workflow, null);
    }

    private bool StemsFrom(WorkflowInstance instance, string definitionId)
    {
        for (var older = instance; older is not null; older = older.ParentInstanceId is { } id ? _family.GetValueOrDefault(id) : null)
            if (older.DefinitionId == definitionId)
                return true;
        return false;
    }

    private async Task TellAsync(
        Guid parentId, string bookmarkId, IReadOnlyList<ChildAnswer> answers, OpeningCause cause, CancellationToken cancellation)
    {
        if (!_family.TryGetValue(parentId, out var parent) && (parent = await db.Instances.SingleOrDefaultAsync(i => i.Id == parentId, cancellation)) is null)
            return;
        _family[parentId] = parent;
        CannotBeTakenBack(parent);
        // A parent that does not wait any more need not be told.
        await ResumeAsync(parent, await db.CaseOfAsync(parent, cancellation), bookmarkId, ChildAnswers.ToInput(answers), cause, cancellation);
    }

    // A wait that has gone leaves nothing running for nobody.
    private async Task CancelWaitedForAsync(string bookmarkId, OpeningCause cause, CancellationToken cancellation)
    {
        if (_wanted.Any(w => w.Wanted.BookmarkId == bookmarkId))
        {
            var others = _wanted.Where(w => w.Wanted.BookmarkId != bookmarkId).ToList();
            _wanted.Clear();
            others.ForEach(_wanted.Enqueue);
        }
        var stored = await db.Instances.Where(i => i.ReportsTo == bookmarkId).ToListAsync(cancellation);
        foreach (var child in stored.Union(_family.Values).Where(i => i.ReportsTo == bookmarkId).ToList())
        {
            child.ReportsTo = null;
            await CancelAsync(child, null, cause, cancellation);
        }
    }

    private static void CannotBeTakenBack(WorkflowInstance instance) => (instance.StateBefore, instance.StateBeforeWorkItemId) = (null, null);

    private static ChildAnswer AnswerOf(WorkflowInstance child, WorkflowState state) => new()
    {
        InstanceId = child.Id.ToString("n"),
        Status = state.Status,
        SubStatus = state.SubStatus,
        Output = state.Output
    };

    private static ChildAnswer TooLong() =>
        Refused("trial-too-long", $"Uji coba tidak berhenti dalam {TrialBurst.TotalSeconds:0} detik.");

    private static ChildAnswer Refused(string code, string sentence) => new() { ErrorCode = code, Error = sentence };
}
