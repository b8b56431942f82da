using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PpidWorkflow.Application.Persistence.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class ActualTimes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "ActualCloseReason",
                table: "WorkItems",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "ActualClosedAt",
                table: "WorkItems",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ActualStartReason",
                table: "WorkItems",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "ActualStartedAt",
                table: "WorkItems",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DelayCause",
                table: "WorkItems",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "HandedOverAt",
                table: "WorkItems",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PausedMs",
                table: "WorkItems",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "PauseReminders",
                table: "StepClocks",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTime>(
                name: "PausedAt",
                table: "StepClocks",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "ActualAt",
                table: "ClockEvents",
                type: "timestamp with time zone",
                nullable: true);

            // Clocks that stand still already: since their last pause.
            migrationBuilder.Sql(
                """
                UPDATE "StepClocks" SET "PausedAt" =
                    (SELECT MAX("At") FROM "ClockEvents" WHERE "ClockEvents"."ClockId" = "StepClocks"."Id" AND "ClockEvents"."Kind" = 'paused')
                WHERE "State" = 'Paused';
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "ActualCloseReason",
                table: "WorkItems");

            migrationBuilder.DropColumn(
                name: "ActualClosedAt",
                table: "WorkItems");

            migrationBuilder.DropColumn(
                name: "ActualStartReason",
                table: "WorkItems");

            migrationBuilder.DropColumn(
                name: "ActualStartedAt",
                table: "WorkItems");

            migrationBuilder.DropColumn(
                name: "DelayCause",
                table: "WorkItems");

            migrationBuilder.DropColumn(
                name: "HandedOverAt",
                table: "WorkItems");

            migrationBuilder.DropColumn(
                name: "PausedMs",
                table: "WorkItems");

            migrationBuilder.DropColumn(
                name: "PauseReminders",
                table: "StepClocks");

            migrationBuilder.DropColumn(
                name: "PausedAt",
                table: "StepClocks");

            migrationBuilder.DropColumn(
                name: "ActualAt",
                table: "ClockEvents");
        }
    }
}
