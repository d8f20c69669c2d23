"""The published site: the pages as files that need no server.

`render` turns what a page's layout built into HTML, and asks a `Turn` where things lead from the page that is being
written; `menus` says which page each choice of a control leads to; `shelf` knows which pages there are and in which
file; `build` writes them.
"""
