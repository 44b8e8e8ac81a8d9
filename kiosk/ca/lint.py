"""What the linters say against a certificate: ETSI EN 319 412 and RFC 5280, in process.

Both are needed: neither finds all that the other does. Loading them takes half a second, a certificate some 10 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from kiosk.ca.interface import Profile
from kiosk.ca.practice import TEST_PRACTICE, Practice, consequences


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a linter holds against a certificate, of severity WARNING or worse."""

    severity: str
    """`WARNING`, `ERROR` or `FATAL`."""
    code: str
    """The linter's own name for the rule."""


def findings(certificate: bytes, profile: Profile, practice: Practice = TEST_PRACTICE) -> list[Finding]:
    """All findings of severity WARNING or worse about a DER certificate; empty for a clean one.

    What the authority's own practice is known to bring with it is no finding.
    """
    expected = {one.code for one in consequences(practice, profile)}
    return [one for one in all_findings(certificate, profile, practice) if one.code not in expected]


def all_findings(certificate: bytes, profile: Profile, practice: Practice) -> list[Finding]:
    """The same, and what the practice brings with it."""
    return list(_findings(certificate, etsi_type(profile, practice)))


def etsi_type(profile: Profile, practice: Practice) -> str:
    """The certificate type of EN 319 412 a certificate is held against; a law outside the EU has a type of its own."""
    if profile is Profile.AUTHENTICATION:
        return "NCP-NATURAL-PERSON-CERTIFICATE"
    return f"QCP-N-QSCD-{'NON-EIDAS' if practice.legislation else 'EIDAS'}-FINAL-CERTIFICATE"


# Where authority and desk are one process, both lint the same bytes: the second time costs nothing.
@lru_cache(maxsize=16)
def _findings(certificate: bytes, kind: str) -> tuple[Finding, ...]:
    from pkilint.document import SubstrateDecodingFailedError

    try:
        # Each linter gets a document of its own: it leaves its decoding in the tree, and a second one that met it there
        # would not apply its own bounds.
        return tuple(finding for linter in _linters(kind) for finding in _found(linter, certificate))
    except (ValueError, SubstrateDecodingFailedError):
        return (Finding("FATAL", "undecodable"),)


def _found(linter: Any, certificate: bytes) -> list[Finding]:
    from pkilint import loader
    from pkilint.validation import ValidationFindingSeverity

    return [
        Finding(described.finding.severity.name, described.finding.code)
        for result in linter.validate(loader.load_der_certificate(certificate, "certificate").root)
        for described in result.finding_descriptions
        # The scale runs from the most severe (0) down.
        if described.finding.severity <= ValidationFindingSeverity.WARNING
    ]


@cache
def _linters(kind: str) -> tuple[Any, Any]:
    return _etsi(kind), _pkix()


def _etsi(kind: str) -> Any:
    from pkilint import etsi
    from pkilint.etsi.etsi_constants import CertificateType
    from pkilint.pkix import certificate

    chosen = CertificateType.from_option_str(kind)
    return certificate.create_pkix_certificate_validator_container(
        etsi.create_decoding_validators(chosen), etsi.create_validators(chosen)
    )


def _pkix() -> Any:
    from pkilint.pkix import certificate, extension, name

    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )
