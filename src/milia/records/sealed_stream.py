"""A long file sealed in pieces: each piece knows its place, and the last one that it is the last."""

from __future__ import annotations

import json
import secrets
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from milia.base import InputError
from milia.records.keyring import Keyring

__all__ = ["SealedReader", "SealedWriter"]

MAGIC = b"MILIA-BACKUP-1\n"
_PIECE = 1 << 20
_LONGEST_HEADER = 4096


class SealedWriter:
    """Encrypts what is written and passes it on in pieces."""

    def __init__(self, out: BinaryIO, keyring: Keyring, header: dict[str, Any]) -> None:
        self._out = out
        self._header = json.dumps({**header, "key": keyring.current, "salt": secrets.token_hex(16)}).encode()
        self._cipher = AESGCM(keyring.derived(_purpose(self._header), keyring.current))
        self._waiting = bytearray()
        self._count = 0
        out.write(MAGIC + self._header + b"\n")

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._waiting += data
        while len(self._waiting) > _PIECE:
            self._piece(bytes(self._waiting[:_PIECE]), last=False)
            del self._waiting[:_PIECE]

    def finish(self) -> None:
        """Write the last piece; a file without it is refused."""
        self._piece(bytes(self._waiting), last=True)

    def _piece(self, plain: bytes, *, last: bool) -> None:
        # The key is this file's alone (salt), so a counter is a nonce that never repeats.
        sealed = self._cipher.encrypt(self._count.to_bytes(12, "big"), plain, b"last" if last else b"more")
        self._out.write(len(sealed).to_bytes(4, "big") + (b"L" if last else b"M") + sealed)
        self._count += 1


class SealedReader:
    """Decrypts a file piece by piece; anything cut off, changed or put in another order is refused."""

    def __init__(self, source: BinaryIO, keyring: Keyring, *, file: str) -> None:
        self._source = source
        self._file = file
        if source.read(len(MAGIC)) != MAGIC:
            raise InputError(
                "this is no backup of Milia", file=file, accepted="a file written by `milia backup`"
            )
        line = source.readline(_LONGEST_HEADER).rstrip(b"\n")
        try:
            self.header: dict[str, Any] = json.loads(line)
            key_id = str(self.header["key"])
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged() from error
        self._cipher = AESGCM(keyring.derived(_purpose(line), key_id))
        self._ready = bytearray()
        self._count = 0
        self._ended = False

    def _damaged(self) -> InputError:
        return InputError(
            "the backup is damaged or incomplete", file=self._file, accepted="another copy of it"
        )

    def _fill(self) -> None:
        head = self._source.read(5)
        size, mark = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) != 5 or size > 2 * _PIECE or mark not in (b"L", b"M"):
            raise self._damaged()
        last = mark == b"L"
        try:
            plain = self._cipher.decrypt(
                self._count.to_bytes(12, "big"), self._source.read(size), b"last" if last else b"more"
            )
        except InvalidTag as error:
            raise self._damaged() from error
        self._count += 1
        self._ended = last
        self._ready += plain
        if last and self._source.read(1):
            raise self._damaged()

    def read(self, size: int) -> bytes:
        """Give exactly so many bytes."""
        while len(self._ready) < size:
            if self._ended:
                raise self._damaged()
            self._fill()
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken

    def line(self) -> bytes:
        """Give the next line without its end; nothing after the last."""
        searched = 0
        while (at := self._ready.find(b"\n", searched)) < 0:
            if self._ended:
                if self._ready:
                    raise self._damaged()
                return b""
            searched = len(self._ready)
            self._fill()
        return self.read(at + 1)[:-1]


def _purpose(header: bytes) -> str:
    return "backup " + header.hex()
