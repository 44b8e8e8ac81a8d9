"""QCStatements of a qualified signature certificate on a card (RFC 3739, 3.2.6; ETSI EN 319 412-5)."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.ca import der

SEMANTICS_NATURAL_PERSON = "0.4.0.194121.1.1"
"""serialNumber follows EN 319 412-1, 5.1.3: `PNORS-` and the personal number."""
PKIX_QC_SYNTAX_V2 = "1.3.6.1.5.5.7.11.2"
QC_COMPLIANCE = "0.4.0.1862.1.1"
QC_RETENTION_PERIOD = "0.4.0.1862.1.3"
QC_SSCD = "0.4.0.1862.1.4"
QC_PDS = "0.4.0.1862.1.5"
QC_LEGISLATION = "0.4.0.1862.1.7"
QC_TYPE = "0.4.0.1862.1.6"
QC_TYPE_ESIGN = "0.4.0.1862.1.6.1"


def qc_statements(*, retention_years: int, disclosure: Mapping[str, str], legislation: str = "") -> bytes:
    """Encode the statements: natural person, compliance, retention, key in a device (QSCD), disclosure, for signatures.

    `disclosure` maps a two-letter language to the https address of the PKI disclosure statement (EN 319 412-5, 4.3.4;
    English is required); `legislation` is a two-letter country outside the EU whose law is meant (4.2.4). What is empty
    or 0 is left out. Returns the extension's DER value.
    """
    locations = [
        der.sequence(der.ia5_string(url), der.printable_string(language)) for language, url in disclosure.items()
    ]
    statements = [
        _statement(PKIX_QC_SYNTAX_V2, der.sequence(der.oid(SEMANTICS_NATURAL_PERSON))),
        _statement(QC_COMPLIANCE),
        *([_statement(QC_RETENTION_PERIOD, der.integer(retention_years))] if retention_years else []),
        _statement(QC_SSCD),
        *([_statement(QC_PDS, der.sequence(*locations))] if locations else []),
        _statement(QC_TYPE, der.sequence(der.oid(QC_TYPE_ESIGN))),
        *([_statement(QC_LEGISLATION, der.sequence(der.printable_string(legislation)))] if legislation else []),
    ]
    return der.sequence(*statements)


def _statement(identifier: str, *info: bytes) -> bytes:
    return der.sequence(der.oid(identifier), *info)
