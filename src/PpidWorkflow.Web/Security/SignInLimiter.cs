using System.Threading.RateLimiting;

namespace PpidWorkflow.Web.Security;

/// <summary>
/// Slows down guessing: failures count per address and name, and per address, which also stops one password tried on many names. Successes
/// cost nothing.
/// </summary>
public sealed class SignInLimiter : IDisposable
{
    private const int FailuresPerName = 15;
    private const int FailuresPerAddress = 150;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<string> _names = PerMinute(FailuresPerName);
    private readonly PartitionedRateLimiter<string> _addresses = PerMinute(FailuresPerAddress);

    public bool MayTry(string address, string name)
    {
        using var forName = _names.AttemptAcquire(Key(address, name), 0);
        using var forAddress = _addresses.AttemptAcquire(address, 0);
        return forName.IsAcquired && forAddress.IsAcquired;
    }

    public void CountFailure(string address, string name)
    {
        _names.AttemptAcquire(Key(address, name)).Dispose();
        _addresses.AttemptAcquire(address).Dispose();
    }

    public void Dispose()
    {
        _names.Dispose();
        _addresses.Dispose();
    }

    // Names longer than any real one share a bucket: the memory held must not depend on what is sent.
    private static string Key(string address, string name) => $"{address} {name[..Math.Min(name.Length, 64)]}";

    private static PartitionedRateLimiter<string> PerMinute(int permits) => PartitionedRateLimiter.Create<string, string>(key =>
        RateLimitPartition.GetFixedWindowLimiter(key, _ => new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = Window }));
}
