using System.Net;
using System.Text.Json;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Http;

/// <summary>The answer to one request of a batch.</summary>
/// <param name="State">Whether it can be used.</param>
/// <param name="Body">The object, when it was found.</param>
internal readonly record struct BatchAnswer(BatchState State, JsonElement Body = default)
{
    public static BatchAnswer NotFound { get; } = new(BatchState.NotFound);

    public static BatchAnswer Invalid { get; } = new(BatchState.Invalid);

    /// <summary>The object; null when there is none that can be used.</summary>
    public JsonElement? Found => State == BatchState.Found ? Body : null;
}

/// <summary>Whether an answer can be used.</summary>
internal enum BatchState
{
    /// <summary>The object came.</summary>
    Found,

    /// <summary>404.</summary>
    NotFound,

    /// <summary>No answer, more than one, one of another form, or one about another object.</summary>
    Invalid,
}

/// <summary>The reply to one request of a batch.</summary>
/// <param name="Status">HTTP status; null when there is no answer to it, or more than one.</param>
/// <param name="Body">The error or the object.</param>
internal readonly record struct BatchReply(HttpStatusCode? Status, JsonElement Body)
{
    public bool IsGood => Status is { } status && (int)status is >= 200 and < 300;

    /// <summary>The failure of a reply that is not good.</summary>
    public SourceException Failure(GraphNeed need) =>
        Status is { } status
            ? GraphFailure.Of(GraphError.Of((int)status, Body), need)
            : GraphFailure.Invalid("to a batch leaves a request out");
}
