using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Behaviors;

/// <summary>Shows users in another form than they were sent.</summary>
internal abstract class RewritingBehavior : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (!response.HoldsResources)
            return response;
        JsonObject body = ScimJson.ParseStored(response.Body.Span);
        bool changed = false;
        foreach (JsonObject user in body["Resources"] is JsonArray ? ScimJson.Objects(body["Resources"]) : [body])
            changed |= Rewrite(user);
        if (!changed)
            return response;
        Hit();
        return response with { Body = ScimJson.ToBytes(body) };
    }

    /// <summary>False when there was nothing to change.</summary>
    protected abstract bool Rewrite(JsonObject user);
}

internal sealed class UserNameLowercased : RewritingBehavior
{
    protected override bool Rewrite(JsonObject user)
    {
        if (ScimJson.Text(user["userName"]) is not { } userName)
            return false;
        user["userName"] = userName.ToLowerInvariant();
        return ScimJson.Text(user["userName"]) != userName;
    }
}

internal sealed class PhoneNumbersNormalized : RewritingBehavior
{
    protected override bool Rewrite(JsonObject user)
    {
        bool changed = false;
        foreach (JsonObject phone in ScimJson.Objects(user["phoneNumbers"]))
        {
            if (ScimJson.Text(phone["value"]) is not { } number)
                continue;
            string compact = string.Concat(number.Where(sign => sign == '+' || char.IsAsciiDigit(sign)));
            changed |= compact != number;
            phone["value"] = compact;
        }
        return changed;
    }
}

internal sealed class DatesNormalized : RewritingBehavior
{
    protected override bool Rewrite(JsonObject user)
    {
        if (user[SchemaDefinition.TravelPerk.Urn] is not JsonObject extension || ScimJson.Text(extension["dateOfBirth"]) is not { } date)
            return false;
        extension["dateOfBirth"] = date + "T00:00:00Z";
        return true;
    }
}

internal sealed class TextNormalized : RewritingBehavior
{
    protected override bool Rewrite(JsonObject user)
    {
        bool changed = false;
        foreach ((string name, JsonNode? value) in user.ToList())
        {
            if (value is JsonObject inner)
            {
                changed |= Rewrite(inner);
            }
            else if (ScimJson.Text(value) is { } text)
            {
                string kept = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Normalize();
                changed |= kept != text;
                user[name] = kept;
            }
        }
        return changed;
    }
}
