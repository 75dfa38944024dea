"""Settings of key custody and the internal PKI."""

from __future__ import annotations

from dataclasses import dataclass

from base.settings import setting

DAY = 86_400


@dataclass(frozen=True, slots=True)
class KeysSettings:
    """Lifetimes, sizes and names of keys and certificates."""

    master_key_file: str = setting(
        "", "File with the master key that seals all others; empty means keys/master.key in the data folder."
    )
    master_key: str = setting(
        "", "The master key itself, for where there is no file; give it in one way only.", secret=True
    )
    rsa_key_bits: int = setting(
        3072, "Size of new RSA keys for tokens; 3072 bits have the strength of 128.", unit="bits", minimum=2048
    )
    approved_only: bool = setting(
        False,
        "Approved mode (FIPS 140-3): keys of algorithms that validated modules do not offer as approved (Ed25519, "
        "ML-DSA) are neither made nor used, and what they have signed is refused.",
    )
    key_backend: str = setting(
        "software",
        "Where new keys are made; those there are stay where they are. A key whose algorithm it does not have, and "
        "every key that decrypts, is made by `software`.",
        choices=("software", "pkcs11", "kms"),
    )
    token_key_backend: str = setting(
        "same",
        "Where new token keys are made; `same`: as all others. They sign thousands of times a second and live for "
        "months; those of authorities and persons sign rarely and for years.",
        choices=("same", "software", "pkcs11", "kms"),
    )
    authority_key_backend: str = setting(
        "same",
        "Where new keys of root and issuing authorities are made; `same`: as all others.",
        choices=("same", "software", "pkcs11", "kms"),
    )
    service_key_backend: str = setting(
        "same",
        "Where new keys of the time-stamping unit, of the OCSP responder and for records are made; `same`: as all "
        "others.",
        choices=("same", "software", "pkcs11", "kms"),
    )
    person_key_backend: str = setting(
        "same",
        "Where new keys of persons and agencies are made; `same`: as all others.",
        choices=("same", "software", "pkcs11", "kms"),
    )
    pkcs11_module: str = setting("", "The PKCS#11 library of a signing device (a path); empty: there is none.")
    pkcs11_token_label: str = setting("", "Label of the token in which the keys are.")
    pkcs11_token_serial: str = setting("", "Its serial number, where several tokens have that label.")
    pkcs11_pin_file: str = setting(
        "", "File with the PIN of the token; a name without a slash is a systemd credential of the service."
    )
    pkcs11_pin: str = setting("", "The PIN itself, where no file can be had.", secret=True)
    pkcs11_sessions: int = setting(
        2,
        "Most sessions that a server process keeps with the device; each is a small process of its own.",
        unit="sessions",
        minimum=1,
    )
    pkcs11_timeout_seconds: int = setting(
        10, "Longest time for an answer of the device; its session is then ended.", unit="seconds", minimum=1
    )
    kms_region: str = setting("", "Region of a key management service (AWS KMS) that holds keys; empty: there is none.")
    kms_endpoint: str = setting("", "Its address, where that is not the usual one of the region.")
    kms_timeout_seconds: int = setting(
        5, "Longest time to connect to the key management service, and for its answer.", unit="seconds", minimum=1
    )
    token_key_rotation_seconds: int = setting(
        90 * DAY, "Age at which a token or encryption key gives way to the next one.", unit="seconds", minimum=3600
    )
    token_key_overlap_seconds: int = setting(
        3600, "How long a token key is published before it may become the active one.", unit="seconds", minimum=0
    )
    retired_key_published_seconds: int = setting(
        30 * DAY,
        "How long a retired token key stays published, which must cover the life of what it signed, and a retired "
        "encryption key still decrypts.",
        unit="seconds",
        minimum=3600,
    )
    pki_organisation: str = setting("Ấn Tín", "Organisation named in the certificates of the internal authorities.")
    pki_organisation_identifier: str = setting(
        "GO:VN-EXAMPLE",
        "Identifier of that organisation as EN 319 412-1 writes it, such as VATVN- and the tax code; the default is an "
        "example.",
    )
    authorities_at_first_start: bool = setting(
        True, "Whether the first start makes a root and an issuing authority; otherwise a ceremony must."
    )
    profile_authorities: str = setting(
        "",
        "Which authority issues which profile where it is not `issuing`, such as `legal-person=seals tsu=issuing-pq`.",
    )
    seal_policy_oid: str = setting(
        "2.999.84.1.2", "Policy in the certificates of agencies; the default lies in the arc reserved for examples."
    )
    machine_policy_oid: str = setting(
        "2.999.84.1.3",
        "Policy in the certificates of OCSP responders and TLS clients; the default lies in the arc for examples.",
    )
    seal_certificate_seconds: int = setting(
        3 * 365 * DAY, "Life of the certificate of an agency.", unit="seconds", minimum=DAY
    )
    client_certificate_seconds: int = setting(
        365 * DAY, "Life of the certificate of a TLS client.", unit="seconds", minimum=DAY
    )
    ocsp_certificate_seconds: int = setting(
        30 * DAY, "Life of the certificate of an OCSP responder.", unit="seconds", minimum=DAY
    )
    certificate_policy_oid: str = setting(
        "2.999.84.1.1", "Policy in the certificates of persons; the default lies in the arc reserved for examples."
    )
    timestamp_policy_oid: str = setting(
        "2.999.84.2.1", "Policy of time stamps; the default lies in the arc reserved for examples."
    )
    time_reference: str = setting(
        "none",
        "Time servers that the clock is held against before each time stamp, such as `ntp://127.0.0.1`; none means "
        "that nobody checks the clock, which only a demonstration may do.",
    )
    external_tsas: str = setting(
        "", "Time-stamp authorities outside that our signatures use, tried in order; empty means our own."
    )
    external_tsa_anchors_file: str = setting(
        "", "PEM file with the authorities that the tokens of ANTIN_EXTERNAL_TSAS must lead to."
    )
    person_certificate_seconds: int = setting(
        365 * DAY, "Life of the certificate of a person.", unit="seconds", minimum=DAY
    )
    tsu_certificate_seconds: int = setting(
        5 * 365 * DAY, "Life of the certificate of the time-stamping unit.", unit="seconds", minimum=DAY
    )
    ocsp_answer_seconds: int = setting(
        43_200,
        "From an OCSP answer to its nextUpdate, for those who keep it in a document; caches are told less.",
        unit="seconds",
        minimum=28_800,
    )
    crl_lifetime_seconds: int = setting(
        DAY, "From issuing a revocation list to its nextUpdate; renewed at half of it.", unit="seconds", minimum=600
    )
    trust_list_grace_seconds: int = setting(
        7 * DAY,
        "How long anchors of a trust list still count after the list should have been followed by another one; reports "
        "warn meanwhile.",
        unit="seconds",
        minimum=0,
    )
    own_trust_list_seconds: int = setting(
        90 * DAY,
        "From issuing our own trust list to its next update; renewed at half of it; six months at most.",
        unit="seconds",
        minimum=DAY,
    )
    pki_town: str = setting("Đà Nẵng", "Where that organisation has its office, as our trust list says.")
    two_person: str = setting(
        "auto",
        "Whether operations on authorities and policies need a second operator; `auto`: unless the issuer is on this "
        "machine, as in the embedded default.",
        choices=("auto", "true", "false"),
    )
    approval_seconds: int = setting(
        3 * DAY, "How long a proposed operation can be approved and carried out.", unit="seconds", minimum=60
    )
    offline_crl_lifetime_seconds: int = setting(
        180 * DAY,
        "The same of an authority that is offline, whose lists take an approved operation.",
        unit="seconds",
        minimum=DAY,
    )
    activation_audience: str = setting(
        "", "The `aud` of tokens that activate a signing key; empty means the issuer followed by /desk."
    )
    activation_factor_seconds: int = setting(
        3600, "Oldest second factor that a signature activation may rest on.", unit="seconds", minimum=60
    )
