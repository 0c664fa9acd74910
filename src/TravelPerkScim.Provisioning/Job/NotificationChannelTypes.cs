namespace TravelPerkScim.Provisioning.Job;

/// <summary>Kinds of notification channels.</summary>
public static class NotificationChannelTypes
{
    /// <summary>The channel sends mail, which has a sender and recipients.</summary>
    public static bool IsMail(this NotificationChannelType type) =>
        type is NotificationChannelType.Smtp or NotificationChannelType.GraphMail;
}
