using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PpidWorkflow.Application.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class OutagesAndGuarantees : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "CreditedMs",
                table: "StepClocks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTime>(
                name: "CreditFrom",
                table: "ClockEvents",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "CreditMs",
                table: "ClockEvents",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTime>(
                name: "CreditTo",
                table: "ClockEvents",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "OutageId",
                table: "ClockEvents",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "GuaranteeIncidents",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    UniqueKey = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    Guarantee = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    OpenedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    ClosedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    Violations = table.Column<long>(type: "INTEGER", nullable: false),
                    MostViolations = table.Column<long>(type: "INTEGER", nullable: false),
                    Examples = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    Revision = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_GuaranteeIncidents", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Outages",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    UniqueKey = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 24, nullable: false),
                    From = table.Column<DateTime>(type: "TEXT", nullable: false),
                    To = table.Column<DateTime>(type: "TEXT", nullable: true),
                    DetectedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    DetectedBy = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 300, nullable: true),
                    AnnulledAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    AnnulledBy = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    AnnulledReason = table.Column<string>(type: "TEXT", maxLength: 300, nullable: true),
                    Revision = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Outages", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ClockEvents_OutageId",
                table: "ClockEvents",
                column: "OutageId");

            migrationBuilder.CreateIndex(
                name: "IX_GuaranteeIncidents_OpenedAt",
                table: "GuaranteeIncidents",
                column: "OpenedAt");

            migrationBuilder.CreateIndex(
                name: "IX_GuaranteeIncidents_UniqueKey",
                table: "GuaranteeIncidents",
                column: "UniqueKey",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Outages_From",
                table: "Outages",
                column: "From");

            migrationBuilder.CreateIndex(
                name: "IX_Outages_UniqueKey",
                table: "Outages",
                column: "UniqueKey",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "GuaranteeIncidents");

            migrationBuilder.DropTable(
                name: "Outages");

            migrationBuilder.DropIndex(
                name: "IX_ClockEvents_OutageId",
                table: "ClockEvents");

            migrationBuilder.DropColumn(
                name: "CreditedMs",
                table: "StepClocks");

            migrationBuilder.DropColumn(
                name: "CreditFrom",
                table: "ClockEvents");

            migrationBuilder.DropColumn(
                name: "CreditMs",
                table: "ClockEvents");

            migrationBuilder.DropColumn(
                name: "CreditTo",
                table: "ClockEvents");

            migrationBuilder.DropColumn(
                name: "OutageId",
                table: "ClockEvents");
        }
    }
}
