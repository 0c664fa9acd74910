using System.Net;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Scim.Client;

/// <summary>What of a request depends on the dialect.</summary>
[Flags]
internal enum DialectTraits
{
    None = 0,
    Patch = 1,
    FilteredAdd = 2,
    Boolean = 4,

    /// <summary>Whether the answer is the resource says something of users.</summary>
    UserAnswer = 8,
}

/// <summary>
/// Sends writes in the form that the server accepts. As long as that is not known, such requests go one at a time, so that a lesson costs
/// one refused request and not one a caller;
/// a form that is refused after all is learned anew.
/// </summary>
internal sealed class DialectSender(DialectBook book) : IDisposable
{
    private readonly SemaphoreSlim _alone = new(1);
    private DialectTraits _examined;
    private int _vain;

    /// <summary>Sends a PATCH of a user or a group.</summary>
    /// <param name="transport">Where to.</param>
    /// <param name="path">The resource.</param>
    /// <param name="operations">What to change.</param>
    /// <param name="more">What depends on the dialect beside the form of the PATCH.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public Task<ScimResponse> PatchAsync(
        ScimTransport transport,
        string path,
        IReadOnlyList<PatchOperation> operations,
        DialectTraits more,
        CancellationToken cancellationToken
    )
    {
        var traits =
            DialectTraits.Patch
            | more
            | (operations.Any(PatchMessage.IsFilteredAdd) ? DialectTraits.FilteredAdd : 0)
            | (PatchMessage.HasBoolean(PatchMessage.Write(operations)) ? DialectTraits.Boolean : 0);
        return SendAsync(traits, Send, cancellationToken);

        Task<ScimResponse> Send(ScimDialect dialect)
        {
            var message = PatchMessage.Write(
                operations,
                more.HasFlag(DialectTraits.UserAnswer) ? dialect : dialect with { AttributeForms = null }
            );
            return transport.SendAsync(
                new ScimRequest(HttpMethod.Patch, path, message, PatchMessage.IsIdempotent(message)),
                cancellationToken
            );
        }
    }

    /// <param name="traits">What of the request depends on the dialect.</param>
    /// <param name="send">Sends the request, written in a dialect.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<ScimResponse> SendAsync(
        DialectTraits traits,
        Func<ScimDialect, Task<ScimResponse>> send,
        CancellationToken cancellationToken
    )
    {
        if (!Unknown(traits))
            return await SendKnownAsync(traits, send, cancellationToken).ConfigureAwait(false);
        await _alone.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Unknown(traits))
                return await NegotiateAsync(traits, send, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _alone.Release();
        }
        return await SendKnownAsync(traits, send, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _alone.Dispose();

    private static bool Refused(ScimException e) => e.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity;

    private async Task<ScimResponse> SendKnownAsync(
        DialectTraits traits,
        Func<ScimDialect, Task<ScimResponse>> send,
        CancellationToken cancellationToken
    )
    {
        ScimDialect dialect = book.Current;
        try
        {
            return await SendAsync(traits, dialect, send, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (Refused(e) && traits != DialectTraits.None)
        {
            await _alone.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // Somebody else may have learned meanwhile. If not, most refusals are about a value: another form is tried ever more
                // rarely.
                if (Forms(book.Current) == Forms(dialect) && !WorthTrying())
                    throw;
                if (Forms(book.Current) != Forms(dialect))
                    return await SendAsync(traits, book.Current, send, cancellationToken).ConfigureAwait(false);
                if (await TryOthersAsync(traits, dialect, e, send, cancellationToken).ConfigureAwait(false) is { } accepted)
                    return accepted;
                throw;
            }
            finally
            {
                _alone.Release();
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
            return await SendAsync(traits, dialect, send, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (Refused(e))
        {
            if (await TryOthersAsync(traits, dialect, e, send, cancellationToken).ConfigureAwait(false) is { } accepted)
                return accepted;
            throw;
        }
    }

    private async Task<ScimResponse> SendAsync(
        DialectTraits traits,
        ScimDialect dialect,
        Func<ScimDialect, Task<ScimResponse>> send,
        CancellationToken cancellationToken
    )
    {
        ScimResponse response = await send(dialect).ConfigureAwait(false);
        // An answer to the known form teaches nothing, and nearly every answer is one.
        if (ReferenceEquals(dialect, book.Current) && (traits & Open(dialect)) == 0 && !traits.HasFlag(DialectTraits.UserAnswer))
            return response;
        book.Learn(known =>
            known with
            {
                PatchForm = traits.HasFlag(DialectTraits.Patch) ? dialect.PatchForm ?? PatchForm.PathPerAttribute : known.PatchForm,
                FilteredPathCreates = traits.HasFlag(DialectTraits.FilteredAdd)
                    ? dialect.FilteredPathCreates ?? true
                    : known.FilteredPathCreates,
                Booleans = traits.HasFlag(DialectTraits.Boolean) ? dialect.Booleans ?? BooleanForm.Json : known.Booleans,
                PatchAnswersUser = traits.HasFlag(DialectTraits.UserAnswer) ? response.Body is not null : known.PatchAnswersUser,
            }
        );
        return response;
    }

    /// <summary>Null when no other form is accepted either: then it is not the form.</summary>
    private async Task<ScimResponse?> TryOthersAsync(
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
                ScimResponse response = await SendAsync(traits, other, send, cancellationToken).ConfigureAwait(false);
                _vain = 0;
                return response;
            }
            catch (ScimException e) when (Refused(e))
            {
                // The first refusal is what the caller hears of.
            }
        }
        _examined |= traits;
        _vain++;
        return null;
    }

    // One step away from what was refused, the likeliest first; the last is for servers that need two.
    private static IEnumerable<ScimDialect> Others(DialectTraits traits, ScimDialect refused, string? scimType)
    {
        bool aboutPath = scimType is null or "noTarget" or "invalidPath" or "invalidSyntax",
            aboutValue = scimType is null or "invalidValue" or "invalidSyntax";
        ScimDialect element = refused with { FilteredPathCreates = !(refused.FilteredPathCreates ?? true) };
        ScimDialect form = refused with
        {
            PatchForm = refused.PatchForm == PatchForm.Pathless ? PatchForm.PathPerAttribute : PatchForm.Pathless,
        };
        if (scimType == "noTarget" && traits.HasFlag(DialectTraits.FilteredAdd))
            yield return element;
        if (aboutValue && traits.HasFlag(DialectTraits.Boolean))
            yield return refused with
            {
                Booleans = refused.Booleans == BooleanForm.Text ? BooleanForm.Json : BooleanForm.Text,
            };
        if (aboutPath && scimType != "noTarget" && traits.HasFlag(DialectTraits.Patch))
        {
            yield return form;
            if (traits.HasFlag(DialectTraits.FilteredAdd))
                yield return element;
            if (traits.HasFlag(DialectTraits.FilteredAdd))
                yield return form with
                {
                    FilteredPathCreates = element.FilteredPathCreates,
                };
            if (traits.HasFlag(DialectTraits.Boolean))
                yield return form with
                {
                    Booleans = refused.Booleans == BooleanForm.Text ? BooleanForm.Json : BooleanForm.Text,
                };
        }
    }

    private static (PatchForm?, bool?, BooleanForm?) Forms(ScimDialect dialect) =>
        (dialect.PatchForm, dialect.FilteredPathCreates, dialect.Booleans);

    // The first, second, fourth, eighth time: a server that changed is noticed, and wrong values of many users do not double the requests.
    private bool WorthTrying()
    {
        bool worth = (_vain & (_vain - 1)) == 0;
        if (!worth)
            _vain++;
        return worth;
    }

    private bool Unknown(DialectTraits traits) => (traits & Open(book.Current) & ~_examined) != 0;

    // What no answer has shown yet.
    private static DialectTraits Open(ScimDialect known) =>
        (known.PatchForm is null ? DialectTraits.Patch : 0)
        | (known.FilteredPathCreates is null ? DialectTraits.FilteredAdd : 0)
        | (known.Booleans is null ? DialectTraits.Boolean : 0);
}
