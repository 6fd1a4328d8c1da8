"""The clinic's settings: off unless named, and each mistake is named with what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from milia.base import InputError
from milia.web.oidc_settings import settings_from

GOOD = {
    "MILIA_OIDC_ISSUER": "https://sign-in.hospital.example/realms/clinic",
    "MILIA_OIDC_CLIENT_ID": "milia",
}


def test_nothing_named_is_no_provider() -> None:
    assert settings_from({}) is None
    assert settings_from({"MILIA_OIDC_ISSUER": " ", "MILIA_DATA": "x"}) is None


def test_everything_named(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sesame\n")
    secret.chmod(0o600)
    found = settings_from(
        {
            **GOOD,
            "MILIA_OIDC_CLIENT_SECRET_FILE": str(secret),
            "MILIA_OIDC_SECOND_FACTOR": "amr:mfa, acr:urn:two",
            "MILIA_OIDC_PROMPT": "none_asked",
        }
    )
    assert found is not None
    assert (found.issuer, found.client_secret, found.prompt) == (GOOD["MILIA_OIDC_ISSUER"], "sesame", None)
    assert found.second_factor == {("amr", "mfa"), ("acr", "urn:two")}
    assert "sesame" not in repr(found)
    public = settings_from(GOOD)
    assert public is not None
    assert (public.client_secret, public.second_factor, public.prompt) == (None, frozenset(), "login")


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"MILIA_OIDC_ISSUER": "http://sign-in.hospital.example"}, "MILIA_OIDC_ISSUER"),
        ({"MILIA_OIDC_ISSUER": "sign-in.hospital.example"}, "MILIA_OIDC_ISSUER"),
        ({"MILIA_OIDC_ISSUER": "https://x.example/?a=b"}, "MILIA_OIDC_ISSUER"),
        ({"MILIA_OIDC_ISSUER": "https://x.example/#a"}, "MILIA_OIDC_ISSUER"),
        ({"MILIA_OIDC_ISSUER": "https://me:pw@x.example/"}, "MILIA_OIDC_ISSUER"),
        ({"MILIA_OIDC_ISSUER": "https://x.example:99999"}, "MILIA_OIDC_ISSUER"),
        ({"MILIA_OIDC_ISSUER": ""}, "MILIA_OIDC_ISSUER"),
        ({"MILIA_OIDC_CLIENT_ID": ""}, "MILIA_OIDC_CLIENT_ID"),
        ({"MILIA_OIDC_CLIENT_SECRET": "sesame"}, "MILIA_OIDC_CLIENT_SECRET"),
        ({"MILIA_OIDC_CLIENT_SECRET_FILE": "/nowhere/secret"}, "MILIA_OIDC_CLIENT_SECRET_FILE"),
        ({"MILIA_OIDC_SECOND_FACTOR": "mfa"}, "MILIA_OIDC_SECOND_FACTOR"),
        ({"MILIA_OIDC_PROMPT": "always"}, "MILIA_OIDC_PROMPT"),
    ],
)
def test_a_mistake_is_named_and_the_secret_is_not(more: dict[str, str], key: str) -> None:
    with pytest.raises(InputError) as said:
        settings_from({**GOOD, **more})
    assert said.value.key == key
    assert said.value.accepted
    assert "sesame" not in str(said.value)
    assert "pw@" not in str(said.value) or key == "MILIA_OIDC_ISSUER"


@pytest.mark.parametrize(("mode", "text"), [(0o640, "sesame"), (0o600, ""), (0o600, "two\nlines")])
def test_a_file_of_the_secret_that_cannot_be_used(tmp_path: Path, mode: int, text: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text(text)
    secret.chmod(mode)
    with pytest.raises(InputError) as said:
        settings_from({**GOOD, "MILIA_OIDC_CLIENT_SECRET_FILE": str(secret)})
    assert said.value.key == "MILIA_OIDC_CLIENT_SECRET_FILE"
    assert "lines" not in str(said.value)


def test_without_its_packages_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        return None if name == "joserfc" else object()

    monkeypatch.setattr("milia.web.oidc_settings.find_spec", missing)
    assert settings_from({}) is None
    with pytest.raises(InputError, match=r"needs joserfc.*milia\[oidc\]"):
        settings_from(GOOD)


def test_the_server_does_not_start_with_a_mistake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from milia.web.serve import serve

    monkeypatch.setenv("MILIA_OIDC_ISSUER", "http://hospital.example")
    with pytest.raises(InputError, match="MILIA_OIDC_ISSUER"):
        serve(port=0, workers=0, data=tmp_path / "data")
    assert not (tmp_path / "data").exists()
