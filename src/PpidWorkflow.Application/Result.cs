namespace PpidWorkflow.Application;

/// <summary>What kind of refusal a problem is; decides the HTTP answer (design.md §5).</summary>
public enum ProblemKind
{
    /// <summary>400: the request cannot be read.</summary>
    Malformed,

    /// <summary>403: may be seen, is not yours to do.</summary>
    Forbidden,

    /// <summary>404: not there, or not yours to see.</summary>
    NotFound,

    /// <summary>409: stale, closed, or done by somebody else.</summary>
    Conflict,

    /// <summary>413: too large.</summary>
    TooLarge,

    /// <summary>422: a field is missing or wrong.</summary>
    Invalid,

    /// <summary>503: the store or a neighbour is not there; nothing was changed.</summary>
    Unavailable
}

/// <summary>
/// A refusal that somebody can act on, as a value. The code gives the sentence on pages (<c>Problems.resx</c>) and the type in REST; the
/// arguments fill the sentence and never hold titles, file names or contents.
/// </summary>
/// <param name="Code">kebab-case, stable: scripts rely on it.</param>
/// <param name="Kind">Which answer it becomes.</param>
/// <param name="Field">The wire name of the field at fault, null for the whole request.</param>
public sealed record Problem(string Code, ProblemKind Kind, string? Field = null)
{
    /// <summary>Values for the sentence's placeholders.</summary>
    public IReadOnlyList<object> Arguments { get; init; } = [];

    public static Problem NotFound(string code) => new(code, ProblemKind.NotFound);

    public static Problem Forbidden(string code) => new(code, ProblemKind.Forbidden);

    public static Problem Conflict(string code, params object[] arguments) => new(code, ProblemKind.Conflict) { Arguments = arguments };

    public static Problem Invalid(string code, string field, params object[] arguments) =>
        new(code, ProblemKind.Invalid, field) { Arguments = arguments };
}

/// <summary>A value, or the problems that stand against it; never both.</summary>
public sealed class Result<T>
{
    private readonly T? _value;

    private Result(T? value, IReadOnlyList<Problem> problems)
    {
        _value = value;
        Problems = problems;
    }

    public IReadOnlyList<Problem> Problems { get; }

    public bool Succeeded => Problems.Count == 0;

    /// <exception cref="InvalidOperationException">There is none: look at <see cref="Problems"/> first.</exception>
    public T Value => Succeeded ? _value! : throw new InvalidOperationException($"Refused: {Problems[0].Code}.");

    public static implicit operator Result<T>(T value) => new(value, []);

    public static implicit operator Result<T>(Problem problem) => new(default, [problem]);

    public static Result<T> Refused(IReadOnlyList<Problem> problems) => new(default, problems);

    /// <summary>The same refusal for another kind of value.</summary>
    public Result<TOther> As<TOther>() => Result<TOther>.Refused(Problems);
}

/// <summary>One page of a list; <paramref name="Next"/> is given back as <c>after</c>, null at the end.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
