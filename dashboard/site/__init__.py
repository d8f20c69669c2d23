"""The published site: the pages as files that need no server.

`render` turns what a page's layout built into HTML; `menus` says which page each choice of a control leads to;
`shelf` knows which pages there are and in which file; `build` writes them.
"""
