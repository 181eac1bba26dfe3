"""What the warehouse costs, as ratios: both sides of each are measured in the same run.

Absolute times say more about a machine than about a warehouse, and this one may be busy: the two
sides take turns, and the median counts.
"""
