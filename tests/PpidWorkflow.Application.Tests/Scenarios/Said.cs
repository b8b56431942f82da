using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>Keeps what a service says to its log, a level and a sentence a line.</summary>
internal sealed class Said<T> : ILogger<T>
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IReadOnlyCollection<string> Lines => _lines;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {formatter(state, exception)}");
}
