"""Clients of the systems that know what AI ran: each fetches pages and gives them as evidence.

A client asks, and changes nothing. What it gives are the bytes that a reader of
`carbon.activity` takes, in an order of their own, so that a system in which nothing changed gives
the same bytes.
"""

from carbon.connect.http import ConnectError

__all__ = ["ConnectError"]
