using System.Reflection;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Archive;
using PpidWorkflow.Application.Jobs;
using PpidWorkflow.Application.Retention;

namespace PpidWorkflow.Application.Tests.Scenarios;

public class HousekeepingTests
{
    [Fact]
    public async Task Cut_off_uploads_are_swept_from_the_vault_and_nothing_else()
    {
        await using var office = await Office.OpenAsync();
        var opened = await office.OpenCaseAsync();
        var prepare = await office.WalkToAsync(opened.Id, "2");
        var kept = (await office.UploadAsync(prepare, Office.InformationOfficer, "berkas.pdf", "isi")).Value;
        var (recorded, orphan, unfinished, uploading, foreign) = await office.AskAsync<DossierVault, (string, string, string, string, string)>(vault =>
            Task.FromResult((
                vault.PathOf(kept.Id), vault.PathOf(Guid.CreateVersion7()), vault.PathOf(Guid.CreateVersion7()) + ".part",
                vault.PathOf(Guid.CreateVersion7()) + ".part", Path.Combine(vault.Root, "catatan.txt"))));
        foreach (var path in (string[])[orphan, unfinished, uploading, foreign])
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, "isi");
        }
        foreach (var path in (string[])[recorded, orphan, unfinished, foreign])
            File.SetLastWriteTimeUtc(path, office.Time.GetUtcNow().UtcDateTime.AddHours(-25));
        File.SetLastWriteTimeUtc(uploading, office.Time.GetUtcNow().UtcDateTime.AddHours(-1));

        await office.AskAsync<HousekeepingJob, bool>(async job =>
        {
            await job.RunAsync(CancellationToken.None);
            return true;
        });

        Assert.Equal(
            [true, true, false, true, true], ((string[])[recorded, orphan, unfinished, uploading, foreign]).Select(File.Exists));
        Assert.Empty(await office.ViolatedAsync());
    }

    [Fact]
    public async Task A_class_whose_removal_is_refused_is_named_in_the_log_and_does_not_keep_the_others()
    {
        var log = new Said<HousekeepingJob>();
        var (refusing, other) = (new Refusing("stubborn"), new Refusing(null));
        await using var office = await Office.OpenAsync(change: s => s.AddSingleton<ILogger<HousekeepingJob>>(log)
            .AddSingleton<IRetainedClass>(refusing).AddSingleton<IRetainedClass>(other));

        await office.AskAsync<HousekeepingJob, bool>(async job =>
        {
            await job.RunAsync(CancellationToken.None);
            return true;
        });

        Assert.Equal(["Error Housekeeping of test refused: stubborn"], log.Lines);
        Assert.Equal((1, 1), (refusing.Asked, other.Asked));
    }

    /// <summary>
    /// Ten repetitions of what comes again within minutes or an hour would only run beside it. What comes once an hour or a night stays to be seen among
    /// the failed.
    /// </summary>
    [Fact]
    public void What_comes_again_by_itself_is_not_repeated_by_Hangfire()
    {
        var jobs = typeof(HousekeepingJob).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(HousekeepingJob).Namespace && type.Name.EndsWith("Job", StringComparison.Ordinal)).ToList();

        Assert.True(jobs.Count >= 12, $"{jobs.Count} jobs");
        Type[] rare = [typeof(HousekeepingJob), typeof(RetentionJob), typeof(DeepGuaranteeJob), typeof(CalendarReminderJob), typeof(PauseReminderJob)];
        Assert.All(jobs, job => Assert.Equal(
            (0, rare.Contains(job) ? AttemptsExceededAction.Fail : AttemptsExceededAction.Delete),
            job.GetCustomAttribute<AutomaticRetryAttribute>() is { } retry ? (retry.Attempts, retry.OnAttemptsExceeded) : (10, AttemptsExceededAction.Fail)));
    }

    /// <summary>Refuses with a code; null: has nothing to remove.</summary>
    private sealed class Refusing(string? code) : IRetainedClass
    {
        public int Asked { get; private set; }

        public string Name => "test";

        public string? Setting => null;

        public DateTimeOffset? Before(DateTimeOffset now) => now;

        public Task<RetentionCount> CountAsync(DateTimeOffset before, CancellationToken cancellation) => Task.FromResult(RetentionCount.None);

        public Task<Result<RetentionCount>> RemoveAsync(DateTimeOffset before, CancellationToken cancellation)
        {
            Asked++;
            Result<RetentionCount> result = code is null ? RetentionCount.None : new Problem(code, ProblemKind.Conflict);
            return Task.FromResult(result);
        }
    }
}
