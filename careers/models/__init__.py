from careers.models.career import Career, CareerQuerySet, FormerSlug
from careers.models.change import Change
from careers.models.draft import Draft, DraftQuerySet
from careers.models.field import Field, FieldQuerySet
from careers.models.prose_amount import ProseAmount
from careers.models.region import Region, RegionQuerySet
from careers.models.report import Report, ReportQuerySet
from careers.models.salary_band import SalaryBand, SalaryBandQuerySet, derive
from careers.models.saved_filter import SavedFilter
from careers.models.source import ExchangeRate, Source
from careers.models.transfer import Export, ExportQuerySet, Import, Upload
from careers.models.translated import LANGUAGES, Translated, active_language

__all__ = [
    "LANGUAGES",
    "Career",
    "CareerQuerySet",
    "Change",
    "Draft",
    "DraftQuerySet",
    "ExchangeRate",
    "Export",
    "ExportQuerySet",
    "Field",
    "FieldQuerySet",
    "FormerSlug",
    "Import",
    "ProseAmount",
    "Region",
    "RegionQuerySet",
    "Report",
    "ReportQuerySet",
    "SalaryBand",
    "SalaryBandQuerySet",
    "SavedFilter",
    "Source",
    "Translated",
    "Upload",
    "active_language",
    "derive",
]
