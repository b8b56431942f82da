namespace PpidWorkflow.Engine.Catalog;

/// <summary>Puts a class into the catalog. The type name on the wire is <paramref name="ns"/> + "." + class name.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ActivityAttribute(string ns, string category, string description = "") : Attribute
{
    public string Namespace { get; } = ns;
    public string Category { get; } = category;
    public string Description { get; } = description;

    /// <summary>Name in the palette; null: the class name.</summary>
    public string? DisplayName { get; set; }

    /// <summary>Elsa's kind; a trigger is told by its interface.</summary>
    public ActivityKind Kind { get; set; }

    /// <summary>False keeps a structural activity out of the palette.</summary>
    public bool IsBrowsable { get; set; } = true;
}

/// <summary>An input that the designer offers.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InputAttribute : Attribute
{
    public string? DisplayName { get; set; }
    public string? Description { get; set; }
    public string? Category { get; set; }

    /// <summary>
    /// Editor in Studio: <c>singleline</c>, <c>multiline</c>, <c>checkbox</c>, <c>dropdown</c>, <c>dynamic-outcomes</c> ...
    /// </summary>
    public string UIHint { get; set; } = "singleline";

    public object? DefaultValue { get; set; }

    /// <summary>Choices of a <c>dropdown</c>.</summary>
    public string[] Options { get; set; } = [];

    /// <summary>How people read <see cref="Options"/>, in the same order; empty: as they are.</summary>
    public string[] OptionTexts { get; set; } = [];

    /// <summary>Where the host finds the choices: <c>roles</c> or <c>ladder</c>; null: <see cref="Options"/>.</summary>
    public string? OptionsFrom { get; set; }

    /// <summary>Elsa's name of the type that is written down; null: what follows from the property.</summary>
    public string? TypeName { get; set; }

    public float Order { get; set; }

    /// <summary>False: the activity evaluates it itself, once for each of many.</summary>
    public bool AutoEvaluate { get; set; } = true;
}

/// <summary>An output that a variable can take up.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OutputAttribute : Attribute
{
    /// <summary>Elsa's name of the type that is told; null: what follows from the property.</summary>
    public string? TypeName { get; set; }

    public string? DisplayName { get; set; }
    public string? Description { get; set; }
}

/// <summary>The outcomes that the activity can complete with; without the attribute it is <c>Done</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class FlowNodeAttribute(params string[] outcomes) : Attribute
{
    public IReadOnlyList<string> Outcomes { get; } = outcomes;
}

/// <summary>A property that holds a child activity.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PortAttribute : Attribute;
