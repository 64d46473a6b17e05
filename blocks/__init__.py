"""What flows talk to: one room per system, each with its Prefect block."""
