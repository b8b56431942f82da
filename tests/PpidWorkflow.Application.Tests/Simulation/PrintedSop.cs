namespace PpidWorkflow.Application.Tests.Simulation;

/// <summary>A rung as the SOP's owner would write it on paper: percent of the standard or minutes of working time, to whom, and what it does.</summary>
/// <param name="PlainMinutes">Minutes of any time after the standard is used up; only with <paramref name="AnyTime"/>.</param>
/// <param name="NotStarted">Silent once somebody has begun.</param>
/// <param name="AnyTime">Also while the office is closed: its repetitions count plain time.</param>
internal sealed record PaperRung(
    int Percent, int Minutes, string[] To, int EveryMinutes = 0, int Max = 1, string Action = "notify", bool NotStarted = false, bool AnyTime = false,
    int PlainMinutes = 0)
{
    /// <summary>Working milliseconds of the visit at which a repetition (from 1) is due.</summary>
    public long Target(long budget, int repetition) => Working(budget) + (AnyTime ? 0 : EveryMinutes * 60_000L * (repetition - 1));

    /// <summary>Milliseconds of any time after that.</summary>
    public long Plain(int repetition) => AnyTime ? (PlainMinutes + EveryMinutes * (repetition - 1)) * 60_000L : 0;

    private long Working(long budget) => PlainMinutes > 0 ? budget : Percent > 0 ? budget * Percent / 100 : Minutes * 60_000L;
}

/// <summary>One act of the SOP: who, how long, and where it goes next or back to.</summary>
internal sealed record PaperStep(
    string Label, string Row, string Role, int Minutes, string Act, string? Next, string? BackTo, PaperRung[] Ladder, string? AssignsRole = null,
    bool FromStart = false)
{
    public long Budget => Minutes * 60_000L;
}

/// <summary>
/// The SOP as it is printed, written down once more by hand: the oracle must not learn the standards from what it examines. The second
/// version is the revision that comes into force in the midst of a simulation.
/// </summary>
internal sealed class PrintedSop
{
    private static readonly PaperRung[] Usual =
    [
        new(80, 0, ["assignee"]),
        new(100, 0, ["supervisor"]),
        new(200, 0, ["role:UNIT_PPID_HEAD"])
    ];

    private static readonly PaperRung[] Insistent =
    [
        new(50, 0, ["assignee"]),
        new(0, 18, ["assignee", "supervisor"], EveryMinutes: 7, Max: 3),
        new(100, 0, ["assignee", "supervisor"]),
        new(0, 60, ["role:UNIT_PPID_HEAD", "mailbox:arsip@ppid.example"], EveryMinutes: 120, Max: 2),
        new(0, 12, ["supervisor"], Action: "banner", NotStarted: true)
    ];

    /// <summary>The ladder of step 2 in the revision, as the definition writes it.</summary>
    public const string InsistentLadder =
        """
        [{"at":"50%","to":["assignee"],"action":"notify"},
         {"at":"PT18M","to":["assignee","supervisor"],"action":"notify","every":"PT7M","max":3},
         {"at":"100%","to":["assignee","supervisor"],"action":"notify"},
         {"at":"PT60M","to":["role:UNIT_PPID_HEAD","mailbox:arsip@ppid.example"],"action":"notify","every":"PT120M","max":2},
         {"at":"-PT8M","to":["supervisor"],"action":"banner","when":"notStarted"}]
        """;

    /// <summary>A post that nobody holds: who is told there is who acts in it (Plt.).</summary>
    public const string VacantRole = "ARCHIVE_HEAD";

    private static readonly PaperRung[] Relieving =
    [
        new(80, 0, ["assignee"]),
        new(100, 0, ["assignee", "supervisor"], Action: "banner"),
        new(200, 0, ["role:INFORMATION_OFFICER"], Action: "reassign"),
        new(300, 0, ["role:UNIT_PPID_HEAD"]),
        new(0, 0, ["assignee", "mailbox:piket@ppid.example"], EveryMinutes: 50, Max: 3, AnyTime: true, PlainMinutes: 25)
    ];

    /// <summary>The ladder of step 3 in the revision.</summary>
    public const string RelievingLadder =
        """
        [{"at":"80%","to":["assignee"]},
         {"at":"100%","to":["assignee","supervisor"],"action":"banner"},
         {"at":"200%","to":["role:INFORMATION_OFFICER"],"action":"reassign"},
         {"at":"300%","to":["role:UNIT_PPID_HEAD"]},
         {"at":"+PT25M","to":["assignee","mailbox:piket@ppid.example"],"every":"PT50M","max":3,"anyTime":true}]
        """;

    private static readonly PaperRung[] Awaiting =
    [
        new(80, 0, ["assignee"]),
        new(100, 0, ["supervisor"]),
        new(100, 0, ["assignee", "supervisor"], EveryMinutes: 240, Max: 4, AnyTime: true),
        new(0, 10, ["assignee"], EveryMinutes: 15, Max: 3, NotStarted: true),
        new(300, 0, ["supervisor"], EveryMinutes: 90, Max: 3, NotStarted: true, AnyTime: true),
        new(60, 0, ["assignee"], AnyTime: true)
    ];

    /// <summary>The ladder of step 4 in the revision, which is measured from its start.</summary>
    public const string AwaitingLadder =
        """
        [{"at":"80%","to":["assignee"]},
         {"at":"100%","to":["supervisor"]},
         {"at":"100%","to":["assignee","supervisor"],"every":"PT240M","max":4,"anyTime":true},
         {"at":"PT10M","to":["assignee"],"every":"PT15M","max":3,"when":"notStarted"},
         {"at":"300%","to":["supervisor"],"every":"PT90M","max":3,"when":"notStarted","anyTime":true},
         {"at":"60%","to":["assignee"],"anyTime":true}]
        """;

    private static readonly PaperRung[] Helping =
    [
        new(80, 0, ["assignee"]),
        new(100, 0, ["supervisor"]),
        new(150, 0, ["role:DOCUMENTATION_HEAD", "supervisor"], Action: "addHelper"),
        new(0, 40, ["supervisor", "role:DOCUMENTATION_HEAD"], EveryMinutes: 30, Max: 2, Action: "reassign"),
        new(400, 0, [$"role:{VacantRole}", "supervisor"], Action: "banner"),
        new(500, 0, [$"role:{VacantRole}", "role:UNIT_PPID_HEAD"]),
        new(0, 30, ["role:DOCUMENTATION_HEAD", "supervisor"], Action: "reassign", NotStarted: true)
    ];

    /// <summary>The ladder of step 5 in the revision.</summary>
    public const string HelpingLadder =
        $$"""
        [{"at":"80%","to":["assignee"]},
         {"at":"100%","to":["supervisor"]},
         {"at":"150%","to":["role:DOCUMENTATION_HEAD","supervisor"],"action":"addHelper"},
         {"at":"PT40M","to":["supervisor","role:DOCUMENTATION_HEAD"],"action":"reassign","every":"PT30M","max":2},
         {"at":"400%","to":["role:{{VacantRole}}","supervisor"],"action":"banner"},
         {"at":"500%","to":["role:{{VacantRole}}","role:UNIT_PPID_HEAD"]},
         {"at":"PT30M","to":["role:DOCUMENTATION_HEAD","supervisor"],"action":"reassign","when":"notStarted"}]
        """;

    private readonly Dictionary<string, PaperStep> _steps;

    private PrintedSop(int version, params PaperStep[] steps) => (Version, _steps) = (version, steps.ToDictionary(s => s.Label));

    public int Version { get; }

    public PaperStep First => _steps["1"];

    public PaperStep this[string label] => _steps[label];

    public static PrintedSop Delivered { get; } = new(1,
        new("1", "1", "INFORMATION_HEAD", 5, "assign", "2", null, Usual, "INFORMATION_OFFICER"),
        new("2", "2", "INFORMATION_OFFICER", 15, "prepare", "3", "1", Usual),
        new("3", "3", "INFORMATION_OFFICER", 5, "report", "4", null, Usual),
        new("4", "4", "INFORMATION_HEAD", 5, "handOver", "5a", "2", Usual),
        new("5a", "5", "DOCUMENTATION_HEAD", 15, "assign", "5b", "4", Usual, "DOCUMENTATION_OFFICER"),
        new("5b", "5", "DOCUMENTATION_OFFICER", 15, "document", null, "5a", Usual));

    public static PrintedSop Revised { get; } = new(2,
        new("1", "1", "INFORMATION_HEAD", 5, "assign", "2", null, Usual, "INFORMATION_OFFICER"),
        new("2", "2", "INFORMATION_OFFICER", 20, "prepare", "3", "1", Insistent),
        new("3", "3", "INFORMATION_OFFICER", 5, "report", "4", null, Relieving),
        new("4", "4", "INFORMATION_HEAD", 5, "handOver", "5a", "2", Awaiting, FromStart: true),
        new("5a", "5", "DOCUMENTATION_HEAD", 15, "assign", "5b", "4", Helping, "DOCUMENTATION_OFFICER", FromStart: true),
        new("5b", "5", "DOCUMENTATION_OFFICER", 15, "document", null, "5a", Helping, FromStart: true));
}
