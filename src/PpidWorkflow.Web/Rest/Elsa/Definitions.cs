namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>Workflow definitions: list, read, save, publish (which proposes), versions, import, export.</summary>
internal static class Definitions
{
    public static void Map(RouteGroupBuilder api)
    {
    }
}
