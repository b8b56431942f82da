namespace PpidWorkflow.Engine.Execution;

/// <summary>What is scheduled in a burst, first come, first served (as Elsa's queue-based scheduler). A ring, so that a long run of a few at a time
/// allocates nothing.</summary>
internal sealed class WorkQueue
{
    private (long Number, ScheduledActivity Work)[] _ring = new (long, ScheduledActivity)[4];
    private int _head;

    public int Count { get; private set; }

    /// <summary>How many were ever added; tells later ones from earlier ones.</summary>
    public long Mark { get; private set; }

    public ScheduledActivity First => At(0).Work;

    public IEnumerable<ScheduledActivity> All => Enumerable.Range(0, Count).Select(i => At(i).Work);

    public void Add(ScheduledActivity work)
    {
        if (Count == _ring.Length)
            Grow();
        Count++;
        At(Count - 1) = (++Mark, work);
    }

    public ScheduledActivity Take()
    {
        var first = At(0).Work;
        At(0) = default;
        _head = (_head + 1) % _ring.Length;
        Count--;
        return first;
    }

    /// <summary>Takes back what an execution has scheduled last since the mark.</summary>
    public void TakeBack(long mark, string parentId)
    {
        while (Count > 0 && At(Count - 1) is var (number, work) && number > mark && work.ParentId == parentId)
        {
            At(Count - 1) = default;
            Count--;
        }
    }

    public bool Has(string parentId)
    {
        for (var i = 0; i < Count; i++)
            if (At(i).Work.ParentId == parentId)
                return true;
        return false;
    }

    public void Remove(string parentId)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
            if (At(i).Work.ParentId != parentId)
                At(kept++) = At(i);
        for (var i = kept; i < Count; i++)
            At(i) = default;
        Count = kept;
    }

    public void Clear()
    {
        Array.Clear(_ring);
        Count = 0;
    }

    private ref (long Number, ScheduledActivity Work) At(int index) => ref _ring[(_head + index) % _ring.Length];

    private void Grow()
    {
        var larger = new (long, ScheduledActivity)[_ring.Length * 2];
        for (var i = 0; i < Count; i++)
            larger[i] = At(i);
        (_ring, _head) = (larger, 0);
    }
}
