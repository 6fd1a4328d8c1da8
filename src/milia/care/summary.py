"""The plan as a short piece of HTML for a notebook; every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from milia.care.wording import percent, short

TITLES = {
    "laser": "Laser",
    "extract": "Extract",
    "electrosurgery": "Electrosurgery",
    "observe": "Observe",
    "refer": "Refer",
    "assess_first": "Assess first",
}
PREDICTED = (
    ("opening_um", "opening", "µm"),
    ("crater_depth_um", "crater depth", "µm"),
    ("rtd_floor_um", "thermal damage at the floor", "µm"),
    ("rtd_wall_um", "thermal damage at the wall", "µm"),
    ("healing_days", "healing", "days"),
)


def plan_html(plan: Mapping[str, Any]) -> str:
    """Return action, headline, numbers, reasons, stops and warnings, alternatives and the disclaimer."""
    parts = [
        f"<h3>{escape(TITLES[plan['action']])}</h3>",
        f"<p><b>{escape(plan['headline'])}</b></p>",
        _numbers(plan),
        _list("Why", plan["reasons"]),
        _list(
            "Take care",
            [f"{item['title']}: {item['text']}" for item in plan["safety"] if item["level"] != "do"],
        ),
        _list("Otherwise", [_alternative(option) for option in plan["alternatives"]]),
        f"<p><small>{escape(plan['provenance']['disclaimer'])}</small></p>",
    ]
    return f'<div class="milia-plan">{"".join(parts)}</div>'


def _numbers(plan: Mapping[str, Any]) -> str:
    if plan["p_open"] is None or plan["p_harm"] is None:
        return ""
    rows: list[tuple[str, str]] = [("opens", percent(plan["p_open"])), ("harms", percent(plan["p_harm"]))]
    for key, name, unit in PREDICTED:
        interval = (plan["predicted"] or {}).get(key)
        if interval:
            p05, p50, p95 = (short(interval[end]) for end in ("p05", "p50", "p95"))
            rows.append((name, f"{p50} {unit} ({p05}–{p95})"))
    cells = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def _alternative(option: Mapping[str, Any]) -> str:
    suitable = "suitable" if option["suitable"] else "not suitable here"
    return f"{option['title']} ({suitable})"


def _list(title: str, sentences: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<p>{escape(title)}</p><ul>{items}</ul>" if items else ""
