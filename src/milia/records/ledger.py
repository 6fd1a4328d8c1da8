"""What is kept outside the database: how far the audit trail had come, and who was erased.

Without it, cutting off the trail's end would leave a shorter trail that looks whole, and an old backup would
bring back a patient who asked to be erased.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from milia.base import MiliaError, write_atomically
from milia.records.keyring import Keyring

__all__ = ["Ledger"]


class Ledger:
    """A small signed file beside the database; several processes may use it at once."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self.path = folder / "ledger.json"
        self._lock = folder / "ledger.lock"
        self._keyring = keyring

    def renewed(self, keyring: Keyring) -> None:
        """Sign with another ring's current key from now on."""
        with self._locked():
            content = self._read()
            self._keyring = keyring
            self._write(content)

    def head(self, clinic_id: str) -> tuple[int, str] | None:
        """Give the number and the seal of the last audit entry that is known to have been written."""
        found = self._read()["heads"].get(clinic_id)
        return (int(found[0]), str(found[1])) if found else None

    def erased(self) -> frozenset[str]:
        """Give the ids of the patients who were erased."""
        return frozenset(self._read()["erased"])

    def advance(self, clinic_id: str, seq: int, mac: str) -> None:
        """Note the trail's new end; never goes back, whichever process writes last."""
        with self._locked():
            content = self._read()
            known = content["heads"].get(clinic_id)
            if known is None or known[0] < seq:
                content["heads"][clinic_id] = [seq, mac]
                self._write(content)

    def reset(self, heads: dict[str, tuple[int, str]]) -> None:
        """Start from a restored trail: the one moment at which the end may go back."""
        with self._locked():
            content = self._read()
            content["heads"] = {name: list(head) for name, head in sorted(heads.items())}
            self._write(content)

    def add_erased(self, patient_id: str) -> None:
        """Remember an erased patient, so that no restored backup brings the content back."""
        with self._locked():
            content = self._read()
            content["erased"] = sorted({*content["erased"], patient_id})
            self._write(content)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _read(self) -> dict[str, Any]:
        try:
            plain = json.loads(self.path.read_text(encoding="utf-8"))
            content: dict[str, Any] = {"heads": plain["heads"], "erased": plain["erased"]}
            key = self._keyring.derived("ledger", plain["key"])
            if not hmac.compare_digest(plain["mac"], _mac(key, content)):
                raise ValueError
        except FileNotFoundError:
            return {"heads": {}, "erased": []}
        except (ValueError, KeyError, TypeError) as error:
            raise MiliaError(f"{self.path}: the ledger was changed outside Milia.") from error
        return content

    def _write(self, content: dict[str, Any]) -> None:
        key_id = self._keyring.current
        mac = _mac(self._keyring.derived("ledger", key_id), content)
        write_atomically(self.path, json.dumps({**content, "key": key_id, "mac": mac}))


def _mac(key: bytes, content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
