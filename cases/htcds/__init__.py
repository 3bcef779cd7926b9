"""The Human Trafficking Case Data Standard (HTCDS) 2.0: its codes and fields, reading its sheets, writing its columns.

HTCDS is a standard of the International Organization for Migration (IOM), licensed CC BY 4.0
(https://github.com/UNMigration/HTCDS). Nothing here implies that IOM endorses Haven.
"""
