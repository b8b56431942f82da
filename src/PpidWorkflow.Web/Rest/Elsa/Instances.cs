namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>Workflow instances: list, read, journal, activity executions, cancel, delete.</summary>
internal static class Instances
{
    public static void Map(RouteGroupBuilder api)
    {
    }
}
