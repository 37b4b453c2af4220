"""How fast the product is, measured as people meet it; `make bench` runs it.

`__main__.py` chooses the groups of rows, `server.py` starts what `make run` starts, on a database
of its own, `documents.py` makes the texts, `report.py` prints the table. A group is a module
with `rows(site, repeats)`.
"""
