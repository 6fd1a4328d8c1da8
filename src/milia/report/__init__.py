"""Reports: a plan as a page or a printed document, and the patient's documents, with their pictures."""

from milia.report.calendar import render_calendar
from milia.report.calibration_view import render_calibration
from milia.report.documents import care_documents, check_folder, write_folder
from milia.report.files import write_report
from milia.report.html import render_html
from milia.report.leaflet import (
    render_consent_html,
    render_consent_pdf,
    render_leaflet_html,
    render_leaflet_pdf,
)
from milia.report.live_section import draw_section
from milia.report.pdf import render_pdf
from milia.report.pictures import Pictures
from milia.report.pictures import draw as draw_pictures
from milia.report.session_map import render_session_map
from milia.report.staff import (
    render_followup_html,
    render_followup_pdf,
    render_safety_html,
    render_safety_pdf,
)
from milia.report.view import ReportView, report_view

__all__ = [
    "Pictures",
    "ReportView",
    "care_documents",
    "check_folder",
    "draw_pictures",
    "draw_section",
    "render_calendar",
    "render_calibration",
    "render_consent_html",
    "render_consent_pdf",
    "render_followup_html",
    "render_followup_pdf",
    "render_html",
    "render_leaflet_html",
    "render_leaflet_pdf",
    "render_pdf",
    "render_safety_html",
    "render_safety_pdf",
    "render_session_map",
    "report_view",
    "write_folder",
    "write_report",
]
