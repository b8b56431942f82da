namespace PpidWorkflow.Application.Persistence.Providers;

/// <summary>
/// Turns at writing, in order of arrival. Whoever has the turn may pass it on with his transaction still open, where the next one in the row would
/// share it (<see cref="GroupCommit"/>).
/// </summary>
internal sealed class TurnQueue
{
    private readonly Lock _sync = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private bool _isTaken;

    /// <summary>Waits for the turn.</summary>
    /// <param name="shares">Would go on in the transaction of the one before.</param>
    /// <param name="cancellation">Gives up the place in the row; a turn that was given already is given.</param>
    public async Task EnterAsync(bool shares, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_sync)
        {
            if (!_isTaken)
            {
                _isTaken = true;
                return;
            }
            waiter = new Waiter(shares);
            _waiting.AddLast(waiter.Place);
        }
        await using var given = cancellation.UnsafeRegister(
            static (state, token) =>
            {
                var (queue, waiter) = ((TurnQueue, Waiter))state!;
                queue.GiveUp(waiter, token);
            },
            (this, waiter));
        await waiter.Turn.Task;
    }

    /// <summary>Gives the turn to the next one if he would share the transaction.</summary>
    /// <returns>False: nobody waits, or somebody who must be alone; the turn stays.</returns>
    public bool TryPassOn()
    {
        lock (_sync)
        {
            return _waiting.First is { Value.Shares: true } && PassOn();
        }
    }

    /// <summary>Gives the turn to the next one, or to whoever comes.</summary>
    public void Leave()
    {
        lock (_sync)
        {
            if (!PassOn())
                _isTaken = false;
        }
    }

    private bool PassOn()
    {
        if (_waiting.First is not { } next)
            return false;
        _waiting.Remove(next);
        // Runs elsewhere: whoever leaves does not do the next one's work.
        next.Value.Turn.SetResult();
        return true;
    }

    private void GiveUp(Waiter waiter, CancellationToken token)
    {
        lock (_sync)
        {
            if (waiter.Place.List is null)
                return;
            _waiting.Remove(waiter.Place);
        }
        waiter.Turn.SetCanceled(token);
    }

    private sealed class Waiter
    {
        public Waiter(bool shares)
        {
            Shares = shares;
            Place = new LinkedListNode<Waiter>(this);
        }

        public bool Shares { get; }

        public LinkedListNode<Waiter> Place { get; }

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
