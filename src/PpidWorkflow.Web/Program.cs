using Microsoft.AspNetCore.Connections;
using PpidWorkflow.Engine.Definitions;
using PpidWorkflow.Web.Hosting;
using PpidWorkflow.Web.Verbs;

try
{
    if (Verb.IsMeant(args))
        return await Verb.RunAsync(args);

    await using var app = await ServiceHost.BuildAsync(args, services => StartUp.RunAsync(services));
    HangfireSetup.ScheduleJobs(app.Services);
    // After the first answers: a script that no case has asked for yet must not make them wait.
    app.Lifetime.ApplicationStarted.Register(() => new Thread(() => WorkflowCompiler.WarmUpAsync().GetAwaiter().GetResult())
    {
        IsBackground = true,
        Priority = ThreadPriority.Lowest,
        Name = "script-warm-up"
    }.Start());
    await app.RunAsync();
    return 0;
}
catch (StartUpRefusedException refusal)
{
    await Console.Error.WriteLineAsync(refusal.Message);
    return 1;
}
catch (Exception failure) when (StartUp.StoreSentence(failure) is { } sentence)
{
    await Console.Error.WriteLineAsync(sentence);
    return 1;
}
catch (IOException taken) when (taken.InnerException is AddressInUseException)
{
    await Console.Error.WriteLineAsync("Alamat layanan sudah dipakai proses lain: hentikan proses itu, atau pilih alamat lain dengan --urls.");
    return 1;
}

/// <summary>Entry point; partial so that tests can host it.</summary>
public partial class Program;
