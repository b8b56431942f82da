using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PpidWorkflow.Application.Persistence.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class LadderActs : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Action",
                table: "FireRecords",
                type: "character varying(24)",
                maxLength: 24,
                nullable: false,
                defaultValue: "Notify");

            migrationBuilder.AddColumn<Guid>(
                name: "FormerOfficerId",
                table: "FireRecords",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "OfficerId",
                table: "FireRecords",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "AlertAcknowledgements",
                columns: table => new
                {
                    FireRecordId = table.Column<Guid>(type: "uuid", nullable: false),
                    OfficerId = table.Column<Guid>(type: "uuid", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AlertAcknowledgements", x => new { x.FireRecordId, x.OfficerId });
                    table.ForeignKey(
                        name: "FK_AlertAcknowledgements_FireRecords_FireRecordId",
                        column: x => x.FireRecordId,
                        principalTable: "FireRecords",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_AlertAcknowledgements_Officers_OfficerId",
                        column: x => x.OfficerId,
                        principalTable: "Officers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "AlertBanners",
                columns: table => new
                {
                    FireRecordId = table.Column<Guid>(type: "uuid", nullable: false),
                    OfficerId = table.Column<Guid>(type: "uuid", nullable: false),
                    ClockId = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AlertBanners", x => new { x.FireRecordId, x.OfficerId });
                    table.ForeignKey(
                        name: "FK_AlertBanners_FireRecords_FireRecordId",
                        column: x => x.FireRecordId,
                        principalTable: "FireRecords",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_AlertBanners_Officers_OfficerId",
                        column: x => x.OfficerId,
                        principalTable: "Officers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_AlertBanners_StepClocks_ClockId",
                        column: x => x.ClockId,
                        principalTable: "StepClocks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "TaskHelpers",
                columns: table => new
                {
                    WorkItemId = table.Column<Guid>(type: "uuid", nullable: false),
                    OfficerId = table.Column<Guid>(type: "uuid", nullable: false),
                    CaseId = table.Column<Guid>(type: "uuid", nullable: false),
                    FireRecordId = table.Column<Guid>(type: "uuid", nullable: false),
                    AddedAt = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TaskHelpers", x => new { x.WorkItemId, x.OfficerId });
                    table.ForeignKey(
                        name: "FK_TaskHelpers_FireRecords_FireRecordId",
                        column: x => x.FireRecordId,
                        principalTable: "FireRecords",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_TaskHelpers_Officers_OfficerId",
                        column: x => x.OfficerId,
                        principalTable: "Officers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_TaskHelpers_WorkItems_WorkItemId",
                        column: x => x.WorkItemId,
                        principalTable: "WorkItems",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_AlertAcknowledgements_OfficerId",
                table: "AlertAcknowledgements",
                column: "OfficerId");

            migrationBuilder.CreateIndex(
                name: "IX_AlertBanners_ClockId",
                table: "AlertBanners",
                column: "ClockId");

            migrationBuilder.CreateIndex(
                name: "IX_AlertBanners_OfficerId",
                table: "AlertBanners",
                column: "OfficerId");

            migrationBuilder.CreateIndex(
                name: "IX_TaskHelpers_CaseId",
                table: "TaskHelpers",
                column: "CaseId");

            migrationBuilder.CreateIndex(
                name: "IX_TaskHelpers_FireRecordId",
                table: "TaskHelpers",
                column: "FireRecordId");

            migrationBuilder.CreateIndex(
                name: "IX_TaskHelpers_OfficerId",
                table: "TaskHelpers",
                column: "OfficerId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AlertAcknowledgements");

            migrationBuilder.DropTable(
                name: "AlertBanners");

            migrationBuilder.DropTable(
                name: "TaskHelpers");

            migrationBuilder.DropColumn(
                name: "Action",
                table: "FireRecords");

            migrationBuilder.DropColumn(
                name: "FormerOfficerId",
                table: "FireRecords");

            migrationBuilder.DropColumn(
                name: "OfficerId",
                table: "FireRecords");
        }
    }
}
