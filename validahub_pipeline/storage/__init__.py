"""The lake: where objects and tables lie, in a local folder or on S3, behind one interface.

What the bytes mean is not known here. See the storage section of docs/architecture.md.
"""
