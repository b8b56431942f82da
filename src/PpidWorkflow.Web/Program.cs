using PpidWorkflow.Web.Hosting;
using PpidWorkflow.Web.Verbs;

try
{
    if (args is [{ } verb, ..] && !verb.StartsWith('-'))
        return await Verb.RunAsync(args);

    await using var app = ServiceHost.Build(args, serves: true);
    await StartUp.RunAsync(app.Services);
    HangfireSetup.ScheduleJobs(app.Services);
    await app.RunAsync();
    return 0;
}
catch (Exception failure) when (StartUp.Explain(failure) is { } sentences)
{
    foreach (var sentence in sentences)
        await Console.Error.WriteLineAsync(sentence);
    return 1;
}

/// <summary>Entry point; partial so that tests can host it.</summary>
public partial class Program;
