# ruff: noqa: E501 - lines of the formats as they are
"""One small review, written in every format that is read; values are made up."""

from __future__ import annotations

import csv
import io
import json
import math
import sqlite3
import struct
import zipfile
from pathlib import Path

from openpyxl import Workbook

COLUMNS = ("study", "year", "ai", "n1i", "ci", "n2i")
STUDIES = (
    ("Alm 2001", 2001, 12, 120, 20, 118),
    ("Müller 2004", 2004, 30, 200, 41, 198),
    ("Cox-Öberg 2010", 2010, 0, 64, 0, 65),
)
MEANS = (("Alm 2001", 3.1, 2.0, 60, 3.9, 2.1, 59), ("Müller 2004", 3.6, 2.2, 90, 4.1, 2.0, 88))
HAZARDS = (("Alm 2001", math.log(0.7), 0.25), ("Müller 2004", math.log(1.2), 0.3))
PETO = (("Alm 2001", -4.2, 7.5, 12, 120, 20, 118),)
FILES = Path(__file__).with_name("files")


def as_csv(rows, separator: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode()


def metafor_csv() -> bytes:
    return as_csv([COLUMNS, *STUDIES])


def as_zip(parts: dict[str, bytes | str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def xlsx(rows=(COLUMNS, *STUDIES), **sheets) -> bytes:
    book = Workbook()
    book.active.title = "Studies"
    for row in rows:
        book.active.append(list(row))
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


# --- RevMan 5 -------------------------------------------------------------------------------------
def _studies() -> str:
    return "".join(
        f'<STUDY DATA_SOURCE="PUB" ID="STD-{i}" NAME="{s[0]}" YEAR="{s[1]}"/>\n'
        for i, s in enumerate(STUDIES)
    )


def _id(name: str) -> str:
    return f"STD-{[s[0] for s in STUDIES].index(name)}"


def _dich(study) -> str:
    name, _, a, n1, c, n2 = study
    estimable = "YES" if a or c else "NO"
    return (
        f'<DICH_DATA CI_END="0.0" CI_START="0.0" EFFECT_SIZE="0.6" ESTIMABLE="{estimable}" EVENTS_1="{a}" '
        f'EVENTS_2="{c}" LOG_EFFECT_SIZE="-0.22" ORDER="1" O_E="0.0" SE="0.3" STUDY_ID="{_id(name)}" '
        f'TOTAL_1="{n1}" TOTAL_2="{n2}" VAR="0.1" WEIGHT="33.5"><FOOTNOTE>two arms added</FOOTNOTE></DICH_DATA>\n'
    )


def rm5(encoding: str = "utf-8", declared: str = "", swap: str = "NO", log_data: str = 'LOG_DATA="YES"') -> bytes:  # fmt: skip
    hazards = "".join(
        f'<IV_DATA CI_END="{math.exp(y + 1.959964 * s)}" CI_START="{math.exp(y - 1.959964 * s)}" '
        f'EFFECT_SIZE="{math.exp(y)}" ESTIMABLE="YES" LOG_EFFECT_SIZE="{y / math.log(10)}" SE="{s}" '
        f'STUDY_ID="{_id(name)}" TOTAL_1="0" TOTAL_2="0" WEIGHT="50.0"/>\n'
        for name, y, s in HAZARDS
    )
    means = "".join(
        f'<CONT_DATA EFFECT_SIZE="-0.8" ESTIMABLE="YES" MEAN_1="{m1}" MEAN_2="{m2}" SD_1="{s1}" SD_2="{s2}" '
        f'STUDY_ID="{_id(name)}" TOTAL_1="{n1}" TOTAL_2="{n2}" WEIGHT="50"/>\n'
        for name, m1, s1, n1, m2, s2, n2 in MEANS
    )
    peto = "".join(
        f'<IPD_DATA EVENTS_1="{a}" EVENTS_2="{c}" O_E="{o}" VAR="{v}" STUDY_ID="{_id(name)}" TOTAL_1="{n1}" '
        f'TOTAL_2="{n2}" EFFECT_SIZE="0.57" WEIGHT="100"/>\n'
        for name, o, v, a, n1, c, n2 in PETO
    )
    text = f"""<?xml version="1.0" encoding="{declared or encoding}" standalone="no"?>
<COCHRANE_REVIEW REVMAN_VERSION="5" REVMAN_SUB_VERSION="5.4" TYPE="INTERVENTION">
<COVER_SHEET><TITLE>Made up</TITLE><CONTACT><PERSON ID="1" ROLE="AUTHOR"><FIRST_NAME>Nobody</FIRST_NAME></PERSON></CONTACT></COVER_SHEET>
<STUDIES_AND_REFERENCES><STUDIES><INCLUDED_STUDIES>
{_studies()}</INCLUDED_STUDIES></STUDIES></STUDIES_AND_REFERENCES>
<QUALITY_ITEMS><QUALITY_ITEM CORE_ITEM="YES" ID="QIT-01" LEVEL="STUDY" NO="1"><NAME>Allocation concealment</NAME>
<QUALITY_ITEM_DATA>
<QUALITY_ITEM_DATA_ENTRY RESULT="YES" STUDY_ID="STD-0"><DESCRIPTION/></QUALITY_ITEM_DATA_ENTRY>
<QUALITY_ITEM_DATA_ENTRY RESULT="NO" STUDY_ID="STD-1"><DESCRIPTION/></QUALITY_ITEM_DATA_ENTRY>
<QUALITY_ITEM_DATA_ENTRY RESULT="UNKNOWN" STUDY_ID="STD-2"><DESCRIPTION/></QUALITY_ITEM_DATA_ENTRY>
</QUALITY_ITEM_DATA></QUALITY_ITEM></QUALITY_ITEMS>
<ANALYSES_AND_DATA>
<COMPARISON ID="CMP-001" NO="1"><NAME>Cement against sham</NAME>
<DICH_OUTCOME CHI2="1.5" CI_END="1.0" CI_START="0.47" CI_STUDY="95" CI_TOTAL="95" DF="1" EFFECT_MEASURE="RR" EFFECT_SIZE="0.68" ESTIMABLE="YES" I2="0.0" ID="CMP-001.01" METHOD="MH" NO="1" RANDOM="YES" STUDIES="3" SUBGROUPS="YES" SWAP_EVENTS="{swap}" TAU2="0.01" TOTALS="YES" WEIGHT="100">
<NAME>New fracture</NAME><GROUP_LABEL_1>Cement</GROUP_LABEL_1><GROUP_LABEL_2>Sham</GROUP_LABEL_2>
<GRAPH_LABEL_1>Favours cement</GRAPH_LABEL_1><GRAPH_LABEL_2>Favours sham</GRAPH_LABEL_2>
<DICH_SUBGROUP NO="1"><NAME>Early</NAME>
{_dich(STUDIES[0])}{_dich(STUDIES[1])}</DICH_SUBGROUP>
<DICH_SUBGROUP NO="2"><NAME>Late</NAME>
{_dich(STUDIES[2])}</DICH_SUBGROUP>
</DICH_OUTCOME>
<CONT_OUTCOME CI_STUDY="90" CI_TOTAL="95" EFFECT_MEASURE="MD" EFFECT_SIZE="0.0" METHOD="IV" NO="2" RANDOM="NO" TOTALS="NO">
<NAME>Pain</NAME>
{means}</CONT_OUTCOME>
<OTHER_OUTCOME NO="3"><NAME>Notes</NAME><OTHER_DATA STUDY_ID="STD-0"/></OTHER_OUTCOME>
</COMPARISON>
<COMPARISON ID="CMP-002" NO="2"><NAME>Survival</NAME>
<IV_OUTCOME CI_STUDY="95" CI_TOTAL="95" EFFECT_MEASURE="Hazard Ratio" {log_data} NO="1" RANDOM="YES" TOTALS="YES" EFFECT_SIZE="0.87" CI_START="0.6" CI_END="1.3" STUDIES="2">
<NAME>Death</NAME>
{hazards}</IV_OUTCOME>
<IPD_OUTCOME NO="2" EFFECT_MEASURE="PETO_OR" RANDOM="NO" TOTALS="YES">
<NAME>Death, O-E</NAME>
{peto}</IPD_OUTCOME>
</COMPARISON>
</ANALYSES_AND_DATA></COCHRANE_REVIEW>
"""
    return text.encode(encoding)


REVMAN5_HEADER = next(csv.reader([
    "Comparison Number,Outcome Number,Subgroup Number,Name,Data Type,Statistical Method,Effect Measure,"
    "Analysis Model,Events 1,Mean 1,SD 1,Total 1,Events 2,Mean 2,SD 2,Total 2,Effect Estimate,SE,CI Start,"
    "CI End,Weight,Q,P(Q),I²(Q),Tau²,Z,P(Z),Qint,P(Qint),I²(Qint),df,Group Label 1,Group Label 2,"
    "Left Graph Label,Right Graph Label,Year of study,User defined order"
]))  # fmt: skip


def revman5_csv() -> bytes:
    def row(**cells) -> list[object]:
        named = {name.replace("_", " "): value for name, value in cells.items()}
        return [named.get(name, "") for name in REVMAN5_HEADER]

    def numbers(a, n1, c, n2, year) -> dict[str, object]:
        zeros = {"Mean_1": 0, "SD_1": 0, "Mean_2": 0, "SD_2": 0}
        return {"Events_1": a, "Total_1": n1, "Events_2": c, "Total_2": n2, "Weight": 33.5,
                "Year_of_study": year, **zeros}  # fmt: skip

    rows = [REVMAN5_HEADER, row(Comparison_Number=1, Outcome_Number=0, Subgroup_Number=0, Name="Cement against sham")]  # fmt: skip
    total = {"Data_Type": "DIC", "Statistical_Method": "MH", "Effect_Measure": "RR", "Analysis_Model": "Random",
             "Events_1": 42, "Total_1": "384", "Events_2": 61, "Total_2": "381", "Effect_Estimate": 0.68,
             "CI_Start": 0.47, "CI_End": 1.0, "Q": 1.5, "I²(Q)": 0, "Tau²": 0.01, "df": 2, "Weight": 100,
             "Group_Label_1": "Cement", "Group_Label_2": "Sham"}  # fmt: skip
    key = {"Comparison_Number": 1, "Outcome_Number": 1}
    rows.append(row(**key, Subgroup_Number=0, Name="New fracture", **total))
    rows.append(row(**key, Subgroup_Number=1, Name="Early", **total))
    for name, year, *counts in STUDIES[:2]:
        rows.append(row(**key, Subgroup_Number=1, Name=name, **numbers(*counts, year)))
    rows.append(row(**key, Subgroup_Number=2, Name="Late", **total))
    name, year, *counts = STUDIES[2]
    rows.append(row(**key, Subgroup_Number=2, Name=name, **numbers(*counts, year)))
    key = {"Comparison_Number": 1, "Outcome_Number": 2, "Subgroup_Number": 0}
    rows.append(row(**key, Name="Death", Data_Type="IV", Statistical_Method="IV", Effect_Measure="Hazard Ratio",
                    Analysis_Model="Fixed", Effect_Estimate=0.87, df=1))  # fmt: skip
    for name, y, s in HAZARDS:
        low, high = math.exp(y - 1.959964 * s), math.exp(y + 1.959964 * s)
        rows.append(row(**key, Name=name, Effect_Estimate=f"{math.exp(y):.8f}", SE=s, CI_Start=low, CI_End=high,
                        Weight=50))  # fmt: skip
    return as_csv(rows)


# --- RevMan Web -----------------------------------------------------------------------------------
WEB_HEADER = next(csv.reader([
    "Analysis group,Analysis number,Analysis name,Subgroup,Applicability,Study,Study year,GIV Mean,GIV SE,"
    "Experimental mean,Experimental SD,Experimental cases,Experimental N,Control mean,Control SD,Control cases,"
    "Control N,O-E,Variance,Weight,Mean,CI start,CI end,Footnotes"
]))  # fmt: skip


def _web(**cells) -> list[object]:
    named = {name.replace("_", " "): value for name, value in cells.items()}
    words = ("Subgroup", "Applicability", "Footnotes", "Analysis name")
    return [named.get(name, "" if name in words else 0) for name in WEB_HEADER]


def web_rows() -> bytes:
    rows = [WEB_HEADER]
    for i, (name, year, a, n1, c, n2) in enumerate(STUDIES):
        effect = f"{(a / n1) / (c / n2):.2f}" if c else 0
        rows.append(_web(Analysis_group=1, Analysis_number=1, Analysis_name="New fracture", Study=name,
                         Study_year=year, Experimental_cases=a, Experimental_N=n1, Control_cases=c, Control_N=n2,
                         Mean=effect, Weight=33.5, Subgroup="Early" if i < 2 else "Late",
                         Footnotes="two arms added"))  # fmt: skip
    for name, m1, s1, n1, m2, s2, n2 in MEANS:
        rows.append(_web(Analysis_group=1, Analysis_number=2, Analysis_name="Pain", Study=name,
                         Experimental_mean=m1, Experimental_SD=s1, Experimental_N=n1, Control_mean=m2,
                         Control_SD=s2, Control_N=n2, Mean=f"{m1 - m2:.2f}"))  # fmt: skip
    for name, y, s in HAZARDS:
        rows.append(_web(Analysis_group=2, Analysis_number=1, Analysis_name="Death", Study=name, GIV_Mean=y,
                         GIV_SE=s, Mean=math.exp(y)))  # fmt: skip
    return as_csv(rows)


def web_settings() -> bytes:
    header = ["Analysis group", "Analysis number", "Analysis name", "Analysis group name", "Data type",
              "Log-scale data", "Experimental group label", "Control group label", "Statistical method",
              "Effect measure", "Analysis model", "Overall estimates", "Swap event and non-event", "Study CI",
              "Estimate CI", "Mean", "CI start", "CI end", "Heterogeneity Tau²", "Heterogeneity Chi²",
              "Heterogeneity df", "Heterogeneity I²"]  # fmt: skip
    return as_csv([
        header,
        [1, 1, "New fracture", "Cement against sham", "Dichotomous", "FALSE", "Cement", "Sham", "Mantel-Haenszel",
         "Risk Ratio", "Random effect", "TRUE", "FALSE", "95%", "95%", 0.68, 0.47, 1.0, 0.01, 1.5, 2, 0],
        [1, 2, "Pain", "Cement against sham", "Continuous", "FALSE", "Cement", "Sham", "Inverse variance",
         "Mean Difference", "Fixed effect", "FALSE", "FALSE", "90%", "95%", 0, 0, 0, 0, 0, 0, 0],
        [2, 1, "Death", "Survival", "Contrast level", "TRUE", "", "", "Inverse variance", "Hazard Ratio",
         "Random effect", "TRUE", "FALSE", "95%", "95%", 0.87, 0.6, 1.3, 0.02, 2.0, 1, 0.5],
    ])  # fmt: skip


def web_bias() -> bytes:
    return as_csv([
        ["Study", "Domain (judgement): Allocation concealment: All outcomes", "Domain (support): Allocation concealment"],
        [STUDIES[0][0], "Low risk of bias", "sealed"], [STUDIES[1][0], "High risk of bias", "open list"],
        [STUDIES[2][0], "Unclear risk of bias", ""],
    ])  # fmt: skip


def data_package() -> bytes:
    return as_zip({
        "CD000001-analysis-data/CD000001-data-rows.csv": web_rows(),
        "CD000001-analysis-data/CD000001-overall-estimates-and-settings.csv": web_settings(),
        "CD000001-study-data/CD000001-risk-of-bias.csv": web_bias(),
        "CD000001-study-data/CD000001-included.ris": "TY  - JOUR\nER  -\n",
        "__MACOSX/._CD000001": b"\0\1",
    })  # fmt: skip


# --- JASP and jamovi ------------------------------------------------------------------------------
def sqlite(statements=(), hidden: int | None = None, columns=COLUMNS, rows=STUDIES) -> bytes:
    """The database of JASP 0.18 and later; numbers of events as nominal codes with empty labels."""
    db = sqlite3.connect(":memory:")
    db.executescript("""
        CREATE TABLE DataSets (id INTEGER PRIMARY KEY, dataFilePath TEXT);
        CREATE TABLE Columns (id INTEGER PRIMARY KEY, dataSet INT, name TEXT, columnType TEXT, colIdx INT);
        CREATE TABLE Labels (id INTEGER PRIMARY KEY, columnId INT, value INT, ordering INT, label TEXT, originalValueJson TEXT);
        CREATE TABLE DataSet_1 (rowNumber INTEGER PRIMARY KEY, Filter_1 INT NOT NULL DEFAULT 1);
        INSERT INTO DataSets VALUES (1, 'studies.csv');
    """)
    db.executemany("INSERT INTO DataSet_1 VALUES (?, ?)", [(i, int(i != hidden)) for i in range(1, len(rows) + 1)])  # fmt: skip
    for index, name in enumerate(columns):
        key = index + 1
        values = [row[index] for row in rows]
        text = any(isinstance(v, str) for v in values)
        kind = "nominal" if text or name == "ai" else "scale"
        db.execute("INSERT INTO Columns VALUES (?, 1, ?, ?, ?)", (key, name, kind, index))
        db.execute(f"ALTER TABLE DataSet_1 ADD Column_{key}_DBL REAL NULL")
        db.execute(f"ALTER TABLE DataSet_1 ADD Column_{key}_INT INT NULL")
        levels = sorted({str(v) for v in values if v is not None})
        for code, level in enumerate(levels):
            label = level if text else ""
            db.execute(
                "INSERT INTO Labels (columnId, value, ordering, label, originalValueJson) VALUES (?, ?, ?, ?, ?)",
                (key, code, code, label, json.dumps(level if text else float(level))),
            )
        for number, value in enumerate(values, start=1):
            dbl = "nan" if text or value is None else float(value)
            code = -1 if value is None else levels.index(str(value))
            db.execute(
                f"UPDATE DataSet_1 SET Column_{key}_DBL = ?, Column_{key}_INT = ? WHERE rowNumber = ?",
                (dbl, code, number),
            )
    for statement in statements:
        db.execute(statement)
    db.commit()
    return bytes(db.serialize())


def jasp(database: bytes | None = None) -> bytes:
    manifest = '{"jaspArchiveVersion": "5.0.0", "jaspVersion": "JASP 0.95"}'
    return as_zip({"manifest.json": manifest, "index.html": "<html></html>", "analyses.json": "{}",
                   "internal.sqlite": sqlite() if database is None else database})  # fmt: skip


def _binary(manifest: str, decimal: dict[str, object], nominal: dict[str, object], text: dict[str, object],
            as_strings: bool, more: dict[str, object]) -> bytes:  # fmt: skip
    fields, labels, data, strings = [], {}, b"", b""
    for index, name in enumerate(COLUMNS):
        values = [row[index] for row in STUDIES]
        if index == 0 and as_strings:
            fields.append({"name": name, **text})
            for value in values:
                data += struct.pack("<i", len(strings))
                strings += str(value).encode() + b"\0"
        elif index == 0:
            fields.append({"name": name, **text})
            labels[name] = {"labels": [[code, value] for code, value in enumerate(values, start=1)]}
            data += struct.pack(f"<{len(values)}i", *range(1, len(values) + 1))
        elif name == "ci":
            fields.append({"name": name, **nominal})
            labels[name] = {"labels": [[v, str(v)] for v in values]}
            data += struct.pack(f"<{len(values)}i", *values)
        else:
            fields.append({"name": name, **decimal})
            data += struct.pack(f"<{len(values)}d", *map(float, values))
    meta = {
        "dataSet": {"rowCount": len(STUDIES), "columnCount": len(COLUMNS), "fields": fields, **more}
    }
    parts = {"META-INF/MANIFEST.MF": manifest, "metadata.json": json.dumps(meta), "xdata.json": json.dumps(labels),
             "data.bin": data, "index.html": "<html></html>"}  # fmt: skip
    return as_zip(parts | ({"strings.bin": strings} if as_strings else {}))


def old_jasp(more: dict[str, object] | None = None) -> bytes:
    manifest = "Manifest-Version: 1.0\nCreated-By: JASP 0.14\nData-Archive-Version: 1.0.2\nJASP-Archive-Version: 3.1.0\n"
    return _binary(manifest, {"measureType": "Continuous", "type": "number"}, {"measureType": "Nominal", "type": "integer"},
                   {"measureType": "NominalText", "type": "integer"}, False, more or {})  # fmt: skip


def omv() -> bytes:
    manifest = "Manifest-Version: 1.0\nData-Archive-Version: 1.0.2\njamovi-Archive-Version: 11.0\nCreated-By: jamovi 2.3\n"
    base = {"columnType": "Data"}
    return _binary(manifest, base | {"dataType": "Decimal", "measureType": "Continuous", "type": "number"},
                   base | {"dataType": "Integer", "measureType": "Nominal", "type": "integer"},
                   base | {"dataType": "Text", "measureType": "ID", "type": "string"}, True, {})  # fmt: skip


def stata() -> bytes:
    import pandas as pd

    content = io.BytesIO()
    frame = pd.DataFrame(list(STUDIES), columns=list(COLUMNS))
    frame.to_stata(content, write_index=False, version=118)
    return content.getvalue()
