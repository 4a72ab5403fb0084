"""Plain tools that know no app: API plumbing, broken rules, clock, claims, versions, rooms."""
