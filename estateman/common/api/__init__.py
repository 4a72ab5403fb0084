"""What every API view stands on: errors, pages, throttles, idempotency keys, schema."""
