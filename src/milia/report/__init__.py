"""Reports: a plan as a page or a printed document, with its pictures."""

from milia.report.files import write_report
from milia.report.html import render_html
from milia.report.pdf import render_pdf

__all__ = ["render_html", "render_pdf", "write_report"]
