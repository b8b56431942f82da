using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PpidWorkflow.Application.Persistence.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class OpenItemsIndex : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_WorkItems_Open",
                table: "WorkItems");

            migrationBuilder.CreateIndex(
                name: "IX_ClockEvents_CaseId",
                table: "ClockEvents",
                column: "CaseId");

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_InstanceId",
                table: "WorkItems",
                column: "InstanceId");

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_Open",
                table: "WorkItems",
                column: "ReceivedAt",
                filter: "\"Closure\" = 'Open'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_ClockEvents_CaseId",
                table: "ClockEvents");

            migrationBuilder.DropIndex(
                name: "IX_WorkItems_InstanceId",
                table: "WorkItems");

            migrationBuilder.DropIndex(
                name: "IX_WorkItems_Open",
                table: "WorkItems");

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_Open",
                table: "WorkItems",
                column: "Closure",
                filter: "\"Closure\" = 'Open'");
        }
    }
}
