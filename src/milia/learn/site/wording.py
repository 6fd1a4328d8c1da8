"""What the pages say around the articles, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from milia.language import Language, Sentence

WORDS: Mapping[str, Sentence] = {
    "all_columns": Sentence("All columns"),
    "answers": Sentence("Short answers"),
    "by": Sentence("Text"),
    "call": Sentence("Call us"),
    "close_to": Sentence("Passages"),
    "columns": Sentence("Columns"),
    "contents": Sentence("On this page"),
    "feed": Sentence("New columns as a feed"),
    "in_short": Sentence("In short"),
    "languages": Sentence("Languages"),
    "library": Sentence("About milia"),
    "library_summary": Sentence(
        "What milia are, why they come, how they are treated and what you can do: short, with sources."
    ),
    "no_script": Sentence("Without scripts there is no search. The list of questions works without them."),
    "nothing": Sentence("Nothing fits. Try other words, or ask your clinic."),
    "not_advice": Sentence(
        "General information, no substitute for a clinician who looks at your skin. Your clinician decides."
    ),
    "own_columns": Sentence("From this clinic"),
    "questions": Sentence("Questions and answers"),
    "questions_summary": Sentence("What patients ask about milia, with short answers and their sources."),
    "related": Sentence("Read next"),
    "search": Sentence("Search"),
    "search_label": Sentence("Search the columns"),
    "search_results": Sentence("Search results"),
    "skip": Sentence("Skip to the text"),
    "source": Sentence("source"),
    "sources": Sentence("Sources"),
    "sources_note": Sentence(
        "Field knowledge and defaults were not read in a publication. The text says where little is known."
    ),
    "warning": Sentence("This can be a warning sign"),
    "written": Sentence("Checked on"),
}


def words(language: Language) -> dict[str, str]:
    """Return every text of the pages in a language."""
    return {name: sentence.text(language) for name, sentence in WORDS.items()}
