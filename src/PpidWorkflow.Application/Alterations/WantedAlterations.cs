using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;

namespace PpidWorkflow.Application.Alterations;

/// <summary>Alterations of one plan, read. All are done to an instance, or none: first the migration, then what changes it, or its cancellation.</summary>
/// <param name="TargetVersion">Version to move to; null: none.</param>
/// <param name="Cancels">The whole instance.</param>
/// <param name="Changes">In their order.</param>
public sealed record WantedAlterations(int? TargetVersion, bool Cancels, IReadOnlyList<Alteration> Changes)
{
    /// <summary>Alterations of one plan.</summary>
    public const int Most = 100;

    /// <summary>Elsa's names of them.</summary>
    public static IReadOnlyList<string> Types { get; } = ["ModifyVariable", "CancelActivity", "ScheduleActivity", "Migrate", "Cancel"];

    /// <summary>Reads them from Elsa's form; what is not understood is refused by name, before anything is done.</summary>
    public static Result<WantedAlterations> Read(IReadOnlyList<JsonObject?> alterations)
    {
        if (alterations.Count == 0)
            return Problem.Invalid("field-required", "alterations");
        if (alterations.Count > Most)
            return Problem.Invalid("too-many-items", "alterations", Most);
        var (changes, cancels) = (new List<Alteration>(), false);
        int? target = null;
        foreach (var alteration in alterations)
        {
            var (type, activity, instance) = (Text(alteration, "type"), Text(alteration, "activityId"), Text(alteration, "activityInstanceId"));
            switch (type)
            {
                case "ModifyVariable" when Text(alteration, "variableId") is { } variable:
                    changes.Add(new ModifyVariable(variable, alteration!["value"]?.DeepClone()));
                    break;
                case "ModifyVariable":
                    return Problem.Invalid("field-required", "variableId");
                case "CancelActivity" or "ScheduleActivity" when activity is null && instance is null:
                    return Problem.Invalid("field-required", "activityId");
                case "CancelActivity":
                    changes.Add(new CancelActivity(activity, instance));
                    break;
                case "ScheduleActivity":
                    changes.Add(new ScheduleActivity(activity, instance));
                    break;
                case "Migrate" when target is null && alteration!["targetVersion"] is JsonValue number && number.TryGetValue<int>(out var version):
                    target = version;
                    break;
                case "Migrate":
                    return target is null ? Problem.Invalid("field-required", "targetVersion") : Problem.Invalid("alteration-twice", "alterations");
                case "Cancel":
                    cancels = true;
                    break;
                default:
                    return Problem.Invalid("alteration-not-supported", "alterations", type is { Length: > 60 } ? type[..60] : type ?? "", string.Join(", ", Types));
            }
        }
        return cancels && (target is not null || changes.Count > 0)
            ? Problem.Invalid("alteration-cancel-alone", "alterations")
            : new WantedAlterations(target, cancels, changes);
    }

    private static string? Text(JsonObject? alteration, string name) =>
        alteration?[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
}
