"""Puts the site together: pages, feeds, search, pictures; and writes them as one folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from milia.base import InputError
from milia.learn.library import Library, load_library
from milia.learn.site.cards import card
from milia.learn.site.feeds import feed, site_map
from milia.learn.site.output import check_folder, write_site
from milia.learn.site.pages import Site, page_files
from milia.learn.site.search_data import search_data
from milia.learn.site.wording import words

if TYPE_CHECKING:
    from milia.care import Clinic

NAME = "Milia"
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")


@dataclass(frozen=True)
class BuildResult:
    """What was built: the files' content by path, how many articles, and what is missing on purpose."""

    files: Mapping[str, bytes]
    articles: int
    languages: tuple[str, ...]
    notes: tuple[str, ...]


def build_site(
    folder: Path | None,
    *,
    library: Library | None = None,
    clinic: Clinic | None = None,
    base_url: str | None = None,
) -> BuildResult:
    """Build the library's pages.

    Parameters
    ----------
    folder
        Where to write them: a new or empty folder, or one that an earlier build wrote; None to write nothing.
    library
        The articles; the package's own by default.
    clinic
        Whose pages these are.
    base_url
        Address under which the folder will be published; without it there is no site map, and links that have
        to be absolute are left out.

    Raises
    ------
    InputError
        If the folder holds other files, or the address is none.
    """
    if folder is not None:
        check_folder(folder)
    shelf = library if library is not None else load_library()
    if not shelf.articles:
        raise InputError(
            "there is no article left to publish",
            key="--reviewed-only",
            accepted="articles with a named reviewer",
        )
    site = Site(
        name=clinic.name if clinic else NAME,
        phone=clinic.phone if clinic else None,
        base_url=_address(base_url),
    )
    files = {path: page.encode() for path, page in page_files(shelf, site).items()}
    files |= _assets()
    bare = set()
    for language in shelf.languages:
        files[f"{language.tag}/feed.xml"] = feed(shelf, site, language)
        files[f"{language.tag}/search-data.js"] = search_data(shelf, site, language).encode()
        titles = {article.slug: article.title for article in shelf.of(language)}
        for slug, title in {**titles, "index": words(language)["library"]}.items():
            files[f"cards/{slug}.{language.tag}.png"], written = card(title, site.name, language)
            if not written:
                bare.add(language.name)
    if site.base_url is not None:
        files["sitemap.xml"] = site_map(shelf, site)
        files["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {site.absolute('sitemap.xml')}\n".encode()
    if folder is not None:
        write_site(files, folder)
    return BuildResult(
        files=files,
        articles=len(shelf.articles),
        languages=tuple(language.name for language in shelf.languages),
        notes=_notes(shelf, site, bare),
    )


def _assets() -> dict[str, bytes]:
    found = {}
    package = resources.files("milia.learn.site")
    for folder, name in (
        ("templates", "style.css"),
        ("templates", "search.js"),
        ("templates", "icon.svg"),
        ("vendor", "minisearch.min.js"),
        ("vendor", "minisearch.LICENSE.txt"),
    ):
        found[f"assets/{name}"] = package.joinpath(f"{folder}/{name}").read_bytes()
    return found


def _address(base_url: str | None) -> str | None:
    if base_url is None:
        return None
    if not _ADDRESS.fullmatch(base_url) or len(base_url) > 200:
        raise InputError(
            "this is not an address",
            key="--base-url",
            value=base_url,
            accepted="https://example.org/columns, without ? and #",
        )
    return base_url.rstrip("/")


def _notes(library: Library, site: Site, bare: set[str]) -> tuple[str, ...]:
    notes = []
    unread = sum(article.review is None for article in library)
    if unread:
        notes.append(f"{unread} of {len(library.articles)} texts have no named reviewer; the pages say so.")
    if site.base_url is None:
        notes.append("No --base-url: no site map, and link previews have no absolute address.")
    if bare:
        notes.append(
            f"No font with all signs was found for {', '.join(sorted(bare))}: pictures without words."
        )
    return tuple(notes)
