"""Files that stand on their own: tables, images, and the rerun of everything."""
