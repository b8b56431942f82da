namespace PpidWorkflow.Application.Retention;

/// <summary>How much of a class of rows is, or was, past its time.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Oldest">Instant of the oldest, UTC; null: there is none.</param>
/// <param name="Newest">Instant of the newest, UTC.</param>
public sealed record RetentionCount(long Rows, DateTimeOffset? Oldest, DateTimeOffset? Newest)
{
    public static RetentionCount None { get; } = new(0, null, null);

    public RetentionCount And(RetentionCount more) => more.Rows == 0
        ? this
        : new RetentionCount(Rows + more.Rows, Oldest < more.Oldest ? Oldest : more.Oldest, Newest > more.Newest ? Newest : more.Newest);
}

/// <summary>A class of rows in a run or a dry run.</summary>
/// <param name="Name">mail-bodies, journal, audit, trials, runs, links, answers, nodes, events or alterations.</param>
/// <param name="Setting">Key of the setting in months; null: a fixed time.</param>
/// <param name="Before">What lies before it is past its time, UTC; null: kept for ever.</param>
/// <param name="Count">Rows that are past it; after a run: that were removed.</param>
/// <param name="Refusal">Why nothing was removed; null: nothing stood in the way.</param>
public sealed record RetentionReading(string Name, string? Setting, DateTimeOffset? Before, RetentionCount Count, string? Refusal = null);

/// <summary>A class of rows that may go after a time.</summary>
public interface IRetainedClass
{
    string Name { get; }

    /// <summary>Null: the time is fixed.</summary>
    string? Setting { get; }

    /// <summary>Before which instant rows are past their time; null: they are kept.</summary>
    DateTimeOffset? Before(DateTimeOffset now);

    Task<RetentionCount> CountAsync(DateTimeOffset before, CancellationToken cancellation);

    /// <summary>Removes all that is past its time, a bounded batch a commit; the record of a batch is part of its commit.</summary>
    Task<Result<RetentionCount>> RemoveAsync(DateTimeOffset before, CancellationToken cancellation);
}

/// <summary>Removes what is past its time, or says what would go (verb <c>retain</c>, nightly job).</summary>
public sealed class RetentionDesk(IEnumerable<IRetainedClass> classes, TimeProvider time)
{
    /// <summary>Reads only.</summary>
    public async Task<IReadOnlyList<RetentionReading>> CountAsync(CancellationToken cancellation = default)
    {
        var readings = new List<RetentionReading>();
        foreach (var one in classes)
        {
            var before = one.Before(time.Now());
            readings.Add(new RetentionReading(
                one.Name, one.Setting, before, before is { } limit ? await one.CountAsync(limit, cancellation) : RetentionCount.None));
        }
        return readings;
    }

    /// <summary>One class after the other; one that is refused does not keep the others.</summary>
    public async Task<IReadOnlyList<RetentionReading>> RunAsync(CancellationToken cancellation = default)
    {
        var readings = new List<RetentionReading>();
        foreach (var one in classes)
        {
            if (one.Before(time.Now()) is not { } before)
            {
                readings.Add(new RetentionReading(one.Name, one.Setting, null, RetentionCount.None));
                continue;
            }
            var removed = await one.RemoveAsync(before, cancellation);
            readings.Add(removed.Succeeded
                ? new RetentionReading(one.Name, one.Setting, before, removed.Value)
                : new RetentionReading(one.Name, one.Setting, before, RetentionCount.None, removed.Problems[0].Code));
        }
        return readings;
    }
}

/// <summary>What the classes share.</summary>
internal static class RetentionRules
{
    /// <summary>The record of each batch, in the chain of administration.</summary>
    public const string Action = "retention-applied";

    public static DateTimeOffset? Before(int months, DateTimeOffset now) => months > 0 ? now.AddMonths(-months) : null;

    public static System.Text.Json.Nodes.JsonObject Data(string name, RetentionCount count, DateTimeOffset before, RetentionOptions options) => new()
    {
        ["class"] = name,
        ["rows"] = count.Rows,
        ["oldest"] = count.Oldest?.UtcDateTime,
        ["newest"] = count.Newest?.UtcDateTime,
        ["before"] = before.UtcDateTime,
        ["basis"] = options.Basis
    };
}
