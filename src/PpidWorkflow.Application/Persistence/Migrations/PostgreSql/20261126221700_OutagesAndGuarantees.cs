using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PpidWorkflow.Application.Persistence.Migrations.PostgreSql
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
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTime>(
                name: "CreditFrom",
                table: "ClockEvents",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "CreditMs",
                table: "ClockEvents",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTime>(
                name: "CreditTo",
                table: "ClockEvents",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "OutageId",
                table: "ClockEvents",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "GuaranteeIncidents",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    UniqueKey = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    Guarantee = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    OpenedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    ClosedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    Violations = table.Column<long>(type: "bigint", nullable: false),
                    MostViolations = table.Column<long>(type: "bigint", nullable: false),
                    Examples = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    Revision = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_GuaranteeIncidents", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Outages",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    UniqueKey = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    Kind = table.Column<string>(type: "character varying(24)", maxLength: 24, nullable: false),
                    From = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    To = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    DetectedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    DetectedBy = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: false),
                    Reason = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: true),
                    AnnulledAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    AnnulledBy = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    AnnulledReason = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: true),
                    Revision = table.Column<int>(type: "integer", nullable: false)
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
