namespace PpidWorkflow.Application.Jobs;

/// <summary>
/// Tells the sleeping sweeps of this process that a commit may have brought work forward. A hint only: losing one costs a minute at most, as
/// the minutely jobs run all the same.
/// </summary>
public sealed class WakeUps
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next signal; take it before looking for work.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Signal() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
