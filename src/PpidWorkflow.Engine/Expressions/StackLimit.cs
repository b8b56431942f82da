using System.Runtime.CompilerServices;
using Jint;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// How much of its thread's stack a script may fill. Jint counts calls, and not what a conversion or an iteration calls (<c>valueOf() { return +o }</c>):
/// such a script stops when its memory ends, and to leave ten thousand calls by an exception takes seconds.
/// </summary>
internal sealed class StackLimit : Constraint
{
    /// <summary>Bytes.</summary>
    private const long Most = 8 * 1024 * 1024;

    private long _top = Here();

    public override void Reset() => _top = Here();

    public override void Check()
    {
        if (_top - Here() > Most)
            throw new InsufficientExecutionStackException();
    }

    /// <summary>The address of something that lies on top of the stack.</summary>
    private static long Here()
    {
        byte local = 0;
        return Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref local);
    }
}
