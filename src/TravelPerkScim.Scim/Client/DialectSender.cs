using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Scim.Client;

/// <summary>The parts of a request that depend on the dialect.</summary>
[Flags]
internal enum DialectTraits
{
    None = 0,
    Patch = 1,
    FilteredAdd = 2,
    Boolean = 4,

    /// <summary>The request changes a user, so the answer shows whether changes are answered with the user.</summary>
    UserAnswer = 8,
}

/// <summary>
/// Sends writes in the form that the server accepts. While the form is not known, such requests go one at a time, so that a lesson costs
/// one refused request and not one for each caller. A known form that is refused is learned again.
/// </summary>
internal sealed class DialectSender(DialectBook book) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>Traits for which every form was tried and refused.</summary>
    private DialectTraits _triedInVain;
    private int _failedSearches;

    /// <summary>Sends a PATCH of a user or a group.</summary>
    /// <param name="transport">Sends the request.</param>
    /// <param name="path">The path of the resource.</param>
    /// <param name="operations">The changes.</param>
    /// <param name="more">Parts that depend on the dialect beside the form of the PATCH.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public Task<ScimResponse> PatchAsync(
        ScimTransport transport,
        string path,
        IReadOnlyList<PatchOperation> operations,
        DialectTraits more,
        CancellationToken cancellationToken
    )
    {
        DialectTraits traits =
            DialectTraits.Patch
            | more
            | (operations.Any(PatchMessage.IsFilteredAdd) ? DialectTraits.FilteredAdd : 0)
            | (PatchMessage.HasBoolean(PatchMessage.Write(operations)) ? DialectTraits.Boolean : 0);
        return SendAsync(traits, Send, cancellationToken);

        Task<ScimResponse> Send(ScimDialect dialect)
        {
            JsonObject message = PatchMessage.Write(
                operations,
                more.HasFlag(DialectTraits.UserAnswer) ? dialect : dialect with { AttributeForms = null }
            );
            return transport.SendAsync(
                new ScimRequest(HttpMethod.Patch, path, message, PatchMessage.IsIdempotent(message)),
                cancellationToken
            );
        }
    }

    /// <summary>Sends a request that is written in the server's dialect.</summary>
    /// <param name="traits">The parts of the request that depend on the dialect.</param>
    /// <param name="send">Sends the request, written in a dialect.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<ScimResponse> SendAsync(
        DialectTraits traits,
        Func<ScimDialect, Task<ScimResponse>> send,
        CancellationToken cancellationToken
    )
    {
        if (!IsUnknown(traits))
            return await SendKnownAsync(traits, send, cancellationToken).ConfigureAwait(false);
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (IsUnknown(traits))
                return await NegotiateAsync(traits, send, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
        return await SendKnownAsync(traits, send, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _oneAtATime.Dispose();

    private static bool IsRefusal(ScimException e) => e.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity;

    private async Task<ScimResponse> SendKnownAsync(
        DialectTraits traits,
        Func<ScimDialect, Task<ScimResponse>> send,
        CancellationToken cancellationToken
    )
    {
        ScimDialect dialect = book.Current;
        try
        {
            return await SendInAsync(dialect, traits, send, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (IsRefusal(e) && traits != DialectTraits.None)
        {
            await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // Another caller may have learned the form meanwhile.
                if (Forms(book.Current) != Forms(dialect))
                    return await SendInAsync(book.Current, traits, send, cancellationToken).ConfigureAwait(false);
                // Most refusals are about a value, so other forms are tried ever more rarely.
                if (!IsWorthTrying())
                    throw;
                if (await TryOtherFormsAsync(traits, dialect, e, send, cancellationToken).ConfigureAwait(false) is { } accepted)
                    return accepted;
                throw;
            }
            finally
            {
                _oneAtATime.Release();
            }
        }
    }

    private async Task<ScimResponse> NegotiateAsync(
        DialectTraits traits,
        Func<ScimDialect, Task<ScimResponse>> send,
        CancellationToken cancellationToken
    )
    {
        ScimDialect dialect = book.Current;
        try
        {
            return await SendInAsync(dialect, traits, send, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (IsRefusal(e))
        {
            if (await TryOtherFormsAsync(traits, dialect, e, send, cancellationToken).ConfigureAwait(false) is { } accepted)
                return accepted;
            throw;
        }
    }

    private async Task<ScimResponse> SendInAsync(
        ScimDialect dialect,
        DialectTraits traits,
        Func<ScimDialect, Task<ScimResponse>> send,
        CancellationToken cancellationToken
    )
    {
        ScimResponse response = await send(dialect).ConfigureAwait(false);
        // An answer to the known form teaches nothing, and nearly every answer is one.
        bool isKnown = ReferenceEquals(dialect, book.Current) && (traits & NotSeen(dialect)) == 0;
        if (!isKnown || traits.HasFlag(DialectTraits.UserAnswer))
            book.Learn(known => Learned(known, dialect, traits, response));
        return response;
    }

    // The server accepted the request, so the parts of its form are known now.
    private static ScimDialect Learned(ScimDialect known, ScimDialect accepted, DialectTraits traits, ScimResponse response) =>
        known with
        {
            PatchForm = traits.HasFlag(DialectTraits.Patch) ? accepted.PatchForm ?? PatchForm.PathPerAttribute : known.PatchForm,
            FilteredPathCreates = traits.HasFlag(DialectTraits.FilteredAdd)
                ? accepted.FilteredPathCreates ?? true
                : known.FilteredPathCreates,
            Booleans = traits.HasFlag(DialectTraits.Boolean) ? accepted.Booleans ?? BooleanForm.Json : known.Booleans,
            PatchAnswersUser = traits.HasFlag(DialectTraits.UserAnswer) ? response.Body is not null : known.PatchAnswersUser,
        };

    /// <summary>Null when the server refuses every other form too: then the refusal is not about the form.</summary>
    private async Task<ScimResponse?> TryOtherFormsAsync(
        DialectTraits traits,
        ScimDialect dialect,
        ScimException refusal,
        Func<ScimDialect, Task<ScimResponse>> send,
        CancellationToken cancellationToken
    )
    {
        foreach (ScimDialect other in Others(traits, dialect, refusal.ScimType))
        {
            try
            {
                ScimResponse response = await SendInAsync(other, traits, send, cancellationToken).ConfigureAwait(false);
                _failedSearches = 0;
                return response;
            }
            catch (ScimException e) when (IsRefusal(e))
            {
                // The caller gets the first refusal.
            }
        }
        _triedInVain |= traits;
        _failedSearches++;
        return null;
    }

    // Forms one step away from the refused one, the likeliest first, then forms that are two steps away.
    private static IEnumerable<ScimDialect> Others(DialectTraits traits, ScimDialect refused, string? scimType)
    {
        bool isFilteredAdd = traits.HasFlag(DialectTraits.FilteredAdd);
        bool isBoolean = traits.HasFlag(DialectTraits.Boolean);
        if (scimType == "noTarget")
        {
            if (isFilteredAdd)
                yield return WithOtherElements(refused);
            yield break;
        }
        if (isBoolean && scimType is null or "invalidValue" or "invalidSyntax")
            yield return WithOtherBooleans(refused);
        if (!traits.HasFlag(DialectTraits.Patch) || scimType is not (null or "invalidPath" or "invalidSyntax"))
            yield break;
        ScimDialect form = WithOtherPatch(refused);
        yield return form;
        if (isFilteredAdd)
            yield return WithOtherElements(refused);
        if (isFilteredAdd)
            yield return WithOtherElements(form);
        if (isBoolean)
            yield return WithOtherBooleans(form);
    }

    private static ScimDialect WithOtherPatch(ScimDialect dialect) =>
        dialect with
        {
            PatchForm = dialect.PatchForm == PatchForm.Pathless ? PatchForm.PathPerAttribute : PatchForm.Pathless,
        };

    private static ScimDialect WithOtherElements(ScimDialect dialect) =>
        dialect with
        {
            FilteredPathCreates = !(dialect.FilteredPathCreates ?? true),
        };

    private static ScimDialect WithOtherBooleans(ScimDialect dialect) =>
        dialect with
        {
            Booleans = dialect.Booleans == BooleanForm.Text ? BooleanForm.Json : BooleanForm.Text,
        };

    private static (PatchForm?, bool?, BooleanForm?) Forms(ScimDialect dialect) =>
        (dialect.PatchForm, dialect.FilteredPathCreates, dialect.Booleans);

    // After one, two, four, eight failed searches. So a server that changed is noticed, and wrong values of many users do not double the
    // requests.
    private bool IsWorthTrying()
    {
        bool worth = (_failedSearches & (_failedSearches - 1)) == 0;
        if (!worth)
            _failedSearches++;
        return worth;
    }

    private bool IsUnknown(DialectTraits traits) => (traits & NotSeen(book.Current) & ~_triedInVain) != 0;

    // The traits that no answer has shown yet.
    private static DialectTraits NotSeen(ScimDialect known) =>
        (known.PatchForm is null ? DialectTraits.Patch : 0)
        | (known.FilteredPathCreates is null ? DialectTraits.FilteredAdd : 0)
        | (known.Booleans is null ? DialectTraits.Boolean : 0);
}
