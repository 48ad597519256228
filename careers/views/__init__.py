"""The public pages. Each asks CareerFilter or a QuerySet word, and prints the answer."""

from careers.views.around import (
    field_detail,
    field_list,
    method,
    not_found,
    region_detail,
    region_list,
    source_detail,
    source_list,
)
from careers.views.career import (
    career_detail,
    career_picture,
    figure_detail,
    figure_json,
    figure_report,
    report_thanks,
    site_picture,
)
from careers.views.data import data, data_file
from careers.views.embedding import career_embed, oembed
from careers.views.lists import career_list, compare, export_csv, export_json, home

__all__ = [
    "career_detail",
    "career_embed",
    "career_list",
    "career_picture",
    "compare",
    "data",
    "data_file",
    "export_csv",
    "export_json",
    "field_detail",
    "field_list",
    "figure_detail",
    "figure_json",
    "figure_report",
    "home",
    "method",
    "not_found",
    "oembed",
    "region_detail",
    "region_list",
    "report_thanks",
    "site_picture",
    "source_detail",
    "source_list",
]
