from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware import sod
from hardware.interface import Authenticity
from hardware.training.citizens import CITIZENS
from hardware.training.data_files import container, data_files, signature
from hardware.training.test_authority import Signer, training_signers, trusted_test_signers
from tests.hardware.cards import TODAY

FILES = data_files(CITIZENS["jovana"], TODAY)
FIXED = [FILES[0x0F02], FILES[0x0F03], FILES[0x0F06]]
SOD = FILES[0x0F1C]
TRUSTED = trusted_test_signers()


def test_authentic_with_the_trusted_authority() -> None:
    assert sod.verify(SOD, FIXED, TRUSTED) is Authenticity.AUTHENTIC


def test_chain_unknown_without_it() -> None:
    assert sod.verify(SOD, FIXED, ()) is Authenticity.CHAIN_UNKNOWN
    assert sod.verify(SOD, FIXED, (b"not a certificate",)) is Authenticity.CHAIN_UNKNOWN


@pytest.mark.parametrize("index", range(3))
def test_one_changed_bit_in_any_file_is_altered(index: int) -> None:
    files = list(FIXED)
    files[index] = files[index][:-1] + bytes((files[index][-1] ^ 1,))
    assert sod.verify(SOD, files, TRUSTED) is Authenticity.ALTERED


def test_a_file_without_a_digest_is_altered() -> None:
    assert sod.verify(SOD, [*FIXED, FILES[0x0F04]], TRUSTED) is Authenticity.ALTERED


def test_any_slot_and_extra_slots_are_accepted() -> None:
    turned = signature(0x0F1C, [b"something else", FIXED[2], FIXED[0], FIXED[1]])
    assert sod.verify(turned, FIXED, TRUSTED) is Authenticity.AUTHENTIC


def test_without_an_inner_header() -> None:
    assert sod.verify(container(0x0F1C, SOD[8:]), FIXED, TRUSTED) is Authenticity.AUTHENTIC


def test_nothing_is_unsigned() -> None:
    assert sod.verify(None, FIXED, TRUSTED) is Authenticity.UNSIGNED
    assert sod.verify(container(0x0F1C, b""), FIXED, TRUSTED) is Authenticity.UNSIGNED


def test_the_worst_finding_counts() -> None:
    assert sod.worst(Authenticity.AUTHENTIC, Authenticity.CHAIN_UNKNOWN) is Authenticity.CHAIN_UNKNOWN
    assert sod.worst(Authenticity.ALTERED, Authenticity.UNSIGNED) is Authenticity.ALTERED


@settings(max_examples=150)
@given(st.integers(4, len(SOD) - 1), st.integers(0, 255))
def test_a_changed_signature_is_never_authentic_by_mistake(position: int, value: int) -> None:
    changed = SOD[:position] + bytes((value,)) + SOD[position + 1 :]
    finding = sod.verify(changed, FIXED, TRUSTED)
    digests = b"".join(hashlib.sha256(one).digest() for one in FIXED)
    if finding is Authenticity.AUTHENTIC:
        assert digests in changed


@given(st.binary(max_size=300))
def test_garbage_is_altered_or_unsigned(content: bytes) -> None:
    assert sod.verify(content, FIXED, TRUSTED) in (Authenticity.ALTERED, Authenticity.UNSIGNED)


def test_garbage_of_asn1_is_altered() -> None:
    for length in range(9, len(SOD), 37):
        assert sod.verify(SOD[:length], FIXED, TRUSTED) is Authenticity.ALTERED


# --- other signers ----------------------------------------------------------------------------------------------------


def name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)]


def issue(common_name: str, key: rsa.RSAPrivateKey, issuer: Signer | None, is_ca: bool) -> Signer:
    """A certificate that ended long ago, since times are not checked."""
    above = issuer.certificate.subject if issuer else name(common_name)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common_name))
        .issuer_name(above)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2010, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2015, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
    )
    return Signer(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def signed_by(
    signer: Signer,
    *others: Signer,
    options: list[PKCS7Options],
    pad: padding.PSS | None = None,
    digest: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None = None,
) -> bytes:
    digests = b"".join(hashlib.sha256(one).digest() for one in FIXED)
    builder = (
        PKCS7SignatureBuilder()
        .set_data(digests)
        .add_signer(signer.certificate, signer.key, digest or hashes.SHA256(), rsa_padding=pad)
    )
    for other in others:
        builder = builder.add_certificate(other.certificate)
    return container(0x0F1C, builder.sign(Encoding.DER, options))


def der(signer: Signer) -> bytes:
    return signer.certificate.public_bytes(Encoding.DER)


def test_signed_attributes_are_checked() -> None:
    signer = training_signers()[1]
    good = signed_by(signer, options=[PKCS7Options.Binary])
    assert sod.verify(good, FIXED, TRUSTED) is Authenticity.AUTHENTIC
    digest = hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in FIXED)).digest()
    assert good.count(digest) == 1
    assert sod.verify(good.replace(digest, bytes(32)), FIXED, TRUSTED) is Authenticity.ALTERED


@pytest.mark.parametrize("salt", [padding.PSS.DIGEST_LENGTH, padding.PSS.MAX_LENGTH])
@pytest.mark.parametrize("digest", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
@pytest.mark.parametrize("options", [[PKCS7Options.Binary], [PKCS7Options.Binary, PKCS7Options.NoAttributes]])
def test_signatures_padded_the_newer_way(
    salt: object, digest: hashes.SHA256 | hashes.SHA384 | hashes.SHA512, options: list[PKCS7Options]
) -> None:
    signer = training_signers()[1]
    pad = padding.PSS(padding.MGF1(digest), salt)  # type: ignore[arg-type]  # one of the two markers above
    good = signed_by(signer, options=options, pad=pad, digest=digest)
    assert sod.verify(good, FIXED, TRUSTED) is Authenticity.AUTHENTIC
    bad = good[:-1] + bytes((good[-1] ^ 1,))
    assert sod.verify(bad, FIXED, TRUSTED) is Authenticity.ALTERED


def test_a_chain_over_an_embedded_authority() -> None:
    root = issue("TEST Root", KEYS[0], None, True)
    middle = issue("TEST Resursi 2", KEYS[1], root, True)
    signer = issue("TEST Signer", KEYS[2], middle, False)
    signature_file = signed_by(signer, middle, options=[PKCS7Options.Binary])
    assert sod.verify(signature_file, FIXED, (der(root),)) is Authenticity.AUTHENTIC
    assert sod.verify(signature_file, FIXED, (der(signer),)) is Authenticity.CHAIN_UNKNOWN


def test_an_end_entity_cannot_play_an_authority() -> None:
    root = issue("TEST Resursi", KEYS[0], None, True)
    thief = issue("TEST Resursi thief", KEYS[1], root, False)
    signer = issue("TEST Signer", KEYS[2], thief, False)
    signature_file = signed_by(signer, thief, options=[PKCS7Options.Binary])
    assert sod.verify(signature_file, FIXED, (der(root),)) is Authenticity.CHAIN_UNKNOWN


@pytest.mark.parametrize("family", ["TEST Gradjani CA", "TEST Sluzbenici Resursi", "TEST CA"])
def test_authorities_for_people_do_not_sign_data(family: str) -> None:
    authority = issue(family, KEYS[0], None, True)
    signer = issue("TEST Signer", KEYS[1], authority, False)
    signature_file = signed_by(signer, options=[PKCS7Options.Binary])
    assert sod.verify(signature_file, FIXED, (der(authority),)) is Authenticity.CHAIN_UNKNOWN
