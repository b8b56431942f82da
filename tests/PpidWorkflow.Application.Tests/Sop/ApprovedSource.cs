namespace PpidWorkflow.Application.Tests.Sop;

/// <summary>
/// The SOP as approved, read from <c>tests/Shared/sop/source.txt</c>: blocks of lines between blank lines, the last of which is the table
/// of the flowchart page (tab separated: No, Uraian, four lanes, Kelengkapan, Waktu, Output, Ket).
/// </summary>
internal sealed class ApprovedSource
{
    private ApprovedSource(string[][] blocks) => Blocks = blocks;

    public string[][] Blocks { get; }

    public string[] Lanes => Table[2][2..6];

    public string LaneGroup => Table[1][2];

    public string[][] Steps => Table[3..];

    public string[][] Table => [.. Blocks[^1].Select(row => row.Split('\t'))];

    public static ApprovedSource Load() => Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Shared", "sop", "source.txt")));

    public static ApprovedSource Parse(string text)
    {
        var blocks = text.ReplaceLineEndings("\n").Trim('\n').Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        return new ApprovedSource([.. blocks.Select(block => block.Trim('\n').Split('\n'))]);
    }
}
