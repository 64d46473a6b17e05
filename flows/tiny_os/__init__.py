"""Tiny OS: the service orders of Tiny ERP, their statuses over time, integrity and historical load."""
