"""Fingerprints, versions, the command that remakes the report, and everything there is to download."""

from markupsafe import Markup

from analysis.report.context import Context, Section

NAME = "provenance"
LABEL = "Provenance"
REFERENCE = "Sandve et al. 2013, PLOS Computational Biology 9:e1003285"
ORDER = 120
TEMPLATE = "provenance.html.j2"

DESCRIBED = (
    *("checks", "claims", "data_quality", "design", "diversion", "donors", "effects", "personal_data", "placebo_space"),
    *("quasi_identifiers", "sources", "suppressed", "suppressed_service", "truth", "volume_summary", "volumes"),
    "weights",
)
FINGERPRINTS = ("fingerprint", "code_sha256", "lock_sha256", "case_sha256")


def build(context: Context) -> Section | None:
    numbers, given = context.numbers, context.provenance
    marks = [
        (context.words.say(f"provenance.{name}"), numbers.text(f"provenance.{name}"))
        for name in FINGERPRINTS
        if given.get(name)
    ]
    if "plan.sha256" in numbers:
        label = context.words.say("provenance.plan", status=numbers.text("plan.status"))
        marks.append((label, numbers.text("plan.sha256")))
    lines = [Markup("<p>{}: <code>{}</code></p>").format(label, value) for label, value in marks]
    versions = [
        Markup("{} {}").format(name, numbers.text(f"provenance.versions.{name}"))
        for name in sorted(given.get("versions") or {})
    ]
    if versions:
        lines.append(
            Markup("<p>{}: {}</p>").format(context.words.say("provenance.versions"), Markup(", ").join(versions))
        )
    notebooks = [
        (item["href"], numbers.text(f"provenance.notebooks.{index}.title"))
        for index, item in enumerate(given.get("notebooks") or [])
    ]
    body = context.render(
        TEMPLATE,
        command=numbers.text("provenance.command"),
        tables=_tables(context),
        notebooks=notebooks,
        marks=Markup("").join(lines),
    )
    return Section("provenance", body, context.words.say("provenance.heading"))


def _tables(context: Context) -> list[tuple[str, Markup]]:
    """Name and what it holds, in the order of names."""
    estimated = {f"path_{item.name}": item for item in context.estimated()}
    named = []
    for name in sorted({*context.store.tables, "effects", "checks", *estimated}):
        key = "path" if name in estimated else name if name in DESCRIBED else "other"
        label = estimated[name].label if name in estimated else ""
        named.append((name, context.words.say(f"provenance.table.{key}", label=label)))
    return named
