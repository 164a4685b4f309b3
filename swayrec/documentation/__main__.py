"""Writes the pages that are made from code: `python -m swayrec.documentation`."""

from swayrec.documentation import command_line, intake_openapi_file, openapi_file, scenario_fields

if __name__ == "__main__":
    for made in (command_line, intake_openapi_file, openapi_file, scenario_fields):
        made.PAGE.write_text(made.page(), encoding="utf-8")
