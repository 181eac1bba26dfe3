"""How the warehouse does what the Dags schedule: plain functions that a test can call."""
