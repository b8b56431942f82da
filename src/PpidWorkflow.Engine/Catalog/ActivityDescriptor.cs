using System.Reflection;

namespace PpidWorkflow.Engine.Catalog;

/// <summary>What the designer and the compiler know of an activity type, read from its class once.</summary>
public sealed record ActivityDescriptor
{
    public required string TypeName { get; init; }
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public required string Category { get; init; }
    public required string DisplayName { get; init; }
    public required string Description { get; init; }
    public required Type ClrType { get; init; }
    public required IReadOnlyList<InputDescriptor> Inputs { get; init; }
    public required IReadOnlyList<OutputDescriptor> Outputs { get; init; }

    /// <summary>Outcomes known from the class; empty where <see cref="DynamicOutcomesInput"/> gives them.</summary>
    public required IReadOnlyList<string> Outcomes { get; init; }

    /// <summary>Ports that hold a child activity (<c>Then</c>, <c>Body</c> ...).</summary>
    public required IReadOnlyList<PropertyInfo> EmbeddedPorts { get; init; }

    /// <summary>The input that lists the outcomes (<c>Branches</c> of a fork), or null.</summary>
    public InputDescriptor? DynamicOutcomesInput { get; init; }

    public ActivityKind Kind { get; init; }
    public bool IsContainer { get; init; }
    public bool IsStart { get; init; }
    public bool IsTerminal { get; init; }
    public bool IsBrowsable { get; init; } = true;

    /// <summary>Neither waits nor chooses: a loop of nothing but such activities never ends.</summary>
    public bool PassesThrough { get; init; }
}

/// <summary>Elsa's kinds of activities.</summary>
public enum ActivityKind
{
    Action,
    Trigger,
    Task
}

/// <summary><paramref name="ValueType"/> is the T of <c>Input&lt;T&gt;</c>, or the property's own type where it is not wrapped.</summary>
public sealed record InputDescriptor(PropertyInfo Property, string Name, string JsonName, Type ValueType, bool IsWrapped,
    InputAttribute Attribute);

/// <summary><paramref name="ValueType"/> is the T of <c>Output&lt;T&gt;</c>.</summary>
public sealed record OutputDescriptor(PropertyInfo Property, string Name, string JsonName, Type ValueType, OutputAttribute Attribute);
