"""The engine against its bars and its peers: `make bench-engine`."""
