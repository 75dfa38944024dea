"""Settings of document signing, the desk and verification."""

from __future__ import annotations

from dataclasses import dataclass

from base.settings import setting

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SigningSettings:
    """What the signing desk and the verification pages need."""

    provider_url: str = setting(
        "", "Address under which the desk reaches the identity provider from this machine; empty means the issuer."
    )
    desk_client_id: str = setting("signing-desk", "The name the desk is registered under at the identity provider.")
    desk_client_secret: str = setting(
        "", "The desk's secret at the identity provider; empty means one derived from the master key.", secret=True
    )
    desk_idle_seconds: int = setting(
        1800, "A desk session ends after this long without a request.", unit="seconds", minimum=60
    )
    desk_total_seconds: int = setting(
        28_800, "A desk session ends after this long in any case.", unit="seconds", minimum=60
    )
    desk_login_seconds: int = setting(
        1800, "How long a started sign-in or approval may take at the identity provider.", unit="seconds", minimum=30
    )
    document_max_bytes: int = setting(
        25 * MEBIBYTE, "Largest document that is accepted for signing or verification.", unit="bytes", minimum=1024
    )
    document_max_pages: int = setting(2000, "Most pages a document may have.", unit="pages", minimum=1)
    document_quota: int = setting(
        200, "Most documents one official may keep on the desk at a time.", unit="documents", minimum=1
    )
    draft_retention_seconds: int = setting(
        86_400, "An uploaded document that nobody signed is deleted after this long.", unit="seconds", minimum=60
    )
    signed_retention_seconds: int = setting(
        2_592_000, "A signed document can be downloaded from the desk for this long.", unit="seconds", minimum=60
    )
    signing_concurrency: int = setting(
        2, "Documents signed at the same time in one process.", unit="documents", minimum=1
    )
    signing_wait_seconds: int = setting(
        8,
        "How long a request waits for its turn before a waiting page is shown.",
        unit="seconds",
        minimum=0,
    )
    preview_concurrency: int = setting(1, "Pages drawn at the same time in one process.", unit="pages", minimum=1)
    preview_width: int = setting(1100, "Width of a page picture.", unit="pixels", minimum=200)
    validation_policy_file: str = setting(
        "", "TOML file with the levels of findings (`name`, `[levels]`) that verifications use; empty means ours."
    )
    algorithm_suite_file: str = setting(
        "", "TOML file that says until when each algorithm counts, instead of ours; empty means ETSI TS 119 312."
    )
    issuer_hosts: tuple[str, ...] = setting(
        (),
        "Hosts from which a verification may fetch the certificate of a missing authority, besides those that "
        "certificates of trusted authorities name.",
    )
    verify_concurrency: int = setting(
        2, "Documents verified at the same time in one process.", unit="documents", minimum=1
    )
    api_client_id: str = setting(
        "signature-api", "The name under which the API for applications asks the identity provider about access tokens."
    )
    api_client_secret: str = setting(
        "", "Its secret at the identity provider; empty means one derived from the master key.", secret=True
    )
    api_dpop_nonce_required: bool = setting(
        False,
        "Whether a DPoP proof at this API must hold a nonce of its own; of the provider `dpop_nonce_required` says so.",
    )
    api_dpop_nonce_seconds: int = setting(
        300,
        "A nonce of the API is handed out for this long, and accepted as long again.",
        unit="seconds",
        minimum=10,
    )
    api_at_once_bytes: int = setting(
        1024 * 1024,
        "Documents up to this size are verified or extended while the application waits; larger ones become jobs.",
        unit="bytes",
        minimum=0,
    )
    api_queue: int = setting(500, "Most jobs of applications that wait at a time.", unit="jobs", minimum=1)
    api_jobs_per_client: int = setting(50, "Most jobs of one application that wait at a time.", unit="jobs", minimum=1)
    api_requests_per_client: int = setting(
        200, "Most signature requests of one application that wait for officials.", unit="requests", minimum=1
    )
    api_request_seconds: int = setting(
        604_800, "How long an official has to answer a signature request of an application.", unit="seconds", minimum=60
    )
    api_result_seconds: int = setting(
        3600, "How long the result of a job can be fetched; then it is deleted.", unit="seconds", minimum=60
    )
    api_repeat_seconds: int = setting(86_400, "How long an Idempotency-Key is remembered.", unit="seconds", minimum=60)
    verify_wait_seconds: int = setting(
        8, "How long a verification waits for its turn before it is turned away.", unit="seconds", minimum=0
    )
