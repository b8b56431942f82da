using Microsoft.AspNetCore.Components;
using PpidWorkflow.Application;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Web.Pages.Admin;

/// <summary>
/// What the forms of the calendar share: first the preview, then the act, which is shown where it was asked for with all that it moved. A
/// form sent twice is refused by the calendar's revision.
/// </summary>
public abstract class CalendarForm : OfficePage
{
    [Inject] public CalendarDesk Desk { get; set; } = default!;

    /// <summary>What was done, or would be; null: nothing asked yet.</summary>
    protected CalendarOutcome? Outcome { get; private set; }

    /// <summary>The act that was previewed last ("save", "withdraw"): its button is offered.</summary>
    protected string? Previewed { get; private set; }

    /// <summary>What the page saw of the calendar; the act is refused if it is another by then.</summary>
    protected int Revision { get; set; }

    /// <summary>"check-save" and "check-withdraw" look, "save" and "withdraw" act.</summary>
    protected async Task RunAsync(Func<string, CalendarAsk, Task<Result<CalendarOutcome>>> act)
    {
        var asked = Sent["do"].ToString();
        var look = asked.StartsWith("check-", StringComparison.Ordinal);
        var name = look ? asked["check-".Length..] : asked;
        if (name is not ("save" or "withdraw"))
        {
            Refuse([new Problem("unknown-act", ProblemKind.Malformed)]);
            return;
        }
        var result = await act(name, new CalendarAsk(look, look ? null : Sent.Integer("revision") ?? -1));
        if (!result.Succeeded)
        {
            Refuse(result.Problems);
            return;
        }
        Outcome = result.Value;
        Revision = Outcome.Revision;
        Previewed = look ? name : null;
    }
}
