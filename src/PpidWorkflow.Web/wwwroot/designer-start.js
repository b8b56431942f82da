// Starts Studio. Its files are immutable under their address: no file needs to be asked for again ("no-cache" is Blazor's default).
Blazor.start({
  configureRuntime: dotnet => dotnet.withConfig({ disableNoCacheFetch: true })
}).then(() => window.designer.started(), failure => window.designer.failed(failure));
