using System.Text.Json;
using System.Text.RegularExpressions;

namespace PpidWorkflow.Application.Tests.Sop;

/// <summary>Roles, ladder, returns and case form of the shipped definition (design.md §4, §5), in the shape of an Elsa export.</summary>
public class SopDefinitionTests
{
    [Fact]
    public void The_definition_has_the_properties_of_an_export_in_their_order() => Assert.Equal(
        [
            "$schema", "id", "definitionId", "name", "description", "createdAt", "version", "toolVersion", "variables", "inputs", "outputs",
            "outcomes", "customProperties", "isReadonly", "isSystem", "isLatest", "isPublished", "options", "root"
        ],
        SopFolder.Definition.EnumerateObject().Select(property => property.Name));

    [Fact]
    public void The_definition_is_named_after_its_folder()
    {
        Assert.Equal(SopFolder.Slug, SopFolder.Definition.Text("definitionId"));
        Assert.Equal(SopFolder.Slug, SopFolder.Identity.Text("slug"));
    }

    [Theory]
    [InlineData("1", "Ppid.AssignOfficer", "INFORMATION_HEAD", "INFORMATION_OFFICER")]
    [InlineData("2", "Ppid.PrepareDossier", "INFORMATION_OFFICER", null)]
    [InlineData("3", "Ppid.ReportReadiness", "INFORMATION_OFFICER", "INFORMATION_HEAD")]
    [InlineData("4", "Ppid.HandOver", "INFORMATION_HEAD", "DOCUMENTATION_HEAD")]
    [InlineData("5", "Ppid.DocumentDossier", "DOCUMENTATION_HEAD", "DOCUMENTATION_OFFICER")]
    public void A_step_is_performed_by_the_role_that_its_wording_implies(string number, string type, string performer, string? recipient)
    {
        var step = SopFolder.Step(number);

        Assert.Equal(type, step.Text("type"));
        Assert.Equal(performer, step.Input("performerRole"));
        Assert.Equal(recipient, step.Input("recipientRole"));
        Assert.Equal("received", step.Input("measuredFrom"));
        Assert.Contains(SopFolder.Identity.GetProperty("stepRoles").EnumerateArray(), note => note.Text("step") == number);
    }

    [Fact]
    public void Only_roles_of_the_four_lanes_perform_or_receive()
    {
        var lanes = SopFolder.Identity.GetProperty("roles").EnumerateArray().Select(role => role.Text("code")).ToHashSet();

        Assert.Equal(["INFORMATION_HEAD", "INFORMATION_OFFICER", "DOCUMENTATION_HEAD", "DOCUMENTATION_OFFICER"], lanes);
        Assert.All(Steps(), step => Assert.Contains(step.Input("performerRole"), lanes));
        Assert.All(Steps(), step => Assert.Contains(step.Input("recipientRole") ?? "INFORMATION_HEAD", lanes));
    }

    [Fact]
    public void Every_step_climbs_the_default_ladder() => Assert.All(Steps(), step =>
    {
        Assert.Equal("Object", step.GetProperty("escalation").GetProperty("expression").Text("type"));
        using var ladder = JsonDocument.Parse(step.Input("escalation")!);
        var rungs = ladder.RootElement.EnumerateArray().Select(rung =>
            (rung.Text("at"), string.Join(',', rung.GetProperty("to").EnumerateArray().Select(to => to.GetString())), rung.Text("action")));

        Assert.Equal([("80%", "assignee", "notify"), ("100%", "supervisor", "notify"), ("200%", "role:UNIT_PPID_HEAD", "notify")], rungs);
    });

    [Fact]
    public void The_steps_follow_each_other_and_three_of_them_may_send_back()
    {
        var connections = SopFolder.Flowchart.GetProperty("connections").EnumerateArray().Select(connection =>
            $"{connection.GetProperty("source").Text("activity")} {connection.GetProperty("source").Text("port")} "
            + $"{connection.GetProperty("target").Text("activity")} {connection.GetProperty("target").Text("port")}");

        Assert.Equal(
            [
                "Start Done Step1 In", "Step1 Done Step2 In", "Step2 Done Step3 In",
                "Step3 Done Step4 In", "Step4 Done Step5 In", "Step5 Done End In",
                "Step2 Returned Step1 In", "Step4 Returned Step2 In", "Step5 Returned Step4 In"
            ],
            connections);
    }

    [Fact]
    public void Every_node_id_is_the_path_to_its_activity() => Assert.All(SopFolder.Activities, activity =>
        Assert.Equal($"{SopFolder.Flowchart.Text("nodeId")}:{activity.Text("id")}", activity.Text("nodeId")));

    [Fact]
    public void The_drawing_runs_downwards_with_one_column_for_each_lane()
    {
        var drawn = SopFolder.Activities.OrderBy(activity => Position(activity).Y).ToList();
        var columns = Steps().GroupBy(step => step.Input("performerRole"));

        Assert.Equal(["Start", "Step1", "Step2", "Step3", "Step4", "Step5", "End"], drawn.Select(activity => activity.Text("id")!));
        Assert.All(drawn.Zip(drawn.Skip(1)), pair =>
            Assert.True(Position(pair.Second).Y - Position(pair.First).Y >= 100, "rows would overlap"));
        Assert.All(columns, column => Assert.Single(column.Select(step => Position(step).X).Distinct()));
    }

    [Fact]
    public void The_case_asks_for_the_determination_that_exempted_the_information()
    {
        var inputs = SopFolder.Definition.GetProperty("inputs").EnumerateArray()
            .Select(input => (input.Text("name"), input.Text("uiHint"), input.GetProperty("isRequired").GetBoolean()));

        Assert.Equal(
            [
                ("title", "singleline", true), ("exemptionBasis", "dropdown", true), ("determinationNumber", "singleline", true),
                ("determinationDate", "datetime-picker", true), ("determinationItem", "singleline", false)
            ],
            inputs);
    }

    [Fact]
    public void The_exemption_basis_is_one_of_the_ten_letters_of_article_17()
    {
        var options = Field("exemptionBasis").GetProperty("options").EnumerateArray().ToList();

        Assert.Equal("abcdefghij".Select(letter => letter.ToString()), options.Select(option => option.Text("value")!));
        Assert.All(options, option => Assert.StartsWith($"Huruf {option.Text("value")} – ", option.Text("text")));
    }

    [Fact]
    public void The_case_form_names_only_inputs_that_exist()
    {
        var names = SopFolder.Definition.GetProperty("inputs").EnumerateArray().Select(input => input.Text("name")!).ToList();
        var form = SopFolder.Identity.GetProperty("caseForm");

        Assert.Equal("title", form.Text("titleInput"));
        Assert.Equal(
            ["determinationNumber", "determinationItem"],
            form.GetProperty("uniqueKey").EnumerateArray().Select(key => key.GetString()!));
        Assert.Equal(names, form.GetProperty("fields").EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public void The_hints_on_an_input_are_those_of_the_case_form() =>
        Assert.All(SopFolder.Definition.GetProperty("inputs").EnumerateArray(), input =>
        {
            var hints = input.GetProperty("customProperties").EnumerateObject()
                .Append(input.EnumerateObject().Single(property => property.NameEquals("isRequired"))).ToList();
            var field = Field(input.Text("name")!);

            Assert.Equal(field.EnumerateObject().Select(hint => hint.Name).Order(), hints.Select(hint => hint.Name).Order());
            Assert.All(hints, hint => Assert.True(JsonElement.DeepEquals(field.GetProperty(hint.Name), hint.Value), hint.Name));
        });

    [Theory]
    [InlineData("determinationNumber", "188.44/379/2016", true)]
    [InlineData("determinationNumber", "800/59/IV.1/BKD", true)]
    [InlineData("determinationNumber", "000.8/3/1288/B.ORG-TU/2025", true)]
    [InlineData("determinationNumber", "800/1004 /BU/2021", true)]
    [InlineData("determinationNumber", " ", false)]
    [InlineData("determinationNumber", "<script>", false)]
    [InlineData("determinationItem", "12", true)]
    [InlineData("determinationItem", "3.a", true)]
    [InlineData("determinationItem", "-", false)]
    [InlineData("exemptionBasis", "j", true)]
    [InlineData("exemptionBasis", "k", false)]
    public void A_pattern_accepts_numbers_as_offices_write_them(string field, string value, bool accepted) =>
        Assert.Equal(accepted, Regex.IsMatch(value, Field(field).Text("pattern")!, RegexOptions.None, TimeSpan.FromSeconds(1)));

    [Fact]
    public void The_case_number_pattern_counts_by_year() =>
        Assert.Equal("PPID/{year}/{seq:0000}", SopFolder.Identity.Text("caseNumberPattern"));

    private static IEnumerable<JsonElement> Steps() =>
        SopFolder.Activities.Where(activity => activity.Text("type")!.StartsWith("Ppid.", StringComparison.Ordinal));

    private static JsonElement Field(string name) => SopFolder.Identity.GetProperty("caseForm").GetProperty("fields").GetProperty(name);

    private static (double X, double Y) Position(JsonElement activity)
    {
        var position = activity.GetProperty("metadata").GetProperty("designer").GetProperty("position");
        return (position.GetProperty("x").GetDouble(), position.GetProperty("y").GetDouble());
    }
}
