"""What the pages show: results laid out as tables, charts and the sentences that read them.

One module a template. Every function takes the evidence (or a result computed from it) and returns one thing to
display; where there is nothing to show it returns a sentence that says so.
"""
