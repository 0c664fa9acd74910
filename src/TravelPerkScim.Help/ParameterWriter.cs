using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;

namespace TravelPerkScim.Help;

/// <summary>Writes the syntax and the parameters of one cmdlet.</summary>
internal sealed class ParameterWriter(CmdletInfo cmdlet, XmlDocumentation texts)
{
    private static readonly Dictionary<string, string> s_shared = new(StringComparer.Ordinal)
    {
        ["WhatIf"] = "Shows what would happen and changes nothing.",
        ["Confirm"] = "Asks before each change. In a script, which cannot answer, give -Confirm:$false.",
    };

    // Every cmdlet has these, and one page of PowerShell's help is about them.
    private static readonly HashSet<string> s_common =
    [
        .. Cmdlet.CommonParameters.Concat(Cmdlet.OptionalCommonParameters).Except(s_shared.Keys),
    ];

    // Defaults are what the properties of a new instance hold.
    private readonly Lazy<object?> _instance = new(() => Activator.CreateInstance(cmdlet.ImplementingType));

    public IEnumerable<XElement> Syntax() =>
        cmdlet.ParameterSets.Select(set => new XElement(
            MamlWriter.Command + "syntaxItem",
            new XElement(MamlWriter.Maml + "name", cmdlet.Name),
            ParametersOf(set).Select(parameter => ParameterElement(parameter, inSyntax: true))
        ));

    public IEnumerable<XElement> All() =>
        cmdlet
            .ParameterSets.SelectMany(ParametersOf)
            .DistinctBy(parameter => parameter.Name)
            .OrderBy(parameter => s_shared.ContainsKey(parameter.Name))
            .ThenBy(parameter => parameter.Name, StringComparer.Ordinal)
            .Select(parameter => ParameterElement(parameter, inSyntax: false));

    public IEnumerable<Type> PipelineTypes() =>
        cmdlet
            .ParameterSets.SelectMany(ParametersOf)
            .Where(parameter => parameter.ValueFromPipeline)
            .Select(parameter => parameter.ParameterType)
            .Distinct();

    private static IEnumerable<CommandParameterInfo> ParametersOf(CommandParameterSetInfo set) =>
        set
            .Parameters.Where(parameter => !s_common.Contains(parameter.Name))
            .OrderBy(parameter => parameter.Position < 0 ? int.MaxValue : parameter.Position)
            .ThenByDescending(parameter => parameter.IsMandatory);

    private XElement ParameterElement(CommandParameterInfo parameter, bool inSyntax)
    {
        PropertyInfo? property = cmdlet.ImplementingType.GetProperty(parameter.Name);
        Type type = parameter.ParameterType;
        return new XElement(
            MamlWriter.Command + "parameter",
            new XAttribute("required", Lower(parameter.IsMandatory)),
            new XAttribute("variableLength", Lower(type.IsArray)),
            new XAttribute("globbing", Lower(property?.IsDefined(typeof(SupportsWildcardsAttribute)) == true)),
            new XAttribute("pipelineInput", Pipeline(parameter)),
            new XAttribute("position", parameter.Position < 0 ? "named" : parameter.Position.ToString(CultureInfo.InvariantCulture)),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(MamlWriter.Maml + "name", parameter.Name),
            // Get-Help shows type and default among the parameters, and neither in the syntax.
            inSyntax ? [ChoiceElement(property, type), ValueElement(type)] : DetailElements(parameter.Name, property, type)
        );
    }

    private IEnumerable<XElement?> DetailElements(string name, PropertyInfo? property, Type type)
    {
        yield return DescriptionElement(name, property);
        yield return ValueElement(type);
        yield return new XElement(MamlWriter.Dev + "type", new XElement(MamlWriter.Maml + "name", TypeName.Of(type)));
        yield return new XElement(MamlWriter.Dev + "defaultValue", type == typeof(SwitchParameter) ? "False" : Default(property));
    }

    // The syntax names parameters. Their description is written once, in the list of parameters.
    private XElement DescriptionElement(string name, PropertyInfo? property)
    {
        IEnumerable<string> paragraphs = s_shared.TryGetValue(name, out string? shared)
            ? [shared]
            : XmlDocumentation.Paragraphs(texts.Of(property), "summary");
        return new XElement(MamlWriter.Maml + "description", MamlWriter.Paragraphs(paragraphs));
    }

    private static XElement? ChoiceElement(PropertyInfo? property, Type type)
    {
        string[] choices = Choices(property, type);
        if (choices.Length == 0)
            return null;
        IEnumerable<XElement> values = choices.Select(choice => ValueElement("false", choice));
        return new XElement(MamlWriter.Command + "parameterValueGroup", values);
    }

    // A switch takes no value.
    private static XElement? ValueElement(Type type) => type == typeof(SwitchParameter) ? null : ValueElement("true", TypeName.Short(type));

    // Get-Help shows whether the parameter takes several values, and nothing of that for the value.
    private static XElement ValueElement(string required, string value) =>
        new(MamlWriter.Command + "parameterValue", new XAttribute("required", required), value);

    private static string[] Choices(PropertyInfo? property, Type type)
    {
        if (property?.GetCustomAttribute<ValidateSetAttribute>() is { } set)
            return [.. set.ValidValues];
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsEnum ? Enum.GetNames(plain) : [];
    }

    private string Default(PropertyInfo? property) =>
        property?.GetValue(_instance.Value) switch
        {
            null or "" or false or 0 => "None",
            string text => text,
            IEnumerable many => string.Join(", ", many.Cast<object>()),
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            { } other => other.ToString() ?? "None",
        };

    private static string Pipeline(CommandParameterInfo parameter) =>
        (parameter.ValueFromPipeline, parameter.ValueFromPipelineByPropertyName) switch
        {
            (true, true) => "True (ByPropertyName, ByValue)",
            (true, false) => "True (ByValue)",
            (false, true) => "True (ByPropertyName)",
            _ => "False",
        };

    private static string Lower(bool value) => value ? "true" : "false";
}
