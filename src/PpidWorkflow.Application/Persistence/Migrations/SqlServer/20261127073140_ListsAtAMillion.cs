using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PpidWorkflow.Application.Persistence.Migrations.SqlServer
{
    /// <inheritdoc />
    public partial class ListsAtAMillion : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_WorkItems_AssigneeId_Closure_ReceivedAt",
                table: "WorkItems");

            migrationBuilder.DropIndex(
                name: "IX_WorkItems_Role_Closure_ReceivedAt",
                table: "WorkItems");

            migrationBuilder.DropIndex(
                name: "IX_Cases_CreatedById",
                table: "Cases");

            migrationBuilder.DropIndex(
                name: "IX_Cases_State_CreatedAt",
                table: "Cases");

            migrationBuilder.AddColumn<DateTime>(
                name: "CaseCreatedAt",
                table: "WorkItems",
                type: "datetime2",
                nullable: false,
                defaultValue: new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified));

            migrationBuilder.AddColumn<DateTime>(
                name: "CaseCreatedAt",
                table: "Outbox",
                type: "datetime2",
                nullable: true);

            // Steps and alerts of before learn when their case was opened.
            migrationBuilder.Sql("""
                UPDATE w SET [CaseCreatedAt] = c.[CreatedAt] FROM [WorkItems] AS w JOIN [Cases] AS c ON c.[Id] = w.[CaseId];
                """);

            migrationBuilder.Sql("""
                UPDATE m SET [CaseCreatedAt] = c.[CreatedAt] FROM [Outbox] AS m JOIN [Cases] AS c ON c.[Id] = m.[CaseId] WHERE m.[FireRecordId] IS NOT NULL;
                """);

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_AssigneeId_CaseCreatedAt_CaseId",
                table: "WorkItems",
                columns: new[] { "AssigneeId", "CaseCreatedAt", "CaseId" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_AssigneeId_Closure_ReceivedAt_Id",
                table: "WorkItems",
                columns: new[] { "AssigneeId", "Closure", "ReceivedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_Cancelled",
                table: "WorkItems",
                columns: new[] { "ReceivedAt", "Id" },
                filter: "\"Closure\" = 'Cancelled'");

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_Closed",
                table: "WorkItems",
                columns: new[] { "ReceivedAt", "Id" },
                filter: "\"Closure\" <> 'Open'");

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_ClosedAt",
                table: "WorkItems",
                column: "ClosedAt",
                filter: "\"ClosedAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_InSteadOfId_CaseCreatedAt_CaseId",
                table: "WorkItems",
                columns: new[] { "InSteadOfId", "CaseCreatedAt", "CaseId" },
                filter: "\"InSteadOfId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_Pool",
                table: "WorkItems",
                columns: new[] { "Role", "Closure", "ReceivedAt" },
                filter: "\"AssigneeId\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_Returned",
                table: "WorkItems",
                columns: new[] { "ReceivedAt", "Id" },
                filter: "\"Closure\" = 'Returned'");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_OfficerId_CaseCreatedAt_CaseId",
                table: "Outbox",
                columns: new[] { "OfficerId", "CaseCreatedAt", "CaseId" },
                filter: "\"CaseCreatedAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Cases_CreatedAt_Id",
                table: "Cases",
                columns: new[] { "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Cases_CreatedById_CreatedAt_Id",
                table: "Cases",
                columns: new[] { "CreatedById", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Cases_State_CreatedAt_Id",
                table: "Cases",
                columns: new[] { "State", "CreatedAt", "Id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_WorkItems_AssigneeId_CaseCreatedAt_CaseId",
                table: "WorkItems");

            migrationBuilder.DropIndex(
                name: "IX_WorkItems_AssigneeId_Closure_ReceivedAt_Id",
                table: "WorkItems");

            migrationBuilder.DropIndex(
                name: "IX_WorkItems_Cancelled",
                table: "WorkItems");

            migrationBuilder.DropIndex(
                name: "IX_WorkItems_Closed",
                table: "WorkItems");

            migrationBuilder.DropIndex(
                name: "IX_WorkItems_ClosedAt",
                table: "WorkItems");

            migrationBuilder.DropIndex(
                name: "IX_WorkItems_InSteadOfId_CaseCreatedAt_CaseId",
                table: "WorkItems");

            migrationBuilder.DropIndex(
                name: "IX_WorkItems_Pool",
                table: "WorkItems");

            migrationBuilder.DropIndex(
                name: "IX_WorkItems_Returned",
                table: "WorkItems");

            migrationBuilder.DropIndex(
                name: "IX_Outbox_OfficerId_CaseCreatedAt_CaseId",
                table: "Outbox");

            migrationBuilder.DropIndex(
                name: "IX_Cases_CreatedAt_Id",
                table: "Cases");

            migrationBuilder.DropIndex(
                name: "IX_Cases_CreatedById_CreatedAt_Id",
                table: "Cases");

            migrationBuilder.DropIndex(
                name: "IX_Cases_State_CreatedAt_Id",
                table: "Cases");

            migrationBuilder.DropColumn(
                name: "CaseCreatedAt",
                table: "WorkItems");

            migrationBuilder.DropColumn(
                name: "CaseCreatedAt",
                table: "Outbox");

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_AssigneeId_Closure_ReceivedAt",
                table: "WorkItems",
                columns: new[] { "AssigneeId", "Closure", "ReceivedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_WorkItems_Role_Closure_ReceivedAt",
                table: "WorkItems",
                columns: new[] { "Role", "Closure", "ReceivedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Cases_CreatedById",
                table: "Cases",
                column: "CreatedById");

            migrationBuilder.CreateIndex(
                name: "IX_Cases_State_CreatedAt",
                table: "Cases",
                columns: new[] { "State", "CreatedAt" });
        }
    }
}
