"""The education library: reviewed articles, answers from them, and a clinic's pages."""
