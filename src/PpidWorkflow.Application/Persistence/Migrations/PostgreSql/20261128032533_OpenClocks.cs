using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PpidWorkflow.Application.Persistence.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class OpenClocks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_StepClocks_ClosedAt",
                table: "StepClocks",
                column: "ClosedAt",
                filter: "\"ClosedAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_StepClocks_Open",
                table: "StepClocks",
                column: "Id",
                filter: "\"State\" <> 'Closed'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_StepClocks_ClosedAt",
                table: "StepClocks");

            migrationBuilder.DropIndex(
                name: "IX_StepClocks_Open",
                table: "StepClocks");
        }
    }
}
