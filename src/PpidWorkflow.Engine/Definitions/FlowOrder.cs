using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Flowcharts;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>The order in which a reader of the drawing meets the activities: from the start along <c>Done</c>, loops ignored.</summary>
internal static class FlowOrder
{
    public static IEnumerable<IActivity> Of(IActivity activity)
    {
        yield return activity;
        foreach (var child in ChildrenInOrder(activity))
            foreach (var below in Of(child))
                yield return below;
    }

    /// <summary>Children as built, in no particular order.</summary>
    public static IEnumerable<IActivity> Children(IActivity activity) => activity switch
    {
        Workflow workflow => workflow.Root is null ? [] : [workflow.Root],
        Container container => container.Activities,
        _ => ActivityCatalog.ChildrenInPorts(activity)
    };

    private static IEnumerable<IActivity> ChildrenInOrder(IActivity activity) =>
        activity is Flowchart { StartActivity: { } start } flowchart ? Topological(flowchart, start) : Children(activity);

    /// <summary>Reverse postorder of a depth-first walk: each activity after all that lead to it on forward paths.</summary>
    private static List<IActivity> Topological(Flowchart flowchart, IActivity start)
    {
        var byId = flowchart.Activities.DistinctBy(a => a.Id).ToDictionary(a => a.Id);
        var seen = new HashSet<string>();
        var order = Walk(start.Id, withReturns: false);
        // What only a way back leads to comes last; on the way there it would turn the main path round.
        foreach (var met in order.Where(a => flowchart.Graph.Outbound(a.Id).Exists(c => c.Port == "Returned")).ToList())
            order.AddRange(Walk(met.Id, withReturns: true));
        return order;

        List<IActivity> Walk(string from, bool withReturns)
        {
            var postorder = new List<IActivity>();
            var path = new Stack<(string Id, IEnumerator<string> Targets)>();
            var begun = seen.Contains(from);
            seen.Add(from);
            path.Push((from, Targets(from, withReturns)));
            while (path.TryPeek(out var current))
            {
                if (current.Targets.MoveNext())
                {
                    var target = current.Targets.Current;
                    if (seen.Add(target))
                        path.Push((target, Targets(target, withReturns)));
                    continue;
                }

                path.Pop();
                if (!begun || current.Id != from)
                    postorder.Add(byId[current.Id]);
            }

            postorder.Reverse();
            return postorder;
        }

        // What is walked first comes last: Done is taken last so that the main path stands before what hangs off it.
        IEnumerator<string> Targets(string id, bool withReturns)
        {
            var ways = flowchart.Graph.Outbound(id);
            for (var i = ways.Count - 1; i >= 0; i--)
                if (ways[i].Port != "Done" && (withReturns || ways[i].Port != "Returned"))
                    yield return ways[i].Target;
            for (var i = ways.Count - 1; i >= 0; i--)
                if (ways[i].Port == "Done")
                    yield return ways[i].Target;
        }
    }
}
