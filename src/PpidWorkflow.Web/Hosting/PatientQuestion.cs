namespace PpidWorkflow.Web.Hosting;

/// <summary>
/// A question that is waited for no longer than whoever asks has patience, though its database may never answer. It has a scope of its own, which
/// ends with the question and not with the patience: contexts are pooled, and one that was given back while it still asks would serve two at once.
/// </summary>
internal static class PatientQuestion
{
    /// <param name="scopes">Makes the scope.</param>
    /// <param name="question">May ignore that nobody waits for it any more.</param>
    /// <param name="patience">Is over when it is cancelled.</param>
    /// <exception cref="OperationCanceledException">There was no answer in time.</exception>
    public static async Task<T> AskAsync<T>(
        IServiceScopeFactory scopes, Func<IServiceProvider, CancellationToken, Task<T>> question, CancellationToken patience)
    {
        var asked = InScopeAsync();
        // Where nobody waits any more, nobody has to know how it failed.
        _ = asked.ContinueWith(failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return await asked.WaitAsync(patience);

        async Task<T> InScopeAsync()
        {
            await using var scope = scopes.CreateAsyncScope();
            return await question(scope.ServiceProvider, patience);
        }
    }
}
