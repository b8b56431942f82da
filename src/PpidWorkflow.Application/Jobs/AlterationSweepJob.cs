using PpidWorkflow.Application.Alterations;

namespace PpidWorkflow.Application.Jobs;

/// <summary>Minutely: goes on with plans of alterations that a crash cut off.</summary>
public sealed class AlterationSweepJob(AlterationDesk desk)
{
    public Task RunAsync(CancellationToken cancellation) => desk.ContinueAsync(cancellation);
}
