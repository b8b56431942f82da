using PpidWorkflow.Benchmarks;

return await BenchmarkRun.RunAsync(args);
