"""The patient's documents: leaflet and consent sheet, as a page and as a print, in four languages."""

from milia.report.leaflet.consent import render_consent_html, render_consent_pdf
from milia.report.leaflet.html import render_leaflet_html
from milia.report.leaflet.pdf import render_leaflet_pdf

__all__ = ["render_consent_html", "render_consent_pdf", "render_leaflet_html", "render_leaflet_pdf"]
