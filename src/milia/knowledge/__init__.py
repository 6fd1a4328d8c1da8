"""Every clinical and physical number as data, with unit, spread, source and flag."""

from milia.knowledge.entries import FLAGS, HOW_READ, Quantity, Source, Spread, Statement, Uncertain
from milia.knowledge.errors import KnowledgeError
from milia.knowledge.loader import DATA_FOLDER, Knowledge, load_folder, load_knowledge, read_data_file

__all__ = [
    "DATA_FOLDER",
    "FLAGS",
    "HOW_READ",
    "Knowledge",
    "KnowledgeError",
    "Quantity",
    "Source",
    "Spread",
    "Statement",
    "Uncertain",
    "load_folder",
    "load_knowledge",
    "read_data_file",
]
