using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.People;

/// <summary>
/// What an officer wants to be told by mail, and when. Who has no row has the defaults. Times of day are the office's.
/// </summary>
public sealed class OfficerPreference
{
    public const string Indonesian = "id";
    public const string English = "en";

    public required Guid OfficerId { get; init; }

    /// <summary>The morning digest of a working day.</summary>
    public bool Digest { get; set; } = true;

    /// <summary>When it comes; null: as the day's hours begin.</summary>
    public TimeOnly? DigestAt { get; set; }

    /// <summary>The summary of the week before, on the first working day of a week.</summary>
    public bool Weekly { get; set; } = true;

    /// <summary>
    /// Alerts to the performer before the standard is used up. What tells of a deadline that has passed, and what a supervisor sends, cannot be
    /// turned off.
    /// </summary>
    public bool EarlyWarnings { get; set; } = true;

    /// <summary><see cref="Indonesian"/> or <see cref="English"/>: of mails. Pages go by the browser's choice.</summary>
    public string Language { get; set; } = Indonesian;

    /// <summary>Quiet hours: from this time of day until the other, over midnight where it is the later one. Both or neither.</summary>
    public TimeOnly? QuietFrom { get; set; }
    public TimeOnly? QuietUntil { get; set; }

    /// <summary>Concurrency token.</summary>
    public int Revision { get; set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>When the quiet hours end in which an instant lies, UTC; null: it lies in none.</summary>
    public DateTimeOffset? QuietAt(DateTimeOffset instant, OfficeTime office)
    {
        if (QuietFrom is not { } from || QuietUntil is not { } until)
            return null;
        var day = office.Today(instant);
        // Yesterday's may reach over midnight into today.
        foreach (var begins in (DateOnly[])[day.AddDays(-1), day])
        {
            var start = office.Instant(begins, from);
            var end = office.Instant(until > from ? begins : begins.AddDays(1), until);
            if (start <= instant && instant < end)
                return end;
        }
        return null;
    }
}

/// <summary>Which digest of what day an officer has had last: the claim of it, so that no second one is made, here or on another node.</summary>
public sealed class DigestRun
{
    public required Guid OfficerId { get; init; }

    /// <summary><see cref="Daily"/> or <see cref="Weekly"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The day in the office's zone; of a weekly one the Monday of its week. Concurrency token.</summary>
    public required DateOnly Day { get; set; }

    /// <summary>UTC; when that was decided, whether or not there was anything to say.</summary>
    public required DateTimeOffset At { get; set; }

    public const string Daily = "digest";
    public const string Weekly = "weekly";
}
