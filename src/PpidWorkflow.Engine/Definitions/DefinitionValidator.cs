using System.Text.RegularExpressions;
using PpidWorkflow.Engine.Activities.Composition;
using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Activities.Primitives;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Expressions;
using PpidWorkflow.Engine.Flowcharts;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>The checks that need the whole tree: paths through flowcharts, scopes of variables, and what an SOP step must say.</summary>
internal static partial class DefinitionValidator
{
    public static void Check(WorkflowDefinition definition, ActivityFactory factory, ActivityCatalog catalog,
        List<DefinitionProblem> problems)
    {
        // What is used as an activity was checked when it was published.
        foreach (var node in factory.Nodes.Values.Where(IsOwn))
        {
            CheckTypes(node, problems);
            if (node.Activity is Flowchart flowchart)
                CheckFlow(flowchart, node, factory, catalog, problems);
            if (node.Activity is SopActivity step)
                step.Check(ActivityFactory.Label(node), problems);
            if (node.Activity is SetVariable set)
                CheckVariable(node, set.Variable.Id.Length > 0 ? set.Variable.Id : set.Variable.Name, "Variable", problems);
        }

        WorkflowTriggers.Check(definition, (factory.Nodes[Activities.ControlFlow.Workflow.RootId].Activity as Activities.ControlFlow.Workflow)?.Root, factory.Nodes.Values, problems);
        if (factory.Nodes.Values.Any(n => n.Activity is SopActivity))
            foreach (var node in factory.Nodes.Values.Where(n => IsOwn(n) && n.LogPersistence?.WantsValues == true))
                problems.Add(new DefinitionProblem("values-of-a-case", node.Parent is null ? null : node.Activity.Id,
                    $"{(node.Parent is null ? "Alur kerja" : ActivityFactory.Label(node))} meminta nilai dicatat dalam jurnal; itu hanya berlaku dalam uji coba, karena jurnal sebuah berkas tidak memuat isinya.",
                    ProblemSeverity.Warning));
        foreach (var input in definition.Inputs)
            if (TypeAliases.Find(input.TypeName, input.IsArray) is null)
                problems.Add(new DefinitionProblem("unknown-type", null,
                    $"Masukan \"{input.Name}\" berjenis \"{input.TypeName}\", yang tidak dikenal."));
        if (DefinitionReader.IncidentStrategy(definition.Document) is { } strategy and not ("FaultStrategy" or "ContinueWithIncidentsStrategy"))
            problems.Add(new DefinitionProblem("unknown-incident-strategy", null,
                $"Strategi insiden \"{(strategy.Length > 100 ? strategy[..100] : strategy)}\" tidak dikenal: pilih FaultStrategy atau ContinueWithIncidentsStrategy."));
        foreach (var (node, inputName, expression) in factory.Expressions.Where(e => IsOwn(e.Node)))
            CheckReferences(definition, node, inputName, expression, problems);
        foreach (var (node, output) in factory.BoundOutputs.Where(o => IsOwn(o.Node)))
            if (!OwnOutput().IsMatch(output.VariableId!))
                CheckVariable(node, output.VariableId!, output.Name, problems);
    }

    private static bool IsOwn(ActivityNode node) => node.Prefix.Length == 0;

    private static void CheckTypes(ActivityNode node, List<DefinitionProblem> problems)
    {
        foreach (var variable in node.Variables)
            if (TypeAliases.Find(variable.TypeName, variable.IsArray) is null)
                problems.Add(new DefinitionProblem(
                    "unknown-type", node.Parent is null ? null : node.Activity.Id,
                    $"Variabel \"{variable.Name}\" berjenis \"{variable.TypeName}\", yang tidak dikenal."));
            else
                CheckInitialValue(node, variable, problems);
    }

    private static void CheckInitialValue(ActivityNode node, VariableDefinition variable, List<DefinitionProblem> problems)
    {
        try
        {
            TypeAliases.Coerce(variable.Value, variable.TypeName, variable.IsArray);
        }
        catch (Execution.ActivityFaultException)
        {
            problems.Add(new DefinitionProblem(
                "invalid-variable-value", node.Parent is null ? null : node.Activity.Id,
                $"Nilai awal variabel \"{variable.Name}\" bukan {variable.TypeName}."));
        }
    }

    private static void CheckFlow(
        Flowchart flowchart, ActivityNode node, ActivityFactory factory, ActivityCatalog catalog, List<DefinitionProblem> problems)
    {
        if (flowchart.Activities.Count == 0)
        {
            problems.Add(new DefinitionProblem(
                "empty-flowchart", flowchart.Id, $"Bagan {ActivityFactory.Label(node)} kosong.", ProblemSeverity.Warning));
            return;
        }

        var starts = flowchart.Activities.Where(a => a is IStartNode).Skip(1).ToList();
        foreach (var second in starts)
            problems.Add(new DefinitionProblem("two-starts", second.Id,
                $"Bagan {ActivityFactory.Label(node)} punya lebih dari satu awal; {ActivityFactory.Label(factory.Nodes[second.Id])} tidak akan pernah dijalani sebagai awal."));
        if (!flowchart.HasStart)
            problems.Add(new DefinitionProblem("missing-start", flowchart.Id,
                $"Bagan {ActivityFactory.Label(node)} tidak punya awal: tambahkan aktivitas Mulai."));

        var reachable = flowchart.Activities.Where(a => a is ITrigger && Flowchart.CanStartWorkflow(a))
            .SelectMany(a => flowchart.GraphFrom(a.Id).Reachable).Union(flowchart.Graph.Reachable).ToHashSet();
        foreach (var activity in flowchart.Activities.Where(a => !reachable.Contains(a.Id)))
            problems.Add(new DefinitionProblem(
                "unreachable-step", activity.Id, $"Aktivitas {LabelOf(activity.Id)} tidak pernah tercapai dari awal bagan.",
                activity is SopActivity ? ProblemSeverity.Error : ProblemSeverity.Warning));

        var byId = flowchart.Activities.DistinctBy(a => a.Id).ToDictionary(a => a.Id);
        foreach (var connection in flowchart.Connections)
            if (PortsOf(byId[connection.Source], catalog) is { } ports && !ports.Contains(connection.Port))
                problems.Add(new DefinitionProblem(
                    "dangling-connection", connection.Source,
                    $"Sambungan dari {LabelOf(connection.Source)} memakai hasil \"{connection.Port}\", yang tidak ada."));
        CheckLoops(flowchart, byId, LabelOf, catalog, problems);
        CheckEnd(flowchart, byId, LabelOf, catalog, problems);

        string LabelOf(string id) => ActivityFactory.Label(factory.Nodes[id]);
    }

    /// <summary>Ports that the activity can leave by; null where that is not known before it runs.</summary>
    private static IReadOnlyCollection<string>? PortsOf(IActivity activity, ActivityCatalog catalog)
    {
        if (activity is WorkflowDefinitionActivity used)
            return used.Outcomes;
        var descriptor = catalog.Find(activity.Type)!;
        if (activity is FlowSwitch flowSwitch)
            return [.. flowSwitch.Cases.Select(c => c.Label), "Default"];
        if (descriptor.DynamicOutcomesInput is null)
            return descriptor.IsTerminal ? ["Done"] : descriptor.Outcomes;
        return activity is FlowFork fork
            ? fork.Branches is null ? ["Done"]
                : fork.Branches.TryGetLiteral(out var branches) ? Try(() => ValueConverter.To<string[]>(branches)) : null
            : null;
    }

    private static string[]? Try(Func<string[]?> read)
    {
        try
        {
            return read();
        }
        catch (Execution.ActivityFaultException)
        {
            return [];
        }
    }

    /// <summary>A loop of nothing but activities that pass straight on would run until the burst's limit, each time.</summary>
    private static void CheckLoops(
        Flowchart flowchart, Dictionary<string, IActivity> byId, Func<string, string> label, ActivityCatalog catalog,
        List<DefinitionProblem> problems)
    {
        var passing = byId.Values.Where(a => catalog.Find(a.Type)?.PassesThrough == true).Select(a => a.Id).ToHashSet();
        var remaining = passing.ToDictionary(id => id, id => flowchart.Graph.Inbound(id).Count(c => passing.Contains(c.Source)));
        var free = new Queue<string>(remaining.Where(r => r.Value == 0).Select(r => r.Key));
        while (free.TryDequeue(out var id))
        {
            passing.Remove(id);
            foreach (var connection in flowchart.Graph.Outbound(id))
                if (remaining.TryGetValue(connection.Target, out var left) && (remaining[connection.Target] = left - 1) == 0)
                    free.Enqueue(connection.Target);
        }

        var loop = flowchart.Activities.FirstOrDefault(a => passing.Contains(a.Id) && flowchart.Graph.Reachable.Contains(a.Id));
        if (loop is not null)
            problems.Add(new DefinitionProblem(
                "endless-loop", loop.Id,
                    $"Alur berputar tanpa akhir lewat {label(loop.Id)}: tidak ada yang menunggu atau memutuskan di dalamnya."));
    }

    /// <summary>
    /// An SOP step from which no path leads to where the flow ends: people would work on the case for ever. A loop is fine as long as some
    /// outcome leaves it.
    /// </summary>
    private static void CheckEnd(
        Flowchart flowchart, Dictionary<string, IActivity> byId, Func<string, string> label, ActivityCatalog catalog,
        List<DefinitionProblem> problems)
    {
        if (!flowchart.Activities.Any(a => a is SopActivity))
            return;
        var ending = byId.Values.Where(MayEnd).Select(a => a.Id).ToHashSet();
        var open = new Stack<string>(ending);
        while (open.TryPop(out var id))
            foreach (var connection in flowchart.Graph.Inbound(id))
                if (ending.Add(connection.Source))
                    open.Push(connection.Source);
        var trapped = flowchart.Activities.FirstOrDefault(
            a => a is SopActivity && flowchart.Graph.Reachable.Contains(a.Id) && !ending.Contains(a.Id));
        if (trapped is not null)
            problems.Add(new DefinitionProblem(
                "sop-without-end", trapped.Id,
                $"Dari langkah {label(trapped.Id)} alur tidak pernah sampai ke akhir: sambungkan salah satu hasilnya ke aktivitas Selesai."));

        // A step is sent back only where its Returned port is connected, so that port ends nothing.
        bool MayEnd(IActivity activity) => activity is ITerminalNode || PortsOf(activity, catalog) is not { } ports
            || ports.Any(port => !(activity is SopActivity && port == "Returned")
                && !flowchart.Graph.Outbound(activity.Id).Any(c => c.Port == port));
    }

    private static void CheckReferences(
        WorkflowDefinition definition, ActivityNode node, string inputName, Expression expression, List<DefinitionProblem> problems)
    {
        switch (expression.Type)
        {
            case "Variable":
                CheckVariable(node, (string)expression.Compiled!, inputName, problems);
                break;
            case "Input":
                CheckInput(definition, node, (string)expression.Compiled!, problems);
                break;
            case "JavaScript":
                var code = ValueConverter.ToText(expression.Value) ?? "";
                foreach (Match call in CallByName().Matches(code))
                    if (call.Groups[1].Value == "Input")
                        CheckInput(definition, node, call.Groups[2].Value, problems);
                    else if (!IsInScope(node, call.Groups[2].Value))
                        problems.Add(new DefinitionProblem(
                            "unknown-variable", node.Activity.Id,
                            $"{inputName} pada {ActivityFactory.Label(node)} membaca variabel "
                            + $"\"{call.Groups[2].Value}\", yang tidak dideklarasikan.",
                            ProblemSeverity.Warning));
                break;
        }
    }

    private static void CheckInput(WorkflowDefinition definition, ActivityNode node, string name, List<DefinitionProblem> problems)
    {
        if (!definition.Inputs.Any(i => i.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            problems.Add(new DefinitionProblem(
                "missing-workflow-input", node.Activity.Id,
                    $"Aktivitas {ActivityFactory.Label(node)} membaca masukan \"{name}\", yang tidak dideklarasikan."));
    }

    private static void CheckVariable(ActivityNode node, string nameOrId, string property, List<DefinitionProblem> problems)
    {
        if (!IsInScope(node, nameOrId))
            problems.Add(new DefinitionProblem(
                "unknown-variable", node.Activity.Id,
                $"{property} pada {ActivityFactory.Label(node)} menyebut variabel \"{nameOrId}\", yang tidak ada."));
    }

    /// <summary>Declared on the way up, or given by a loop around it.</summary>
    private static bool IsInScope(ActivityNode node, string nameOrId)
    {
        for (var scope = node; scope is not null; scope = scope.Parent)
            if (scope.FindVariable(nameOrId) is not null)
                return true;
        return nameOrId is "CurrentValue" or "CurrentIndex";
    }

    [GeneratedRegex("""\bget(Variable|Input)\(\s*["'`]([^"'`]*)["'`]\s*\)""")]
    private static partial Regex CallByName();

    /// <summary>The place that Elsa gives to an output nobody bound.</summary>
    [GeneratedRegex(@":output-\d+$")]
    private static partial Regex OwnOutput();
}
