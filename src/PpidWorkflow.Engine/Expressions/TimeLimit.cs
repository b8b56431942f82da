namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// A second for a text of an author's. It is over when it has gone by on the wall and the process has worked as long: a machine that stands still, or has
/// no core to give, is no fault of the text's, and what loops for ever works. A text never has the processor for longer than that.
/// </summary>
/// <param name="wall">Time as it goes by.</param>
/// <param name="worked">The processor's time of the whole process.</param>
internal sealed class TimeLimit(TimeProvider wall, Func<TimeSpan> worked)
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(1);

    private readonly long _began = wall.GetTimestamp();
    private readonly TimeSpan _workedBefore = worked();

    public bool IsOver => wall.GetElapsedTime(_began) > Most && worked() - _workedBefore > Most;
}
