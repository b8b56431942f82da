using Microsoft.Extensions.Options;

namespace PpidWorkflow.Web.Hosting;

/// <summary>How the service ends (configuration section <c>Shutdown</c>).</summary>
public sealed class ShutdownOptions
{
    /// <summary>
    /// How long requests that run may take to be answered after SIGTERM, seconds. Sweeps and the record of the stop have
    /// <see cref="Drain.SweepsTake"/> and a few seconds more.
    /// </summary>
    public int DrainSeconds { get; set; } = 30;
}

/// <summary>
/// After SIGTERM: Kestrel takes nobody in any more and waits for the requests that run; those that go on for too long are cut off here, so that
/// the sweeps and the record of the stop keep a time of their own. Event streams end by themselves at once.
/// </summary>
public sealed class Drain : IDisposable
{
    /// <summary>For sweeps to end what they have in their hands: a commit, or a mail on its way.</summary>
    public static readonly TimeSpan SweepsTake = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenRegistration _stopping;
    private int _cutOff;

    public Drain(IHostApplicationLifetime lifetime, IOptions<ShutdownOptions> options) =>
        _stopping = lifetime.ApplicationStopping.Register(() => _end.CancelAfter(TimeSpan.FromSeconds(options.Value.DrainSeconds)));

    /// <summary>Requests that were not answered in time.</summary>
    public int CutOff => _cutOff;

    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        await using var watched = _end.Token.UnsafeRegister(_ =>
        {
            Interlocked.Increment(ref _cutOff);
            context.Abort();
        }, null);
        await next(context);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _end.Dispose();
    }
}
