namespace PpidWorkflow.Application.People;

/// <summary>An officer as administrators enter one.</summary>
public sealed record OfficerForm
{
    public string? UserName { get; init; }
    public string? DisplayName { get; init; }
    public string? Email { get; init; }
    public string? Position { get; init; }
    public string? Nip { get; init; }
    public string? SupervisorUserName { get; init; }
    public IReadOnlyList<string> Roles { get; init; } = [];
    public bool IsActive { get; init; } = true;
}

/// <summary>An officer as administrators see one.</summary>
public sealed record OfficerView(
    Guid Id, string UserName, string DisplayName, string Email, string? Position, string? Nip, string? SupervisorUserName, IReadOnlyList<string> Roles,
    bool IsActive, bool HasPassword);

public sealed record RoleView(string Code, string DisplayName);

/// <summary>An officer's own account: passwords and address, proven by mail.</summary>
public sealed class AccountDesk
{
    /// <summary>Mails a link where the account exists; answers the same where it does not.</summary>
    public Task RequestPasswordResetAsync(string userNameOrEmail, CancellationToken cancellation = default) => throw new NotSupportedException();

    /// <summary>First or forgotten password, with the token of the mail's link.</summary>
    public Task<Result<bool>> SetPasswordAsync(Guid officerId, string token, string newPassword, CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task<Result<bool>> ChangePasswordAsync(Actor actor, string currentPassword, string newPassword, CancellationToken cancellation = default) => throw new NotSupportedException();

    /// <summary>Mails a confirmation link to the new address; the old one stays until it is followed.</summary>
    public Task<Result<bool>> RequestEmailChangeAsync(Actor actor, string newEmail, string currentPassword, CancellationToken cancellation = default) => throw new NotSupportedException();

    public Task<Result<bool>> ConfirmEmailChangeAsync(Guid officerId, string token, CancellationToken cancellation = default) => throw new NotSupportedException();
}

/// <summary>Officers and their roles and supervisors, kept by administrators.</summary>
public sealed class OfficerRegister
{
    public Task<IReadOnlyList<OfficerView>> ListAsync(CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<OfficerView>> GetAsync(Guid id, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<IReadOnlyList<RoleView>> RolesAsync(CancellationToken cancellation = default) => throw new NotSupportedException();

    /// <summary>Creates the account without a password and mails the link to set the first one.</summary>
    public Task<Result<OfficerView>> CreateAsync(Actor actor, OfficerForm form, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<OfficerView>> UpdateAsync(Actor actor, Guid id, OfficerForm form, CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<bool>> SendFirstPasswordAsync(Actor actor, Guid id, CancellationToken cancellation = default) => throw new NotSupportedException();
}

/// <summary>The first administrator of a new installation, by a one-time token printed at first start.</summary>
public sealed class FirstSetup
{
    public Task<bool> IsNeededAsync(CancellationToken cancellation = default) => throw new NotSupportedException();

    /// <summary>Makes a new token (the old one is void) and returns it for printing; only its hash is kept.</summary>
    public Task<string> IssueTokenAsync(CancellationToken cancellation = default) => throw new NotSupportedException();
    public Task<Result<OfficerView>> CreateAdministratorAsync(string token, OfficerForm form, string password, CancellationToken cancellation = default) => throw new NotSupportedException();
}
