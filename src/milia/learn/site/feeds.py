"""What machines read: a feed for each language, and the site map."""

from __future__ import annotations

import uuid
from xml.etree import ElementTree

from milia.language import Language
from milia.learn.library import Library
from milia.learn.site.pages import Site, summary_text
from milia.learn.site.wording import words

ATOM = "http://www.w3.org/2005/Atom"
MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
# A name of our own below the addresses' name space, for ids where no address is known.
IDS = uuid.uuid5(uuid.NAMESPACE_URL, "milia/learn")

for _prefix, _space in (("", ATOM), ("xhtml", XHTML)):
    ElementTree.register_namespace(_prefix, _space)


def feed(library: Library, site: Site, language: Language) -> bytes:
    """Return the Atom feed of a language, newest column first."""
    root = _element(None, "feed")
    root.set("xml:lang", language.tag)
    articles = sorted(library.of(language), key=lambda one: one.date, reverse=True)
    page = site.absolute(f"{language.tag}/index.html") or "index.html"
    _element(root, "id", _id(site, f"{language.tag}/feed.xml"))
    _element(root, "title", f"{site.name}: {words(language)['library']}")
    _element(root, "updated", f"{articles[0].date.isoformat()}T00:00:00Z")
    _link(root, page, "alternate", "text/html")
    _link(root, site.absolute(f"{language.tag}/feed.xml") or "feed.xml", "self", "application/atom+xml")
    for article in articles:
        path = f"{language.tag}/{article.slug}.html"
        entry = _element(root, "entry")
        _element(entry, "id", _id(site, path))
        _element(entry, "title", article.title)
        _element(entry, "updated", f"{article.date.isoformat()}T00:00:00Z")
        _element(_element(entry, "author"), "name", article.author)
        _link(entry, site.absolute(path) or f"{article.slug}.html", "alternate", "text/html")
        _element(entry, "summary", summary_text(article))
    return _written(root)


def site_map(library: Library, site: Site) -> bytes:
    """Return the site map with each page's other languages; the site needs an address for it."""
    ElementTree.register_namespace("", MAP)
    root = ElementTree.Element(f"{{{MAP}}}urlset")
    pages = [
        (f"{article.slug}.html", [one.language for one in library.in_all_languages(article.slug)])
        for article in {one.slug: one for one in library.articles}.values()
    ]
    pages += [(name, list(library.languages)) for name in ("index.html", "questions.html")]
    for name, tongues in sorted(pages, key=lambda page: page[0]):
        for language in tongues:
            url = ElementTree.SubElement(root, f"{{{MAP}}}url")
            location = ElementTree.SubElement(url, f"{{{MAP}}}loc")
            location.text = site.absolute(f"{language.tag}/{name}")
            for other in tongues:
                link = ElementTree.SubElement(url, f"{{{XHTML}}}link")
                link.set("rel", "alternate")
                link.set("hreflang", other.tag)
                link.set("href", site.absolute(f"{other.tag}/{name}") or "")
    found = _written(root)
    ElementTree.register_namespace("", ATOM)
    return found


def _id(site: Site, path: str) -> str:
    return site.absolute(path) or f"urn:uuid:{uuid.uuid5(IDS, path)}"


def _element(parent: ElementTree.Element | None, name: str, text: str | None = None) -> ElementTree.Element:
    tag = f"{{{ATOM}}}{name}"
    made = ElementTree.Element(tag) if parent is None else ElementTree.SubElement(parent, tag)
    made.text = text
    return made


def _link(parent: ElementTree.Element, address: str, relation: str, kind: str) -> None:
    link = _element(parent, "link")
    link.set("rel", relation)
    link.set("type", kind)
    link.set("href", address)


def _written(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root, space=" ")
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"
