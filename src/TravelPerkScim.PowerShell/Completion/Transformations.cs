using System.Management.Automation;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Takes the text <c>true</c> or <c>false</c> where PowerShell takes only a Boolean, since a CSV file has only text.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BooleanTextAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        Unwrap(inputData) switch
        {
            "" => null,
            string text when bool.TryParse(text, out bool value) => value,
            _ => inputData,
        };

    internal static object? Unwrap(object? data) => data is PSObject wrapped ? wrapped.BaseObject : data;
}

/// <summary>Refuses a secret in plain text, which would stay in the history of the session, and says how to give it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        BooleanTextAttribute.Unwrap(inputData) is string
            ? throw new ArgumentTransformationMetadataException(
                "The secret was given as text, and text stays in the history of the session. Give a SecureString: "
                    + "(Read-Host 'API key' -AsSecureString) asks for it, (Get-Secret name) takes it from a vault, "
                    + "and in a script (ConvertTo-SecureString $env:KEY -AsPlainText) makes one."
            )
            : inputData;
}

/// <summary>Takes empty text as null, because a CSV file has no null.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EmptyIsNullAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        BooleanTextAttribute.Unwrap(inputData) is "" ? null : inputData;
}
