"""What the database holds after a failure: all that was acknowledged, and nothing by half."""

CAREER = "/admin/careers/career/{}/change/"


def number_of(cluster, database: str, slug: str = "ethicien-ia") -> int:
    [(number,)] = cluster.ask(database, f"SELECT id FROM careers_career WHERE slug = '{slug}'")
    return number


def summaries(cluster, database: str, begin: str) -> list[str]:
    """The summaries that versions of careers have had, the oldest first."""
    query = f"""
    SELECT summary_fr FROM careers_historicalcareer
    WHERE summary_fr LIKE '{begin}%' ORDER BY history_id
    """
    return [summary for (summary,) in cluster.ask(database, query)]


LAST = """
SELECT career.slug FROM careers_career career JOIN LATERAL (
  SELECT * FROM careers_historicalcareer version WHERE version.id = career.id
  ORDER BY history_id DESC LIMIT 1
) version ON true
WHERE (career.title_fr, career.summary_fr, career.status, career.published_at)
  IS DISTINCT FROM (version.title_fr, version.summary_fr, version.status, version.published_at)
"""
UNSAID = """
SELECT version.history_id FROM careers_historicalcareer version
WHERE version.history_type = '~' AND version.history_user_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM django_admin_log said
  WHERE said.object_id = version.id::text AND said.user_id = version.history_user_id
  AND abs(extract(epoch FROM said.action_time - version.history_date)) < 60
)
"""


def halves(cluster, database: str, manage) -> list:
    """What is written by half: careers that are not their last version, versions of editors that
    the log does not name; `rebuild --check` fails by itself where something derived is wrong."""
    manage("rebuild", "--check")
    return cluster.ask(database, LAST) + cluster.ask(database, UNSAID)
