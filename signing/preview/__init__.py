"""
What the official sees: page pictures, the place of the visible signature, the picture of a handwritten signature.

Documents are strangers' bytes, so PDFium runs in a child process with limits (worker.py); the rest here is arithmetic.
"""
