"""What Estateman costs, measured beside its peers in the same run: `make bench`, explained in docs/benchmarks.md."""
