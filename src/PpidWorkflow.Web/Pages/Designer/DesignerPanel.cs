using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using PpidWorkflow.Application.Definitions;
using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Web.Resources;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Pages.Designer;

/// <summary>What the panel beside Studio says of a definition: its latest version, as saved, and what stands against proposing it.</summary>
/// <param name="State">Word of the wire: <c>draft</c>, <c>proposed</c>, <c>approved</c>, <c>inForce</c> ...</param>
/// <param name="StateText">The same for people.</param>
/// <param name="Saved">A sentence: who saved last, and when in the office's zone.</param>
/// <param name="InForceVersion">The version that new cases start on; null: none yet.</param>
/// <param name="RevisionPage">Address of the version: comparison, reason, approval.</param>
/// <param name="MayWrite">Whether the reader may save and propose.</param>
internal sealed record DefinitionPanel(
    string DefinitionId, string Name, int Version, string State, string StateText, string Saved, int? InForceVersion, bool MayWrite,
    string RevisionPage, IReadOnlyList<PanelProblem> Problems);

/// <param name="Severity"><c>error</c> or <c>warning</c>.</param>
/// <param name="Activity">Text of the step in the drawing; null: the definition as a whole.</param>
internal sealed record PanelProblem(string Severity, string Code, string? ActivityId, string? Activity, string Message);

internal static class DesignerPanel
{
    public static async Task<IResult> ReadAsync(
        string definitionId, PpidDbContext db, DefinitionCheck check, CurrentActor current, Words words, IStringLocalizer<Text> text,
        HttpContext http)
    {
        var cancellation = http.RequestAborted;
        http.Response.Headers.CacheControl = "no-store";
        var versions = db.DefinitionVersions.AsNoTracking().Where(v => v.DefinitionId == definitionId);
        // Not there yet: Studio has opened a name that nobody saved.
        if (await versions.OrderByDescending(v => v.Version).FirstOrDefaultAsync(cancellation) is not { } latest)
            return Results.Content("null", "application/json");
        var inForce = await versions.Where(v => v.State == RevisionState.InForce).Select(v => (int?)v.Version).FirstOrDefaultAsync(cancellation);
        var saver = await db.Users.Where(o => o.UserName == latest.UpdatedBy).Select(o => o.DisplayName).FirstOrDefaultAsync(cancellation);
        var actor = await current.RequireAsync();
        var definition = DefinitionReader.ReadStored(latest.Content);
        var problems = await check.ProblemsAsync(definition, cancellation);
        var labels = Labels(definition);
        var state = JsonNamingPolicy.CamelCase.ConvertName(latest.State.ToString());
        return Results.Json(
            new DefinitionPanel(
                definitionId, latest.Name, latest.Version, state, text[$"Revision.{state}"],
                text["Designer.Saved", latest.UpdatedBy == "system" ? text["Event.System"].Value : saver ?? latest.UpdatedBy, words.Instant(latest.UpdatedAt)], inForce, actor.Is(Roles.SopManager),
                Addresses.Revision(definitionId, latest.Version),
                [
                    .. problems.OrderBy(p => p.Severity).Select(p => new PanelProblem(
                        p.Severity == ProblemSeverity.Error ? "error" : "warning", p.Code, p.ActivityId,
                        p.ActivityId is { } id ? labels.GetValueOrDefault(id, id) : null, p.Message))
                ]),
            JsonSerializerOptions.Web);
    }

    /// <summary>Text of each activity in the drawing: what its author wrote under it, else its name, else its id.</summary>
    private static Dictionary<string, string> Labels(WorkflowDefinition definition)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var waiting = new Queue<JsonNode?>([definition.Root]);
        while (waiting.TryDequeue(out var node))
        {
            if (node is JsonArray list)
            {
                foreach (var item in list)
                    waiting.Enqueue(item);
            }
            else if (node is JsonObject activity)
            {
                if (Word(activity["id"]) is { } id && activity["type"] is not null)
                    labels.TryAdd(id, Word(activity["metadata"]?["displayText"]) ?? Word(activity["name"]) ?? id);
                foreach (var (_, child) in activity)
                    waiting.Enqueue(child);
            }
        }
        return labels;
    }

    private static string? Word(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var word) && word.Length > 0 ? word : null;
}
