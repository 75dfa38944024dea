"""
Known answers: before the first key is opened, every algorithm gives the answer its standard prints, or nothing starts.

A library that was built or loaded wrongly, or memory that has gone bad, is found before it signs. Takes two or three
milliseconds.

Source: FIPS 140-3, ISO/IEC 19790 §7.10.2 (pre-operational self-tests); the answers: FIPS 180-4, RFC 4231 §4.2, RFC 6979
§A.2.5, RFC 8032 §7.1, RFC 9964 appendix A (keys of a seed of zeros), test case 14 of the GCM specification; the RSA
pair is ours.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from base.errors import StartError

_SAMPLE = b"sample"
_RSA_MODULUS = int(
    "9566b4f7240e03a9da18aacad6acb3cdc29f04588e10ec95c126b6b3c56f56c5acee3e4d8e18eab37cb614ccefa884fd171e"
    "ac35f34f0cf89acc8f6f3488fcda0495e836d8874fcd04667cc7ffcba2f1ec83e99328c066218401b02a0523be0accc1281f"
    "25860dcf31eaca9c43ffdc0a0951b9a86ff9c498cbc95ad05edaf92044d7b02a525f534d21417e80bf4686e34d0e9ab9bbaf"
    "3437b38757ebbfee5547a2e653cf3f26443950c00cae3068f92422e01eba685b471ffcc36bd7de52b0830230bc793704b0da"
    "f851fb7350fb1b3f4a7cf4374e50229f13290b06caa346d7606ce73e90a80fe7223500819e1dd6cc44f509a7252602275574"
    "da95cb739637",
    16,
)
_RSA_SIGNATURE = bytes.fromhex(
    "3c33f7c9da6f3e43d49b67f25fe94d6731a4d45616170529476927774d5dadf3a8e8aeff7a84f4509db09e43cbc019860d01"
    "f42fc7d091d1ac2f99080bc363983591e2127e28ef8b3b4ec2d4205329ffb7101902696418e89d8a7c9d1ccc2005011c1c1e"
    "af25c391f9493e257b8bd63fc30bc1d5d52dce02c321e99fd52efaeee2b457ccaa93856a7e1c9112aaae5cf251d998aed560"
    "4a2008037c3c1ff066ca882e48058d1759b7e828105170a5010866d270055639f7f0e76116b6db1bae6356f0f72aedc66bef"
    "2e6be00c1aca2ec827041bd3d4a65bcaf5d765c054c0024fc9d8a9de4fd57fa4c6727bf4fb826b0129752506cdc005c54aab"
    "f49769630814"
)
_P256 = ec.EllipticCurvePublicNumbers(
    0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6,
    0x7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299,
    ec.SECP256R1(),
)
_P256_SIGNATURE = encode_dss_signature(
    0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
    0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8,
)
_ED25519_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")


def _sha256() -> bytes:
    return hashlib.sha256(b"abc").digest()


def _hmac() -> bytes:
    return hmac.digest(b"\x0b" * 20, b"Hi There", "sha256")


def _aes_gcm() -> bytes:
    return AESGCM(bytes(32)).encrypt(bytes(12), bytes(16), None)


def _rsa() -> bytes:
    public = rsa.RSAPublicNumbers(65_537, _RSA_MODULUS).public_key()
    return _verdict(lambda: public.verify(_RSA_SIGNATURE, _SAMPLE, padding.PKCS1v15(), hashes.SHA256()))


def _ecdsa() -> bytes:
    public = _P256.public_key()
    return _verdict(lambda: public.verify(_P256_SIGNATURE, _SAMPLE, ec.ECDSA(hashes.SHA256())))


def _ed25519() -> bytes:
    return ed25519.Ed25519PrivateKey.from_private_bytes(_ED25519_SEED).sign(b"")


def _ml_dsa() -> bytes:
    public = mldsa.MLDSA65PrivateKey.from_seed_bytes(bytes(32)).public_key()
    return hashlib.sha256(public.public_bytes_raw()).digest()


def _verdict(verify: Callable[[], None]) -> bytes:
    try:
        verify()
    except InvalidSignature:
        return b"refused"
    return b"verified"


Answers = Mapping[str, tuple[Callable[[], bytes], bytes]]
KNOWN: Answers = {
    "SHA-256": (_sha256, bytes.fromhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")),
    "HMAC-SHA-256": (_hmac, bytes.fromhex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")),
    "AES-256-GCM": (
        _aes_gcm,
        bytes.fromhex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
    ),
    "RSA": (_rsa, b"verified"),
    "ECDSA P-256": (_ecdsa, b"verified"),
    "Ed25519": (
        _ed25519,
        bytes.fromhex(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    "ML-DSA-65": (_ml_dsa, bytes.fromhex("085ba380ff386dd52e42349c6eb88489d6058ea541a4e3fb0dce9a3fd1f7a911")),
}


def check_known_answers(known: Answers = KNOWN) -> None:
    """Raises: StartError: an algorithm does not give its answer; nothing may be signed here."""
    for name, (compute, expected) in known.items():
        try:
            answer = compute()
        except Exception as error:
            raise _failed(name) from error
        if not hmac.compare_digest(answer, expected):
            raise _failed(name)


def _failed(name: str) -> StartError:
    return StartError(
        f"The cryptographic library fails its self-test ({name}); nothing is signed with it. Reinstall, or look at the "
        "hardware.",
        vi=f"Thư viện mật mã không vượt qua phép tự kiểm tra ({name}); máy chủ không ký gì bằng nó.",
    )
