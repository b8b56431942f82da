using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using PpidWorkflow.Engine.Activities.ControlFlow;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Catalog;

/// <summary>
/// The activities there are: every class with <see cref="ActivityAttribute"/> in the engine and in the assemblies given.
/// An activity is added by writing its file; nothing is registered by hand.
/// </summary>
public sealed class ActivityCatalog
{
    private readonly FrozenDictionary<string, ActivityDescriptor> _byType;

    public ActivityCatalog(params IEnumerable<Assembly> assemblies)
    {
        Descriptors =
        [
            .. assemblies.Prepend(typeof(ActivityCatalog).Assembly).Distinct()
                .SelectMany(assembly => assembly.GetTypes())
                .Where(type =>
                    !type.IsAbstract && type.IsAssignableTo(typeof(IActivity)) && type.IsDefined(typeof(ActivityAttribute), false))
                .Select(Describe)
                .OrderBy(d => d.TypeName, StringComparer.Ordinal)
        ];
        _byType = Descriptors.ToFrozenDictionary(d => d.TypeName, StringComparer.Ordinal);
    }

    /// <summary>The engine's own activities.</summary>
    public static ActivityCatalog Default { get; } = new();

    public IReadOnlyList<ActivityDescriptor> Descriptors { get; }

    public ActivityDescriptor? Find(string typeName) => _byType.GetValueOrDefault(typeName);

    /// <summary>Child activities that stand in ports (<c>Then</c>, <c>Body</c> ...), cases or branches.</summary>
    internal static IEnumerable<IActivity> ChildrenInPorts(IActivity activity) =>
        activity.GetType().GetProperties()
            .Where(p => p.IsDefined(typeof(PortAttribute)))
            .Select(p => p.GetValue(activity) as IActivity)
            .OfType<IActivity>()
            .Concat(activity is IHoldsActivities holder ? holder.Children : []);

    private static ActivityDescriptor Describe(Type type)
    {
        var activity = type.GetCustomAttribute<ActivityAttribute>()!;
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        InputDescriptor[] inputs =
        [
            .. properties.Where(p => p.IsDefined(typeof(InputAttribute))).Select(p => new InputDescriptor(
                p, p.Name, JsonNamingPolicy.CamelCase.ConvertName(p.Name), WrappedType(p, typeof(Input<>)) ?? p.PropertyType,
                WrappedType(p, typeof(Input<>)) is not null, p.GetCustomAttribute<InputAttribute>()!)).OrderBy(i => i.Attribute.Order)
        ];
        var dynamicOutcomes = inputs.FirstOrDefault(i => i.Attribute.UIHint == "dynamic-outcomes");
        var isTerminal = type.IsAssignableTo(typeof(ITerminalNode));
        var outcomes = type.GetCustomAttribute<FlowNodeAttribute>()?.Outcomes
            ?? (isTerminal || dynamicOutcomes is not null ? [] : ["Done"]);
        return new ActivityDescriptor
        {
            TypeName = $"{activity.Namespace}.{type.Name}",
            Namespace = activity.Namespace,
            Name = type.Name,
            Category = activity.Category,
            DisplayName = activity.DisplayName ?? type.Name,
            Description = activity.Description,
            ClrType = type,
            Inputs = inputs,
            Outputs =
            [
                .. properties.Where(p => WrappedType(p, typeof(Output<>)) is not null).Select(p => new OutputDescriptor(
                    p, p.Name, JsonNamingPolicy.CamelCase.ConvertName(p.Name), WrappedType(p, typeof(Output<>))!,
                    p.GetCustomAttribute<OutputAttribute>() ?? new OutputAttribute()))
            ],
            Outcomes = outcomes,
            EmbeddedPorts = [.. properties.Where(p =>
                p.IsDefined(typeof(PortAttribute)) && p.PropertyType.IsAssignableTo(typeof(IActivity)))],
            DynamicOutcomesInput = dynamicOutcomes,
            Kind = type.IsAssignableTo(typeof(ITrigger)) ? ActivityKind.Trigger : activity.Kind,
            IsContainer = type.IsAssignableTo(typeof(Container)),
            IsStart = type.IsAssignableTo(typeof(IStartNode)),
            IsTerminal = isTerminal,
            IsBrowsable = activity.IsBrowsable,
            PassesThrough = type.IsAssignableTo(typeof(CodeActivity)) && !type.IsAssignableTo(typeof(ITrigger)) && !isTerminal && (outcomes.Count <= 1 || dynamicOutcomes is not null)
        };
    }

    private static Type? WrappedType(PropertyInfo property, Type wrapper) =>
        property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == wrapper
            ? property.PropertyType.GetGenericArguments()[0]
            : null;
}
