"""The end of a draft: DONE writes the document of its good lines, CANCEL throws it away.

What is still open is named first: problems, missing units, serials that somebody else changed since the scan. The same
command once more goes on without it.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from models.barcodes.reading import CommandCode
from models.database.unit import Unit
from models.schema import Draft, DraftLine
from models.serials.judging import Outcome, Verdict
from models.station import drafts, expected, lines
from models.station.answers import no_answer
from models.station.groups import compare_transfer
from models.station.lines import Entries, Line
from models.station.preparing import WORKS, Prepared, at_closed_places, good_lines
from models.station.serial_lines import changed_line
from models.station.state import DraftState
from models.station.task import First, Task
from models.station.work import Checked, Finish, GoodLine
from models.text import LONGEST, counted

NAMES: Final = 3
"""Maximum number of serials named in one message."""

MOST_NOTED: Final = 20
"""Maximum number of left-out problems named in the note of a document."""

MOST_NAMED: Final = 1_000
"""Missing or unannounced serials are counted up to this number; beyond it the message says "at least"."""


class Ending:
    """Ends a draft in its transaction, on the state and with the buffer of a batch."""

    def __init__(self, unit: Unit, task: Task, state: DraftState, entries: Entries) -> None:
        self.unit, self.task, self.state, self.entries = unit, task, state, entries
        self._work = WORKS[task.code]

    def done(self, scan: str = "", prepared: Prepared | None = None) -> Verdict:
        """Write the document of the good lines, in this transaction.

        Open points (problems, missing units, serials that somebody else changed since the scan) are named first; a
        second DONE continues without them.

        Args:
            prepared: what `prepare` returned for this draft on this connection; None prepares within the transaction.

        Returns:
            A verdict DONE; ASK before the second DONE; PROBLEM if the draft cannot be finished as it is; TELL if there
            are no good lines.
        """
        state, code, words = self.state, CommandCode.DONE, self.task.words
        if state.draft_id is None or not state.good.total():
            waiting = f" {problems_are(state.problems)} waiting." if state.problems else ""
            subject, message = f"Nothing to {words.verb}", f"No serial was taken yet.{waiting}"
            return Verdict(Outcome.TELL, scan, subject, message, command=code)
        needed = (first for first in self.task.answers if self.task.needs(first) and first not in state.answers)
        if (missing := next(needed, None)) is not None:
            message = f"{words.prompt(missing).capitalize()} first, then DONE."
            return Verdict(Outcome.PROBLEM, scan, "DONE?", message, no_answer(missing), command=code)
        good = prepared.good if prepared else good_lines(self.task, state.draft_id, self.unit.actor)
        if good is None:
            message = f"{words.prompt(First.PLACE).capitalize()} first, then DONE."
            return Verdict(Outcome.PROBLEM, scan, "Where?", message, "no_place", command=code)
        since, good, checked = self._changed_since(good)
        if since and not good:
            message = " ".join([*since, f"Nothing else is left to {words.verb}."])
            return Verdict(Outcome.PROBLEM, scan, "Changed since", message, "open", command=code)
        open_points = since + self._open_points()
        if open_points and (since or state.asked != code):
            state.begin_scan()
            state.asked = code
            other = "other " if since or state.problems else ""
            what = f"DONE once more {words.does(f'the {other}{state.good.total():,}')}."
            outcome = Outcome.PROBLEM if since else Outcome.ASK
            subject = "Changed since" if since else "DONE?"
            return Verdict(outcome, scan, subject, " ".join([*open_points, what]), "open", command=code)
        # Lines that changed since are no longer in `good`, so what was prepared no longer matches.
        finish = prepared.finish if prepared and not since else self._work.prepare(good, ahead=False)
        return self._finish(scan, finish, checked)

    def cancel(self, scan: str = "") -> Verdict:
        """Discard the draft at the second CANCEL.

        Returns:
            A verdict OUT; ASK at the first CANCEL; TELL if there is no draft.
        """
        state, code, noun = self.state, CommandCode.CANCEL, self.task.words.noun
        if state.draft_id is None:
            return Verdict(Outcome.TELL, scan, "Nothing to cancel", "Nothing was scanned yet.", command=code)
        if state.asked != code:
            state.asked = code
            scanned = f"{state.good.total() + state.problems:,} scanned"
            message = f"CANCEL once more throws the whole {noun} away, {scanned}."
            return Verdict(Outcome.ASK, scan, "CANCEL?", message, command=code)
        drafts.discard_in(self.unit, state.draft_id)
        return Verdict(Outcome.OUT, scan, "Cancelled", f"The {noun} was thrown away.", command=code)

    def _finish(self, scan: str, finish: Finish, checked: Checked) -> Verdict:
        state, unit = self.state, self.unit
        assert state.draft_id is not None
        draft = Draft.get_by_id(state.draft_id)
        people = drafts.people_text(drafts.people_of(state.draft_id))
        left = lines.problems(state.draft_id, MOST_NOTED) if state.problems else []
        noted = f"left out: {_names(left, state.problems, MOST_NOTED)}" if left else ""
        note = ". ".join(filter(None, (draft.note, people, noted)))
        finished = finish(unit, state, note, checked)
        DraftLine.delete().where((DraftLine.draft == draft.id) & (DraftLine.state == "good")).execute()
        DraftLine.update(state="out", reason="left_out").where(
            (DraftLine.draft == draft.id) & (DraftLine.state == "problem")
        ).execute()
        drafts.finish_in(unit, draft.id, finished.document_id)
        left_out = f" {counted(state.problems, 'problem')} left out: {_names(left, state.problems)}." if left else ""
        subject = finished.document or f"{state.good.total():,} {self.task.verb.done}"
        message, number = f"{finished.message}{left_out}", finished.document or ""
        return Verdict(Outcome.DONE, scan, subject, message, command=CommandCode.DONE, document=number)

    def _changed_since(self, good: list[GoodLine]) -> tuple[list[str], list[GoodLine], Checked]:
        """Turn lines that can no longer be carried out into problems. Returns their messages and the other lines."""
        gone = at_closed_places(good)
        if gone:
            at = {one.location_id for one, _ in gone}
            good = [one for one in good if one.location_id not in at]
            if self.state.place is not None and self.state.place.id in at:
                self.state.place = None
        checked = self._work.check(self.state, good)
        gone += checked.gone
        for one, judged in gone:
            self.entries.change(changed_line(one.number, judged, one.item_id))
            self.state.good[one.item_id] -= 1
            self.state.problems += 1
        self.entries.forget()
        numbers = {one.number for one, _ in gone}
        left = [one for one in good if one.number not in numbers] if gone else good
        told = list(dict.fromkeys(judged.message for _, judged in gone))
        more = [f"And {len(told) - NAMES:,} more."] if len(told) > NAMES else []
        return [*told[:NAMES], *more], left, checked

    def _open_points(self) -> list[str]:
        """Sentences about problems and quantity differences, shown before the document is written."""
        state = self.state
        assert state.draft_id is not None
        points: list[str] = []
        if First.CUSTOMER in self.task.first and First.CUSTOMER not in state.answers:
            nobody = lines.without_customer(state.draft_id)
            points += [f"No customer was named for {nobody:,} of them."] if nobody else []
        if state.problems:
            named = _names(lines.problems(state.draft_id, NAMES), state.problems)
            points.append(f"{problems_are(state.problems)} waiting and will be left out: {named}.")
        if First.TRANSFER in state.answers:
            compared = compare_transfer(state.draft_id, state.answers[First.TRANSFER].value, NAMES)
            points += _by_name("missing", *compared.missing) + _by_name("strangers", *compared.strangers)
        totals: Counter[str] = Counter()
        for item_id, units in state.expected.items():
            if units is None:
                continue
            totals["expected"] += units
            totals["good"] += state.good[item_id]
            if state.announced[item_id]:
                for what, serials in (
                    ("missing", expected.missing(state.draft_id, item_id, MOST_NAMED)),
                    ("not announced", expected.unannounced(state.draft_id, item_id, MOST_NAMED)),
                ):
                    points += _by_name(what, len(serials), serials)
        if totals["good"] != totals["expected"]:
            few = totals["good"] < totals["expected"]
            difference = abs(totals["expected"] - totals["good"])
            named = f"{difference:,} {'missing' if few else 'too many'}"
            points.append(f"{totals['good']:,} of {totals['expected']:,}: {named}.")
        return points


def _by_name(what: str, count: int, serials: list[str]) -> list[str]:
    if not serials:
        return []
    least = "at least " if count == MOST_NAMED else ""
    more = f" and {least}{count - NAMES:,} more" if count > NAMES else ""
    return [f"{what.capitalize()}: {', '.join(serials[:NAMES])}{more}."]


def _names(left: list[Line], count: int, most: int = NAMES) -> str:
    """The first lines by serial, and how many more there are."""
    more = f" and {count - most:,} more" if count > most else ""
    return f"{', '.join(line.shown.strip()[:LONGEST] for line in left[:most])}{more}"


def problems_are(count: int) -> str:
    """`1 problem is`, `2 problems are`."""
    return f"{counted(count, 'problem')} {'is' if count == 1 else 'are'}"
