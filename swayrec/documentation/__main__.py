"""Writes the pages that are made from code: `python -m swayrec.documentation`."""

from swayrec.documentation import (
    command_line,
    intake_openapi_file,
    openapi_file,
    scenario_fields,
    sizing_page,
)

if __name__ == "__main__":
    made = (
        command_line,
        intake_openapi_file,
        openapi_file,
        scenario_fields,
        sizing_page.ENGLISH,
        sizing_page.CHINESE,
    )
    for each in made:
        each.PAGE.write_text(each.page(), encoding="utf-8")
