"""Words in a header by which a mapping is guessed, in the languages that spreadsheets come in.

A pattern is looked for in the header's words: lower case, without accents, anything but letters,
digits and `%` a blank. Earlier fields of a table take their column first.
"""

from typing import Final

_CARBON: Final = r"\b(\w{0,3}co2(e|eq)?|carbon|emissions?|emissionen|ghg|thg)\b"

ACTIVITY_WORDS: Final[dict[str, str]] = {
    "accelerator_hours": r"\b(gpu|accelerator|tpu|npu) ?(h|hrs?|hours?|stunden|heures)\b",
    "accelerator_count": r"(\b(num(ber)?|count|anzahl|nb|nombre|no|qty) (of |de )?(gpus?|"
    r"accelerators?|tpus?)\b|\b(gpu|accelerator|tpu)s? ?(count|num|number|anzahl)\b|^gpus$)",
    "instance_hours": r"\b(instance|vm|machine|node) ?(h|hrs?|hours?)\b",
    "vcpu_hours": r"\b(v?cpu|core) ?(h|hrs?|hours?)\b",
    "instance_count": r"\b(num(ber)?|count) (of )?(instances|nodes|vms)\b|"
    r"\b(instance|node|vm)s? count\b",
    "cached_tokens": r"\bcache[d]?\b.*\btok|\btok.*\bcache",
    "reasoning_tokens": r"\breasoning\b.*\btok|\btok.*\breasoning\b",
    "input_tokens": r"\b(input|prompt|in|context)\b.*\btok(en)?s?\b|"
    r"\btok(en)?s?\b.*\b(in|input|prompt)\b",
    "output_tokens": r"\b(output|completion|out|generat\w*)\b.*\btok(en)?s?\b"
    r"|\btok(en)?s?\b.*\b(out|output|completion|generat\w*)\b",
    "requests": r"\b(requests?|calls|queries|anfragen|requetes|aufrufe|invocations)\b",
    "location_factor": r"\b(emission factor|emissionsfaktor|facteur d emission|carbon intensity|"
    r"grid intensity|location (based )?factor)\b",
    "market_factor": r"\bmarket (based )?factor\b",
    "pue": r"\bpue\b",
    "energy": r"\b(energy|energie|consumption|verbrauch|strom|stromverbrauch|electricity|"
    r"electricite|consommation|conso|usage kwh|k ?wh|mwh|gwh|wh|joules?|consumo|energia)\b",
    "power": r"\b(power|leistung|puissance|watts?|watt|draw|potencia)\b",
    "cost": r"\b(cost|costs|spend|amount|price|kosten|preis|betrag|cout|montant|charge|usd|eur)\b",
    "duration": r"\b(duration|elapsed|runtime|run time|laufzeit|dauer|duree|hours|stunden|heures|"
    r"wall ?time|walltime|seconds)\b",
    "start": r"\b(start|begin|began|from|von|beginn|debut|du|since|started)\b",
    "end": r"\b(end|ended|stop|until|to|bis|ende|fin|au|finish|finished|through)\b",
    "instance_type": r"\b(instance|machine|vm|node) ?(type|size|typ|sku)\b",
    "accelerator": r"\b(gpu|accelerator|tpu|hardware|card|device)s?( (type|model|name|typ))?\b",
    "boundary": r"\b(boundary|meter level|measured at)\b",
    "lifecycle": r"\b(lifecycle|life cycle|stage|phase|workload type|purpose)\b",
    "business_unit": r"\b(business unit|bu|team|department|abteilung|cost cent(er|re)|kostenstelle|"
    r"division|equipe|group)\b",
    "owner": r"\b(owner|contact|responsible|verantwortlich|user|username)\b",
    "provider": r"\b(provider|cloud|vendor|hyperscaler|anbieter|fournisseur|csp)\b",
    "region": r"\b(region|location|geography|cloud region)\b",
    "zone": r"\b(zone|grid|subregion|netz|balancing authority|egrid)\b",
    "country": r"\b(country|land|pays|iso|country code|pais)\b",
    "site": r"\b(site|data ?cent(er|re)|standort|hall|campus|facility|building|rz|datacentre)\b",
    "account": r"\b(account|subscription|tenant|konto|organi[sz]ation id)\b",
    "run_status": r"\b(run|job) (status|state)\b",
    "model": r"\b(model|modell|modele|llm|deployment)( (name|id|permaslug))?\b",
    "project": r"\b(project|projekt|projet|programme|program)\b",
    "workload": r"\b(workload|job|job name|application|app|use case|task|run|system|service|"
    r"anwendung|experiment|pipeline|cluster)( (name|id))?\b",
    "host": r"\b(host|hostname|node|server|machine)( name)?\b",
    "resource": r"\b(resource|device|serial|uuid|meter|zahler)( (id|name))?\b",
    "endpoint": r"\bendpoints?( (name|id))?\b",
    "batch_size": r"\bbatch ?size\b",
    "currency": r"\b(currency|wahrung|devise)\b",
    "note": r"\b(notes?|comments?|remarks?|bemerkung|kommentar|commentaire)\b",
}
"""Field of activity -> words of its header."""

REPORTED_WORDS: Final[dict[str, str]] = {
    "scope_1": rf"\bscope 1\b|{_CARBON}.*\bscope 1\b",
    "scope_2_location": r"\bscope 2\b.*\b(location|lbm)\b",
    "scope_2_market": r"\bscope 2\b.*\b(market|mbm)\b",
    "scope_2": r"\bscope 2\b",
    "scope_3": r"\bscope 3\b",
    "total_location": rf"({_CARBON}|\btotal\b).*\b(location|lbm)\b|\b(location|lbm)\b.*{_CARBON}",
    "total_market": rf"({_CARBON}|\btotal\b).*\b(market|mbm)\b|\b(market|mbm)\b.*{_CARBON}",
    "carbon": _CARBON,
    "scope": r"^scope$",
    "method": r"^(method|methodology|lbm mbm)$",
    "start": r"\b(month|date|period|usage month|monat|mois|start)\b",
    "payer_account": r"\b(billing account|payer|enrol?lment)\b",
    "account": r"\b(account|subscription|project)\b",
    "service": r"\b(service|product)\b",
    "region": r"\b(region|location|geography)\b",
    "resource": r"\bresource\b",
    "model_version": r"\b(model version|version)\b",
    "provider": r"\b(provider|cloud|vendor)\b",
}
"""Field of a provider's own figures -> words of its header."""

DATE_WORDS: Final = (
    r"\b(date|datum|day|tag|jour|month|monat|mois|period|periode|time|timestamp|zeit|"
    r"zeitstempel|fecha|hour|stunde|created at|week)\b"
)
"""A header that names one date."""

YEAR_WORDS: Final = r"^(year|jahr|annee|ano|yr)$"
MONTH_WORDS: Final = r"^(month|monat|mois|mes|month no|month number)$"

TOTAL_WORDS: Final = (
    "total",
    "totals",
    "grand total",
    "sum",
    "subtotal",
    "summe",
    "gesamt",
    "gesamtsumme",
    "zwischensumme",
    "somme",
    "total general",
    "totale",
)
"""Cells that mark a row as the sum of others."""
