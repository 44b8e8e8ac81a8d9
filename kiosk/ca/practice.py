"""What one authority puts into its certificates beside the citizen's data: its own addresses, policies and habits.

The ministry's habits are known to us from one published analysis of its certificates, not from the ministry: they are
switches, off by default. What the linters hold against each is said beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kiosk.ca.interface import Profile

# Policies under the enterprise number for documentation (RFC 5612), so no real policy can ever be meant. Names of
# RFC 2606: nothing answers there, and nothing ever will.


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """The table that whoever signs and whoever checks agree on. The defaults are those of a TEST authority."""

    signature_policy: str = "1.3.6.1.4.1.32473.1.1"
    """Object identifier of the authority's own policy, beside the ETSI one."""
    authentication_policy: str = "1.3.6.1.4.1.32473.1.2"
    practice_statement: str = "http://test-authority.example.com/cps"
    revocation_list: str = "http://test-authority.example.com/citizens.crl"
    status_service: str = "http://ocsp.test-authority.example.com/"
    issuer_certificate: str = "http://test-authority.example.com/citizens.crt"
    retention_years: int = 10
    """How long records are kept (QcRetentionPeriod); 0: not said."""
    disclosure_en: str = "https://test-authority.example.com/pds-en.pdf"
    """Address of the PKI disclosure statement (QcPDS) in English; with `disclosure_sr` empty too: no QcPDS."""
    disclosure_sr: str = "https://test-authority.example.com/pds-sr.pdf"
    legislation: str = ""
    """Country whose law makes the certificate qualified (QcCClegislation), such as `RS`; empty: that of the EU."""
    combined_key_usage: bool = False
    """The signature certificate is for digitalSignature beside contentCommitment, as the ministry's are."""
    second_serial_number: bool = False
    """A second serialNumber `CA:RS-` with the document's number in the same RDN, as the ministry's have one."""

    @property
    def disclosure(self) -> dict[str, str]:
        """The disclosure statements by language."""
        return {language: url for language, url in (("en", self.disclosure_en), ("sr", self.disclosure_sr)) if url}

    def policy(self, profile: Profile) -> str:
        """The authority's own policy for a profile."""
        return self.signature_policy if profile is Profile.SIGNATURE else self.authentication_policy


TEST_PRACTICE = Practice()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What a linter holds against a habit: expected, so no reason to refuse the certificate."""

    switch: str
    """Name of the field of `Practice`."""
    severity: str
    code: str
    """The linter's own name for the rule."""


_COMBINED = Consequence(
    switch="combined_key_usage",
    severity="WARNING",
    code="etsi.en_319_412_2.nat-4.3.2-3.non_preferred_content_commitment_setting",
)
_TWO_SERIALS = Consequence(
    switch="second_serial_number", severity="ERROR", code="pkix.rdn_contains_duplicate_attribute_types"
)
_UNKNOWN_SCHEME = Consequence(
    switch="second_serial_number",
    severity="ERROR",
    code="etsi.en_319_412_1.nat-5.1.3-05.national_id_scheme_name_registration_authorities_missing",
)


def consequences(practice: Practice, profile: Profile) -> tuple[Consequence, ...]:
    """What the linters will say of that profile's certificates; empty where the habits are those of ETSI EN 319 412.

    A `legislation` changes the type a certificate is held against, and is clean there. Of a missing disclosure
    statement, which EN 319 412-5 (4.3.4) asks for, they say nothing.
    """
    is_signature = profile is Profile.SIGNATURE
    found = [_COMBINED] if practice.combined_key_usage and is_signature else []
    if practice.second_serial_number:
        found += [_TWO_SERIALS, *([_UNKNOWN_SCHEME] if is_signature else [])]
    return tuple(found)


def what_is_wrong(practice: Practice) -> str:
    """The field that no certificate could be made with, and why; empty when all are sound."""
    for name in ("signature_policy", "authentication_policy"):
        if not re.fullmatch(r"[0-2](\.(0|[1-9][0-9]*))+", getattr(practice, name)):
            return f"{name}: expects an object identifier, such as 1.3.6.1.4.1.32473.1.1"
    if any(not url.startswith("https://") for url in practice.disclosure.values()):
        return "disclosure_en, disclosure_sr: expect https addresses (EN 319 412-5, 4.3.4)"
    if practice.legislation and not re.fullmatch("[A-Z]{2}", practice.legislation):
        return "legislation: expects a country of two capital letters, such as RS"
    return ""
