using PpidWorkflow.Web.Tests;
using Xunit.Sdk;
using Xunit.v3;

// Three on the usual two cores: one of the two long collections is always waiting for a process or a browser.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace PpidWorkflow.Web.Tests;

/// <summary>
/// The two collections that take minutes begin first, and the many short ones run beside them. In xunit's own order, which is drawn anew
/// each time, one of the two may begin when all else is done, and runs its minutes alone.
/// </summary>
internal sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = ["Processes", "Browser"];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(c => Long.Contains(c.TestCollectionDisplayName)).ThenBy(c => c.TestCollectionDisplayName, StringComparer.Ordinal)];
}
