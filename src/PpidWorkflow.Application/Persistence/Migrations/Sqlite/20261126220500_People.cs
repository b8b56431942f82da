using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PpidWorkflow.Application.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class People : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "AppointmentId",
                table: "WorkItems",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Capacity",
                table: "WorkItems",
                type: "TEXT",
                maxLength: 300,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "InSteadOfId",
                table: "WorkItems",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "UploaderCapacity",
                table: "DossierFiles",
                type: "TEXT",
                maxLength: 300,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "DecidedCapacity",
                table: "DefinitionVersions",
                type: "TEXT",
                maxLength: 300,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "ActingAppointments",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    OfficerId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Role = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    ForOfficerId = table.Column<Guid>(type: "TEXT", nullable: true),
                    Capacity = table.Column<string>(type: "TEXT", maxLength: 24, nullable: false),
                    LetterNumber = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    LetterDate = table.Column<DateOnly>(type: "TEXT", nullable: true),
                    FirstDay = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    LastDay = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    BackdatedReason = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    RecordedBy = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    RecordedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    EndedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    EndedBy = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    WithdrawnAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    WithdrawnBy = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    BeginToldAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    HandedBackAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    Revision = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ActingAppointments", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ActingAppointments_Officers_ForOfficerId",
                        column: x => x.ForOfficerId,
                        principalTable: "Officers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_ActingAppointments_Officers_OfficerId",
                        column: x => x.OfficerId,
                        principalTable: "Officers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "TransferOffers",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    WorkItemId = table.Column<Guid>(type: "TEXT", nullable: false),
                    FromId = table.Column<Guid>(type: "TEXT", nullable: false),
                    ToId = table.Column<Guid>(type: "TEXT", nullable: true),
                    AbsenceId = table.Column<Guid>(type: "TEXT", nullable: true),
                    AppointmentId = table.Column<Guid>(type: "TEXT", nullable: true),
                    OfferedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 24, nullable: false),
                    DecidedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    DecidedById = table.Column<Guid>(type: "TEXT", nullable: true),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    Revision = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TransferOffers", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TransferOffers_Absences_AbsenceId",
                        column: x => x.AbsenceId,
                        principalTable: "Absences",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_TransferOffers_ActingAppointments_AppointmentId",
                        column: x => x.AppointmentId,
                        principalTable: "ActingAppointments",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_TransferOffers_Officers_FromId",
                        column: x => x.FromId,
                        principalTable: "Officers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_TransferOffers_Officers_ToId",
                        column: x => x.ToId,
                        principalTable: "Officers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_TransferOffers_WorkItems_WorkItemId",
                        column: x => x.WorkItemId,
                        principalTable: "WorkItems",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ActingAppointments_ForOfficerId",
                table: "ActingAppointments",
                column: "ForOfficerId");

            migrationBuilder.CreateIndex(
                name: "IX_ActingAppointments_OfficerId_LastDay",
                table: "ActingAppointments",
                columns: new[] { "OfficerId", "LastDay" });

            migrationBuilder.CreateIndex(
                name: "IX_ActingAppointments_Role_LastDay",
                table: "ActingAppointments",
                columns: new[] { "Role", "LastDay" });

            migrationBuilder.CreateIndex(
                name: "IX_TransferOffers_AbsenceId",
                table: "TransferOffers",
                column: "AbsenceId");

            migrationBuilder.CreateIndex(
                name: "IX_TransferOffers_AppointmentId",
                table: "TransferOffers",
                column: "AppointmentId");

            migrationBuilder.CreateIndex(
                name: "IX_TransferOffers_FromId",
                table: "TransferOffers",
                column: "FromId");

            migrationBuilder.CreateIndex(
                name: "IX_TransferOffers_State_ToId",
                table: "TransferOffers",
                columns: new[] { "State", "ToId" });

            migrationBuilder.CreateIndex(
                name: "IX_TransferOffers_ToId",
                table: "TransferOffers",
                column: "ToId");

            migrationBuilder.CreateIndex(
                name: "IX_TransferOffers_WorkItemId",
                table: "TransferOffers",
                column: "WorkItemId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "TransferOffers");

            migrationBuilder.DropTable(
                name: "ActingAppointments");

            migrationBuilder.DropColumn(
                name: "AppointmentId",
                table: "WorkItems");

            migrationBuilder.DropColumn(
                name: "Capacity",
                table: "WorkItems");

            migrationBuilder.DropColumn(
                name: "InSteadOfId",
                table: "WorkItems");

            migrationBuilder.DropColumn(
                name: "UploaderCapacity",
                table: "DossierFiles");

            migrationBuilder.DropColumn(
                name: "DecidedCapacity",
                table: "DefinitionVersions");
        }
    }
}
