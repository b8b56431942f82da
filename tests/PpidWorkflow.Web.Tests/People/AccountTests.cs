using System.Net;
using Microsoft.EntityFrameworkCore;
using PpidWorkflow.Application.People;

namespace PpidWorkflow.Web.Tests.People;

public sealed class AccountTests : IDisposable
{
    private const string NewPassword = "kata-sandi-baru-1";
    private readonly TestService _service = new();

    [Fact]
    public async Task A_forgotten_password_is_replaced_by_the_link_of_a_mail_once()
    {
        await ForgetAsync("petugas.informasi@ppid.example");
        var (officer, token, address) = await _service.LinkOfAsync("password-reset");

        var weak = await _service.InScopeAsync((AccountDesk desk) => desk.SetPasswordAsync(officer, token, "pendek"));
        var wrong = await _service.InScopeAsync((AccountDesk desk) => desk.SetPasswordAsync(officer, "x" + token, NewPassword));
        var done = await _service.InScopeAsync((AccountDesk desk) => desk.SetPasswordAsync(officer, token, NewPassword));
        var again = await _service.InScopeAsync((AccountDesk desk) => desk.SetPasswordAsync(officer, token, NewPassword));

        Assert.Equal("petugas.informasi@ppid.example", address);
        Assert.Equal("password-too-weak", weak.Problems[0].Code);
        Assert.Equal("token-invalid", wrong.Problems[0].Code);
        Assert.True(done.Succeeded);
        Assert.Equal("token-invalid", again.Problems[0].Code);
        Assert.Equal(HttpStatusCode.OK, (await _service.AskTokenAsync("petugas.informasi", NewPassword)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _service.AskTokenAsync("petugas.informasi")).StatusCode);
    }

    [Fact]
    public async Task The_mail_with_the_link_is_in_the_language_that_its_reader_chose()
    {
        var officer = await ActorAsync("petugas.informasi");
        await _service.InScopeAsync((PreferenceDesk desk) => desk.SetAsync(officer, new PreferenceForm(Language: "en")));

        await ForgetAsync("petugas.informasi");

        Assert.Equal("en", await _service.OfDatabaseAsync(db => db.Outbox.Where(m => m.Template == "password-reset").Select(m => m.Language).SingleAsync()));
    }

    [Fact]
    public async Task No_mail_goes_where_there_is_no_account()
    {
        await ForgetAsync("nobody");

        Assert.Equal(0, await _service.OfDatabaseAsync(db => db.Outbox.CountAsync()));
    }

    [Fact]
    public async Task A_new_address_counts_from_its_confirmation()
    {
        var admin = await ActorAsync("auditor");
        var wrong = await _service.InScopeAsync((AccountDesk desk) => desk.RequestEmailChangeAsync(admin, "baru@ppid.example", "wrong"));
        var taken = await _service.InScopeAsync(
            (AccountDesk desk) => desk.RequestEmailChangeAsync(admin, "admin@ppid.example", TestService.DemoPassword));
        var invalid = await _service.InScopeAsync(
            (AccountDesk desk) => desk.RequestEmailChangeAsync(admin, "a@b.c, d@e.f", TestService.DemoPassword));
        var asked = await _service.InScopeAsync(
            (AccountDesk desk) => desk.RequestEmailChangeAsync(admin, "baru@ppid.example", TestService.DemoPassword));
        var before = await EmailAsync("auditor");
        var (officer, token, address) = await _service.LinkOfAsync("email-change");
        var confirmed = await _service.InScopeAsync((AccountDesk desk) => desk.ConfirmEmailChangeAsync(officer, token));

        Assert.Equal("current-password-wrong", wrong.Problems[0].Code);
        Assert.Equal("email-taken", taken.Problems[0].Code);
        Assert.Equal("email-invalid", invalid.Problems[0].Code);
        Assert.True(asked.Succeeded);
        Assert.Equal("auditor@ppid.example", before);
        Assert.Equal("baru@ppid.example", address);
        Assert.True(confirmed.Succeeded);
        Assert.Equal("baru@ppid.example", await EmailAsync("auditor"));
    }

    [Fact]
    public async Task A_new_officer_sets_the_first_password_by_mail()
    {
        var admin = await ActorAsync("admin");
        var created = await _service.InScopeAsync((OfficerRegister register) => register.CreateAsync(admin, new OfficerForm
        {
            UserName = "petugas.baru",
            DisplayName = "Petugas Baru",
            Email = "petugas.baru@ppid.example",
            Nip = "19741130 200501 2 008",
            SupervisorUserName = "kasubid.informasi",
            Roles = [Roles.InformationOfficer]
        }));
        var (officer, token, _) = await _service.LinkOfAsync("password-first");
        var set = await _service.InScopeAsync((AccountDesk desk) => desk.SetPasswordAsync(officer, token, NewPassword));

        Assert.False(created.Value.HasPassword);
        Assert.Equal("197411302005012008", created.Value.Nip);
        Assert.Equal(created.Value.Id, officer);
        Assert.True(set.Succeeded);
        Assert.Equal(HttpStatusCode.OK, (await _service.AskTokenAsync("petugas.baru", NewPassword)).StatusCode);
        Assert.True(await _service.OfDatabaseAsync(db =>
            db.AuditRecords.AnyAsync(r => r.Action == "officer-created" && r.Actor == "admin")));
    }

    [Fact]
    public async Task Every_wrong_field_of_a_new_officer_is_named()
    {
        var admin = await ActorAsync("admin");
        var refused = await _service.InScopeAsync((OfficerRegister register) => register.CreateAsync(admin, new OfficerForm
        {
            UserName = "auditor",
            Email = "admin@ppid.example",
            Nip = "1",
            SupervisorUserName = "nobody",
            Roles = ["KING"]
        }));

        Assert.Equal(
            ["user-name-taken", "email-taken", "display-name-required", "nip-invalid", "role-unknown", "supervisor-unknown"],
            refused.Problems.Select(p => p.Code));
    }

    [Fact]
    public async Task Only_administrators_keep_officers()
    {
        var auditor = await ActorAsync("auditor");
        var refused = await _service.InScopeAsync((OfficerRegister register) => register.CreateAsync(auditor, new OfficerForm()));

        Assert.Equal("forbidden", refused.Problems[0].Code);
    }

    [Fact]
    public async Task A_closed_account_is_out_at_once()
    {
        var admin = await ActorAsync("admin");
        using var client = await _service.ApiClientAsync("petugas.dokumentasi");
        var view = (await _service.InScopeAsync((OfficerRegister register) => register.ListAsync()))
            .Single(o => o.UserName == "petugas.dokumentasi");

        var updated = await UpdateAsync(admin, view, form => form with { IsActive = false });

        Assert.True(updated.Succeeded);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/tasks")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _service.AskTokenAsync("petugas.dokumentasi")).StatusCode);
    }

    [Fact]
    public async Task The_last_administrator_and_the_order_of_supervisors_are_kept()
    {
        var admin = await ActorAsync("admin");
        var officers = await _service.InScopeAsync((OfficerRegister register) => register.ListAsync());

        var last = await UpdateAsync(admin, officers.Single(o => o.UserName == "admin"), form => form with { Roles = [] });
        var circle = await UpdateAsync(
            admin, officers.Single(o => o.UserName == "kepala.biro"), form => form with { SupervisorUserName = "petugas.informasi" });
        var moved = await UpdateAsync(
            admin, officers.Single(o => o.UserName == "petugas.informasi"),
            form => form with { Roles = [Roles.DocumentationOfficer, Roles.Auditor] });

        Assert.Equal("last-administrator", last.Problems[0].Code);
        Assert.Equal("supervisor-circle", circle.Problems[0].Code);
        Assert.Equal([Roles.Auditor, Roles.DocumentationOfficer], moved.Value.Roles);
    }

    public void Dispose() => _service.Dispose();

    private Task<PpidWorkflow.Application.Result<OfficerView>> UpdateAsync(
        Actor admin, OfficerView view, Func<OfficerForm, OfficerForm> change) =>
        _service.InScopeAsync((OfficerRegister register) => register.UpdateAsync(admin, view.Id, change(new OfficerForm
        {
            UserName = view.UserName,
            DisplayName = view.DisplayName,
            Email = view.Email,
            Position = view.Position,
            Nip = view.Nip,
            SupervisorUserName = view.SupervisorUserName,
            Roles = view.Roles,
            IsActive = view.IsActive
        })));

    private Task<bool> ForgetAsync(string who) => _service.InScopeAsync(async (AccountDesk desk) =>
    {
        await desk.RequestPasswordResetAsync(who);
        return true;
    });

    private Task<string> EmailAsync(string userName) =>
        _service.OfDatabaseAsync(db => db.Users.Where(o => o.UserName == userName).Select(o => o.Email!).SingleAsync());

    private async Task<Actor> ActorAsync(string userName)
    {
        var view = (await _service.InScopeAsync((OfficerRegister register) => register.ListAsync())).Single(o => o.UserName == userName);
        return new Actor(view.Id, view.UserName, view.DisplayName, view.Roles.ToHashSet());
    }
}
