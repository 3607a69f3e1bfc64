"""How parameterised notebooks become the book. Nothing here knows of statistics."""
