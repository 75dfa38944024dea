"""Settings of the identity provider."""

from __future__ import annotations

from dataclasses import dataclass

from base.settings import setting


@dataclass(frozen=True, slots=True)
class IdpSettings:
    """Lifetimes of what the provider hands out; accounts and throttling follow below."""

    code_lifetime_seconds: int = setting(
        60, "How long an authorization code can be redeemed; longer than 60 is refused.", unit="seconds", minimum=1
    )
    pkce_required: bool = setting(
        True,
        "Whether a client that is registered without saying so must use PKCE (S256); public clients, and those of the "
        "profile fapi2, always must.",
    )
    front_channel_tokens: bool = setting(
        True,
        "Whether clients can be registered for response types that hand out tokens at the authorization endpoint "
        "(implicit, hybrid); no client is unless its registration asks for it.",
    )
    par_lifetime_seconds: int = setting(
        60, "How long a pushed request can be begun with; longer than 599 is cut.", unit="seconds", minimum=5
    )
    device_code_lifetime_seconds: int = setting(
        600, "How long a person may take to enter a device's code and decide.", unit="seconds", minimum=60
    )
    ciba_lifetime_seconds: int = setting(
        300,
        "How long a person may take to answer a backchannel request, unless it asks for less.",
        unit="seconds",
        minimum=10,
    )
    poll_interval_seconds: int = setting(
        5, "How long clients wait between two polls for an answer from another device.", unit="seconds", minimum=1
    )
    user_code_failures: int = setting(
        10, "Wrong device codes allowed per account or browser in one window.", unit="attempts", minimum=1
    )
    user_code_network_failures: int = setting(
        50, "Wrong device codes allowed per network in one window.", unit="attempts", minimum=1
    )
    ciba_unknown_people: int = setting(
        30, "People that do not exist, asked for by one service in one window.", unit="attempts", minimum=1
    )
    ciba_waiting_most: int = setting(
        10, "Backchannel requests of one service that may wait for one person at a time.", unit="requests", minimum=1
    )
    dpop_nonce_required: bool = setting(
        False, "Whether a DPoP proof must hold a nonce of ours; costs each client one more request at its start."
    )
    dpop_nonce_seconds: int = setting(
        300, "A DPoP nonce is handed out for this long, and accepted for as long again.", unit="seconds", minimum=10
    )
    mtls_header: str = setting(
        "", "Header in which the proxies pass on a client's TLS certificate (`Client-Cert`); empty: no mutual TLS."
    )
    mtls_chain_header: str = setting("Client-Cert-Chain", "Header in which the proxies pass on its chain, if any.")
    mtls_form: str = setting(
        "rfc9440",
        "How they write it: `rfc9440` (:base64:), or `pem_escaped` as nginx does in $ssl_client_escaped_cert.",
        choices=("rfc9440", "pem_escaped"),
    )
    mtls_proxies: tuple[str, ...] = setting(
        ("127.0.0.1", "::1"), "Addresses or networks of the proxies; from others the header is thrown away."
    )
    mtls_ca_file: str = setting(
        "", "PEM file of the authorities whose certificates tls_client_auth accepts; empty: that method is off."
    )
    mtls_address: str = setting(
        "", "Public address where the proxy asks for a certificate, if it is not the issuer's (mtls_endpoint_aliases)."
    )
    advertised_scopes: tuple[str, ...] = setting(
        (), "Scopes of other services that the metadata document names, beside those that open a person's data."
    )
    step_up_scopes: tuple[str, ...] = setting(
        (), "Scopes whose data is given out only after a strong sign-in; others tell the service to ask for one."
    )
    step_up_acr: str = setting("urn:vn:xt:2", "The least level of authentication for those scopes.")
    step_up_max_age_seconds: int = setting(
        0, "How old the sign-in may be for those scopes; 0: of any age.", unit="seconds", minimum=0
    )
    access_token_lifetime_seconds: int = setting(600, "Life of an access token.", unit="seconds", minimum=30)
    id_token_lifetime_seconds: int = setting(600, "Life of an ID token.", unit="seconds", minimum=30)
    refresh_token_lifetime_seconds: int = setting(
        30 * 86_400, "A refresh token that is not used for this long is dead.", unit="seconds", minimum=60
    )
    refresh_grace_seconds: int = setting(
        10,
        "A spent refresh token that comes again within this time, by the same client and key, gets the same successor; "
        "otherwise its grant ends. 0: every second use ends the grant.",
        unit="seconds",
        minimum=0,
    )
    offline_grant_lifetime_seconds: int = setting(
        90 * 86_400,
        "Absolute end of an authorization with offline_access; without it the authorization ends with the session.",
        unit="seconds",
        minimum=60,
    )
    new_account_url: str = setting(
        "", "Page that tells people where accounts are issued; linked where a person has none, when it is set."
    )
    interaction_lifetime_seconds: int = setting(
        3600, "How long a person may take from the request of a service to the last page.", unit="seconds", minimum=60
    )
    session_idle_seconds: int = setting(
        1800, "A session without any request for this long has ended.", unit="seconds", minimum=60
    )
    session_total_seconds: int = setting(
        12 * 3600, "A session ends after this long in any case.", unit="seconds", minimum=60
    )
    end_idle_sessions: bool = setting(
        False,
        "Whether a session that was not used here for `session_idle_seconds` also ends at the services; otherwise they "
        "go on until `session_total_seconds`.",
    )
    ended_session_retention_seconds: int = setting(
        30 * 86_400, "How long the account page shows an ended session before it is deleted.", unit="seconds", minimum=0
    )
    logout_wait_seconds: float = setting(
        1.0,
        "How long a person who signs out waits until the services have been told; longer than 1.5 is cut. Slower ones "
        "are told while she goes on.",
        unit="seconds",
        minimum=0,
    )
    argon2_memory_kib: int = setting(19_456, "Memory of one password hash.", unit="KiB", minimum=1024)
    argon2_time_cost: int = setting(2, "Passes of one password hash.", unit="passes", minimum=1)
    argon2_parallelism: int = setting(1, "Lanes of one password hash.", unit="lanes", minimum=1)
    password_hashes_at_once: int = setting(
        1,
        "Password hashes that run at the same time in one process. With a process a core one is best: more at once are "
        "not done sooner, and take more memory.",
        unit="hashes",
        minimum=1,
    )
    password_hash_wait_seconds: int = setting(
        5, "How long a sign-in waits for its turn to hash before it is told to come back.", unit="seconds", minimum=1
    )
    throttle_window_seconds: int = setting(
        600, "Failed sign-ins are counted over this time, and the first block lasts as long.", unit="seconds", minimum=1
    )
    throttle_failures: int = setting(
        10, "Failures allowed per account, network and device in one window.", unit="attempts", minimum=1
    )
    throttle_account_failures: int = setting(
        100, "Failures allowed per account from all unknown devices together.", unit="attempts", minimum=1
    )
    throttle_network_failures: int = setting(
        300, "Failures allowed per network from unknown devices, over all accounts.", unit="attempts", minimum=1
    )
    throttle_code_failures: int = setting(
        5,
        "Wrong second-factor codes allowed per account, network, device and window.",
        unit="attempts",
        minimum=1,
    )
    known_device_seconds: int = setting(
        180 * 86_400, "A browser that was not used for this long is a stranger again.", unit="seconds", minimum=60
    )
    registration: str = setting(
        "token",
        "Who may register a client by HTTP: nobody, holders of an initial access token, or anybody.",
        choices=("closed", "token", "open"),
    )
    registration_policy: str = setting(
        "open",
        "Policy of open registration; `certification` is for a system under test.",
        choices=("open", "certification"),
    )
    registrations_per_network: int = setting(
        60,
        "Registrations per network and throttle window; of those with a token only the refused ones count. A system "
        "under test (policy `certification`) has no such limit.",
        unit="attempts",
        minimum=1,
    )
    unused_client_seconds: int = setting(
        30 * 86_400,
        "A client of open registration that nobody has used by then is deleted.",
        unit="seconds",
        minimum=3600,
    )
    client_documents: bool = setting(
        False, "Whether a client may be known by the https address of its metadata document, registered nowhere."
    )
    client_document_seconds: int = setting(
        3600, "How long such a document counts before it is read again.", unit="seconds", minimum=60
    )
    fetches_per_network: int = setting(
        300,
        "Addresses named by clients that are fetched for the requests of one network in a throttle window.",
        unit="fetches",
        minimum=1,
    )
    fetches_per_minute: int = setting(
        600,
        "Such fetches for all networks and in all processes together; then none for a minute, longer if it goes on.",
        unit="fetches",
        minimum=1,
    )
    fetches_at_once: int = setting(
        2, "Addresses named by clients that one process fetches at the same time.", unit="fetches", minimum=1
    )
