using Microsoft.AspNetCore.Components;

namespace PpidWorkflow.Web.Pages;

/// <summary>
/// A component that reads the database while a page is rendered: a page, or a part with a question of its own. Blazor begins a component while
/// another one still waits; the request has one database context, which answers one question at a time. So they load in turn. (On SQLite nobody
/// waits, and nothing is seen of it.)
/// </summary>
public abstract class LoadingComponent : ComponentBase
{
    /// <summary>Of the request.</summary>
    [Inject] public LoadTurn Turn { get; set; } = default!;

    /// <inheritdoc/>
    public override async Task SetParametersAsync(ParameterView parameters)
    {
        // A view of parameters lives until the first await only.
        parameters.SetParameterProperties(this);
        using var turn = await Turn.TakeAsync();
        await PrepareAsync();
        await base.SetParametersAsync(ParameterView.Empty);
    }

    /// <summary>Before the component itself loads.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;
}

/// <summary>Whose turn it is to use the request's database context while a page is rendered.</summary>
public sealed class LoadTurn : IDisposable
{
    private readonly SemaphoreSlim _free = new(1, 1);

    /// <summary>Waits until whoever loads has loaded.</summary>
    /// <returns>Ends the turn when it is disposed.</returns>
    public async Task<IDisposable> TakeAsync()
    {
        await _free.WaitAsync();
        return new Taken(_free);
    }

    public void Dispose() => _free.Dispose();

    private sealed class Taken(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
