using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Web.Hosting;

namespace PpidWorkflow.Web.Tests.Hosting;

/// <summary>
/// A pooled context that was given back while a question of <c>/health/ready</c> still ran in it had served a request besides, which was answered 500
/// when PostgreSQL was killed.
/// </summary>
public class PatientQuestionTests
{
    [Fact]
    public async Task A_scope_lives_as_long_as_its_question_though_nobody_waits_for_the_answer()
    {
        await using var services = new ServiceCollection().AddScoped<Context>().BuildServiceProvider();
        var scopes = services.GetRequiredService<IServiceScopeFactory>();
        using var patience = new CancellationTokenSource();
        var (begun, answer) = (new TaskCompletionSource<Context>(), new TaskCompletionSource<string>());
        var asked = PatientQuestion.AskAsync(
            scopes, async (scope, _) =>
            {
                begun.SetResult(scope.GetRequiredService<Context>());
                return await answer.Task;
            }, patience.Token);
        var context = await begun.Task;

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);

        Assert.False(context.IsGivenBack.Task.IsCompleted);
        answer.SetResult("late");
        await context.IsGivenBack.Task;
    }

    [Fact]
    public async Task An_answer_in_time_is_told_and_a_failure_too()
    {
        await using var services = new ServiceCollection().AddScoped<Context>().BuildServiceProvider();
        var scopes = services.GetRequiredService<IServiceScopeFactory>();

        Assert.Equal("ready", await PatientQuestion.AskAsync(scopes, (_, _) => Task.FromResult("ready"), default));
        await Assert.ThrowsAsync<InvalidCastException>(() => PatientQuestion.AskAsync<string>(scopes, (_, _) => throw new InvalidCastException(), default));
    }

    private sealed class Context : IDisposable
    {
        public TaskCompletionSource IsGivenBack { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose() => IsGivenBack.SetResult();
    }
}
