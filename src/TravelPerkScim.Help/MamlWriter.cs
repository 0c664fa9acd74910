using System.Management.Automation;
using System.Xml.Linq;

namespace TravelPerkScim.Help;

/// <summary>Writes cmdlet help in MAML, the form that Get-Help reads from a module's culture folder.</summary>
internal static class MamlWriter
{
    internal static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    internal static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    internal static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private static readonly XNamespace s_help = "http://msh";

    public static XDocument Write(IEnumerable<CmdletInfo> cmdlets, XmlDocumentation texts) =>
        new(
            new XElement(
                s_help + "helpItems",
                new XAttribute("schema", "maml"),
                new XAttribute(XNamespace.Xmlns + "maml", Maml),
                new XAttribute(XNamespace.Xmlns + "command", Command),
                new XAttribute(XNamespace.Xmlns + "dev", Dev),
                cmdlets.Select(cmdlet => CommandElement(cmdlet, texts))
            )
        );

    internal static IEnumerable<XElement> Paragraphs(IEnumerable<string> texts) => texts.Select(text => new XElement(Maml + "para", text));

    private static XElement CommandElement(CmdletInfo cmdlet, XmlDocumentation texts)
    {
        XElement documentation = texts.Of(cmdlet.ImplementingType);
        var parameters = new ParameterWriter(cmdlet, texts);
        return new XElement(
            Command + "command",
            new XElement(
                Command + "details",
                new XElement(Command + "name", cmdlet.Name),
                new XElement(Command + "verb", cmdlet.Verb),
                new XElement(Command + "noun", cmdlet.Noun),
                new XElement(Maml + "description", Paragraphs(XmlDocumentation.Paragraphs(documentation, "summary")))
            ),
            new XElement(Maml + "description", Paragraphs(XmlDocumentation.Paragraphs(documentation, "remarks"))),
            new XElement(Command + "syntax", parameters.Syntax()),
            new XElement(Command + "parameters", parameters.All()),
            new XElement(Command + "inputTypes", parameters.PipelineTypes().Select(type => TypeElement("inputType", type, texts))),
            new XElement(Command + "returnValues", cmdlet.OutputType.Select(output => TypeElement("returnValue", output.Type, texts))),
            new XElement(Command + "examples", documentation.Elements("example").Select(Example)),
            new XElement(
                Command + "relatedLinks",
                documentation
                    .Elements("seealso")
                    .Select(link => new XElement(Maml + "navigationLink", new XElement(Maml + "linkText", XmlDocumentation.Text(link))))
            )
        );
    }

    private static XElement TypeElement(string name, Type? type, XmlDocumentation texts) =>
        new(
            Command + name,
            new XElement(Dev + "type", new XElement(Maml + "name", type is null ? "" : TypeName.Of(type))),
            new XElement(Maml + "description", Paragraphs(XmlDocumentation.Paragraphs(texts.Of(type), "summary")))
        );

    private static XElement Example(XElement example, int index)
    {
        string title = example.Element("para") is { } first ? XmlDocumentation.Text(first) : "";
        return new XElement(
            Command + "example",
            new XElement(Maml + "title", $"--------- Example {index + 1}: {title} ---------"),
            new XElement(Dev + "code", example.Element("code") is { } code ? XmlDocumentation.Code(code) : ""),
            // Get-Help prints what follows right below; an empty paragraph is the blank line between two examples.
            new XElement(Dev + "remarks", Paragraphs(example.Elements("para").Skip(1).Select(XmlDocumentation.Text).Prepend("").Append("")))
        );
    }
}
