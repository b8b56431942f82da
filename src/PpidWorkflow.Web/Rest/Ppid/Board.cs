using PpidWorkflow.Application;
using PpidWorkflow.Application.Tasks;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>Open steps by urgency, for those who answer for them; their acts are those of <see cref="Tasks"/>.</summary>
internal static class Board
{
    public static void Map(RouteGroupBuilder board) =>
        board.MapGet("", ListAsync).Answers<Page<BoardRow>>(
            "Lists open steps, most urgent first: ?role=, ?person= (user name, - for nobody), ?definitionId=, ?state= open, overdue, atRisk, paused");

    private static Task<IResult> ListAsync(
        ApiCall call, BoardReader reader, CancellationToken cancellation, string? role = null, string? person = null, string? definitionId = null,
        string? state = null, string? after = null, string? pageSize = null) =>
        call.ReadAsync<Page<BoardRow>>(async actor =>
        {
            var size = ApiCall.PageSize(pageSize);
            return size.Succeeded
                ? await reader.ListAsync(actor, new BoardQuery(role, person, definitionId, state, after, size.Value), cancellation)
                : size.As<Page<BoardRow>>();
        });
}
