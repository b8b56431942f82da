using System.Globalization;

namespace PpidWorkflow.Engine.Activities.Human;

public enum RungAddresseeKind
{
    /// <summary>Whoever has the task; all holders of its role while nobody has.</summary>
    Assignee,

    /// <summary>All who hold the role named.</summary>
    Role,

    /// <summary>One officer, by user name.</summary>
    Officer,

    /// <summary>An address that need not be an officer's.</summary>
    Mailbox
}

/// <summary>
/// One addressee of a rung, read: <c>assignee</c>, <c>role:X</c>, <c>officer:name</c>, <c>mailbox:a@b</c>, or a superior of one of the first
/// three: <c>supervisor</c> (of the assignee), <c>supervisor^2</c> (his supervisor's), <c>supervisor:role:X</c>, <c>supervisor^2:role:X</c>.
/// </summary>
/// <param name="Kind">Whom <paramref name="Name"/> means.</param>
/// <param name="Name">Role, user name or address; empty for the assignee.</param>
/// <param name="Level">0: they themselves; 1: their supervisors; 2: the supervisors of these …</param>
public sealed record RungAddressee(RungAddresseeKind Kind, string Name, int Level)
{
    /// <summary>No office is deeper.</summary>
    public const int HighestLevel = 9;

    /// <summary>Null: not written so.</summary>
    public static RungAddressee? TryParse(string? text)
    {
        if (text is null)
            return null;
        var level = 0;
        if (text.StartsWith("supervisor", StringComparison.Ordinal))
        {
            var rest = text["supervisor".Length..];
            level = 1;
            if (rest is ['^', ..])
            {
                var end = rest.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? colon : rest.Length;
                if (!int.TryParse(rest[1..end], NumberStyles.None, CultureInfo.InvariantCulture, out level) || level is < 1 or > HighestLevel)
                    return null;
                rest = rest[end..];
            }
            if (rest.Length == 0)
                return new RungAddressee(RungAddresseeKind.Assignee, "", level);
            if (rest[0] != ':' || rest.StartsWith(":mailbox", StringComparison.Ordinal))
                return null;
            text = rest[1..];
        }
        if (text == "assignee")
            return new RungAddressee(RungAddresseeKind.Assignee, "", level);
        return text.IndexOf(':', StringComparison.Ordinal) is var at and > 0 && at < text.Length - 1
            ? (text[..at], text[(at + 1)..]) switch
            {
                ("role", var role) => new RungAddressee(RungAddresseeKind.Role, role, level),
                ("officer", var officer) => new RungAddressee(RungAddresseeKind.Officer, officer, level),
                ("mailbox", var box) when box.IndexOf('@', StringComparison.Ordinal) is > 0 and var sign && sign < box.Length - 1 =>
                    new RungAddressee(RungAddresseeKind.Mailbox, box, 0),
                _ => null
            }
            : null;
    }
}
