"""From the components that a page's layout built to HTML: the one place that knows how each kind looks without Dash.

A figure becomes a place with its description inside, drawn by `site.js` with the same plotly.js and the same
`plotly-on-page.js` as on a server. A control becomes a menu of the pages that its choices lead to, or says what is
chosen. What needs a server carries ``data-live`` in the layout and becomes a line that says where it lives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Protocol

from dash.development.base_component import Component

from dashboard.site.menus import Choice

Node = Any
"""A component, a text or number, nothing, or a list of these."""

_VOID = {"br", "hr", "img", "input"}
_NAMES = {"className": "class", "htmlFor": "for"}
_DASH_ONLY = {
    "children", "key", "n_clicks", "n_clicks_timestamp", "loading_state", "disable_n_clicks", "data-take",
}  # fmt: skip


class Asked(Protocol):
    """What the renderer asks of the page that is being written."""

    def link(self, href: str) -> tuple[str, bool]:
        """Where a link leads from here, and whether that needs the server."""

    def file(self, href: str) -> str | None:
        """Where a download stands, relative to here; None where the site does not hold it."""

    def choices(self, control: Component) -> list[Choice]:
        """What a control offers here."""

    def narrow(self, id: str, wide: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The figure of a graph on a phone, where it is another one."""

    def lives(self, what: str) -> str:
        """A sentence as HTML: where something lives that needs a server."""


def walk(node: Node) -> Iterator[Component]:
    """Every component below a node, itself included, in the order of the page."""
    if isinstance(node, Component):
        yield node
        yield from walk(getattr(node, "children", None))
    elif isinstance(node, list | tuple):
        for one in node:
            yield from walk(one)


def to_html(node: Node, turn: Asked) -> str:
    """The HTML of a node.

    Raises
    ------
    TypeError
        For a kind of component that has no form here yet.
    """
    if node is None:
        return ""
    if isinstance(node, list | tuple):
        return "".join(to_html(one, turn) for one in node)
    if not isinstance(node, Component):
        return escape(str(node), quote=False)
    props = node.to_plotly_json()["props"]
    if what := props.get("data-live"):
        return f'<p class="quiet lives">{turn.lives(what)}</p>'
    if node._namespace == "dash_html_components":
        return _element(node, props, turn)
    kind = _KINDS.get(node._type)
    if kind is None:
        known = ", ".join(_KINDS)
        raise TypeError(
            f"no form without Dash for {node._namespace}.{node._type}; there is one for: {known}"
        )
    return kind(node, props, turn)


def _element(node: Component, props: Mapping[str, Any], turn: Asked) -> str:
    tag = node._type.lower()
    if grid := _described_grid(props.get("children")):
        return _grid(grid, turn)
    attributes = dict(props)
    if tag == "a" and "download" in props:
        address = turn.file(props["href"])
        if address is None:
            return ""
        attributes["href"] = address
    elif tag == "a" and "href" in props:
        attributes["href"], live = turn.link(props["href"])
        if live:
            attributes["className"] = f"{props.get('className') or ''} live".strip()
            attributes["title"] = "Needs the live dashboard"
    for asks in (
        "data-from",
        "data-sized",
    ):  # a citation, a figure in a size: nobody can be asked for them
        if attributes.get(asks):
            attributes[asks] = ""
    inside = to_html(props.get("children"), turn)
    if tag == "dd" and props.get("children") and not inside:
        inside = f"<span>{turn.lives('These files')}</span>"  # of a menu of downloads none is held
    return _tag(tag, attributes, inside)


def _tag(tag: str, attributes: Mapping[str, Any], inside: str) -> str:
    start = f"<{tag}{_attributes(attributes)}>"
    return start if tag in _VOID else f"{start}{inside}</{tag}>"


def _attributes(props: Mapping[str, Any]) -> str:
    parts = []
    # By name: Dash gives `data-*` and `aria-*` in another order in each run.
    for name, value in sorted(props.items()):
        if (
            name in _DASH_ONLY
            or value is None
            or value is False
            or (isinstance(value, dict) and name == "id")
        ):
            continue
        if name == "style":
            value = ";".join(f"{_kebab(k)}:{v}" for k, v in value.items())
            if not value:
                continue
        written = _NAMES.get(name, name if "-" in name else name.lower())
        parts.append(f" {written}" if value is True else f' {written}="{escape(str(value))}"')
    return "".join(parts)


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()


# --- figures and tables --------------------------------------------------------------------------
def _graph(node: Component, props: Mapping[str, Any], turn: Asked) -> str:
    figure = props["figure"]
    held = {"wide": figure, "config": props.get("config", {})}
    if (narrow := turn.narrow(props["id"], figure)) is not None:
        held["narrow"] = narrow
    described = json.dumps(held, separators=(",", ":"), default=_plain, ensure_ascii=False).replace(
        "</", "<\\/"
    )
    inside = f'<script type="application/json">{described}</script>'
    return _tag(
        "div",
        {"className": "dash-graph", "id": props["id"], "style": props.get("style") or {}},
        inside,
    )


def _plain(value: Any) -> Any:
    """Numbers and arrays of NumPy, and what Plotly wraps."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "to_plotly_json"):
        return value.to_plotly_json()
    raise TypeError(f"a figure holds {type(value).__name__}")


def _described_grid(children: Node) -> Mapping[str, Any] | None:
    """The table that `late_grid` describes to the browser."""
    first = children[0] if isinstance(children, list | tuple) and children else None
    if not isinstance(first, Component) or first._type != "Store":
        return None
    held = getattr(first, "data", None)
    component = held.get("component") if isinstance(held, dict) else None
    return component["props"] if component else None


def _grid(props: Mapping[str, Any], turn: Asked) -> str:
    """A plain table; `site.js` sorts it by its headings and filters it."""
    columns = props["columnDefs"]
    heads = "".join(f'<th scope="col">{escape(c["headerName"])}</th>' for c in columns)
    rows = "".join(
        f"<tr>{''.join(_cell(c, row, turn, first=i == 0) for i, c in enumerate(columns))}</tr>"
        for row in props["rowData"]
    )
    return (
        '<div class="sorted-table"><label class="quiet">Show rows with <input type="search" data-filter></label>'
        '<p class="quiet" role="status" data-count></p>'
        f'<div class="table-frame" tabindex="0" role="region" aria-label="Table"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></div>"
    )


def _cell(column: Mapping[str, Any], row: Mapping[str, Any], turn: Asked, *, first: bool) -> str:
    value = row.get(column["field"])
    if value is None or value != value:
        value = "not stated" if "valueFormatter" in column else ""
    text = escape(f"{value:g}" if isinstance(value, float) else str(value), quote=False)
    renderer = column.get("cellRenderer")
    if renderer:
        href = f"/study?id={row['study_id']}" if renderer == "StudyLink" else row["href"]
        address, live = turn.link(href)
        text = f'<a href="{escape(address)}"{" class=live" if live else ""}>{text}</a>'
    return f'<th scope="row">{text}</th>' if first else f"<td>{text}</td>"


# --- controls ------------------------------------------------------------------------------------
def _select(node: Component, props: Mapping[str, Any], turn: Asked) -> str:
    """A menu whose entries are pages; what is chosen, where there is only that."""
    label = props.get("label") or props.get("aria-label") or ""
    choices = turn.choices(node)
    if len(choices) < 2:
        return _chosen(label, choices, props)
    options = "".join(
        f'<option value="{escape(c.address)}"{" selected" if c.current else ""}>{escape(c.label)}</option>'
        for c in choices
    )
    return (
        f'<label class="menu"><span class="mantine-Select-label">{escape(label)}</span>'
        f'<select class="mantine-Select-input" data-menu>{options}</select></label>'
    )


def _segments(node: Component, props: Mapping[str, Any], turn: Asked) -> str:
    label = props.get("aria-label") or ""
    choices = turn.choices(node)
    if len(choices) < 2:
        return _chosen(label, choices, props)
    links = "".join(
        f'<a href="{escape(c.address)}"{" aria-current=true" if c.current else ""}>{escape(c.label)}</a>'
        for c in choices
    )
    named = (
        f' aria-labelledby="{props["aria-labelledby"]}"'
        if "aria-labelledby" in props
        else f' aria-label="{label}"'
    )
    return f'<div class="segments" role="group"{named}>{links}</div>'


def _chosen(label: str, choices: Sequence[Choice], props: Mapping[str, Any]) -> str:
    value = props.get("value")
    labels = {str(e["value"]): e["label"] for e in props.get("data") or [] if isinstance(e, dict)}
    values = value if isinstance(value, list | tuple) else [value]
    said = (
        ", ".join(labels.get(str(v), str(v)) for v in values if v not in (None, "")) or "as usual"
    )
    name = f'<span class="mantine-Select-label">{escape(label)}: </span>' if label else ""
    return f'<span class="chosen">{name}<b>{escape(said)}</b></span>'


def _field(node: Component, props: Mapping[str, Any], turn: Asked) -> str:
    return _chosen(props.get("label") or "", [], props)


def _button(node: Component, props: Mapping[str, Any], turn: Asked) -> str:
    inside = to_html(props.get("children"), turn)
    for choice in turn.choices(node):
        current = ' aria-current="true"' if choice.current else ""
        return f'<a class="button" href="{escape(choice.address)}"{current}>{inside}</a>'
    kept = {k: v for k, v in props.items() if k.startswith(("data-", "aria-"))}
    if not any(name.startswith("data-") for name in kept):
        return ""  # it would ask the server
    return _tag("button", {"type": "button", "className": "button", **kept}, inside)


def _scheme(node: Component, props: Mapping[str, Any], turn: Asked) -> str:
    return (
        '<button type="button" id="scheme-toggle" aria-label="Switch between light and dark">'
        '<span class="icon icon-moon"></span><span class="icon icon-sun"></span></button>'
    )


# --- text ----------------------------------------------------------------------------------------
def _markdown(node: Component, props: Mapping[str, Any], turn: Asked) -> str:
    """The part of Markdown that our own texts use: headings, paragraphs, lists, bold, code, links."""
    text = props["children"]
    blocks = re.split(r"\n\s*\n", text.strip() if isinstance(text, str) else "\n".join(text))
    return _tag(
        "div",
        {"className": props.get("className")},
        "".join(_block(b.strip(), turn) for b in blocks),
    )


def _block(block: str, turn: Asked) -> str:
    if heading := re.match(r"(#+) (.*)", block):
        level = len(heading[1])
        return f"<h{level}>{_inline(heading[2], turn)}</h{level}>"
    if block.startswith("- "):
        items = re.split(r"\n- ", block[2:])
        return f"<ul>{''.join(f'<li>{_inline(item, turn)}</li>' for item in items)}</ul>"
    return f"<p>{_inline(block, turn)}</p>"


def _inline(text: str, turn: Asked) -> str:
    text = escape(" ".join(text.split()), quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    text = re.sub(r"`(.+?)`", r"<code>\1</code>", text)

    def link(found: re.Match[str]) -> str:
        return f'<a href="{escape(turn.link(found[2])[0])}">{found[1]}</a>'

    return re.sub(r"\[(.+?)\]\((.+?)\)", link, text)


def _inside(node: Component, props: Mapping[str, Any], turn: Asked) -> str:
    return to_html(props.get("children"), turn)


def _nothing(node: Component, props: Mapping[str, Any], turn: Asked) -> str:
    return ""


_KINDS: dict[str, Callable[[Component, Mapping[str, Any], Asked], str]] = {
    "Graph": _graph,
    "Markdown": _markdown,
    "Store": _nothing,
    "Download": _nothing,
    "MantineProvider": _inside,
    "ColorSchemeToggle": _scheme,
    "Select": _select,
    "SegmentedControl": _segments,
    "MultiSelect": _field,
    "NumberInput": _field,
    "TextInput": _field,
    "Slider": _nothing,
    "Button": _button,
}
