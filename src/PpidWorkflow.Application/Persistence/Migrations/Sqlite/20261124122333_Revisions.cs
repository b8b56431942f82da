using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PpidWorkflow.Application.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Revisions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "ParentActivityInstanceId",
                table: "Journal",
                type: "TEXT",
                maxLength: 80,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "CorrelationId",
                table: "Instances",
                type: "TEXT",
                maxLength: 200,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "IsTrial",
                table: "Instances",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "Name",
                table: "Instances",
                type: "TEXT",
                maxLength: 300,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "StartedBy",
                table: "Instances",
                type: "TEXT",
                maxLength: 256,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "TrialContent",
                table: "Instances",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Authors",
                table: "DefinitionVersions",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<int>(
                name: "BaseVersion",
                table: "DefinitionVersions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "DecidedAt",
                table: "DefinitionVersions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DecidedBy",
                table: "DefinitionVersions",
                type: "TEXT",
                maxLength: 256,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DecisionReason",
                table: "DefinitionVersions",
                type: "TEXT",
                maxLength: 2000,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Description",
                table: "DefinitionVersions",
                type: "TEXT",
                maxLength: 2000,
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "EffectiveAt",
                table: "DefinitionVersions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "ProposedAt",
                table: "DefinitionVersions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ProposedBy",
                table: "DefinitionVersions",
                type: "TEXT",
                maxLength: 256,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Reason",
                table: "DefinitionVersions",
                type: "TEXT",
                maxLength: 2000,
                nullable: true);

            migrationBuilder.AddColumn<DateOnly>(
                name: "RevisedOn",
                table: "DefinitionVersions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "RevisionNumber",
                table: "DefinitionVersions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "UpdatedAt",
                table: "DefinitionVersions",
                type: "TEXT",
                nullable: false,
                defaultValue: new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified));

            migrationBuilder.AddColumn<string>(
                name: "UpdatedBy",
                table: "DefinitionVersions",
                type: "TEXT",
                maxLength: 256,
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateIndex(
                name: "IX_Instances_CreatedAt",
                table: "Instances",
                column: "CreatedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Instances_IsTrial_CreatedAt",
                table: "Instances",
                columns: new[] { "IsTrial", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_DefinitionVersions_State_EffectiveAt",
                table: "DefinitionVersions",
                columns: new[] { "State", "EffectiveAt" });

            // Rows of before: whoever brought a version in is its author; an instance is known by its case's number.
            migrationBuilder.Sql(
                """
                UPDATE "DefinitionVersions" SET "UpdatedAt" = "CreatedAt", "UpdatedBy" = "CreatedBy", "Authors" = '["' || "CreatedBy" || '"]';
                UPDATE "Instances" SET "CorrelationId" = (SELECT "Number" FROM "Cases" WHERE "Cases"."InstanceId" = "Instances"."Id");
                """);

            // Last: on SQLite it rebuilds the table, and no statement may come in between.
            migrationBuilder.DropColumn(
                name: "IsTrial",
                table: "Cases");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Instances_CreatedAt",
                table: "Instances");

            migrationBuilder.DropIndex(
                name: "IX_Instances_IsTrial_CreatedAt",
                table: "Instances");

            migrationBuilder.DropIndex(
                name: "IX_DefinitionVersions_State_EffectiveAt",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "ParentActivityInstanceId",
                table: "Journal");

            migrationBuilder.DropColumn(
                name: "CorrelationId",
                table: "Instances");

            migrationBuilder.DropColumn(
                name: "IsTrial",
                table: "Instances");

            migrationBuilder.DropColumn(
                name: "Name",
                table: "Instances");

            migrationBuilder.DropColumn(
                name: "StartedBy",
                table: "Instances");

            migrationBuilder.DropColumn(
                name: "TrialContent",
                table: "Instances");

            migrationBuilder.DropColumn(
                name: "Authors",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "BaseVersion",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "DecidedAt",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "DecidedBy",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "DecisionReason",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "Description",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "EffectiveAt",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "ProposedAt",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "ProposedBy",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "Reason",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "RevisedOn",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "RevisionNumber",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "UpdatedAt",
                table: "DefinitionVersions");

            migrationBuilder.DropColumn(
                name: "UpdatedBy",
                table: "DefinitionVersions");

            migrationBuilder.AddColumn<bool>(
                name: "IsTrial",
                table: "Cases",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);
        }
    }
}
