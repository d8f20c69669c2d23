"""The room of vertebral augmentation: its claims and its patient form, with every sentence that is about it alone.

Nothing outside knows it by name but the pages and files that show it; the others ask `analysis.room`.
"""
