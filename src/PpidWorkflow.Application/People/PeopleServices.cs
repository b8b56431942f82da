using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PpidWorkflow.Application.Persistence;

namespace PpidWorkflow.Application.People;

/// <summary>
/// Keeps officers in the commit in hand: Identity's own store would save after every call, outside the step's transaction.
/// </summary>
public sealed class OfficerStore : UserStore<Officer, OfficeRole, PpidDbContext, Guid>
{
    public OfficerStore(PpidDbContext context, IdentityErrorDescriber? describer = null)
        : base(context, describer) => AutoSaveChanges = false;
}

/// <summary>Registration of officers, accounts and roles.</summary>
public static class PeopleServices
{
    /// <summary>Shortest password. Length over rules: four character classes make people write passwords on paper.</summary>
    public const int PasswordLength = 12;

    /// <summary>Attempts before an account is locked, and for how long.</summary>
    public const int AttemptsBeforeLockout = 5;
    public static readonly TimeSpan LockoutTime = TimeSpan.FromMinutes(15);

    /// <summary>The host adds a token provider; without one no mail link can be made.</summary>
    public static IServiceCollection AddPpidPeople(this IServiceCollection services)
    {
        services.AddIdentityCore<Officer>(options =>
        {
            options.User.RequireUniqueEmail = true;
            options.Password.RequiredLength = PasswordLength;
            options.Password.RequiredUniqueChars = 6;
            options.Password.RequireDigit = true;
            options.Password.RequireLowercase = true;
            options.Password.RequireUppercase = false;
            options.Password.RequireNonAlphanumeric = false;
            options.Lockout.MaxFailedAccessAttempts = AttemptsBeforeLockout;
            options.Lockout.DefaultLockoutTimeSpan = LockoutTime;
        }).AddUserStore<OfficerStore>();
        services.AddScoped<AccountMail>();
        services.AddScoped<AccountDesk>();
        services.AddScoped<OfficerRegister>();
        services.AddScoped<FirstSetup>();
        services.AddScoped<RoleSeed>();
        services.AddScoped<DemoOfficers>();
        return services;
    }
}
