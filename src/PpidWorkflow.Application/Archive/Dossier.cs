namespace PpidWorkflow.Application.Archive;

/// <summary>A softcopy in the vault. Never deleted: a wrong one is replaced and stays, marked (design.md §4).</summary>
public sealed class DossierFile
{
    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }
    public required Guid WorkItemId { get; init; }

    /// <summary>As the officer's computer called it, without any path. Confidential.</summary>
    public required string Name { get; init; }

    public required string ContentType { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Lower-case hex.</summary>
    public required string Sha256 { get; init; }

    public required Guid UploadedById { get; init; }
    public required DateTimeOffset UploadedAt { get; init; }

    /// <summary>In what capacity, as printed: "Plh. Kasubid ..."; null: in his own role.</summary>
    public string? UploaderCapacity { get; init; }

    /// <summary>The file that took this one's place.</summary>
    public Guid? ReplacedById { get; set; }

    public DateTimeOffset? ReplacedAt { get; set; }
}

/// <summary>A paper item of the dossier.</summary>
public sealed class HardcopyItem
{
    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }
    public required Guid WorkItemId { get; init; }
    public required int Position { get; init; }
    public required string Description { get; init; }

    /// <summary>Sheets or pieces.</summary>
    public required int Quantity { get; init; }

    /// <summary>Tingkat perkembangan: asli, kopi, salinan, tembusan, pertinggal, hasil scan.</summary>
    public string? CopyStatus { get; init; }

    /// <summary>When a later visit of the step listed the items anew; kept, no longer in the list.</summary>
    public DateTimeOffset? ReplacedAt { get; set; }
}

/// <summary>Where the paper lies; every part optional, at least one given (domain.md §5).</summary>
public sealed class StorageLocation
{
    public required Guid CaseId { get; init; }
    public string? Building { get; init; }
    public string? Cabinet { get; init; }
    public string? Shelf { get; init; }
    public string? Box { get; init; }
    public string? Folder { get; init; }
    public string? Text { get; init; }
}

/// <summary>Why the dossier lacks a medium: <c>softcopy</c> or <c>hardcopy</c>.</summary>
public sealed class MissingMedium
{
    public required Guid CaseId { get; init; }
    public required string Medium { get; init; }
    public required string Reason { get; init; }
}
