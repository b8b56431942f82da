using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using static PpidWorkflow.Application.Tests.Scenarios.Flows;

namespace PpidWorkflow.Application.Tests.Scenarios;

/// <summary>A known fault of stock Elsa: a bookmark that is burnt while the state's save fails. Here both commit together, whatever resumes it.</summary>
public class UnsavedBurstTests
{
    [Theory]
    [InlineData("task")]
    [InlineData("timer")]
    [InlineData("event")]
    [InlineData("child")]
    public async Task A_bookmark_whose_burst_could_not_be_saved_still_stands_and_is_resumed_once(string by)
    {
        await using var office = await Revisions.OpenOfficeAsync();
        await office.KeepAsync(Flow("child", [RunTask("C")]), inForce: true);
        await office.KeepAsync(Flow("tells", [Of("P", "PublishEvent", ("eventName", "Sampai"))]));
        var wait = by switch
        {
            "task" => RunTask("W"),
            "timer" => Delay("W", "00:05:00"),
            "event" => Event("W", "Sampai"),
            _ => Of("W", "ExecuteWorkflow", ("workflowDefinitionId", "child"), ("waitForCompletion", true))
        };
        await office.KeepAsync(Flow("waits", [wait, Of("V", "WriteLine", ("text", "lanjut")), RunTask("T")], "W-V", "V-T"));
        var id = await office.TrialAsync("waits");
        Assert.Equal(["W"], await office.WaitsAtAsync(id));
        var before = await office.RowsAsync(db => db.Instances.Where(i => i.Id == id).Select(i => i.State).SingleAsync());
        if (by == "event")
            await office.TrialAsync("tells");
        if (by == "timer")
            office.Time.Advance(TimeSpan.FromMinutes(5));

        await office.RefuseWritesAsync(true);
        await Record.ExceptionAsync(() => GoOnAsync());
        await office.RefuseWritesAsync(false);

        Assert.Equal(before, await office.RowsAsync(db => db.Instances.Where(i => i.Id == id).Select(i => i.State).SingleAsync()));
        Assert.Equal(1, await office.RowsAsync(db => db.Bookmarks.CountAsync(b => b.InstanceId == id && b.ActivityId == "W")));
        Assert.Equal(0, await office.CountAsync(id, "W", "Resumed"));

        // What could not be served was left alone for a while.
        office.Time.Advance(TimeSpan.FromMinutes(2));
        await GoOnAsync();
        await office.FireAsync();
        Assert.Equal(["T"], await office.WaitsAtAsync(id));
        Assert.Equal((1, 1, 1), (await office.CountAsync(id, "W", "Resumed"), await office.CountAsync(id, "V"), await office.CountAsync(id, "T")));
        Assert.Empty(await office.ViolatedAsync());

        async Task GoOnAsync()
        {
            if (by is "timer" or "event")
            {
                await office.FireAsync();
                return;
            }
            var at = by == "task" ? id : await office.RowsAsync(db => db.Instances.Where(i => i.ParentInstanceId == id).Select(i => i.Id).SingleAsync());
            await office.ResumeAsync(at, (await office.StateAsync(at)).Bookmarks.Single().Id, new JsonObject());
        }
    }
}
