"""The panel that the Prefect UI shows: its text, its pictures, and the artifact that holds them."""
