using System.Text.Json;
using Microsoft.Extensions.Localization;
using PpidWorkflow.Application.Runtime;
using PpidWorkflow.Engine.Execution;
using PpidWorkflow.Web.Resources;

namespace PpidWorkflow.Web.Pages.Designer;

/// <summary>The relatives of the instance in the viewer: who started it, and whom it started.</summary>
/// <param name="Parent">Null: nobody's child.</param>
/// <param name="Children">The first of them, in the order of their start.</param>
/// <param name="Started">How many there are, for people.</param>
/// <param name="More">How many of them are not listed, for people; null: all are.</param>
internal sealed record DesignerFamily(InstanceRelative? Parent, IReadOnlyList<InstanceRelative> Children, string Started, string? More)
{
    /// <summary>Children in the list. A bulk may start a thousand; Studio's own list of instances pages through them.</summary>
    private const int Listed = 50;

    public static async Task<IResult> ReadAsync(string id, InstanceReader reader, IStringLocalizer<Text> text, HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!Guid.TryParse(id, out var key) || await reader.RelativesAsync(key, Listed, http.RequestAborted) is not { } found)
            return Results.Content("null", "application/json");
        return Results.Json(
            new DesignerFamily(
                found.Parent is { } parent ? Shape(parent) : null, [.. found.Children.Select(Shape)], text["Designer.Started", found.Total].Value,
                found.Total > found.Children.Count ? text["Designer.StartedMore", found.Total - found.Children.Count].Value : null),
            JsonSerializerOptions.Web);

        InstanceRelative Shape(InstanceKin relative) => new(
            relative.Id.ToString("n"), relative.DefinitionName, text[$"Designer.Stand.{Stand(relative.SubStatus)}"].Value, Addresses.DesignerInstance(relative.Id.ToString("n")));
    }

    private static WorkflowSubStatus Stand(WorkflowSubStatus status) =>
        status is WorkflowSubStatus.Finished or WorkflowSubStatus.Cancelled or WorkflowSubStatus.Faulted ? status : WorkflowSubStatus.Suspended;
}

/// <param name="Name">Of its definition: what an instance calls itself may come out of a dossier.</param>
/// <param name="Stand">How it stands, for people.</param>
/// <param name="Address">Of its viewer.</param>
internal sealed record InstanceRelative(string Id, string Name, string Stand, string Address);
