using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Threads on which scripts may nest deeply: a stack overflow cannot be caught, so they get a stack that their other limits keep them from
/// filling. As many are kept as the machine has processors, because making one costs several times what a script does. One on which a script
/// failed is not kept: what it had filled of its stack would stay in memory.
/// </summary>
internal sealed class DeepStack
{
    /// <summary>Bytes. Enough for native recursion over as many objects as the memory limit lets a script make.</summary>
    private const int Size = 256 * 1024 * 1024;

    private static readonly ConcurrentBag<DeepStack> Idle = [];

    private readonly object _turn = new();
    private Action? _work;
    private bool _hasEnded;

    // Nothing of the caller's surroundings (language, trace) comes along: the thread serves others, too.
    private DeepStack() => new Thread(Serve, Size) { IsBackground = true, Name = "script" }.UnsafeStart();

    /// <summary>What <paramref name="run"/> gives, computed on such a thread while the caller waits.</summary>
    /// <exception cref="Exception">What <paramref name="run"/> throws.</exception>
    public static T? Run<T>(Func<T?> run)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var stack = Idle.TryTake(out var kept) ? kept : new DeepStack();
        stack.Perform(() =>
        {
            try
            {
                result = run();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        if (failure is null && Idle.Count < Environment.ProcessorCount)
            Idle.Add(stack);
        else
            stack.End();
        failure?.Throw();
        return result;
    }

    private void Perform(Action work)
    {
        lock (_turn)
        {
            _work = work;
            Monitor.PulseAll(_turn);
            while (_work is not null)
                Monitor.Wait(_turn);
        }
    }

    private void End()
    {
        lock (_turn)
        {
            _hasEnded = true;
            Monitor.PulseAll(_turn);
        }
    }

    private void Serve()
    {
        while (Next() is { } work)
        {
            work();
            lock (_turn)
            {
                _work = null;
                Monitor.PulseAll(_turn);
            }
        }
    }

    private Action? Next()
    {
        lock (_turn)
        {
            while (_work is null && !_hasEnded)
                Monitor.Wait(_turn);
            return _work;
        }
    }
}
