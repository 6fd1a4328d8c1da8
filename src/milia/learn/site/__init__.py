"""The library as static pages: a clinic's own columns, searchable without a network."""

from milia.learn.site.build import BuildResult, build_site

__all__ = ["BuildResult", "build_site"]
