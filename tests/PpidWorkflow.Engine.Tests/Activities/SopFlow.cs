namespace PpidWorkflow.Engine.Tests.Activities;

/// <summary>The five steps of the SOP with its two ways back.</summary>
internal static class SopFlow
{
    public static string Step(string type, string id, string performer, string? recipient, string minutes, string more = "") =>
        $$"""{"type":"{{type}}","id":"{{id}}","number":"{{id[1..]}}","description":"Langkah {{id}}","performerRole":"{{performer}}","recipientRole":{{(recipient is null ? "null" : $"\"{recipient}\"")}},"standardTime":{{minutes}}{{more.Replace('\'', '"')}}}""";

    public static readonly string[] Steps =
    [
        Step("Ppid.DocumentDossier", "s5", "DOCUMENTATION_HEAD", "DOCUMENTATION_OFFICER", "\"PT15M\""),
        Step("Ppid.AssignOfficer", "s1", "INFORMATION_HEAD", "INFORMATION_OFFICER", "5"),
        Step("Ppid.PrepareDossier", "s2", "INFORMATION_OFFICER", null, "\"15\""),
        Step("Ppid.ReportReadiness", "s3", "INFORMATION_OFFICER", "INFORMATION_HEAD", "5"),
        Step("Ppid.HandOver", "s4", "INFORMATION_HEAD", "DOCUMENTATION_HEAD", "5"),
        Fixtures.Of("Elsa.Start", "start"), Fixtures.Of("Elsa.End", "end")
    ];

    public const string Arrows = "start->s1 s1->s2 s2->s3 s3->s4 s4->s5 s4:Returned->s2 s5:Returned->s4 s5->end";
}
