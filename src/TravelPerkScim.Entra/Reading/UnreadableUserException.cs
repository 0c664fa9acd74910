namespace TravelPerkScim.Entra.Reading;

/// <summary>A user's entry cannot be read; the message says why. It is a fault of that entry, and of no other.</summary>
internal sealed class UnreadableUserException(string message) : Exception(message);
