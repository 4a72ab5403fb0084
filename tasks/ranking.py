"""Places in a column: integers far enough apart that a card fits between two others."""

# Thirty-two drops into one spot before a column is numbered anew; 2**63 leaves room for 2**31 cards.
GAP = 2**32


def rank_between(above: int | None, below: int | None) -> int | None:
    """A rank below ``above`` and above ``below``; None stands for the column's ends.

    Ranks grow downwards. Returns None when no integer is left between the two: number the column
    anew then, a whole gap from each card to the next, and ask again.
    """
    if above is None:
        return 0 if below is None else below - GAP
    if below is None:
        return above + GAP
    middle = (above + below) // 2
    return middle if above < middle < below else None
