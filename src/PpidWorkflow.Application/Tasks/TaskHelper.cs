using PpidWorkflow.Application.People;

namespace PpidWorkflow.Application.Tasks;

/// <summary>
/// An officer whom a rung of the ladder added to a work item: he sees it and may do what its performer may, under his own name. Stays as
/// history when the item is closed.
/// </summary>
public sealed class TaskHelper
{
    public required Guid WorkItemId { get; init; }
    public required Guid OfficerId { get; init; }
    public Officer? Officer { get; init; }
    public required Guid CaseId { get; init; }

    /// <summary>The rung that added him.</summary>
    public required Guid FireRecordId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset AddedAt { get; init; }
}
