namespace PpidWorkflow.Application.Persistence;

/// <summary>
/// Rows of a step that writes thousands, kept beside the change tracker, which would cost more than the rest of the step: new ones, and changed
/// ones with the revision at which they were read. <see cref="Providers.BulkSave"/> writes them with the rest of the commit, all or nothing, and
/// refuses a changed row whose revision is no longer that one.
/// </summary>
public sealed class BulkRows
{
    private readonly Dictionary<Type, List<object>> _new = [];
    private readonly Dictionary<(Type Type, string[] Columns), List<(object Row, int Revision)>> _changed = [];

    internal IEnumerable<(Type Type, List<object> Rows)> New => _new.Select(table => (table.Key, table.Value));

    internal IEnumerable<(Type Type, string[] Columns, List<(object Row, int Revision)> Rows)> Changed =>
        _changed.Select(table => (table.Key.Type, table.Key.Columns, table.Value));

    /// <summary>Tables are written in the order in which their first row came: what others refer to comes first.</summary>
    public void Add<T>(T row) where T : class
    {
        if (!_new.TryGetValue(typeof(T), out var rows))
            _new[typeof(T)] = rows = [];
        rows.Add(row);
    }

    /// <param name="row">As it is to be.</param>
    /// <param name="revision">Its concurrency token as it was read.</param>
    /// <param name="columns">Properties that may have changed; always the same array, rows of one array are written together.</param>
    public void Change<T>(T row, int revision, string[] columns) where T : class
    {
        if (!_changed.TryGetValue((typeof(T), columns), out var rows))
            _changed[(typeof(T), columns)] = rows = [];
        rows.Add((row, revision));
    }

    public IEnumerable<T> Added<T>() where T : class => _new.GetValueOrDefault(typeof(T))?.Cast<T>() ?? [];
}
