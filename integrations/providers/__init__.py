"""One file is one provider. A file put here is found by itself."""
