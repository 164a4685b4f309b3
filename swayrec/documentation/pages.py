"""The pages that are made from code: each has a ``PAGE``, where it lies, and a ``page()``, what stands in it."""

from swayrec.documentation import (
    command_line,
    intake_openapi_file,
    openapi_file,
    results_page,
    scenario_fields,
    sizing_page,
)

MADE = (
    command_line,
    intake_openapi_file,
    openapi_file,
    results_page,
    scenario_fields,
    sizing_page.ENGLISH,
    sizing_page.CHINESE,
)
