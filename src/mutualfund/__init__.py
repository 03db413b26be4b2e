"""A member-owned health fund, simulated: members, benefit rules, claims, reserves, contributions."""
