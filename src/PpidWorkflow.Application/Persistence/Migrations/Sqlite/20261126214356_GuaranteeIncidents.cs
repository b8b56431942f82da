using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PpidWorkflow.Application.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class GuaranteeIncidents : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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

            migrationBuilder.CreateIndex(
                name: "IX_GuaranteeIncidents_OpenedAt",
                table: "GuaranteeIncidents",
                column: "OpenedAt");

            migrationBuilder.CreateIndex(
                name: "IX_GuaranteeIncidents_UniqueKey",
                table: "GuaranteeIncidents",
                column: "UniqueKey",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "GuaranteeIncidents");
        }
    }
}
