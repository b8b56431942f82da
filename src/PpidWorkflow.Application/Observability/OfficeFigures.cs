using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PpidWorkflow.Application.Audit;
using PpidWorkflow.Application.Notifications;
using PpidWorkflow.Application.Persistence;
using PpidWorkflow.Application.Tasks;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Observability;

/// <summary>
/// Gauges that only the database can tell: open cases and tasks, the outbox, the guarantees. Read when somebody asks (a scrape, an export), at
/// most once in a while, and by nobody else: a service that is not watched asks nothing for it. Every question finds its rows by an index over what
/// is open; mails sent are counted as they go out (<c>ppid.mails.handled</c>), never in the table.
/// </summary>
public sealed class OfficeFigures : IDisposable
{
    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _time;
    private readonly TimeSpan _keeps;
    private readonly TimeSpan _guaranteesKeep;
    private readonly ILogger<OfficeFigures> _logger;
    private readonly Meter _meter = new(Metrics.MeterName);
    private readonly SemaphoreSlim _one = new(1, 1);
    private Reading? _reading;
    private IReadOnlyList<GuaranteeReading>? _guarantees;
    private long? _readAt;
    private long _guaranteesReadAt;

    /// <param name="scopes">Each reading has a scope of its own.</param>
    /// <param name="time">Ages and pauses between readings.</param>
    /// <param name="keeps">How long a reading serves everybody who asks.</param>
    /// <param name="guaranteesKeep">The same of the guarantees, which read more.</param>
    /// <param name="logger">Tells of readings that failed.</param>
    public OfficeFigures(
        IServiceScopeFactory scopes, TimeProvider time, TimeSpan keeps, TimeSpan guaranteesKeep, ILogger<OfficeFigures> logger)
    {
        (_scopes, _time, _keeps, _guaranteesKeep, _logger) = (scopes, time, keeps, guaranteesKeep, logger);
        _meter.CreateObservableGauge("ppid.figures.up", () => Fresh() is null ? 0 : 1, null, "1: the figures of the database could be read.");
        _meter.CreateObservableGauge("ppid.cases.open", () => Of(r => (r.OpenCases, "")), "{case}", "Cases neither documented nor cancelled.");
        _meter.CreateObservableGauge(
            "ppid.tasks", () => Of("state", r => (r.OpenTasks, "open"), r => (r.OverdueTasks, "overdue")), "{task}",
            "Tasks not closed, and those of them past their due instant.");
        _meter.CreateObservableGauge(
            "ppid.outbox.mails", () => Of("state", r => (r.Pending, "pending"), r => (r.Troubled, "troubled"), r => (r.Failed, "failed")), "{mail}",
            "Mails that have not gone out; troubled are pending ones with three attempts or more.");
        _meter.CreateObservableGauge(
            "ppid.outbox.oldest.pending", () => Of(r => (r.OldestPending, "")), "s", "Age of the oldest pending mail, quiet hours included.");
        _meter.CreateObservableGauge(
            "ppid.outbox.overdue", () => Of(r => (r.MostOverdue, "")), "s", "For how long the most overdue pending mail could have gone out.");
        _meter.CreateObservableGauge("ppid.guarantee.healthy", () => OfGuarantees(g => g.Violations == 0 ? 1 : 0), null, "1: the guarantee holds.");
        _meter.CreateObservableGauge("ppid.guarantee.violations", () => OfGuarantees(g => g.Violations), "{row}", "Rows that break the guarantee.");
        _meter.CreateObservableGauge("ppid.guarantee.checked", () => OfGuarantees(g => g.Checked), "{row}", "Rows looked at.");
    }

    /// <summary>How often the database was asked so far.</summary>
    public int Readings { get; private set; }

    /// <summary>Reads anew what is too old. A database that is away leaves no figures behind, and is not asked again at once.</summary>
    public async Task RefreshAsync(CancellationToken cancellation = default)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (_readAt is { } last && _time.GetElapsedTime(last) < _keeps)
                return;
            _readAt = _time.GetTimestamp();
            Readings++;
            await using var scope = _scopes.CreateAsyncScope();
            _reading = await ReadAsync(scope.ServiceProvider.GetRequiredService<PpidDbContext>(), _time.Now(), cancellation);
            if (_guarantees is null || _time.GetElapsedTime(_guaranteesReadAt) >= _guaranteesKeep)
            {
                _guarantees = await scope.ServiceProvider.GetRequiredService<Guarantees>().ReadRecentAsync(cancellation);
                _guaranteesReadAt = _time.GetTimestamp();
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            (_reading, _guarantees) = (null, null);
            _logger.LogWarning("The figures for monitors could not be read: {Failure}", failure.GetType().Name);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _meter.Dispose();
        _one.Dispose();
    }

    private static async Task<Reading> ReadAsync(PpidDbContext db, DateTimeOffset now, CancellationToken cancellation)
    {
        var pending = db.Outbox.Where(m => m.State == OutboxState.Pending);
        var open = db.WorkItems.Where(w => w.Closure == WorkItemClosure.Open);
        var oldest = await pending.MinAsync(m => (DateTimeOffset?)m.CreatedAt, cancellation);
        var due = await pending.MinAsync(m => (DateTimeOffset?)m.NextAttemptAt, cancellation);
        return new Reading(
            await db.Cases.LongCountAsync(c => c.State == CaseState.Running || c.State == CaseState.Faulted, cancellation),
            await open.LongCountAsync(cancellation),
            await open.LongCountAsync(w => w.Clock!.State == ClockState.Running && w.Clock.DueAt < now, cancellation),
            await pending.LongCountAsync(cancellation),
            await pending.LongCountAsync(m => m.Attempts >= OutboxMessage.TroubledFrom, cancellation),
            await db.Outbox.LongCountAsync(m => m.State == OutboxState.Failed, cancellation),
            Seconds(oldest, now), Seconds(due, now));
    }

    private static double Seconds(DateTimeOffset? since, DateTimeOffset now) => since is { } at && at < now ? (now - at).TotalSeconds : 0;

    // The exporters ask on threads of their own and take no task.
    private Reading? Fresh()
    {
        RefreshAsync().GetAwaiter().GetResult();
        return _reading;
    }

    private IEnumerable<Measurement<double>> Of(params Func<Reading, (double Value, string Label)>[] figures) => Of("", figures);

    private IEnumerable<Measurement<double>> Of(string label, params Func<Reading, (double Value, string Label)>[] figures)
    {
        if (Fresh() is not { } reading)
            return [];
        return figures.Select(figure => figure(reading)).Select(
            f => f.Label.Length == 0 ? new Measurement<double>(f.Value) : new Measurement<double>(f.Value, new KeyValuePair<string, object?>(label, f.Label)));
    }

    private IEnumerable<Measurement<long>> OfGuarantees(Func<GuaranteeReading, long> figure)
    {
        Fresh();
        return (_guarantees ?? []).Select(g => new Measurement<long>(figure(g), new KeyValuePair<string, object?>("guarantee", g.Name)));
    }

    private sealed record Reading(
        double OpenCases, double OpenTasks, double OverdueTasks, double Pending, double Troubled, double Failed, double OldestPending, double MostOverdue);
}
