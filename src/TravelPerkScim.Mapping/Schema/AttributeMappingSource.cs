using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Mapping.Schema;

/// <summary>Kinds of source (Graph <c>attributeMappingSourceType</c>).</summary>
public enum AttributeMappingSourceType
{
    Attribute,
    Constant,
    Function,
}

/// <summary>Where a value comes from (Graph <c>attributeMappingSource</c>): an expression as text, as a parsed tree, or both. The text
/// decides when both are there.</summary>
public sealed class AttributeMappingSource : SchemaNode
{
    internal AttributeMappingSource(JsonObject json)
        : base(json) { }

    /// <summary>Parses an expression into the form Graph's <c>parseExpression</c> gives: text and tree.</summary>
    /// <exception cref="MappingException">The expression does not parse.</exception>
    public static AttributeMappingSource FromExpression(string expression) =>
        SourceTree.Write(MappingExpression.Parse(expression).Root, expression.Trim());

    /// <summary>A direct mapping of one source attribute.</summary>
    public static AttributeMappingSource FromAttribute(string name) => SourceTree.Write(new AttributeNode(name, ExpressionNode.NoPosition));

    /// <summary>A constant.</summary>
    public static AttributeMappingSource FromConstant(string value) => SourceTree.Write(new ConstantNode(value, ExpressionNode.NoPosition));

    /// <summary>The expression as text, or null when only the tree is given.</summary>
    public string? Expression
    {
        get => GetString();
        internal set => Set(value);
    }

    /// <summary>Name of the attribute or function, or the constant's value.</summary>
    public string? Name
    {
        get => GetString();
        internal set => Set(value);
    }

    /// <summary>What the top of the expression is.</summary>
    public AttributeMappingSourceType Type
    {
        get => GetEnum(AttributeMappingSourceType.Attribute);
        internal set => Set(value.ToString());
    }

    /// <summary>Neither an expression nor a name, or the type None: another way to write no source at all.</summary>
    public bool IsNone =>
        string.Equals(GetString(nameof(Type)), "None", StringComparison.OrdinalIgnoreCase)
        || (string.IsNullOrEmpty(Expression) && Name is null);

    /// <summary>A function's arguments by parameter name. Arguments left empty in the text are absent here.</summary>
    public SchemaList<AttributeMappingParameter> Parameters => List(json => new AttributeMappingParameter(json));

    /// <summary>The expression in its canonical text form.</summary>
    /// <exception cref="MappingException">The expression does not parse.</exception>
    public override string ToString() => ToExpression().ToString();

    /// <summary>The parsed expression, from the text or, when that is missing, from the tree.</summary>
    /// <exception cref="MappingException">The expression does not parse.</exception>
    public MappingExpression ToExpression() => new(SourceTree.Read(this));
}

/// <summary>One argument of a parsed function call (Graph <c>stringKeyAttributeMappingSourceValuePair</c>).</summary>
public sealed class AttributeMappingParameter : SchemaNode
{
    internal AttributeMappingParameter(JsonObject json)
        : base(json) { }

    internal AttributeMappingParameter(string key, AttributeMappingSource value)
        : base(new JsonObject())
    {
        Set(key, "Key");
        Set(value.Json, "Value");
    }

    /// <summary>The parameter's name.</summary>
    public string Key => GetString() ?? "";

    /// <summary>The argument.</summary>
    public AttributeMappingSource? Value => GetObject(json => new AttributeMappingSource(json));
}
