namespace TravelPerkScim.Mapping;

/// <summary>The result of a mapping for a value whose type is not the target's, when the mapping leaves such values out instead of
/// failing.</summary>
/// <param name="Rule">The rule that the value breaks, as words that follow the attribute's name.</param>
public sealed record UnusableValue(string Rule);
