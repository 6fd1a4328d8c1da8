"""Counts and times for Prometheus; labels are route patterns, never addresses with an id in them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["Metrics"]

_EDGES_s = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The meters of one app, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "milia_requests",
            "Requests by route, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "milia_request_seconds",
            "Time to the last byte.",
            ("route",),
            buckets=_EDGES_s,
            registry=self.registry,
        )
        self.running = Gauge("milia_requests_running", "Requests being answered now.", registry=self.registry)
        self.sign_ins = Counter("milia_sign_ins", "Attempts to sign in.", ("result",), registry=self.registry)
        self.up = Gauge(
            "milia_database_up", "Whether the database answered last time.", registry=self.registry
        )

    def text(self) -> bytes:
        """Give everything in Prometheus's text format."""
        return generate_latest(self.registry)
