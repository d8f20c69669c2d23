"""A reader's own file, from bytes to rows of our tables: read with limits, mapped, checked, written back.

`files` cuts CSV and XLSX into cells as text; `flat` and `tables` turn cells into `OwnRows`; `review`
says what is sound and what is wrong with which cell; `write` makes templates and gives rows back;
`what_if` makes a trial that nobody has run.
"""
