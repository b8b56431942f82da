namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>What Studio asks about this server: features, activities, types, strategies.</summary>
internal static class Descriptors
{
    public static void Map(RouteGroupBuilder api)
    {
    }
}
