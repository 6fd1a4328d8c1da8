"""The pages: what each template is given, and the HTML that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from milia.language import Language, date_text
from milia.learn.answers import standing
from milia.learn.articles import Article
from milia.learn.library import ORDER, Library
from milia.learn.site.wording import words
from milia.learn.text import CITATION, to_html, to_plain

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Site:
    """What every page shares: name, telephone and the address under which the folder will be published."""

    name: str
    phone: str | None
    base_url: str | None

    @property
    def phone_link(self) -> str:
        """The telephone number as a link."""
        return "tel:" + "".join(sign for sign in self.phone or "" if sign in "+0123456789")

    def absolute(self, path: str) -> str | None:
        """Return the published address of a file; None where it is not known."""
        return None if self.base_url is None else f"{self.base_url}/{path}"


def page_files(library: Library, site: Site) -> dict[str, str]:
    """Return every HTML page by its path."""
    files = {"index.html": _root(library, site)}
    for language in library.languages:
        for article in library.of(language):
            files[f"{language.tag}/{article.slug}.html"] = _article(article, library, site)
        files[f"{language.tag}/index.html"] = _index(language, library, site)
        files[f"{language.tag}/questions.html"] = _questions(language, library, site)
        files[f"{language.tag}/search.html"] = _search(language, library, site)
    return files


def summary_text(article: Article) -> str:
    """Return an article's summary as plain text."""
    return to_plain(article.summary)


def _article(article: Article, library: Library, site: Site) -> str:
    markup = _markup()
    t = words(article.language)
    numbers = {source.id: number for number, source in enumerate(article.references, start=1)}
    env = {
        "numbers": numbers,
        "source_label": t["source"],
        "link": partial(_resolve, library, article.language),
    }

    def html(text: str, *, inline: bool = True) -> Any:
        return markup(to_html(text, env, inline=inline))

    others = {one.language.tag for one in library.in_all_languages(article.slug)}
    tongues = [known for known in library.languages if known.tag in others]
    page = {
        **_page(article.language, f"{article.slug}.html", tongues, library, site),
        "kind": "article",
        "css": "article",
        "title": article.title,
        "head_title": f"{article.title} · {site.name}",
        "description": summary_text(article),
        "author": article.author,
        "card": _card(site, article.slug, article.language),
        "published": article.date.isoformat(),
        "date_iso": article.date.isoformat(),
        "date_text": date_text(article.date, article.language),
        "standing": standing(article).text(article.language),
        "reviewed": article.review is not None,
        "summary_html": html(article.summary),
        "points": [html(point) for point in article.points],
        "sections": [
            {"id": section.id, "title": section.title, "html": html(section.text, inline=False)}
            for section in article.sections
        ],
        "questions": [
            {"id": question.id, "ask": question.ask, "html": html(question.answer)}
            for question in article.questions
        ],
        "sources": [
            {"citation": source.citation, "url": _linkable(source.url)} for source in article.references
        ],
        "related": _links(
            found
            for slug in article.related
            if (found := library.article(slug, article.language)) is not None
        ),
    }
    return _render("article.html.j2", page=page, site=site, t=t)


def _index(language: Language, library: Library, site: Site) -> str:
    t = words(language)
    articles = library.of(language)
    own = [one for one in articles if one.own and one.slug not in ORDER]
    rest = [one for one in articles if one not in own]
    groups = [
        {"title": title, "links": _links(group)}
        for title, group in ((t["own_columns"], own), (t["columns"], rest))
        if group
    ]
    page = {
        **_page(language, "index.html", library.languages, library, site),
        "css": "index",
        "title": t["library"],
        "head_title": f"{t['library']} · {site.name}",
        "description": t["library_summary"],
        "groups": groups,
    }
    return _render("index.html.j2", page=page, site=site, t=t)


def _questions(language: Language, library: Library, site: Site) -> str:
    t = words(language)
    groups = [
        {
            "id": article.slug,
            "title": article.title,
            "address": f"{article.slug}.html",
            "questions": [
                {
                    "ask": question.ask,
                    "text": to_plain(question.answer),
                    "address": f"{article.slug}.html#q-{question.id}",
                }
                for question in article.questions
            ],
        }
        for article in library.of(language)
        if article.questions
    ]
    page = {
        **_page(language, "questions.html", library.languages, library, site),
        "css": "questions",
        "title": t["questions"],
        "head_title": f"{t['questions']} · {site.name}",
        "description": t["questions_summary"],
        "groups": groups,
    }
    return _render("questions.html.j2", page=page, site=site, t=t)


def _search(language: Language, library: Library, site: Site) -> str:
    t = words(language)
    page = {
        **_page(language, "search.html", library.languages, library, site),
        "css": "search",
        "title": t["search"],
        "head_title": f"{t['search']} · {site.name}",
        "description": t["search_label"],
    }
    return _render("search.html.j2", page=page, site=site, t=t)


def _root(library: Library, site: Site) -> str:
    first = library.languages[0]
    links = [
        {
            "tag": known.tag,
            "name": known.name,
            "title": words(known)["library"],
            "address": f"{known.tag}/index.html",
            "absolute": site.absolute(f"{known.tag}/index.html") or f"{known.tag}/index.html",
        }
        for known in library.languages
    ]
    links.append({"tag": "x-default", "absolute": site.absolute("index.html") or "index.html"})
    return _render(
        "root.html.j2", first=first, links=links, site=site, description=words(first)["library_summary"]
    )


def _page(
    language: Language, file: str, tongues: Iterable[Language], library: Library, site: Site
) -> dict[str, Any]:
    """Return what every page's head and top need."""
    known = list(tongues)
    alternates = [
        {
            "tag": one.tag,
            "address": site.absolute(f"{one.tag}/{file}") or f"../{one.tag}/{file}",
        }
        for one in known
    ]
    here = {one.tag for one in known}
    return {
        "language": language,
        "up": "../",
        "kind": "website",
        "author": None,
        "published": None,
        "canonical": site.absolute(f"{language.tag}/{file}"),
        "alternates": alternates,
        "feed_title": f"{site.name} ({language.name})",
        "card": _card(site, "index", language),
        # A language that lacks this page is offered all the same, and leads to its front page.
        "languages": [
            {
                "tag": one.tag,
                "name": one.name,
                "here": one == language,
                "address": f"../{one.tag}/{file if one.tag in here else 'index.html'}",
            }
            for one in library.languages
        ],
    }


def _card(site: Site, slug: str, language: Language) -> str:
    path = f"cards/{slug}.{language.tag}.png"
    return site.absolute(path) or f"../{path}"


def _links(articles: Iterable[Article]) -> list[Mapping[str, str]]:
    return [
        {"address": f"{one.slug}.html", "title": one.title, "summary": CITATION.sub("", summary_text(one))}
        for one in articles
    ]


def _resolve(library: Library, language: Language, address: str) -> str:
    """Return a link of an article as an address on the site; an unpublished one leads to the front page."""
    if address.startswith(("http:", "https:", "mailto:", "tel:", "#")):
        return address
    slug, mark, anchor = address.partition("#")
    if library.article(slug, language) is None:
        return "index.html"
    return f"{slug}.html{mark}{anchor}"


def _linkable(url: str | None) -> str | None:
    return url if url is not None and url.startswith(("https://", "http://")) else None


def _render(name: str, **values: Any) -> str:
    return _environment().get_template(name).render(**values)


def _markup() -> Any:
    from markupsafe import Markup

    return Markup


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("milia.learn.site", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
