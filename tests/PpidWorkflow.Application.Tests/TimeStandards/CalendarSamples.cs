using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using PpidWorkflow.Application.TimeStandards;

namespace PpidWorkflow.Application.Tests.TimeStandards;

/// <summary>A calendar with the data it was made of, so that an oracle can read them on its own.</summary>
public sealed record CalendarSample(CalendarData Data)
{
    public WorkingCalendar Calendar { get; } = new(Data);

    public override string ToString() => $"{Data.ZoneId}; closed on {string.Join(" ", Data.Holidays.Select(h => Iso(h.Date)))}; "
        + string.Join("; ", Data.Regimes.Select(r => $"{r.Name} {Iso(r.From)}..{Iso(r.Until)}: "
            + string.Join(" ", r.Windows.Select(d => $"{d.Key} {string.Join(',', d.Value)}"))));

    private static string Iso(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
}

/// <summary>A calendar of a zone whose clocks never change, in which minutes can be counted by the local clock.</summary>
public sealed record SteadySample(CalendarSample Sample, TimeSpan Offset);

public sealed record Moment(DateTimeOffset At);

public sealed record Working(TimeSpan Time);

/// <summary>Random calendars (delivered, around the clock, invented; with summer time too), instants near edges, durations.</summary>
public static class CalendarSamples
{
    private static readonly DateOnly FirstDay = new(2025, 1, 1);
    private static readonly (string Id, int Hours)[] SteadyZones =
        [("Asia/Pontianak", 7), ("Asia/Makassar", 8), ("Asia/Jayapura", 9), ("Etc/UTC", 0)];
    private static readonly string[] OtherZones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];

    public static Arbitrary<CalendarSample> Calendars() => Gen.Frequency(
        (2, Gen.Constant(new CalendarSample(CalendarData.Kalteng()))),
        (1, Gen.Constant(AroundTheClock())),
        (5, Invented([.. SteadyZones.Select(zone => zone.Id)])),
        (2, Invented(OtherZones))).ToArbitrary();

    public static Arbitrary<SteadySample> SteadyCalendars() =>
        (from zone in Gen.Elements(SteadyZones)
         from sample in Gen.Frequency(
             (1, Gen.Constant(new CalendarSample(CalendarData.Kalteng() with { ZoneId = zone.Id }))),
             (3, Invented([zone.Id])))
         select new SteadySample(sample, TimeSpan.FromHours(zone.Hours))).ToArbitrary();

    public static Arbitrary<Moment> Moments() =>
        (from day in Gen.Choose(0, 3 * 365)
         from quarter in Gen.Choose(0, 95)
         from offEdge in Gen.OneOf(Gen.Elements(0L, 1L, -1L), Ticks(15 * TimeSpan.TicksPerMinute))
         select new Moment(new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day).AddMinutes(15 * quarter).AddTicks(offEdge)))
        .ToArbitrary();

    public static Arbitrary<Working> Durations() => Gen.OneOf(
        Gen.Elements(0L, 1L),
        Gen.Elements(5L, 15, 45, 37 * 60 + 30).Select(minutes => minutes * TimeSpan.TicksPerMinute),
        Ticks(TimeSpan.TicksPerHour),
        Ticks(40 * TimeSpan.TicksPerDay),
        Gen.Choose(0, 600).Select(minutes => minutes * TimeSpan.TicksPerMinute))
        .Select(ticks => new Working(new TimeSpan(ticks))).ToArbitrary();

    private static Gen<long> Ticks(long most) =>
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        select (((long)high << 31) | (long)low) % (most + 1);

    private static CalendarSample AroundTheClock() => new(new CalendarData
    {
        Regimes =
        [
            new WorkingRegime
            {
                Name = "always",
                Windows = Enum.GetValues<DayOfWeek>().ToDictionary(
                    day => day, _ => (IReadOnlyList<WorkingWindow>)[new(TimeSpan.Zero, TimeSpan.FromDays(1))])
            }
        ]
    });

    private static Gen<CalendarSample> Invented(string[] zones) =>
        from zone in Gen.Elements(zones)
        from normal in Week()
        from later in Week()
        from fast in Week()
        from closing in Week()
        from laterFrom in Gen.Choose(0, 3 * 365)
        from fastFrom in Gen.Choose(0, 3 * 365)
        from fastDays in Gen.Choose(0, 40)
        from closingAfter in Gen.Choose(1, 20)
        from holidays in Gen.Choose(0, 3 * 365).ListOf(40)
        select new CalendarSample(new CalendarData
        {
            ZoneId = zone,
            Regimes =
            [
                Regime("normal", null, null, normal),
                Regime("later", laterFrom, null, later),
                Regime("fast", fastFrom, fastFrom + fastDays, fast),
                Regime("within", fastFrom + closingAfter, fastFrom + closingAfter + 5, closing)
            ],
            Holidays = [.. holidays.Distinct().Select(day => new Holiday(FirstDay.AddDays(day), "libur", (HolidayKind)(day % 3)))]
        });

    private static WorkingRegime Regime(string name, int? from, int? until, Dictionary<DayOfWeek, IReadOnlyList<WorkingWindow>> week) =>
        new() { Name = name, From = Day(from), Until = Day(until), Windows = week };

    private static DateOnly? Day(int? number) => number is { } n ? FirstDay.AddDays(n) : null;

    private static Gen<Dictionary<DayOfWeek, IReadOnlyList<WorkingWindow>>> Week() =>
        Windows().ArrayOf(7).Where(days => days.Any(day => day.Count > 0)).Select(days =>
            Enum.GetValues<DayOfWeek>().ToDictionary(day => day, day => days[(int)day]));

    private static Gen<IReadOnlyList<WorkingWindow>> Windows() =>
        from count in Gen.Choose(0, 3)
        from quarters in Gen.Choose(0, 96).ArrayOf(2 * count).Where(edges => edges.Distinct().Count() == edges.Length)
        select (IReadOnlyList<WorkingWindow>)[.. quarters.Order().Chunk(2).Select(edge =>
            new WorkingWindow(TimeSpan.FromMinutes(15 * edge[0]), TimeSpan.FromMinutes(15 * edge[1])))];
}
