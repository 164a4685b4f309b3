"""The pages in docs/ that are made from code; `make docs` writes them."""
