"""The channels' APIs played on loopback, over a synthetic Vietnamese company whose truth is known."""
