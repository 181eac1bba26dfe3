"""The channels' APIs played on loopback, over a synthetic company whose truth is known."""
