using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>
/// Evaluates expressions of a mapping with Entra's own engine (Graph parseExpression). Neither the job's schema nor a user is changed.
/// </summary>
/// <param name="directory">The tenant.</param>
/// <param name="job">The job whose service evaluates.</param>
/// <remarks>
/// Source: Graph reference, "synchronizationSchema: parseExpression". It names no limit, so only Graph's 429 slows these requests. Not for
/// several callers at once.
/// </remarks>
public sealed class HostedExpressions(EntraDirectory directory, HostedJob job)
{
    private readonly GraphRequests _requests = new(directory);

    // Sample users often have the same inputs: active depends on IsSoftDeleted alone.
    private readonly Dictionary<string, ExpressionResult> _answers = new(StringComparer.Ordinal);

    /// <summary>Entra's result of an expression.</summary>
    /// <param name="expression">The expression, with the attributes that it reads and its target attribute.</param>
    /// <param name="user">The user to evaluate the expression for; null only parses the expression.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="SourceException"><c>EntraPermissionMissing</c>, or Graph refuses the request as a whole.</exception>
    public async Task<ExpressionResult> EvaluateAsync(ExpressionCheck expression, SourceObject? user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(expression);
        JsonObject body = Body(expression, user);
        string key = body.ToJsonString();
        if (_answers.TryGetValue(key, out ExpressionResult? known))
            return known;
        using JsonDocument? answer = await _requests
            .SendAsync(Method.POST, $"{HostedJobs.PathOf(job)}/schema/parseExpression", body, HostedNeeds.Evaluate, cancellationToken)
            .ConfigureAwait(false);
        return _answers[key] = Read(answer?.RootElement ?? throw GraphFailure.Invalid("tells nothing of the expression"));
    }

    private static ExpressionResult Read(JsonElement answer)
    {
        JsonElement error = JsonText.Property(answer, "error");
        string? reason = JsonText.NotEmpty(error, "message") ?? JsonText.Of(error, "code");
        if (JsonText.Property(answer, "parsingSucceeded") is not { ValueKind: JsonValueKind.True or JsonValueKind.False } parsed)
            throw GraphFailure.Invalid("does not say whether the expression is right");
        if (parsed.ValueKind == JsonValueKind.False)
            return ExpressionResult.Refused(reason);
        return JsonText.Property(answer, "evaluationSucceeded") is { ValueKind: JsonValueKind.True }
            ? ExpressionResult.Of(JsonText.Items(answer, "evaluationResult").Select(Value))
            : ExpressionResult.Failed(reason);
    }

    private static string? Value(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => JsonText.Of(value),
            JsonValueKind.Null => null,
            _ => value.GetRawText(),
        };

    private static JsonObject Body(ExpressionCheck expression, SourceObject? user) =>
        new()
        {
            ["expression"] = expression.Expression,
            ["testInputObject"] = user is null
                ? null
                : new JsonObject
                {
                    ["definition"] = new JsonObject
                    {
                        ["name"] = "User",
                        ["attributes"] = new JsonArray([
                            (JsonNode)Anchor(),
                            .. expression.Inputs.Where(input => !IsAnchor(input)).Select(input => Definition(input, anchor: false)),
                        ]),
                    },
                    ["properties"] = new JsonArray([
                        .. expression.Inputs.Select(input => Property(input, user[input.Name])).OfType<JsonNode>(),
                    ]),
                },
            ["targetAttributeDefinition"] = expression.Target is { } target ? Definition(target, anchor: false) : null,
        };

    private static bool IsAnchor(AttributeDefinition input) => input.Name.Equals("objectId", StringComparison.OrdinalIgnoreCase);

    // "One, and only one, of the object's attributes must be designated as the anchor" (Graph reference, "attributeDefinition").
    private static JsonObject Anchor() =>
        Definition(new AttributeDefinition("objectId", TargetAttributeType.String, false, false, false), anchor: true);

    private static JsonObject Definition(AttributeDefinition attribute, bool anchor) =>
        new()
        {
            ["anchor"] = anchor,
            ["caseExact"] = attribute.CaseExactOr(false),
            ["defaultValue"] = null,
            ["multivalued"] = attribute.Multivalued,
            ["mutability"] = "ReadWrite",
            ["name"] = attribute.Name,
            ["required"] = attribute.Required,
            ["type"] = attribute.Type.ToString(),
        };

    /// <summary>An attribute without a value is left out, so that it is null.</summary>
    private static JsonObject? Property(AttributeDefinition input, object? value) =>
        value switch
        {
            null or IgnoredFlow => null,
            IReadOnlyList<object?> list => new JsonObject
            {
                ["key"] = input.Name,
                ["value@odata.type"] = "#Collection(String)",
                ["value"] = new JsonArray([.. list.Select(item => JsonValue.Create(Text(item)))]),
            },
            _ => new JsonObject { ["key"] = input.Name, ["value"] = Text(value) },
        };

    // The reference's example has text too, for truth values as well.
    private static string? Text(object? value) =>
        value switch
        {
            SourceReference reference => reference.Anchor,
            DateTimeOffset moment => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
}
