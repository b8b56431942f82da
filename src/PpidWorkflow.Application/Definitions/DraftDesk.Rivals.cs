using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Definitions;

/// <summary>Who saved what since somebody was shown a definition: nobody overwrites what somebody else saved meanwhile.</summary>
public sealed partial class DraftDesk
{
    /// <summary>Steps named in a refusal; the rest are counted.</summary>
    private const int MostNames = 12;

    /// <summary>
    /// Studio sends the next autosave without waiting for the answer to the one before; within this time an own save counts as that one.
    /// </summary>
    private static readonly TimeSpan Overtaking = TimeSpan.FromSeconds(10);

    /// <summary>Empty: nobody else's work would be overwritten. Else who saved what since this actor was shown the definition.</summary>
    private async Task<IReadOnlyList<Problem>> StaleAsync(
        Actor actor, DraftToken? token, List<DefinitionVersion> versions, JsonObject posted, CancellationToken cancellation)
    {
        var latest = versions[^1];
        var shown = token is null ? null : versions.Find(v => v.Id == token.VersionId);
        if (shown is null)
            return latest.State == RevisionState.Draft && latest.UpdatedBy != actor.UserName ? await SavedByAsync(latest, null, posted, cancellation) : [];
        if (shown == latest && token!.Revision == latest.Revision)
            return [];
        // A frozen version counts revisions for what is decided on it; its content is still the one shown.
        if (shown == latest && latest.State != RevisionState.Draft)
            return [];
        var isOwnSaveBefore = latest.UpdatedBy == actor.UserName && time.Now() - latest.UpdatedAt <= Overtaking && latest.State == RevisionState.Draft
            && (shown == latest ? latest.Revision - token!.Revision == 1 : latest.Revision == 0 && latest.BaseVersion == shown.Version);
        return isOwnSaveBefore ? [] : await SavedByAsync(latest, token, posted, cancellation);
    }

    private async Task<IReadOnlyList<Problem>> SavedByAsync(
        DefinitionVersion latest, DraftToken? token, JsonObject posted, CancellationToken cancellation)
    {
        var name = await db.Users.Where(o => o.UserName == latest.UpdatedBy).Select(o => o.DisplayName).SingleOrDefaultAsync(cancellation);
        var problems = new List<Problem>
        {
            Problem.Conflict(
                "draft-saved-by-other", name ?? latest.UpdatedBy, latest.Version, calendar.Time.DateAndTime(latest.UpdatedAt, CultureInfo.CurrentUICulture))
        };
        var now = DraftToken.PartsOf(latest.Content);
        // Without a token there is nothing to compare with but what was posted itself.
        var then = token is null ? DraftToken.PartsOf(posted.ToJsonString()) : token.Parts;
        if (now is null || then is null)
            return problems;
        var labels = Labels(posted);
        foreach (var (id, label) in Labels(JsonNode.Parse(latest.Content)!.AsObject()))
            labels[id] = label;
        var changed = now.Keys.Where(id => id.Length > 0 && then.TryGetValue(id, out var was) && was != now[id]).ToArray();
        var added = now.Keys.Where(id => id.Length > 0 && !then.ContainsKey(id)).ToArray();
        var removed = then.Keys.Where(id => id.Length > 0 && !now.ContainsKey(id)).ToArray();
        if (changed.Length > 0)
            problems.Add(Problem.Conflict("draft-other-changed", Names(changed)));
        if (added.Length > 0)
            problems.Add(Problem.Conflict("draft-other-added", Names(added)));
        if (removed.Length > 0)
            problems.Add(Problem.Conflict("draft-other-removed", Names(removed)));
        if (then.TryGetValue("", out var own) && own != now[""])
            problems.Add(Problem.Conflict("draft-other-properties"));
        return problems;

        string Names(string[] ids) => string.Join(", ", ids.Take(MostNames).Select(id => labels.GetValueOrDefault(id, id)))
            + (ids.Length > MostNames ? $" … (+{ids.Length - MostNames})" : "");
    }

    /// <summary>The name that the designer shows: display text, else the activity's name, else its id.</summary>
    private static Dictionary<string, string> Labels(JsonObject document)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (document["root"] is JsonObject root)
            foreach (var activity in NormalForm.Activities(root))
                if (activity["id"]?.ToString() is { } id)
                    labels[id] = (activity["metadata"] as JsonObject)?["displayText"]?.ToString() is { Length: > 0 } shown ? shown
                        : activity["name"]?.ToString() is { Length: > 0 } name ? name : id;
        return labels;
    }
}
