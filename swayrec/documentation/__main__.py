"""Writes the pages that are made from code: `python -m swayrec.documentation`."""

from swayrec.documentation.pages import MADE

if __name__ == "__main__":
    for each in MADE:
        each.PAGE.write_text(each.page(), encoding="utf-8")
