using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Application.Definitions;

/// <summary>One thing that a revision changes, to be put into words by <see cref="Code"/>.</summary>
/// <param name="Code">kebab-case, stable: <c>step-standard-changed</c>.</param>
/// <param name="ActivityId">The activity concerned; null: the definition.</param>
/// <param name="Subject">Number of the step ("2"), or name of the activity, variable, input, or member of the identity block.</param>
/// <param name="Before">What stood there: text, a role's code, an ISO duration, a ladder as JSON, by the code; null: nothing.</param>
/// <param name="After">What stands there now, likewise.</param>
public sealed record RevisionChange(string Code, string? ActivityId, string? Subject, string? Before = null, string? After = null);

/// <summary>What became of a row of the SOP's table.</summary>
public enum SopRowFate
{
    Same,
    Changed,
    Added,
    Removed,
    MovedAway,
    MovedHere
}

/// <summary>One line of the two SOP tables side by side; one side is empty where the row stands in the other only.</summary>
/// <param name="Changed">Columns that differ, as properties of <see cref="SopStepOutline"/>; empty but for <see cref="SopRowFate.Changed"/> and
/// moved rows.</param>
public sealed record SopRowPair(SopRowFate Fate, SopStepOutline? Before, SopStepOutline? After, IReadOnlyList<string> Changed);

/// <summary>
/// What a revision means against another version, in words and as two aligned tables. Pure. Steps are the same where their activity ids are:
/// so runs a case, too.
/// </summary>
/// <param name="Changes">In the order of a reader: identity, steps in the order of the new flow, paths, the rest. Never empty where the content
/// hashes differ.</param>
public sealed record RevisionDiff(IReadOnlyList<RevisionChange> Changes, IReadOnlyList<SopRowPair> Rows)
{
    private static readonly string[] SopInputs =
    [
        "number", "description", "performerRole", "recipientRole", "requiredInput", "standardTime", "output", "remarks", "measuredFrom", "escalation"
    ];

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Only the drawing differs.</summary>
    public bool IsLayoutOnly => Changes is [{ Code: "layout-changed" }];

    /// <param name="before">What is in force, or null: everything is new.</param>
    /// <param name="after">The revision; it may have errors.</param>
    public static RevisionDiff Between(WorkflowCompiler compiler, WorkflowDefinition? before, WorkflowDefinition after)
    {
        var (oldSteps, newSteps) = (before is null ? [] : compiler.Survey(before).SopSteps, compiler.Survey(after).SopSteps);
        var rows = Align(oldSteps, newSteps);
        var changes = new List<RevisionChange>();
        if (before is not null)
            Identity(before, after, changes);
        Steps(rows, changes);
        if (before is not null)
            new Drawing(before, after, oldSteps, newSteps, rows).Compare(changes);
        if (before is not null && changes.Count == 0 && DefinitionWriter.ContentHash(before) != DefinitionWriter.ContentHash(after))
            changes.Add(new RevisionChange("other-changed", null, null));
        return new RevisionDiff(changes, rows);
    }

    /// <summary>Both tables line by line. What kept its order is anchored; what moved appears at both its places.</summary>
    private static List<SopRowPair> Align(IReadOnlyList<SopStepOutline> before, IReadOnlyList<SopStepOutline> after)
    {
        var places = new Dictionary<string, int>();
        for (var i = 0; i < before.Count; i++)
            places.TryAdd(before[i].ActivityId, i);
        var known = after.Select(s => s.ActivityId).ToHashSet();
        var anchors = LongestAscent([.. after.Where(s => places.ContainsKey(s.ActivityId)).Select(s => places[s.ActivityId])]);
        var rows = new List<SopRowPair>();
        var next = 0;
        foreach (var step in after)
        {
            if (!places.TryGetValue(step.ActivityId, out var place))
                rows.Add(new SopRowPair(SopRowFate.Added, null, step, []));
            else if (!anchors.Contains(place))
                rows.Add(new SopRowPair(SopRowFate.MovedHere, null, step, Differences(before[place], step)));
            else
            {
                FillUpTo(place);
                next = place + 1;
                var changed = Differences(before[place], step);
                rows.Add(new SopRowPair(changed.Count == 0 ? SopRowFate.Same : SopRowFate.Changed, before[place], step, changed));
            }
        }
        FillUpTo(before.Count);
        return rows;

        // Rows of the old table before the anchor stand above what is new there, as a reader of a struck-out text expects.
        void FillUpTo(int end)
        {
            var at = rows.Count;
            while (at > 0 && rows[at - 1].Before is null)
                at--;
            for (; next < end; next++)
                rows.Insert(at++, new SopRowPair(known.Contains(before[next].ActivityId) ? SopRowFate.MovedAway : SopRowFate.Removed, before[next], null, []));
        }
    }

    /// <summary>Members of a longest ascending subsequence of distinct numbers.</summary>
    private static HashSet<int> LongestAscent(IReadOnlyList<int> numbers)
    {
        var (length, previous) = (new int[numbers.Count], new int[numbers.Count]);
        var best = -1;
        for (var i = 0; i < numbers.Count; i++)
        {
            (length[i], previous[i]) = (1, -1);
            for (var j = 0; j < i; j++)
            {
                if (numbers[j] < numbers[i] && length[j] + 1 > length[i])
                    (length[i], previous[i]) = (length[j] + 1, j);
            }
            if (best < 0 || length[i] > length[best])
                best = i;
        }
        var members = new HashSet<int>();
        for (; best >= 0; best = previous[best])
            members.Add(numbers[best]);
        return members;
    }

    private static List<string> Differences(SopStepOutline before, SopStepOutline after)
    {
        var changed = new List<string>();
        Compare(nameof(SopStepOutline.Number), before.Number, after.Number);
        Compare(nameof(SopStepOutline.Description), before.Description, after.Description);
        Compare(nameof(SopStepOutline.Act), before.ActivityType, after.ActivityType);
        Compare(nameof(SopStepOutline.PerformerRole), before.PerformerRole, after.PerformerRole);
        Compare(nameof(SopStepOutline.RecipientRole), before.RecipientRole, after.RecipientRole);
        Compare(nameof(SopStepOutline.RequiredInput), before.RequiredInput, after.RequiredInput);
        Compare(nameof(SopStepOutline.StandardTime), before.StandardTime, after.StandardTime);
        Compare(nameof(SopStepOutline.Output), before.Output, after.Output);
        Compare(nameof(SopStepOutline.Remarks), before.Remarks, after.Remarks);
        Compare(nameof(SopStepOutline.MeasuredFrom), before.MeasuredFrom, after.MeasuredFrom);
        Compare(nameof(SopStepOutline.Escalation), Ladder(before), Ladder(after));
        return changed;

        void Compare<T>(string column, T one, T other)
        {
            if (!EqualityComparer<T>.Default.Equals(one, other))
                changed.Add(column);
        }
    }

    private static void Steps(IReadOnlyList<SopRowPair> rows, List<RevisionChange> changes)
    {
        var olds = rows.Where(r => r.Before is not null).DistinctBy(r => r.Before!.ActivityId).ToDictionary(r => r.Before!.ActivityId, r => r.Before!);
        foreach (var row in rows)
        {
            switch (row.Fate)
            {
                case SopRowFate.Added:
                    changes.Add(new RevisionChange("step-added", row.After!.ActivityId, row.After.Number, null, row.After.Description));
                    break;
                case SopRowFate.Removed:
                    changes.Add(new RevisionChange("step-removed", row.Before!.ActivityId, row.Before.Number, row.Before.Description));
                    break;
                case SopRowFate.MovedHere:
                    changes.Add(new RevisionChange("step-moved", row.After!.ActivityId, row.After.Number, olds[row.After.ActivityId].Number, row.After.Description));
                    break;
            }
            if (row.After is { } after)
            {
                // That a moved step bears another number has been said.
                changes.AddRange(row.Changed.Where(c => row.Fate != SopRowFate.MovedHere || c != nameof(SopStepOutline.Number))
                    .Select(column => Change(column, olds[after.ActivityId], after)));
            }
        }
    }

    private static RevisionChange Change(string column, SopStepOutline before, SopStepOutline after)
    {
        var (code, one, other) = column switch
        {
            nameof(SopStepOutline.Number) => ("step-number-changed", before.Number, after.Number),
            nameof(SopStepOutline.Description) => ("step-description-changed", before.Description, after.Description),
            nameof(SopStepOutline.Act) => ("step-act-changed", before.ActivityType, after.ActivityType),
            nameof(SopStepOutline.PerformerRole) => ("step-role-changed", before.PerformerRole, after.PerformerRole),
            nameof(SopStepOutline.RecipientRole) => ("step-recipient-changed", before.RecipientRole, after.RecipientRole),
            nameof(SopStepOutline.RequiredInput) => ("step-required-input-changed", before.RequiredInput, after.RequiredInput),
            nameof(SopStepOutline.StandardTime) =>
                ("step-standard-changed", XmlConvert.ToString(before.StandardTime), XmlConvert.ToString(after.StandardTime)),
            nameof(SopStepOutline.Output) => ("step-output-changed", before.Output, after.Output),
            nameof(SopStepOutline.Remarks) => ("step-remarks-changed", before.Remarks, after.Remarks),
            nameof(SopStepOutline.MeasuredFrom) => ("step-measured-from-changed", Word(before.MeasuredFrom), Word(after.MeasuredFrom)),
            _ => ("step-ladder-changed", Ladder(before), Ladder(after))
        };
        return new RevisionChange(code, after.ActivityId, after.Number, one, other);
    }

    private static string Word(MeasuredFrom from) => from == MeasuredFrom.Started ? "started" : "received";

    /// <summary>As definitions write a ladder, so that <see cref="EscalationLadder.Read"/> reads it.</summary>
    private static string Ladder(SopStepOutline step)
    {
        var rungs = new JsonArray();
        foreach (var rung in step.Escalation)
        {
            var written = new JsonObject
            {
                ["at"] = rung.At,
                ["to"] = new JsonArray([.. rung.To.Select(to => (JsonNode)to)]),
                ["action"] = JsonNamingPolicy.CamelCase.ConvertName(rung.Action.ToString())
            };
            if (rung.When == RungCondition.NotStarted)
                written["when"] = "notStarted";
            if (rung.Every is { } every)
                (written["every"], written["max"]) = (XmlConvert.ToString(every), rung.Max);
            if (rung.AnyTime)
                written["anyTime"] = true;
            rungs.Add(written);
        }
        return rungs.ToJsonString(Readable);
    }

    private static void Identity(WorkflowDefinition before, WorkflowDefinition after, List<RevisionChange> changes)
    {
        if (before.Name != after.Name)
            changes.Add(new RevisionChange("name-changed", null, null, before.Name, after.Name));
        if ((before.Description ?? "") != (after.Description ?? ""))
            changes.Add(new RevisionChange("description-changed", null, null, before.Description, after.Description));
        var (old, now) = (IdentityBlock.Of(before) ?? [], IdentityBlock.Of(after) ?? []);
        foreach (var member in now.Select(m => m.Key).Union(old.Select(m => m.Key)))
        {
            if (Canonical(old[member]) != Canonical(now[member]))
                changes.Add(new RevisionChange("identity-changed", null, member, IdentityBlock.Printed(old[member]), IdentityBlock.Printed(now[member])));
        }
    }

    /// <summary>Equal for what means the same: order of members, nulls, paths and measured sizes do not count (as in the content hash).</summary>
    private static string Canonical(JsonNode? node, string owner = "")
    {
        switch (node)
        {
            case null:
                return "null";
            case JsonObject members:
                return "{" + string.Join(',', members
                    .Where(m => m.Value is not null && m.Key != "nodeId" && !(m.Key == "size" && owner == "designer"))
                    .OrderBy(m => m.Key, StringComparer.Ordinal)
                    .Select(m => JsonSerializer.Serialize(m.Key) + ":" + Canonical(m.Value, m.Key))) + "}";
            case JsonArray items:
                return "[" + string.Join(',', items.Select(item => Canonical(item))) + "]";
            default:
                return node.ToJsonString();
        }
    }

    /// <summary>The rest of two definitions: activities besides the steps' own columns, paths, variables, settings, layout.</summary>
    private sealed class Drawing
    {
        private readonly record struct Path(string Source, string Port, string Target);

        private readonly WorkflowDefinition _before;
        private readonly WorkflowDefinition _after;
        private readonly Dictionary<string, JsonObject> _old = [];
        private readonly Dictionary<string, JsonObject> _new = [];
        private readonly Dictionary<Path, string> _oldPaths = [];
        private readonly Dictionary<Path, string> _newPaths = [];
        private readonly Dictionary<string, SopStepOutline> _oldSteps;
        private readonly Dictionary<string, SopStepOutline> _newSteps;
        private readonly HashSet<string> _moved;
        private bool _layout;

        public Drawing(
            WorkflowDefinition before, WorkflowDefinition after, IReadOnlyList<SopStepOutline> oldSteps, IReadOnlyList<SopStepOutline> newSteps,
            IReadOnlyList<SopRowPair> rows)
        {
            (_before, _after) = (before, after);
            _oldSteps = oldSteps.DistinctBy(s => s.ActivityId).ToDictionary(s => s.ActivityId);
            _newSteps = newSteps.DistinctBy(s => s.ActivityId).ToDictionary(s => s.ActivityId);
            _moved = [.. rows.Where(r => r.Fate == SopRowFate.MovedHere).Select(r => r.After!.ActivityId)];
            Collect(before.Root, _old, _oldPaths);
            Collect(after.Root, _new, _newPaths);
        }

        public void Compare(List<RevisionChange> changes)
        {
            foreach (var (id, activity) in _new)
            {
                if (!_old.TryGetValue(id, out var former))
                {
                    if (!_newSteps.ContainsKey(id))
                        changes.Add(new RevisionChange("activity-added", id, Label(id)));
                }
                else
                    Compare(id, former, activity, changes);
            }
            changes.AddRange(_old.Keys.Where(id => !_new.ContainsKey(id) && !_oldSteps.ContainsKey(id)).Select(id => new RevisionChange(
                "activity-removed", id, Label(id))));
            Paths(changes);
            Named("variable", _before.Document["variables"], _after.Document["variables"], changes);
            Named("input", _before.Document["inputs"], _after.Document["inputs"], changes);
            Named("output", _before.Document["outputs"], _after.Document["outputs"], changes);
            if (Settings(_before) != Settings(_after))
                changes.Add(new RevisionChange("settings-changed", null, null));
            if (_layout)
                changes.Add(new RevisionChange("layout-changed", null, null));
        }

        private void Compare(string id, JsonObject before, JsonObject after, List<RevisionChange> changes)
        {
            var isStep = _oldSteps.ContainsKey(id) && _newSteps.ContainsKey(id);
            if (Canonical(Member(before["metadata"], "designer"), "designer") != Canonical(Member(after["metadata"], "designer"), "designer"))
                _layout = true;
            var (title, newTitle) = (Title(before), Title(after));
            if (title != newTitle)
                changes.Add(new RevisionChange("activity-title-changed", id, Label(id), title, newTitle));
            if (Own(before, isStep) != Own(after, isStep))
                changes.Add(new RevisionChange(isStep ? "step-other-changed" : "activity-changed", id, Label(id)));
        }

        /// <summary>An activity without what is compared elsewhere: children, connections, columns of the form, title and place in the drawing.</summary>
        private string Own(JsonObject activity, bool isStep)
        {
            var own = new JsonObject();
            // In a sequence the order is the flow; in a flowchart it means nothing.
            if (activity["activities"] is JsonArray children && activity["connections"] is not JsonArray)
            {
                own["order"] = new JsonArray([.. children.OfType<JsonObject>().Select(c => c["id"]?.ToString() ?? "")
                    .Where(child => _old.ContainsKey(child) && _new.ContainsKey(child)).Select(child => (JsonNode)child)]);
            }
            foreach (var (name, value) in activity)
            {
                if (name is "activities" or "connections" or "metadata" || (isStep && (name == "type" || SopInputs.Contains(name)))
                    || IsActivity(value))
                    continue;
                own[name] = value?.DeepClone();
            }
            if (own["customProperties"] is JsonObject custom)
            {
                // False is what Studio writes for "never said".
                foreach (var unsaid in custom.Where(c => c.Value is JsonValue v && v.TryGetValue<bool>(out var flag) && !flag).Select(c => c.Key).ToList())
                    custom.Remove(unsaid);
                if (custom.Count == 0)
                    own.Remove("customProperties");
            }
            if (own["variables"] is JsonArray { Count: 0 })
                own.Remove("variables");
            if (activity["metadata"] is JsonObject metadata)
            {
                var rest = metadata.DeepClone().AsObject();
                rest.Remove("designer");
                rest.Remove("displayText");
                if (rest.Count > 0)
                    own["metadata"] = rest;
            }
            return Canonical(own);
        }

        /// <summary>
        /// Paths that came or went. What only follows from a step put in, taken out or moved is not told again; another port than
        /// <c>Done</c> (the way back) always is.
        /// </summary>
        private void Paths(List<RevisionChange> changes)
        {
            if (_newPaths.Any(p => _oldPaths.TryGetValue(p.Key, out var vertices) && vertices != p.Value))
                _layout = true;
            var (oldWays, newWays) = (_oldPaths.Keys.ToLookup(p => p.Source), _newPaths.Keys.ToLookup(p => p.Source));
            foreach (var path in _oldPaths.Keys.Where(p => !_newPaths.ContainsKey(p)))
            {
                if (Both(path) && (path.Port != "Done" || (!Moved(path) && !Leads(newWays, path, _old))))
                    changes.Add(new RevisionChange("path-removed", path.Source, Label(path.Source), path.Port, Label(path.Target)));
            }
            foreach (var path in _newPaths.Keys.Where(p => !_oldPaths.ContainsKey(p)))
            {
                if (path.Port != "Done" || (Both(path) && !Moved(path) && !Leads(oldWays, path, _new)))
                    changes.Add(new RevisionChange("path-added", path.Source, Label(path.Source), path.Port, Label(path.Target)));
            }

            bool Both(Path path) =>
                _old.ContainsKey(path.Source) && _old.ContainsKey(path.Target) && _new.ContainsKey(path.Source) && _new.ContainsKey(path.Target);

            bool Moved(Path path) => _moved.Contains(path.Source) || _moved.Contains(path.Target);
        }

        /// <summary>Whether the other version goes from source to target through what only it has there: added, removed or moved.</summary>
        private bool Leads(ILookup<string, Path> ways, Path path, Dictionary<string, JsonObject> known)
        {
            var open = new Stack<string>([path.Source]);
            var seen = new HashSet<string>();
            while (open.TryPop(out var at))
            {
                foreach (var step in ways[at].Where(p => p.Port == "Done"))
                {
                    if (step.Target == path.Target)
                        return true;
                    if ((!known.ContainsKey(step.Target) || _moved.Contains(step.Target)) && seen.Add(step.Target))
                        open.Push(step.Target);
                }
            }
            return false;
        }

        private static void Named(string kind, JsonNode? before, JsonNode? after, List<RevisionChange> changes)
        {
            var (old, now) = (ByName(before), ByName(after));
            foreach (var (name, value) in now)
            {
                if (!old.TryGetValue(name, out var former))
                    changes.Add(new RevisionChange($"{kind}-added", null, name));
                else if (Canonical(former) != Canonical(value))
                    changes.Add(new RevisionChange($"{kind}-changed", null, name));
            }
            changes.AddRange(old.Keys.Where(name => !now.ContainsKey(name)).Select(name => new RevisionChange($"{kind}-removed", null, name)));
        }

        private static Dictionary<string, JsonObject> ByName(JsonNode? list) =>
            (list as JsonArray ?? []).OfType<JsonObject>().Select(o => (Name: o["name"]?.ToString() ?? o["id"]?.ToString() ?? "", Value: o))
                .DistinctBy(o => o.Name).ToDictionary(o => o.Name, o => o.Value);

        private static string Settings(WorkflowDefinition definition)
        {
            var custom = definition.CustomProperties.DeepClone().AsObject();
            custom.Remove("sop");
            return Canonical(definition.Document["options"]) + Canonical(custom) + Canonical(definition.Document["outcomes"] is JsonArray { Count: > 0 } o ? o : null);
        }

        private static void Collect(JsonObject activity, Dictionary<string, JsonObject> activities, Dictionary<Path, string> paths)
        {
            if (activity["id"] is JsonValue id)
                activities.TryAdd(id.ToString(), activity);
            foreach (var (name, value) in activity)
            {
                if (name == "connections" && value is JsonArray connections)
                {
                    foreach (var connection in connections.OfType<JsonObject>())
                    {
                        paths.TryAdd(
                            new Path(
                                End(connection, "source", "activity") ?? "", End(connection, "source", "port") ?? "Done",
                                End(connection, "target", "activity") ?? ""),
                            Canonical(connection["vertices"] is JsonArray { Count: > 0 } vertices ? vertices : null));
                    }
                }
                else if (name == "activities" && value is JsonArray children)
                {
                    foreach (var child in children.OfType<JsonObject>())
                        Collect(child, activities, paths);
                }
                else if (IsActivity(value))
                    Collect(value!.AsObject(), activities, paths);
            }
        }

        private static bool IsActivity(JsonNode? value) => value is JsonObject o && o["id"] is JsonValue && o["type"] is JsonValue;

        private static string? End(JsonObject connection, string side, string part) =>
            connection[side] is JsonObject end && end[part] is JsonValue value ? value.ToString() : null;

        private static string? Title(JsonObject activity) => Member(activity["metadata"], "displayText")?.ToString();

        /// <summary>Drafts may hold anything: a member where there is an object, else null.</summary>
        private static JsonNode? Member(JsonNode? node, string name) => (node as JsonObject)?[name];

        /// <summary>A step by its number, anything else by its title or name.</summary>
        private string Label(string id)
        {
            if ((_newSteps.GetValueOrDefault(id) ?? _oldSteps.GetValueOrDefault(id)) is { Number.Length: > 0 } step)
                return step.Number;
            var activity = _new.GetValueOrDefault(id) ?? _old.GetValueOrDefault(id);
            return activity is null ? id : Title(activity) ?? activity["name"]?.ToString() ?? id;
        }
    }
}
