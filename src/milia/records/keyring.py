"""The clinic's key: a file outside the database, with the current master key and the retired ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from milia.base import InputError, MiliaError, write_atomically

__all__ = ["Keyring", "config_folder", "data_folder", "key_path", "load_keyring"]

_KEY_BYTES = 32


def data_folder() -> Path:
    """Give the folder for the database, the photographs and the ledger: ``MILIA_DATA``, or the user's own."""
    if named := os.environ.get("MILIA_DATA"):
        return Path(named)
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local/share")
    return Path(home) / "milia"


def config_folder() -> Path:
    """Give the folder for the key, another than the data's, so that copying data copies no key."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "milia"


def key_path() -> Path:
    """Give the key's file: ``MILIA_KEY_FILE``, or ``key`` in the configuration folder."""
    named = os.environ.get("MILIA_KEY_FILE")
    return Path(named) if named else config_folder() / "key"


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """Master keys by id; data keys in the database are wrapped by one of them."""

    path: Path | None
    current: str
    keys: dict[str, bytes]

    def __repr__(self) -> str:
        return f"Keyring(current={self.current!r}, keys={len(self.keys)})"

    @classmethod
    def fresh(cls, path: Path | None = None) -> Keyring:
        """Make a ring with one new random key; nothing is written."""
        name = secrets.token_hex(4)
        return cls(path=path, current=name, keys={name: secrets.token_bytes(_KEY_BYTES)})

    def master(self, key_id: str) -> bytes:
        """Give the master key with this id."""
        try:
            return self.keys[key_id]
        except KeyError:
            raise MiliaError(
                f"The key file holds no key {key_id}: another database's file, or a retired key was dropped."
            ) from None

    def derived(self, purpose: str, key_id: str | None = None) -> bytes:
        """Give a key for one purpose, so that no key serves two."""
        return hmac.digest(self.master(key_id or self.current), f"milia {purpose}".encode(), hashlib.sha256)

    def rotated(self) -> Keyring:
        """Give a ring with a new current key; the old ones stay until nothing is wrapped by them."""
        name = secrets.token_hex(4)
        return replace(self, current=name, keys={**self.keys, name: secrets.token_bytes(_KEY_BYTES)})

    def without_retired(self) -> Keyring:
        """Give a ring with the current key alone: backups made under the others can no longer be read."""
        return replace(self, keys={self.current: self.keys[self.current]})

    def write(self) -> None:
        """Write the ring to its file, readable by its owner alone."""
        if self.path is None:
            raise MiliaError("This key has no file.")
        plain = {
            "schema_version": "1.0",
            "current": self.current,
            "keys": {name: base64.b64encode(key).decode() for name, key in self.keys.items()},
        }
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.path.exists():
            # The file has its mode before it has its content.
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600))
        write_atomically(self.path, json.dumps(plain, indent=1) + "\n")


def load_keyring(path: Path | None = None, *, create: bool = False) -> Keyring:
    """Read the key file, or make it on the first start.

    Raises
    ------
    InputError
        If there is none and none may be made, if others can read it, or if it is no key file.
    """
    path = path or key_path()
    if not path.exists():
        if not create:
            raise InputError(
                "there is no key file", file=str(path), accepted="the file set by MILIA_KEY_FILE"
            )
        ring = Keyring.fresh(path)
        ring.write()
        return ring
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise InputError(
            "others on this machine can use this key file",
            file=str(path),
            value=oct(mode),
            accepted="permissions 600 (chmod 600)",
        )
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        keys = {name: base64.b64decode(text, validate=True) for name, text in plain["keys"].items()}
        current = plain["current"]
        if current not in keys or any(len(key) != _KEY_BYTES for key in keys.values()):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "this is no key file", file=str(path), accepted="a file that Milia made on its first start"
        ) from error
    return Keyring(path=path, current=current, keys=keys)
