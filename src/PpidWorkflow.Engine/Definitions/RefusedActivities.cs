namespace PpidWorkflow.Engine.Definitions;

/// <summary>Types of stock Elsa that this engine does not run, each with the reason. What is in neither list nor catalog is unknown.</summary>
public static class RefusedActivities
{
    /// <summary>Code of a problem: nobody knows such a type, or it is not run here.</summary>
    public const string Unknown = "unknown-activity-type";

    /// <summary>Code of a problem: the type is refused on purpose, because the designer is an attack surface.</summary>
    public const string Forbidden = "forbidden-activity-type";

    private const string RunsCode = "dilarang karena alasan keamanan: menjalankan kode di server";
    private const string Network = "dilarang karena alasan keamanan: membuka lalu lintas jaringan pilihan definisi";

    private static readonly (string Prefix, string Code, string Reason)[] Types =
    [
        ("Elsa.RunCSharp", Forbidden, RunsCode),
        ("Elsa.RunPython", Forbidden, RunsCode),
        ("Elsa.Inline", Forbidden, RunsCode),
        ("Elsa.StartProcess", Forbidden, RunsCode),
        ("Elsa.Sql", Forbidden, RunsCode),
        ("Elsa.Workflows.Activities.DynamicActivity", Forbidden, RunsCode),
        ("Elsa.Workflows.Management.Activities.HostMethod", Forbidden, RunsCode),
        ("Elsa.SendHttpRequest", Forbidden, Network),
        ("Elsa.FlowSendHttpRequest", Forbidden, Network),
        ("Elsa.HttpEndpoint", Forbidden, Network),
        ("Elsa.WriteHttpResponse", Forbidden, Network),
        ("Elsa.WriteFileHttpResponse", Forbidden, Network),
        ("Elsa.DownloadHttpFile", Forbidden, Network),
        ("Elsa.Http", Forbidden, Network),
        ("Elsa.SendEmail", Forbidden, Network),
        ("Elsa.Workflows.Management.Activities.WorkflowDefinitionActivity", Unknown, "tidak menyebut alur kerjanya: ambil alur kerja itu sendiri dari palet"),
        ("Elsa.Workflow", Unknown, "tidak dapat dipakai sebagai langkah: jenis ini mewakili alur kerja itu sendiri"),
        ("Elsa.NotFoundActivity", Unknown, "hanya menandai aktivitas yang dulu tidak dikenal; ganti dengan aktivitas yang sesungguhnya")
    ];

    /// <summary>Why a type is not run here; null where the type is not one of stock Elsa's that are refused by name.</summary>
    public static RefusedActivity? Find(string type)
    {
        foreach (var (prefix, code, reason) in Types)
            if (type == prefix || type.StartsWith(prefix + ".", StringComparison.Ordinal))
                return new RefusedActivity(code, reason);
        return null;
    }
}

/// <summary>A refusal.</summary>
/// <param name="Code">Of the <see cref="DefinitionProblem"/>.</param>
/// <param name="Reason">Indonesian; goes on after "aktivitas X, yang".</param>
public sealed record RefusedActivity(string Code, string Reason);
