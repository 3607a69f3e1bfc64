"""Do the reported numbers hold together? Checks of single numbers, and the claims ledger.

Every check compares a printed number with others that were printed beside it. A conflict says that two numbers can not both be
right as they were read; it says nothing about why.
"""
