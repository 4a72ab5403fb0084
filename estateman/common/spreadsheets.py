"""Cells of CSV files, which people open in spreadsheets: there a text that begins like a formula is one."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(text: str) -> str:
    """``text`` as a cell that no spreadsheet calculates: an apostrophe in front of what looks like a formula."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def text_of(cell: str) -> str:
    """What a cell says: ``cell`` reversed."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell
