from careers.models.career import Career, CareerQuerySet, FormerSlug
from careers.models.field import Field, FieldQuerySet
from careers.models.region import Region, RegionQuerySet
from careers.models.report import Report, ReportQuerySet
from careers.models.salary_band import SalaryBand, SalaryBandQuerySet, derive
from careers.models.source import ExchangeRate, Source
from careers.models.transfer import Export, ExportQuerySet, Upload
from careers.models.translated import Translated, active_language

__all__ = [
    "Career",
    "CareerQuerySet",
    "ExchangeRate",
    "Export",
    "ExportQuerySet",
    "Field",
    "FieldQuerySet",
    "FormerSlug",
    "Region",
    "RegionQuerySet",
    "Report",
    "ReportQuerySet",
    "SalaryBand",
    "SalaryBandQuerySet",
    "Source",
    "Translated",
    "Upload",
    "active_language",
    "derive",
]
