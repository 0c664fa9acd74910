namespace TravelPerkScim.Mapping;

/// <summary>What a mapping gives, instead of an error, for a value of another type than the target's, where the mapping says that such
/// values are left out.</summary>
/// <param name="Rule">The rule it breaks, as words that follow the attribute's name.</param>
public sealed record UnusableValue(string Rule);
