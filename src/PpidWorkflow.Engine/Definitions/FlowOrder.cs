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
        var seen = new HashSet<string> { start.Id };
        var postorder = new List<IActivity>();
        var path = new Stack<(string Id, Queue<string> Targets)>();
        path.Push((start.Id, Targets(start.Id)));
        while (path.TryPeek(out var current))
        {
            if (current.Targets.TryDequeue(out var target))
            {
                if (seen.Add(target))
                    path.Push((target, Targets(target)));
                continue;
            }

            path.Pop();
            postorder.Add(byId[current.Id]);
        }

        postorder.Reverse();
        return postorder;

        // What is walked first comes last: Done is taken last so that the main path stands before what hangs off it.
        Queue<string> Targets(string id) =>
            new(flowchart.Graph.Outbound(id).Reverse().OrderBy(c => c.Port == "Done").Select(c => c.Target));
    }
}
