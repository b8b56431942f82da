using PpidWorkflow.Application;
using PpidWorkflow.Web.Security;

namespace PpidWorkflow.Web.Rest.Ppid;

/// <summary>Tokens for the API.</summary>
internal static class Auth
{
    public sealed record Credentials(string? UserName, string? Password);

    public static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/token", TokenAsync).Accepts<Credentials>("application/json")
            .Answers<IssuedToken>("Exchanges user name and password for a token")
            .AllowAnonymous();

    private static async Task<IResult> TokenAsync(ApiCall call, SignInDesk desk, AccessTokens tokens)
    {
        var body = await call.BodyAsync<Credentials>();
        if (!body.Succeeded)
            return new ProblemAnswer(body.Problems);
        var (userName, password) = body.Value.Value;
        if (string.IsNullOrWhiteSpace(userName) || string.IsNullOrEmpty(password))
        {
            return new ProblemAnswer(
            [
                .. string.IsNullOrWhiteSpace(userName) ? [Problem.Invalid("field-required", "userName")] : (Problem[])[],
                .. string.IsNullOrEmpty(password) ? [Problem.Invalid("field-required", "password")] : (Problem[])[]
            ]);
        }
        return ApiCall.Answer(await desk.AuthenticateAsync(userName, password), officer => TypedResults.Ok(tokens.Issue(officer)));
    }
}
