"""What is known of text as such, by whoever reads it: misread encodings, work done once per distinct cell.

No files, rules or columns here.
"""
