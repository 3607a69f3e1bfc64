"""Stand-in until the demonstration branch brings the mark."""


def marked(result, patients):
    return result
