using PpidWorkflow.Application.People;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>Absences, acting appointments, and the open tasks that they set free.</summary>
internal static class People
{
    public sealed record ActBody(int? Revision);

    public sealed record SubstituteBody(int? Revision, string? SubstituteUserName);

    public sealed record DeclineBody(int? Revision, string? Reason);

    public sealed record AllBody;

    public static void MapAbsences(RouteGroupBuilder absences)
    {
        absences.MapGet("", (ApiCall call, AbsenceDesk desk, CancellationToken c, string? scope = null) =>
                call.ReadAsync(actor => desk.ListAsync(actor, scope ?? "mine", c)))
            .Answers<IReadOnlyList<AbsenceView>>("Absences of the last 90 days and to come: ?scope=mine, staff, all");
        absences.MapGet("/{id:guid}", (Guid id, ApiCall call, AbsenceDesk desk, CancellationToken c) =>
            call.ReadAsync(actor => desk.GetAsync(actor, id, c))).Answers<AbsenceView>("One absence");
        absences.MapPost("", (ApiCall call, AbsenceDesk desk, CancellationToken c) => call.ChangeAsync<AbsenceForm, AbsenceView>(
                (actor, body) => desk.RecordAsync(actor, body, c), view => TypedResults.Created($"{PpidApi.Root}/absences/{view.Id}", view)))
            .Accepts<AbsenceForm>(isOptional: true, "application/json").Answers<AbsenceView>("Records an absence, one's own or of one's staff", StatusCodes.Status201Created);
        absences.MapPost("/{id:guid}/end", (Guid id, ApiCall call, AbsenceDesk desk, CancellationToken c) =>
                call.ChangeAsync<ActBody, AbsenceView>((actor, body) => desk.EndAsync(actor, id, body.Revision, c)))
            .Accepts<ActBody>(isOptional: true, "application/json").Answers<AbsenceView>("Back now; withdraws one that has not begun");
        absences.MapPost("/{id:guid}/substitute", (Guid id, ApiCall call, AbsenceDesk desk, CancellationToken c) =>
                call.ChangeAsync<SubstituteBody, AbsenceView>((actor, body) => desk.SubstituteAsync(actor, id, body.Revision, body.SubstituteUserName, c)))
            .Accepts<SubstituteBody>(isOptional: true, "application/json").Answers<AbsenceView>("Names another substitute, or none");
    }

    public static void MapAppointments(RouteGroupBuilder appointments)
    {
        appointments.MapGet("", (ApiCall call, AppointmentDesk desk, CancellationToken c) =>
                call.ReadAsync<IReadOnlyList<AppointmentView>>(async actor =>
                    (await desk.ListAsync(actor, c)).ToList()))
            .Answers<IReadOnlyList<AppointmentView>>("Acting appointments (Plh., Plt.); one's own, all for administrators, head of the unit and auditors");
        appointments.MapPost("", (ApiCall call, AppointmentDesk desk, CancellationToken c) => call.ChangeAsync<AppointmentForm, AppointmentView>(
                (actor, body) => desk.RecordAsync(actor, body, c), view => TypedResults.Created($"{PpidApi.Root}/appointments", view)))
            .Accepts<AppointmentForm>(isOptional: true, "application/json")
            .Answers<AppointmentView>("Records an appointment from its letter (administrators)", StatusCodes.Status201Created);
        appointments.MapPost("/{id:guid}/end", (Guid id, ApiCall call, AppointmentDesk desk, CancellationToken c) =>
                call.ChangeAsync<ActBody, AppointmentView>((actor, body) => desk.EndAsync(actor, id, body.Revision, c)))
            .Accepts<ActBody>(isOptional: true, "application/json").Answers<AppointmentView>("Ends it now; withdraws one that has not begun");
    }

    public static void MapTransfers(RouteGroupBuilder transfers)
    {
        transfers.MapGet("", (ApiCall call, TransferDesk desk, CancellationToken c) =>
                call.ReadAsync<IReadOnlyList<TransferOfferView>>(async actor =>
                    (await desk.ListAsync(actor, c)).ToList()))
            .Answers<IReadOnlyList<TransferOfferView>>("Open tasks of absent officers that wait for one's decision");
        transfers.MapPost("/{id:guid}/accept", (Guid id, ApiCall call, TransferDesk desk, CancellationToken c) =>
                call.ChangeAsync<ActBody, TransferOfferView>((actor, body) => desk.AcceptAsync(actor, id, body.Revision, c)))
            .Accepts<ActBody>(isOptional: true, "application/json").Answers<TransferOfferView>("Takes the task over");
        transfers.MapPost("/{id:guid}/decline", (Guid id, ApiCall call, TransferDesk desk, CancellationToken c) =>
                call.ChangeAsync<DeclineBody, TransferOfferView>((actor, body) => desk.DeclineAsync(actor, id, body.Revision, body.Reason, c)))
            .Accepts<DeclineBody>(isOptional: true, "application/json").Answers<TransferOfferView>("Leaves the task where it is");
        transfers.MapPost("/accept", (ApiCall call, TransferDesk desk, CancellationToken c) =>
                call.ChangeAsync<AllBody, TransfersAccepted>((actor, _) => desk.AcceptAllAsync(actor, c)))
            .Accepts<AllBody>(isOptional: true, "application/json").Answers<TransfersAccepted>("Takes over all that are offered to oneself");
    }
}
