"""Files that stand on their own: tables, scripts, references, reports, images and slides."""
