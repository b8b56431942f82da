var app = WebApplication.CreateBuilder(args).Build();
app.Run();

/// <summary>Entry point; partial so that tests can host it.</summary>
public partial class Program;
