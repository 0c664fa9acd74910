using System.Reflection;
using System.Xml.Linq;

namespace TravelPerkScim.Help;

/// <summary>The compiler's XML documentation of the module's assemblies, by type and property.</summary>
internal sealed class XmlDocumentation(IEnumerable<XDocument> documents)
{
    // Source generators put helper types of one name into several assemblies.
    private readonly Dictionary<string, XElement> _members = documents
        .SelectMany(document => document.Descendants("member"))
        .DistinctBy(NameOf, StringComparer.Ordinal)
        .ToDictionary(NameOf, StringComparer.Ordinal);

    /// <summary>The documentation of a type; without one, an empty element.</summary>
    public XElement Of(Type? type) => Find($"T:{type?.FullName}");

    /// <summary>The documentation of a property; without one, an empty element.</summary>
    public XElement Of(PropertyInfo? property) => Find($"P:{property?.DeclaringType!.FullName}.{property?.Name}");

    /// <summary>The paragraphs of one part of a documentation: its <c>para</c> children, or all of its text as one.</summary>
    public static IEnumerable<string> Paragraphs(XElement documentation, string part)
    {
        XElement[] paragraphs = [.. documentation.Elements(part).Elements("para")];
        return (paragraphs.Length > 0 ? paragraphs : documentation.Elements(part)).Select(Text);
    }

    /// <summary>An element's text on one line, with references as the words they stand for.</summary>
    public static string Text(XElement element) =>
        string.Join(' ', string.Concat(element.Nodes().Select(Word)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>A code block as written, without the margin of the comment it stood in.</summary>
    public static string Code(XElement element)
    {
        int margin = element.PreviousNode is XText before ? before.Value.Split('\n')[^1].Length : 0;
        return string.Join('\n', element.Value.Split('\n').Select(line => WithoutMargin(line, margin))).Trim();
    }

    private XElement Find(string name) => _members.GetValueOrDefault(name) ?? new XElement("member");

    private static string NameOf(XElement member) => (string)member.Attribute("name")!;

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
