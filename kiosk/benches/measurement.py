"""One line of `kiosk bench`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A value and what it is measured against, from the same run."""

    bench: str
    value: float
    unit: str
    against: str
    """What the limit is: a peer or a lower bound."""
    limit: float
    runs: int

    @property
    def ratio(self) -> float:
        """How many times the limit."""
        return self.value / self.limit if self.limit else 0.0

    def as_record(self) -> dict[str, str | float | int]:
        """The line as JSON values."""
        return {
            "bench": self.bench,
            "value": round(self.value, 3),
            "unit": self.unit,
            "against": self.against,
            "limit": round(self.limit, 3),
            "ratio": round(self.ratio, 2),
            "runs": self.runs,
        }
