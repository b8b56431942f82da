using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Activities.Human;

namespace PpidWorkflow.Application.Tasks;

/// <summary>
/// What each act wants before it is done, and where its answers go: the choice of an officer, the two media, the place in the archive.
/// All problems are found at once; nothing is recorded unless there are none.
/// </summary>
public sealed class CompletionRules(PpidDbContext db, OfficerDirectory directory, Identifiers identifiers)
{
    public const int LongestNote = 2000;
    public const int LongestReason = 500;
    private const int MostHardcopyItems = 200;
    private const int LargestQuantity = 9999;

    /// <summary>Checks and, where nothing stands against it, adds the answers' rows to the commit.</summary>
    public async Task<IReadOnlyList<Problem>> ApplyAsync(
        WorkItem item, SopTask task, Completion completion, DateTimeOffset now, CancellationToken cancellation)
    {
        var problems = new List<Problem>();
        var act = TaskReader.ActOf(task.Act);
        var fields = completion.Fields ?? new CompletionFields();
        if (completion.Outcome is not (null or "Done"))
            problems.Add(Problem.Invalid("outcome-unknown", "outcome"));
        if (completion.Note?.Length > LongestNote)
            problems.Add(Problem.Invalid("note-too-long", "note", LongestNote));
        if (completion.DelayReason?.Length > LongestReason)
            problems.Add(Problem.Invalid("reason-too-long", "delayReason", LongestReason));
        if (DelayCauses.ProblemOf(completion.DelayCause, completion.DelayReason) is { } cause)
            problems.Add(cause);
        RefuseUnwanted(act, completion, fields, problems);

        switch (act)
        {
            case "assign":
                await CheckAssigneeAsync(task, completion, problems, cancellation);
                break;
            case "prepare":
                await PrepareAsync(item, fields, now, problems, cancellation);
                break;
            case "document":
                await DocumentAsync(item, fields, problems, cancellation);
                break;
        }
        return problems;
    }

    // An answer that no column takes would be lost without a word.
    private static void RefuseUnwanted(string act, Completion completion, CompletionFields fields, List<Problem> problems)
    {
        if (act != "assign" && completion.AssignTo is not null)
            problems.Add(Problem.Invalid("field-not-wanted", "assignTo"));
        if (act != "prepare" && fields.HardcopyItems is { Count: > 0 })
            problems.Add(Problem.Invalid("field-not-wanted", "fields.hardcopyItems"));
        if (act != "document" && fields.Location is not null)
            problems.Add(Problem.Invalid("field-not-wanted", "fields.location"));
        if (act != "document" && fields.MissingMedia is { Count: > 0 })
            problems.Add(Problem.Invalid("field-not-wanted", "fields.missingMedia"));
    }

    private async Task CheckAssigneeAsync(SopTask task, Completion completion, List<Problem> problems, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(completion.AssignTo))
            problems.Add(Problem.Invalid("assign-to-required", "assignTo"));
        else if (!(await directory.HoldersOfAsync(task.RecipientRole ?? "", cancellation)).Any(o => o.UserName == completion.AssignTo))
            problems.Add(Problem.Invalid("assign-to-not-assignable", "assignTo"));
    }

    // Step 2: at least one medium. A list given on a later visit takes the place of the earlier one, which is kept, marked.
    private async Task PrepareAsync(WorkItem item, CompletionFields fields, DateTimeOffset now, List<Problem> problems, CancellationToken cancellation)
    {
        // JSON may hold null where an item is meant.
        var wanted = (fields.HardcopyItems ?? []).Select(item => item ?? new NewHardcopyItem(null, null, null)).ToList();
        if (wanted.Count > MostHardcopyItems)
            problems.Add(Problem.Invalid("too-many-items", "fields.hardcopyItems", MostHardcopyItems));
        for (var i = 0; i < wanted.Count && i < MostHardcopyItems; i++)
        {
            if (string.IsNullOrWhiteSpace(wanted[i].Description))
                problems.Add(Problem.Invalid("hardcopy-description-required", $"fields.hardcopyItems[{i}].description", i + 1));
            else if (wanted[i].Description!.Length > LongestReason)
                problems.Add(Problem.Invalid("text-too-long", $"fields.hardcopyItems[{i}].description", LongestReason));
            if (wanted[i].Quantity is not (>= 1 and <= LargestQuantity))
                problems.Add(Problem.Invalid("hardcopy-quantity-invalid", $"fields.hardcopyItems[{i}].quantity", i + 1, LargestQuantity));
            if (wanted[i].CopyStatus?.Length > 40)
                problems.Add(Problem.Invalid("text-too-long", $"fields.hardcopyItems[{i}].copyStatus", 40));
        }
        var listed = db.HasNone<HardcopyItem>(item.CaseId) ? []
            : await db.HardcopyItems.Where(h => h.CaseId == item.CaseId && h.ReplacedAt == null).ToListAsync(cancellation);
        if (wanted.Count == 0 && (fields.HardcopyItems is not null || listed.Count == 0) && !await HasSoftcopyAsync(item.CaseId, cancellation))
            problems.Add(Problem.Invalid("medium-required", "fields.hardcopyItems"));
        // Not given keeps the list, an empty one clears it.
        if (problems.Count > 0 || fields.HardcopyItems is null)
            return;

        foreach (var former in listed)
            former.ReplacedAt = now;
        for (var i = 0; i < wanted.Count; i++)
        {
            db.HardcopyItems.Add(new HardcopyItem
            {
                Id = identifiers.Next(),
                CaseId = item.CaseId,
                WorkItemId = item.Id,
                Position = i + 1,
                Description = wanted[i].Description!.Trim(),
                Quantity = wanted[i].Quantity!.Value,
                CopyStatus = string.IsNullOrWhiteSpace(wanted[i].CopyStatus) ? null : wanted[i].CopyStatus!.Trim()
            });
        }
    }

    // Step 5 ends only with both media recorded, or with the reason why one is missing; one medium there must be.
    private async Task DocumentAsync(WorkItem item, CompletionFields fields, List<Problem> problems, CancellationToken cancellation)
    {
        var reasons = new Dictionary<string, string>();
        for (var i = 0; i < (fields.MissingMedia?.Count ?? 0); i++)
        {
            var (medium, reason) = fields.MissingMedia![i] ?? new MissingMediumView("", "");
            if (medium is not ("softcopy" or "hardcopy"))
                problems.Add(Problem.Invalid("missing-medium-unknown", $"fields.missingMedia[{i}].medium"));
            else if (string.IsNullOrWhiteSpace(reason))
                problems.Add(Problem.Invalid("missing-medium-reason-required", $"fields.missingMedia[{i}].reason"));
            else if (reason.Length > LongestReason)
                problems.Add(Problem.Invalid("reason-too-long", $"fields.missingMedia[{i}].reason", LongestReason));
            else
                reasons[medium] = reason.Trim();
        }
        var location = Location(item.CaseId, fields.Location, problems);
        var softcopy = await HasSoftcopyAsync(item.CaseId, cancellation);
        if (softcopy && reasons.ContainsKey("softcopy"))
            problems.Add(Problem.Invalid("medium-not-missing", "fields.missingMedia"));
        if (location is not null && reasons.ContainsKey("hardcopy"))
            problems.Add(Problem.Invalid("medium-not-missing", "fields.missingMedia"));
        if (!softcopy && !reasons.ContainsKey("softcopy"))
            problems.Add(Problem.Invalid("files-required", "files"));
        if (location is null && !reasons.ContainsKey("hardcopy"))
            problems.Add(Problem.Invalid("location-required", "fields.location"));
        if (!softcopy && location is null && reasons.Count == 2)
            problems.Add(Problem.Invalid("medium-required", "fields.missingMedia"));
        if (problems.Count > 0)
            return;

        // An SOP that comes back to this step documents anew: only the later answers stand. The delivered one ends here.
        if (!db.HasNone<StorageLocation>(item.CaseId))
        {
            await db.StorageLocations.Where(l => l.CaseId == item.CaseId).ExecuteDeleteAsync(cancellation);
            await db.MissingMedia.Where(m => m.CaseId == item.CaseId).ExecuteDeleteAsync(cancellation);
        }
        if (location is not null)
            db.StorageLocations.Add(location);
        foreach (var (medium, reason) in reasons)
            db.MissingMedia.Add(new MissingMedium { CaseId = item.CaseId, Medium = medium, Reason = reason });
    }

    // Null where no part says anything.
    private static StorageLocation? Location(Guid caseId, LocationView? given, List<Problem> problems)
    {
        string? Part(string? value, string name, int longest)
        {
            if (value?.Length > longest)
                problems.Add(Problem.Invalid("text-too-long", $"fields.location.{name}", longest));
            return string.IsNullOrWhiteSpace(value) ? null : value.Trim();
        }

        var location = new StorageLocation
        {
            CaseId = caseId,
            Building = Part(given?.Building, "building", 100),
            Cabinet = Part(given?.Cabinet, "cabinet", 100),
            Shelf = Part(given?.Shelf, "shelf", 100),
            Box = Part(given?.Box, "box", 100),
            Folder = Part(given?.Folder, "folder", 100),
            Text = Part(given?.Text, "text", 300)
        };
        return location is { Building: null, Cabinet: null, Shelf: null, Box: null, Folder: null, Text: null } ? null : location;
    }

    private async Task<bool> HasSoftcopyAsync(Guid caseId, CancellationToken cancellation) =>
        !db.HasNone<DossierFile>(caseId) && await db.DossierFiles.AnyAsync(f => f.CaseId == caseId && f.ReplacedById == null, cancellation);
}
