"""The Merkle tree over the events, and the formats it is published in: RFC 6962 hashes, C2SP tiles, notes, checkpoints.

Mathematics and bytes only: nothing here reads or writes storage, knows an event or holds a key's file.
"""
