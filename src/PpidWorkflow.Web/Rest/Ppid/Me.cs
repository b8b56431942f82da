using PpidWorkflow.Application.People;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>What the caller has chosen for himself.</summary>
internal static class Me
{
    public static void Map(RouteGroupBuilder me)
    {
        me.MapGet("/preferences", (ApiCall call, PreferenceDesk desk, CancellationToken cancellation) =>
                call.ReadAsync(actor => desk.GetAsync(actor, cancellation)))
            .Answers<PreferenceView>("What mails the caller wants, when and in which language");
        me.MapPut("/preferences", (ApiCall call, PreferenceDesk desk, CancellationToken cancellation) =>
                call.ChangeAsync<PreferenceForm, PreferenceView>((actor, form) => desk.SetAsync(actor, form, cancellation)))
            .Accepts<PreferenceForm>("application/json").Answers<PreferenceView>("Replaces them; what is left out goes back to its default");
    }
}
