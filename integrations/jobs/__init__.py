"""The worker's side of integrations, one file per matter."""
