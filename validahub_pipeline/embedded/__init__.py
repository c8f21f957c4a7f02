"""Servers that come with the installation, so that nobody has to install any: PostgreSQL, as long as somebody uses it.

Configured servers are reached through `services` alike; what is stored in them is not known here.
"""
