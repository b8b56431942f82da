// After BlazorMonaco's script, before Monaco's loader: the code editor lies in Studio's folder, not below the base address.
require.paths.vs = JSON.parse(document.getElementById("designer-settings").textContent).studio + "/_content/BlazorMonaco/lib/monaco-editor/min/vs";
