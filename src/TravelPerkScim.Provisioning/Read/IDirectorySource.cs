using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>Where identities come from. A read is a stream that ends with <see cref="SourceEnd"/>; a stream that ends without one was cut
/// off and proves nothing about who is absent.</summary>
public interface IDirectorySource
{
    /// <summary>What a log or status calls this source (a file name, a tenant).</summary>
    string DisplayName { get; }

    /// <summary>
    /// Reads every object (no watermark) or the changes since one. An object may come again in one read: the last item about it counts.
    /// Bad entries come as <see cref="SourceFault"/>; only what makes the whole read impossible throws.
    /// </summary>
    /// <exception cref="SourceException">The source cannot be read at all (missing, empty, wrong columns; network, token or permission
    /// lost).</exception>
    IAsyncEnumerable<SourceItem> ReadAsync(SourceLayout layout, string? watermark, CancellationToken cancellationToken);

    /// <summary>
    /// Reads just these objects, whole and as they are now: on demand, to retry, or to prove that somebody is absent. Each identity gives a
    /// <see cref="SourceEntry"/>,
    /// a <see cref="SourceRemoval"/> when its anchor certainly exists no more, a <see cref="SourceAbsence"/> when a complete read does not
    /// list it, a <see cref="SourceNotFound"/> when the look-up by its anchor finds nothing, or a <see cref="SourceFault"/>.
    /// Ends with <see cref="SourceEnd"/>, without a watermark.
    /// </summary>
    /// <param name="layout">The attributes wanted.</param>
    /// <param name="identities">Anchors or userPrincipalNames.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <exception cref="SourceException">As for <see cref="ReadAsync"/>.</exception>
    IAsyncEnumerable<SourceItem> FindAsync(SourceLayout layout, IReadOnlyList<string> identities, CancellationToken cancellationToken);
}

/// <summary>One item of a source read.</summary>
public abstract record SourceItem;

/// <summary>An object that exists in the source, in its current form.</summary>
/// <param name="Object">The attributes asked for.</param>
/// <param name="SoftDeleted">Soft-deleted (Graph <c>@removed</c> with reason <c>changed</c>, or a deletedDateTime).</param>
/// <param name="NotEntitled">Why the object is not entitled, as the rest of a sentence about it (<c>is not assigned to 'TravelPerk'</c>);
/// null when it is, or when the source knows no assignments.</param>
/// <param name="EntitlementUnknown">The object may be entitled all the same: an assigned group could not be read. Nobody is disabled for
/// that.</param>
public sealed record SourceEntry(SourceObject Object, bool SoftDeleted = false, string? NotEntitled = null, bool EntitlementUnknown = false)
    : SourceItem;

/// <summary>An object that was permanently deleted (Graph <c>@removed</c> with reason <c>deleted</c>).</summary>
public sealed record SourceRemoval(string Anchor) : SourceItem;

/// <summary>A read that listed everybody, to its end and with every entry read, did not list this object: as good a proof that it is absent
/// as the same read gives a cycle.</summary>
/// <param name="Identity">As it was asked for.</param>
/// <param name="Message">The same in words.</param>
public sealed record SourceAbsence(string Identity, string Message) : SourceItem;

/// <summary>
/// The source named an object, or had it before, and does not find it by its anchor now. A directory is replicated, so this alone proves
/// nothing:
/// the object is absent when a complete read does not list it either, or when a later cycle does not find it again.
/// </summary>
/// <param name="Anchor">Whose entry.</param>
/// <param name="Message">The same in words.</param>
/// <param name="Named">This very read named the object: it is there, until a later one says otherwise.</param>
public sealed record SourceNotFound(string Anchor, string Message, bool Named = false) : SourceItem;

/// <summary>What an administrator should know of the read; it is about no single entry.</summary>
/// <param name="Message">What happened, and what it means.</param>
public sealed record SourceNotice(string Message) : SourceItem;

/// <summary>An entitled group. Each read lists every one of them, whole, also when it lists only the users that changed.</summary>
/// <param name="Anchor">The group's object id.</param>
/// <param name="DisplayName">Its name.</param>
/// <param name="Members">Anchors of its members.</param>
public sealed record SourceGroup(string Anchor, string DisplayName, IReadOnlyCollection<string> Members) : SourceItem;

/// <summary>An entry that could not be read. Others go on.</summary>
/// <param name="Position">Where, in words: <c>line 17</c>.</param>
/// <param name="Message">What is wrong and the way out.</param>
/// <param name="Anchor">Whose entry it is, when that much could be read.</param>
public sealed record SourceFault(string Position, string Message, string? Anchor = null) : SourceItem;

/// <summary>Something about the source as a whole that an admin has to know.</summary>
public sealed record SourceWarning(string Message) : SourceItem;

/// <summary>Which of the attributes asked for the source gave. Comes from sources that may lack some: a file has the columns that were
/// exported.</summary>
/// <param name="Given">Name of each attribute the source has a column or property for, and how many entries have a value there.</param>
/// <param name="Entries">Entries that were read.</param>
/// <param name="HasEndMark">A source that is cut off shows it. A file of lines that was cut at a line end does not.</param>
public sealed record SourceAttributes(IReadOnlyDictionary<string, long> Given, long Entries, bool HasEndMark) : SourceItem;

/// <summary>The read reached its end.</summary>
/// <param name="FullRead">Every object was listed, so an object not seen is absent (unless a fault hides it).</param>
/// <param name="Watermark">Where the next incremental read starts, opaque; null when the source has none.</param>
/// <param name="TotalRead">Entries seen, faults included.</param>
/// <param name="ConfirmAbsence">Nobody counts as absent before <see cref="IDirectorySource.FindAsync"/> was asked for them.</param>
/// <param name="Groups">Every entitled group was listed.</param>
public sealed record SourceEnd(bool FullRead, string? Watermark, long TotalRead, bool ConfirmAbsence = false, bool Groups = false)
    : SourceItem;
