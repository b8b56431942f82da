using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PpidWorkflow.Application.Observability;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Persistence.Providers;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Notifications;

/// <summary>What one sweep did, in mails.</summary>
/// <param name="Postponed">Answered "later" one by one; mails put off because the server is away are not counted.</param>
public sealed record SweepReport(int Sent, int Postponed, int Failed)
{
    public int Handled => Sent + Postponed + Failed;
}

/// <summary>
/// Sends what is due, oldest first: claims a batch by a lease, then renders, sends and commits one mail after the other. May run twice,
/// side by side, on several nodes, or die anywhere: a lease keeps two sweeps off one row, and ends by itself.
/// </summary>
/// <remarks>
/// Once per mail, with one honest limit: a process that dies between the server's 250 and our commit sends again, with the same Message-ID,
/// by which the receiver's server or eye knows it. A mail that cannot be rendered or is refused fails alone; a server that is away stops
/// the sweep and puts off all that is due, so an outage burns one attempt of one mail per try and not one of each. A lease is as long as a node
/// may be silent (<see cref="OutageOptions.Gap"/>) and is renewed while a batch is worked off, also while a slow server has a mail: the mails of a
/// node that has died or hangs wait no longer than that.
/// </remarks>
public sealed class OutboxSweep(
    PpidDbContext db, Committer committer, WriteGate gate, MailTemplates templates, MailOutages outages, MailLinks links, INotificationChannel channel, OutboxPace pace,
    NightRest rest, IOptions<OutageOptions> outageOptions, TimeProvider time, ILogger<OutboxSweep> logger)
{
    internal const int BatchSize = 50;

    /// <summary>How often a mail may take too long to be rendered; then it is shown as failed.</summary>
    internal const int MostSlowRenderings = 5;

    /// <summary>How long the outcome of a mail that went out waits for a store that is away; forgotten, it would go out twice.</summary>
    private static readonly TimeSpan StorePatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestStorePause = TimeSpan.FromSeconds(1);

    /// <summary>A timer takes no more than some weeks; an office may count as silent only after years.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromHours(1);

    /// <summary>How long a dead sweep's mails wait.</summary>
    private TimeSpan Lease => outageOptions.Value.Gap;

    /// <summary>Sends what is due; where the server is away, puts it off. What falls due meanwhile is the next sweep's.</summary>
    /// <exception cref="OperationCanceledException">The node stops; the rest of the batch was given back.</exception>
    /// <exception cref="InvalidOperationException">The store does not take an outcome; what cannot be recorded is not sent.</exception>
    public async Task<SweepReport> RunAsync(CancellationToken cancellation = default)
    {
        var report = new SweepReport(0, 0, 0);
        try
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                if (pace.PauseAt(time.Now()) is { } pause)
                {
                    await PutOffAsync(pause.Until, pause.Reason, cancellation);
                    return report;
                }
                var claim = await ClaimAsync(cancellation);
                if (claim.Mails.Count == 0)
                    return report;
                CrashPoints.Reach("inside-sweep/outbox");
                report = await WorkOffAsync(claim, report, cancellation);
                if (claim.IsLast && pace.PauseAt(time.Now()) is null)
                    return report;
            }
        }
        finally
        {
            await channel.FinishAsync();
        }
    }

    /// <summary>
    /// Before this process's first sweep, where it is alone with its database (SQLite): what a dead process had claimed is free again. A task
    /// mail must not wait for a lease when the step itself lasts five minutes. On a server's database other nodes live, and leases end alone.
    /// </summary>
    public async Task ForgetDeadLeasesAsync(CancellationToken cancellation = default)
    {
        if (!gate.HasOneWriter)
            return;
        using var turn = await gate.EnterAsync(cancellation);
        await db.Outbox.Where(m => m.State == OutboxState.Pending && m.LeasedUntil != null)
            .ExecuteUpdateAsync(m => m.SetProperty(x => x.LeasedUntil, (DateTimeOffset?)null), cancellation);
    }

    /// <summary>When there is next something to do, which may have passed; null: nothing is pending.</summary>
    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellation = default) =>
        db.Outbox.Where(m => m.State == OutboxState.Pending)
            .MinAsync(m => m.LeasedUntil != null && m.LeasedUntil > m.NextAttemptAt ? m.LeasedUntil : m.NextAttemptAt, cancellation);

    /// <summary>
    /// Reads first and writes only when something is due, so that an idle sweep costs one read. The update repeats the condition: of two
    /// sweeps that read the same row, the database lets one have it.
    /// </summary>
    private async Task<Claim> ClaimAsync(CancellationToken cancellation)
    {
        var now = time.Now();
        var due = await Due(now).AsNoTracking().OrderBy(m => m.NextAttemptAt).ThenBy(m => m.Id).Take(BatchSize).ToListAsync(cancellation);
        if (due.Count == 0)
            return new Claim([], now);
        if (await rest.PutOffAsync(due, now, cancellation))
            return await ClaimAsync(cancellation);

        var lease = LeaseFrom(now);
        var ids = due.ConvertAll(m => m.Id);
        int claimed;
        using (await gate.EnterAsync(cancellation))
            claimed = await Due(now).Where(m => ids.Contains(m.Id))
                .ExecuteUpdateAsync(m => m.SetProperty(x => x.LeasedUntil, lease), cancellation);
        if (claimed == due.Count)
            return new Claim(due, lease) { IsLast = claimed < BatchSize };

        var mine = await db.Outbox.AsNoTracking().Where(m => ids.Contains(m.Id) && m.LeasedUntil == lease)
            .OrderBy(m => m.NextAttemptAt).ThenBy(m => m.Id).ToListAsync(cancellation);
        // More than were claimed: another sweep drew the same lease. Nobody's, then; it ends by itself.
        return new Claim(mine.Count == claimed ? mine : [], lease);
    }

    // Microseconds of chance tell this sweep's lease from that of one that began in the same millisecond; every provider keeps them.
    private DateTimeOffset LeaseFrom(DateTimeOffset now) => now + Lease + TimeSpan.FromMicroseconds(Random.Shared.Next(1, 1_000_000));

    private async Task<SweepReport> WorkOffAsync(
        Claim claim, SweepReport report, CancellationToken cancellation)
    {
        try
        {
            // A process that was suspended meanwhile may have lost its mails: then what is left of them is given back.
            while (claim.Mails.Count > 0 && (claim.Until - time.Now() > Lease / 2 || await RenewAsync(claim, cancellation)))
            {
                cancellation.ThrowIfCancellationRequested();
                var (began, heldUp) = (time.Now(), claim.Mails.Peek().LastError is not null);
                using var span = Traces.Send(claim.Mails.Peek());
                var delivery = await HoldAsync(claim, SendAsync(claim.Mails.Peek(), cancellation));
                var message = claim.Mails.Dequeue();
                report = Apply(message, delivery, report);
                Traces.Ended(span, OutcomeOf(delivery.Verdict));
                await CommitAsync(
                    message, claim.Until,
                    // What an outage had held up is due now, and goes with this sweep.
                    async () => claim.IsLast &= !await outages.ObserveAsync(message, delivery.Verdict, began, heldUp, CancellationToken.None), cancellation);
                Metrics.Mailed(message, OutcomeOf(delivery.Verdict));
                if (delivery.Verdict == DeliveryVerdict.Unreachable)
                    return report;
            }
            return report;
        }
        finally
        {
            // Also when the sweep fails or is stopped; only a mail whose outcome could not be stored keeps its lease until the end.
            if (claim.Mails.Count > 0)
                await GiveBackAsync(claim);
        }
    }

    private static string OutcomeOf(DeliveryVerdict verdict) => verdict switch
    {
        DeliveryVerdict.Sent => "sent",
        DeliveryVerdict.Refused => "refused",
        DeliveryVerdict.Unreachable => "unreachable",
        _ => "postponed"
    };

    // A slow server keeps a mail for longer than a dead node's mails should wait.
    private async Task<Delivery> HoldAsync(Claim claim, Task<Delivery> sending)
    {
        using var sent = new CancellationTokenSource();
        var hold = Lease / 3 < LongestHold ? Lease / 3 : LongestHold;
        while (await Task.WhenAny(sending, Task.Delay(hold, time, sent.Token)) != sending)
        {
            try
            {
                await RenewAsync(claim, CancellationToken.None);
            }
            catch (Exception failure) when (StoreFailures.Describe(failure) is { } kind)
            {
                logger.LogWarning("The lease of {Count} mails was not renewed: {Kind}", claim.Mails.Count, kind);
            }
        }
        await sent.CancelAsync();
        return await sending;
    }

    /// <returns>False: some of the mails are another sweep's by now.</returns>
    private async Task<bool> RenewAsync(Claim claim, CancellationToken cancellation)
    {
        var (ids, before, until) = (claim.Mails.Select(m => m.Id).ToList(), claim.Until, LeaseFrom(time.Now()));
        using var turn = await gate.EnterAsync(cancellation);
        var renewed = await db.Outbox.Where(m => ids.Contains(m.Id) && m.State == OutboxState.Pending && m.LeasedUntil == before)
            .ExecuteUpdateAsync(m => m.SetProperty(x => x.LeasedUntil, until), cancellation);
        claim.Until = until;
        return renewed == ids.Count;
    }

    private async Task<Delivery> SendAsync(OutboxMessage message, CancellationToken cancellation)
    {
        RenderedMail mail;
        try
        {
            var model = JsonSerializer.Deserialize<Dictionary<string, object?>>(message.Model) ?? [];
            links.AddTo(model, message);
            mail = templates.Render(
                message.SopSlug, message.Template, model, message.Language is { } language ? CultureInfo.GetCultureInfo($"{language}-GB") : null);
        }
        catch (IOException failure)
        {
            return Delivery.RetryLater($"The mail template cannot be read: {failure.Message}");
        }
        // A busy machine must not cost a mail; a template that is too slow every time is one that cannot be rendered.
        catch (Exception failure) when (failure is MailTemplateException { MayPass: true } or RegexMatchTimeoutException
            && message.Attempts + 1 < MostSlowRenderings)
        {
            logger.LogWarning("Mail {MailId} took too long to be rendered, attempt {Attempt}", message.Id, message.Attempts + 1);
            return Delivery.RetryLater(failure is MailTemplateException ? failure.Message : "The mail took too long to be rendered.");
        }
        catch (MailTemplateException failure)
        {
            return Delivery.Refused(failure.Message);
        }
        // Templates and models are data: whatever they bring down is this mail's failure, not the others'.
        catch (Exception failure)
        {
            logger.LogError("Mail {MailId} cannot be rendered: {Exception}", message.Id, failure.GetType().Name);
            return Delivery.Refused($"The mail cannot be rendered: {failure.GetType().Name}.");
        }
        CrashPoints.Reach("before-smtp");
        Delivery delivery;
        try
        {
            delivery = await channel.DeliverAsync(message, mail, cancellation);
        }
        // A bug met by one mail must not stand at the head of the queue for ever.
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            logger.LogError(failure, "Mail {MailId} broke the channel", message.Id);
            return Delivery.RetryLater($"Internal error while sending: {failure.GetType().Name}.");
        }
        if (delivery.Verdict == DeliveryVerdict.Sent)
            CrashPoints.Reach("after-smtp");
        return delivery;
    }

    private SweepReport Apply(OutboxMessage message, Delivery delivery, SweepReport report)
    {
        var now = time.Now();
        switch (delivery.Verdict)
        {
            case DeliveryVerdict.Sent:
                message.MarkSent(now);
                pace.Resume();
                return report with { Sent = report.Sent + 1 };
            case DeliveryVerdict.Refused:
                message.GiveUp(delivery.Reason!);
                logger.LogWarning("Mail {MailId} failed for good; see the mail log", message.Id);
                return report with { Failed = report.Failed + 1 };
            case DeliveryVerdict.Unreachable:
                var resumes = pace.Pause(now, delivery.Reason!);
                message.RetryAt(resumes, delivery.Reason!);
                logger.LogWarning("No mail can leave; next try at {ResumesAt:u}. {Reason}", resumes, delivery.Reason);
                return report with { Postponed = report.Postponed + 1 };
            default:
                message.RetryAt(now + pace.AfterAttempt(message.Attempts + 1), delivery.Reason!);
                return report with { Postponed = report.Postponed + 1 };
        }
    }

    /// <summary>
    /// Not to be cancelled: what the server has accepted is to be recorded. One conditional update per mail; a mail that went is sent even
    /// if its lease was lost meanwhile, any other outcome then belongs to the new holder. Clocks credited with it may just be somebody
    /// else's: then once more, as a mail that went out is not to be forgotten for that; nor for a database that is restarting.
    /// </summary>
    private async Task CommitAsync(OutboxMessage message, DateTimeOffset lease, Func<Task> observe, CancellationToken stopping)
    {
        var committed = await StoreAsync();
        for (var again = 0; again < 3 && !committed.Succeeded && committed.Problems[0].Kind == ProblemKind.Conflict; again++)
            committed = await StoreAsync();
        var (began, pause) = (time.GetTimestamp(), TimeSpan.FromMilliseconds(50));
        while (message.State == OutboxState.Sent && !committed.Succeeded && committed.Problems[0].Kind == ProblemKind.Unavailable
            && time.GetElapsedTime(began) < StorePatience && !stopping.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(pause, time, stopping));
            pause = pause * 2 < LongestStorePause ? pause * 2 : LongestStorePause;
            committed = await StoreAsync();
        }
        if (!committed.Succeeded)
            throw new InvalidOperationException($"The outcome of mail {message.Id} was not stored: {committed.Problems[0].Code}.");
        if (committed.Value == 0)
            logger.LogWarning("Mail {MailId} was taken over by another sweep: its lease had ended", message.Id);

        Task<Result<int>> StoreAsync() => committer.RunAsync<int>(async () =>
        {
            var stored = await OutcomeAsync(message, lease);
            await observe();
            return stored;
        }, CancellationToken.None);
    }

    private Task<int> OutcomeAsync(OutboxMessage message, DateTimeOffset lease)
    {
        var wentOut = message.State == OutboxState.Sent;
        return db.Outbox
                .Where(m => m.Id == message.Id && m.State != OutboxState.Sent && (wentOut || m.LeasedUntil == lease))
                .ExecuteUpdateAsync(m => m
                    .SetProperty(x => x.State, message.State)
                    .SetProperty(x => x.Attempts, message.Attempts)
                    .SetProperty(x => x.NextAttemptAt, message.NextAttemptAt)
                    .SetProperty(x => x.SentAt, message.SentAt)
                    .SetProperty(x => x.Model, message.Model)
                    .SetProperty(x => x.LastError, message.LastError)
                    .SetProperty(x => x.LeasedUntil, message.LeasedUntil));
    }

    private async Task GiveBackAsync(Claim claim)
    {
        var (ids, lease) = (claim.Mails.Select(m => m.Id).ToList(), claim.Until);
        using var turn = await gate.EnterAsync(CancellationToken.None);
        await db.Outbox.Where(m => ids.Contains(m.Id) && m.LeasedUntil == lease)
            .ExecuteUpdateAsync(m => m.SetProperty(x => x.LeasedUntil, (DateTimeOffset?)null), CancellationToken.None);
    }

    /// <summary>
    /// The server is away: all that is due waits for the next try, without an attempt held against it, and says why it waits.
    /// </summary>
    private async Task PutOffAsync(DateTimeOffset until, string reason, CancellationToken cancellation)
    {
        var now = time.Now();
        if (!await Due(now).AnyAsync(cancellation))
            return;
        using var turn = await gate.EnterAsync(cancellation);
        await Due(now).ExecuteUpdateAsync(
            m => m.SetProperty(x => x.NextAttemptAt, until).SetProperty(x => x.LastError, reason), cancellation);
    }

    private IQueryable<OutboxMessage> Due(DateTimeOffset now) => db.Outbox.Where(
        m => m.State == OutboxState.Pending && m.NextAttemptAt <= now && (m.LeasedUntil == null || m.LeasedUntil <= now));

    /// <summary>Mails that this sweep has for itself.</summary>
    private sealed class Claim(IEnumerable<OutboxMessage> mails, DateTimeOffset until)
    {
        /// <summary>Nothing else is known to be due.</summary>
        public bool IsLast { get; set; }

        /// <summary>Not yet sent, in their order.</summary>
        public Queue<OutboxMessage> Mails { get; } = new(mails);

        /// <summary>The lease as it stands in the rows; by it they are known as this sweep's.</summary>
        public DateTimeOffset Until { get; set; } = until;
    }
}
