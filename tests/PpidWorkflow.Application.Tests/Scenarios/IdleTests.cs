using PpidWorkflow.Application.Jobs;

namespace PpidWorkflow.Application.Tests.Scenarios;

public class IdleTests
{
    [Fact]
    public async Task Looking_for_due_alarms_wakes_nobody_while_there_are_none()
    {
        await using var office = await Office.OpenAsync();
        await office.OpenCaseAsync();
        var woken = await office.InScopeAsync(s => Task.FromResult(new Box(s.Get<WakeUps>().Next)));

        await office.FireAsync();

        Assert.False(woken.Task.IsCompleted);
    }

    private sealed record Box(Task Task);
}
