namespace TravelPerkScim.Worker.Telemetry;

/// <summary>Names of attributes.</summary>
internal static class Tags
{
    public const string Job = "travelperkscim.job";
    public const string Kind = "travelperkscim.cycle.kind";
    public const string Action = "travelperkscim.action";
    public const string Object = "travelperkscim.object.type";
    public const string Result = "travelperkscim.result";
    public const string Error = "error.type";

    /// <summary>A value as it stands in an attribute.</summary>
#pragma warning disable CA1308 // values of attributes are lower case
    public static string Lower(Enum value) => value.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
