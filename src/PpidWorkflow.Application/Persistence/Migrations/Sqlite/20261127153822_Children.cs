using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PpidWorkflow.Application.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Children : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "Depth",
                table: "Instances",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<Guid>(
                name: "ParentInstanceId",
                table: "Instances",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ReportsTo",
                table: "Instances",
                type: "TEXT",
                maxLength: 80,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "RootInstanceId",
                table: "Instances",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_Instances_ReportsTo",
                table: "Instances",
                column: "ReportsTo");

            migrationBuilder.CreateIndex(
                name: "IX_Instances_RootInstanceId",
                table: "Instances",
                column: "RootInstanceId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Instances_ReportsTo",
                table: "Instances");

            migrationBuilder.DropIndex(
                name: "IX_Instances_RootInstanceId",
                table: "Instances");

            migrationBuilder.DropColumn(
                name: "Depth",
                table: "Instances");

            migrationBuilder.DropColumn(
                name: "ParentInstanceId",
                table: "Instances");

            migrationBuilder.DropColumn(
                name: "ReportsTo",
                table: "Instances");

            migrationBuilder.DropColumn(
                name: "RootInstanceId",
                table: "Instances");
        }
    }
}
