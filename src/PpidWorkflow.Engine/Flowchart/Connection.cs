namespace PpidWorkflow.Engine.Flowcharts;

/// <summary>
/// An arrow: when <paramref name="Source"/> completes with outcome <paramref name="Port"/>, the flow goes on at <paramref name="Target"/>.
/// </summary>
public sealed record Connection(string Source, string Port, string Target);

/// <summary>
/// How an activity with several inbound connections treats what arrives (custom property <c>mergeMode</c>; Elsa's decision record 0007).
/// </summary>
public enum MergeMode
{
    /// <summary>Not set; as <see cref="Stream"/>.</summary>
    None,

    /// <summary>Runs once the activities right before it have nothing pending; paths not taken do not count.</summary>
    Stream,

    /// <summary>Waits for every forward inbound connection; what comes back through a loop passes at once.</summary>
    Merge,

    /// <summary>Waits for every inbound connection, loops included.</summary>
    Converge,

    /// <summary>Runs for each arrival.</summary>
    Cascade,

    /// <summary>Runs on the first arrival and cancels the others.</summary>
    Race
}

/// <summary>How an explicit join treats what arrives.</summary>
public enum FlowJoinMode
{
    WaitAll,
    WaitAllActive,
    WaitAny
}
