using System.Reflection;
using System.Xml.Linq;

namespace TravelPerkScim.Help;

/// <summary>The compiler's XML documentation of the module's assemblies, by type and property.</summary>
internal sealed class XmlDocumentation(IEnumerable<XDocument> documents)
{
    // Source generators put helper types of one name into several assemblies.
    private readonly Dictionary<string, XElement> _members = documents
        .SelectMany(document => document.Descendants("member"))
        .DistinctBy(member => (string)member.Attribute("name")!, StringComparer.Ordinal)
        .ToDictionary(member => (string)member.Attribute("name")!, StringComparer.Ordinal);

    public XElement? Of(Type type) => _members.GetValueOrDefault("T:" + type.FullName);

    public XElement? Of(PropertyInfo property) => _members.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}");

    /// <summary>The paragraphs of an element: its <c>para</c> children, or all of its text as one.</summary>
    public static IReadOnlyList<string> Paragraphs(XElement? element) =>
        element is null ? []
        : element.Elements("para").Any() ? [.. element.Elements("para").Select(Text)]
        : [Text(element)];

    /// <summary>An element's text on one line, with references as the words they stand for.</summary>
    public static string Text(XElement element) =>
        string.Join(' ', string.Concat(element.Nodes().Select(Word)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>A code block as written, without the margin of the comment it stood in.</summary>
    public static string Code(XElement element)
    {
        int margin = element.PreviousNode is XText before ? before.Value.Split('\n')[^1].Length : 0;
        return string.Join('\n', element.Value.Split('\n').Select(line => WithoutMargin(line, margin))).Trim();
    }

    private static string WithoutMargin(string line, int margin)
    {
        int blanks = line.Length - line.TrimStart().Length;
        return line[Math.Min(blanks, margin)..].TrimEnd();
    }

    private static string Word(XNode node) =>
        node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "see" or "seealso" } reference => (
                (string?)reference.Attribute("langword") ?? (string?)reference.Attribute("cref") ?? reference.Value
            ).Split('.')[^1],
            XElement { Name.LocalName: "paramref" } parameter => (string)parameter.Attribute("name")!,
            XElement element => Text(element),
            _ => "",
        };
}
