namespace PpidWorkflow.Engine.Definitions;

/// <summary>Reads definition JSON under limits of size and depth, so that a hostile file costs little and breaks nothing.</summary>
public static class DefinitionReader
{
    /// <exception cref="DefinitionInvalidException">Malformed, too large, too deep, or not a definition.</exception>
    public static WorkflowDefinition Read(ReadOnlyMemory<byte> utf8Json) => throw new NotSupportedException($"{utf8Json.Length}");
}

/// <summary>Writes a definition byte-stably: the same content gives the same bytes, so that hashes and text diffs mean something.</summary>
public static class DefinitionWriter
{
    /// <summary>UTF-8 JSON, two-space indent, LF, in Elsa's order of properties, unknown ones kept.</summary>
    public static byte[] Write(WorkflowDefinition definition) => throw new NotSupportedException($"{definition}");

    /// <summary>Lower-case hex SHA-256 over what the definition means: everything but ids, version, dates and the isLatest/isPublished marks of the version row.</summary>
    public static string ContentHash(WorkflowDefinition definition) => throw new NotSupportedException($"{definition}");
}
