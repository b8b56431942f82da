namespace PpidWorkflow.Engine.Expressions;

/// <summary>What a script does with the engine's built-in functions, and so which guards it needs.</summary>
internal enum ScriptShape
{
    /// <summary>Whatever it likes: each of them is guarded.</summary>
    Any,

    /// <summary>It only calls them (<see cref="CallingScript"/>).</summary>
    Calling,

    /// <summary>It only reads and puts together (<see cref="PlainScript"/>).</summary>
    Plain
}
