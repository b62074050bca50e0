"""Signatures by a private key of which we have the public half: ECDSA, and RSA by a certificate.

Raises nothing for what is no signature or no key: then it is not signed, that is all.
"""

from base64 import b64decode
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

HASHES = {
    "SHA1": hashes.SHA1,  # SNS signs with it, unless a topic asks for more
    "SHA256": hashes.SHA256,
}


def is_ecdsa(public_key: str, signature: str, signed: bytes) -> bool:
    """Whether an elliptic key has signed with SHA-256: base64 of its DER, and of the signature."""
    try:
        key = serialization.load_der_public_key(b64decode(public_key, validate=True))
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(b64decode(signature, validate=True), signed, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def is_rsa(certificate: bytes, signature: str, signed: bytes, hashed: str, now: datetime) -> bool:
    """Whether the key of a certificate (PEM) that is valid now has signed (PKCS #1 v1.5)."""
    try:
        found = x509.load_pem_x509_certificate(certificate)
        key = found.public_key()
        in_time = found.not_valid_before_utc <= now <= found.not_valid_after_utc
        if not (in_time and isinstance(key, rsa.RSAPublicKey)):
            return False
        raw = b64decode(signature, validate=True)
        key.verify(raw, signed, padding.PKCS1v15(), HASHES[hashed]())
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
