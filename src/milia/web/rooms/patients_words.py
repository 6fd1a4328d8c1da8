"""The words of the visit that stand in tables: sites, states, steps, what a history holds."""

from __future__ import annotations

from milia.web.i18n import mark

__all__ = [
    "ACTIONS",
    "HISTORY",
    "LANGUAGES",
    "SITES",
    "STATES",
    "STEPS",
]

SITES = {
    "upper_eyelid": mark("upper eyelid"),
    "lower_eyelid": mark("lower eyelid"),
    "lid_margin": mark("lid margin"),
    "medial_canthus": mark("inner corner of the eye"),
    "lateral_canthus": mark("outer corner of the eye"),
    "glabella": mark("between the brows"),
    "forehead": mark("forehead"),
    "temple": mark("temple"),
    "cheek": mark("cheek"),
    "nose": mark("nose"),
    "perioral": mark("around the mouth"),
    "chin": mark("chin"),
    "neck": mark("neck"),
}

STATES = {
    "assess": mark("to assess"),
    "refer": mark("red flag: refer"),
    "diagnosed": mark("to plan"),
    "planned": mark("to decide"),
    "decided": mark("to treat"),
    "healing": mark("healing"),
    "healed": mark("healed"),
    "closed": mark("closed"),
}
STATE_KIND = {
    "assess": "",
    "refer": "bad",
    "diagnosed": "info",
    "planned": "info",
    "decided": "info",
    "healing": "warn",
    "healed": "good",
    "closed": "",
}

STEPS = (
    ("findings", mark("Findings")),
    ("plan", mark("Plan")),
    ("treat", mark("Treatment")),
    ("care", mark("Aftercare")),
    ("follow-up", mark("Follow-up")),
)

ACTIONS = {
    "laser": mark("Laser"),
    "extract": mark("Extraction"),
    "electrosurgery": mark("Electrosurgery"),
    "observe": mark("Observe"),
    "refer": mark("Refer"),
    "assess_first": mark("Assess first"),
}

# The keys are those of a case file's `patient.history`.
HISTORY = {
    "keloid": mark("keloid"),
    "hypertrophic_scar": mark("hypertrophic scar"),
    "post_inflammatory_hyperpigmentation": mark("dark marks after inflammation"),
    "isotretinoin_now": mark("isotretinoin now"),
    "isotretinoin_6_months": mark("isotretinoin in the last 6 months"),
    "recurrent_hsv": mark("recurrent cold sores"),
    "pregnancy": mark("pregnancy"),
    "breastfeeding": mark("breastfeeding"),
    "anticoagulant": mark("anticoagulant"),
    "bleeding_disorder": mark("bleeding disorder"),
    "diabetes": mark("diabetes"),
    "immunosuppression": mark("immunosuppression"),
    "atopic_dermatitis": mark("atopic dermatitis"),
    "blistering_disease": mark("blistering disease"),
    "contact_lenses": mark("contact lenses"),
    "pacemaker": mark("pacemaker"),
    "lidocaine_allergy": mark("lidocaine allergy"),
    "liver_disease": mark("liver disease"),
    "heart_block": mark("heart block"),
    "methaemoglobinaemia": mark("methaemoglobinaemia"),
    "g6pd_deficiency": mark("G6PD deficiency"),
    "cold_intolerance": mark("cold intolerance"),
    "resurfacing": mark("earlier resurfacing"),
    "vemurafenib": mark("vemurafenib"),
}
ASKED_NONE = "asked_none"
"""Stands in a patient's history where all was asked and nothing found: not the same as nothing said."""

SEXES = {"F": mark("Female"), "M": mark("Male")}
LANGUAGES = {"en": "English", "ko": "한국어", "ja": "日本語", "zh-Hans": "简体中文"}
