"""What runs Python actions and sensors of packs. Needs nothing but the standard library of Python 3.9 or newer.

Packs do not import this package: they import the names of `st2common`, `st2reactor`, `st2actions`, `st2client` and
`st2tests` beside it, which are made of what is here.
"""
