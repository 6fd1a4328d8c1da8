"""How often somebody may knock: per address before signing in, per person afterwards."""

from __future__ import annotations

import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from milia.web.errors import TooMany

__all__ = ["Limits"]

RULES: dict[str, str] = {
    # A person at a keyboard; the account itself closes after five wrong attempts.
    "sign_in": "10/minute",
    "setup": "5/minute",
    "public": "120/minute",
    # A slider that is drawn across the screen asks some twenty times a second.
    "person": "3000/minute",
    "token": "3000/minute",
}


class Limits:
    """The counters of one server process."""

    def __init__(self, rules: dict[str, str] | None = None) -> None:
        self._rules: dict[str, RateLimitItem] = {
            name: parse(rule) for name, rule in {**RULES, **(rules or {})}.items()
        }
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, rule: str, who: str) -> None:
        """Count one request; raise `TooMany` with the seconds to wait beyond the rule."""
        item = self._rules[rule]
        if not self._limiter.hit(item, rule, who):
            stats = self._limiter.get_window_stats(item, rule, who)
            raise TooMany(max(1, int(stats.reset_time - time.time()) + 1))
