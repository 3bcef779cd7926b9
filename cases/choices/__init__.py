"""Enumerations of the case room, a module a subject. Codes are stored; labels are for people.

Code lists of the Human Trafficking Case Data Standard live in ``cases/htcds/codes.py``.
"""
