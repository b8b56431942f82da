using System.Globalization;
using System.Text.Json;

namespace PpidWorkflow.Application.Tests.Sop;

/// <summary>The definition prints what was approved, letter by letter: a difference in either place fails here.</summary>
public class ApprovedTextTests
{
    private static readonly ApprovedSource Source = ApprovedSource.Load();

    public static TheoryData<int> Rows => [0, 1, 2, 3, 4];

    [Fact]
    public void The_identity_block_prints_as_approved()
    {
        var sop = SopFolder.Identity;
        var approvedBy = sop.GetProperty("approvedBy");
        string?[][] printed =
        [
            [.. sop.GetProperty("office").EnumerateArray().Select(line => line.GetString())],
            ["NOMOR SOP", "Tanggal Pembuatan", "Tanggal Revisi", "Tanggal Pengesahan"],
            [AsPrinted(sop, "number"), AsPrinted(sop, "createdOn"), AsPrinted(sop, "revisedOn"), AsPrinted(sop, "approvedOn")],
            ["Disahkan Oleh:"],
            [approvedBy.Text("position")],
            [approvedBy.Text("name"), approvedBy.Text("rank"), approvedBy.Text("nip")],
            [sop.Text("unit")],
            ["Nama SOP"],
            [sop.GetProperty("titles").Text("identity")],
            ["Dasar Hukum:"],
            ["Kualifikasi Pelaksana"],
            Items(sop, "legalBases"),
            Items(sop, "qualifications"),
            ["Keterkaitan SOP", .. Items(sop, "relatedSops")],
            ["Peralatan/ Perlengkapan"],
            Items(sop, "equipment"),
            ["Peringatan:"],
            ["Pencatatan dan Pendataan"],
            [sop.Text("warning")],
            [sop.Text("recording")],
            [sop.GetProperty("titles").Text("flowchart")]
        ];

        var approved = Source.Blocks[..^1];
        approved[8] = [string.Join(' ', approved[8])];
        Assert.Equal(approved.Length, printed.Length);
        Assert.All(approved.Zip(printed), block => Assert.Equal(block.First, block.Second!));
    }

    [Fact]
    public void The_table_has_the_columns_of_the_form()
    {
        Assert.Equal(["No", "Uraian", "Pelaksana", "", "", "", "Mutu Baku", "", "", "Ket"], Source.Table[0]);
        Assert.Equal(["", "", Source.LaneGroup, "", "", "", "Kelengkapan", "Waktu", "Output", ""], Source.Table[1]);
        Assert.Equal(["", "", .. Source.Lanes, "", "", "", ""], Source.Table[2]);
        Assert.Equal(5, Source.Steps.Length);
        Assert.All(Source.Steps, row => Assert.Equal(10, row.Length));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_cell_of_a_step_is_as_approved(int row)
    {
        var approved = Source.Steps[row];
        var step = SopFolder.Step(approved[0]);

        Assert.Equal(approved[0], step.Input("number"));
        Assert.Equal(approved[1], step.Input("description"));
        Assert.Equal(["", "", "", ""], approved[2..6]);
        Assert.Equal(approved[6], step.Input("requiredInput"));
        Assert.Equal(approved[7], step.GetProperty("customProperties").Text("standardTimeAsPrinted"));
        Assert.Equal(approved[8], step.Input("output"));
        Assert.Equal(approved[9], step.Input("remarks"));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_standard_time_is_the_printed_one(int row)
    {
        var minutes = int.Parse(Source.Steps[row][7].Split(' ')[0], CultureInfo.InvariantCulture);

        Assert.Equal($"PT{minutes}M", SopFolder.Step(Source.Steps[row][0]).Input("standardTime"));
    }

    [Fact]
    public void There_is_no_step_that_the_approved_table_lacks()
    {
        var steps = SopFolder.Activities.Where(activity => activity.Text("type")!.StartsWith("Ppid.", StringComparison.Ordinal));

        Assert.Equal(Source.Steps.Select(row => row[0]), steps.Select(step => step.Input("number")!));
    }

    [Fact]
    public void The_lanes_carry_their_printed_names_in_order()
    {
        var roles = SopFolder.Identity.GetProperty("roles").EnumerateArray().ToList();

        Assert.Equal(Source.LaneGroup, SopFolder.Identity.Text("laneGroup"));
        Assert.Equal(Source.Lanes, roles.Select(role => role.Text("asPrinted")!));
        Assert.Equal(["A", "B", "C", "D"], roles.Select(role => role.Text("lane")!));
    }

    [Theory]
    [InlineData("createdOn", "d MMMM yyyy", "yyyy-MM-dd", "day")]
    [InlineData("revisedOn", "d MMMM yyyy", "yyyy-MM-dd", "day")]
    [InlineData("approvedOn", "MMMM yyyy", "yyyy-MM", "month")]
    public void A_date_has_the_value_and_the_precision_that_are_printed(
        string property, string printedFormat, string valueFormat, string precision)
    {
        var date = SopFolder.Identity.GetProperty(property);
        var printed = DateOnly.ParseExact(date.Text("asPrinted")!, printedFormat, CultureInfo.GetCultureInfo("id-ID"));

        Assert.Equal(printed.ToString(valueFormat, CultureInfo.InvariantCulture), date.Text("value"));
        Assert.Equal(precision, date.Text("precision"));
    }

    [Fact]
    public void The_normalised_number_differs_from_the_printed_one_by_spaces_only()
    {
        var number = SopFolder.Identity.GetProperty("number");

        Assert.Equal(number.Text("asPrinted")!.Replace(" ", "", StringComparison.Ordinal), number.Text("normalised"));
    }

    [Fact]
    public void The_identity_file_says_what_the_definition_says() =>
        Assert.True(JsonElement.DeepEquals(SopFolder.IdentityFile, SopFolder.Identity), "sop.json and customProperties.sop differ");

    private static string? AsPrinted(JsonElement sop, string property) => sop.GetProperty(property).Text("asPrinted");

    private static string?[] Items(JsonElement sop, string property) =>
    [
        .. sop.GetProperty(property).EnumerateArray().Select(item =>
            item.GetProperty("number") is { ValueKind: JsonValueKind.Number } number
                ? $"{number.GetInt32()}. {item.Text("asPrinted")}"
                : item.Text("asPrinted"))
    ];
}
