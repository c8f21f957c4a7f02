"""What the commands do: open the services, call the library, say what came of it. Functions return exit codes.

One module per family of commands. No arguments are parsed here (`cli`) and nothing is decided about a file (`stages`).
"""
