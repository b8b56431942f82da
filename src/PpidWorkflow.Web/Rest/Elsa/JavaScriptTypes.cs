using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PpidWorkflow.Engine.Definitions;

namespace PpidWorkflow.Web.Rest.Elsa;

/// <summary>What a script may call (the engine's JavaScriptGlobals), as declarations for the code editor.</summary>
internal static partial class JavaScriptTypes
{
    public const string Functions =
        """
        declare function getWorkflowDefinitionId(): string;
        declare function getWorkflowDefinitionVersionId(): string;
        declare function getWorkflowDefinitionVersion(): number;
        declare function getWorkflowInstanceId(): string;
        declare function getCorrelationId(): string;
        declare function setCorrelationId(value: string): void;
        declare function getWorkflowInstanceName(): string;
        declare function setWorkflowInstanceName(value: string): void;
        declare function setVariable(name: string, value: any): void;
        declare function getVariable(name: string): any;
        declare function getInput(name: string): any;
        declare function getOutputFrom(activityId: string, outputName?: string): any;
        declare function getLastResult(): any;
        declare function isNullOrWhiteSpace(value: string): boolean;
        declare function isNullOrEmpty(value: string): boolean;
        declare function getShortGuid(): string;
        declare function newShortGuid(): string;
        declare function newGuid(): string;
        declare function newGuidString(): string;
        declare function getGuidString(): string;
        declare function toJson(value: any): string;
        declare function parseGuid(value: string): string;
        declare function bytesToString(value: number[]): string;
        declare function bytesFromString(value: string): number[];
        declare function bytesToBase64(value: number[]): string;
        declare function bytesFromBase64(value: string): number[];
        declare function stringToBase64(value: string): string;
        declare function stringFromBase64(value: string): string;
        declare const variables: { [name: string]: any };

        """;

    /// <summary>Variables of a definition and of its containers: name as it stands after <c>get</c>, and type in TypeScript.</summary>
    public static IEnumerable<(string Name, string Type)> VariablesOf(WorkflowDefinition definition) =>
        Declared(definition.Document["variables"]).Concat(Below(definition.Root)).Where(v => IsName(v.Name))
            .Select(v => (char.ToUpperInvariant(v.Name[0]) + v.Name[1..], v.Type)).DistinctBy(v => v.Item1);

    /// <summary>Whether the name can stand in a script.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    private static IEnumerable<(string Name, string Type)> Below(JsonObject activity) =>
        Declared(activity["variables"]).Concat(
            (activity["activities"] as JsonArray ?? []).OfType<JsonObject>().SelectMany(Below));

    private static IEnumerable<(string Name, string Type)> Declared(JsonNode? variables) =>
        (variables as JsonArray ?? []).OfType<JsonObject>().Select(v => (
            v["name"]?.ToString() ?? "",
            v["isArray"]?.ToString() == "true" ? "any[]" : v["typeName"]?.ToString() switch
            {
                "String" or "Guid" or "DateOnly" or "TimeOnly" or "TimeSpan" => "string",
                "Boolean" => "boolean",
                "Int32" or "Int64" or "Int" or "Long" or "Single" or "Double" or "Decimal" => "number",
                _ => "any"
            }));

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex Name();
}
