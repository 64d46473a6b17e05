"""Purchasing: requests and orders first, then what needs both (allocations) and what needs orders (receipts)."""
