"""Keys, pastes and clicks in strict order: each waits until everything the one before it triggered is done.

Textual passes a printable key to the focused widget at once, but runs key bindings only after the key has bubbled up
to the app (Textualize/textual#6605). When many keys arrive in one read, as from a scanner or over SSH, Enter in
`SN1⏎SN2` therefore acts after SN2 has been typed. `OrderedKeys` puts a queue in front of that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from textual import events
from textual.app import App, ScreenStackError
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget

from tui.terminal.scanner_keys import LINE_ENDS

ReturnType = TypeVar("ReturnType")

KEY_LIMIT: Final = 3.0
"""Seconds that the queue waits at most for one key, so that a hanging handler cannot block the keyboard."""

HOLD_LIMIT: Final = 10.0
"""Default limit of a hold, in seconds."""

WRITE_LIMIT: Final = 120.0
"""Limit of a hold during a write, in seconds: longer than any database lets it wait, so that no scan is dropped."""

_LOST_AFTER: Final = 0.02
"""Seconds between checks for a lost marker: a widget that is being removed drops its message queue."""

_LONGEST_RUN: Final = 32
"""Most characters given to a text field in one go."""

_LONGEST_LINES: Final = 512
"""Most keys given in one go to a field that takes whole lines (`TakesRuns`)."""

_MAX_ROUNDS: Final = 8
"""Most rounds of waiting for a key's follow-up work (a message, a new screen, its focus)."""


@dataclass
class KeysDropped(Message):
    """Posted to the app when a hold timed out and the keys typed meanwhile were dropped.

    They were meant for a screen that did not open; on the old screen they would do something else.
    """

    count: int
    """Number of keys, pastes and clicks."""


class TakesRuns(Widget):
    """A field that takes the keys of one or several lines in one call."""

    runs_on = False
    """Whether the next line need not wait for what this one triggers."""

    def take_run(self, keys: Sequence[events.Key]) -> None:
        """Take text keys and line ends."""
        raise NotImplementedError


class Hold:
    """Keeps keys queued until it is released or times out."""

    def __init__(self, deadline: float) -> None:
        self.deadline: Final = deadline
        """Time on the event loop's clock, in seconds."""
        self._released = asyncio.Event()

    def release(self) -> None:
        """Deliver keys again before the `with` block ends."""
        self._released.set()

    async def wait(self) -> bool:
        """Wait for the release; False on a timeout."""
        try:
            async with asyncio.timeout_at(self.deadline):
                await self._released.wait()
        except TimeoutError:
            return False
        return True


class Keyboard:
    """The app's key queue and the task that delivers the keys, one at a time."""

    def __init__(self, app: App[Any], deliver: Callable[[events.Event], Awaitable[None]]) -> None:
        """Make an empty queue.

        Args:
            app: The app whose screens get the keys.
            deliver: Passes an input event to Textual.
        """
        self._app = app
        self._deliver = deliver
        self._queue: deque[events.Event] = deque()
        self._filled = asyncio.Event()
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._holds: list[Hold] = []
        self._has_screen = asyncio.Event()
        self._typist: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Number of keys, pastes and clicks that are not delivered yet."""
        return len(self._queue)

    @property
    def is_at_rest(self) -> bool:
        """Whether every key was delivered and everything it triggered is done."""
        return self._at_rest.is_set()

    def begin(self) -> None:
        """Deliver keys from now on: those typed while the app was starting belong to its first screen."""
        self._has_screen.set()

    def put(self, event: events.Event) -> None:
        """Queue an input event behind all others."""
        if not self._queue:  # a hold that expired while nothing was queued must not drop this key
            now = asyncio.get_running_loop().time()
            self._holds = [hold for hold in self._holds if hold.deadline > now]
        self._at_rest.clear()
        self._queue.append(event)
        self._filled.set()
        if self._typist is None:
            self._typist = asyncio.create_task(self._type(), name="typist")

    async def text_follows(self, seconds: float) -> bool:
        """Wait, in a hold, and return whether the next queued event is text; line ends are skipped.

        Args:
            seconds: How long to wait.
        """
        await asyncio.sleep(seconds)
        arrived = asyncio.Event()
        self._app.call_later(arrived.set)  # runs behind all input that was read until now
        await arrived.wait()
        first = next((event for event in self._queue if getattr(event, "key", "") not in LINE_ENDS), None)
        return isinstance(first, events.Paste) or (isinstance(first, events.Key) and first.is_printable)

    def stop(self) -> None:
        """Deliver no more keys."""
        if self._typist is not None:
            self._typist.cancel()

    async def at_rest(self) -> None:
        """Wait until keys, their effects and holds are done. For tests; a handler would wait for itself."""
        while self._holds or not self._at_rest.is_set():
            for hold in self._holds:
                await hold.wait()
            await self._at_rest.wait()
            await asyncio.sleep(0)

    @contextmanager
    def hold(self, limit: float = HOLD_LIMIT) -> Iterator[Hold]:
        """Keep keys queued while a worker prepares a screen.

        For a key that starts a worker which loads something and then opens a screen: what is typed after that key
        belongs to the new screen. Enter the hold in the key's handler, or as the worker's first statement:

        ```python
        @work(exclusive=True, group="open")
        async def open_item(self, item_id: int) -> None:
            with self.app.keyboard.hold():
                item = await self.app.db.run(load_item, item_id)
                await self.app.push_screen(ItemForm(item))
        ```

        The queue waits for the new screen without further help. Release the hold before waiting for a dialog's
        result. On a timeout, the queued keys are dropped and the app gets `KeysDropped`.

        Args:
            limit: Timeout in seconds.

        Yields:
            The hold, for an early release.
        """
        hold = Hold(asyncio.get_running_loop().time() + limit)
        self._holds.append(hold)
        try:
            yield hold
        finally:
            hold.release()
            if hold in self._holds:
                self._holds.remove(hold)

    async def _type(self) -> None:
        try:
            await self._has_screen.wait()
            await self._follow(is_text=False)  # its focus
            while True:
                if self._app._exit:  # drop what was typed after the key that ended the app
                    self._queue.clear()
                if not self._queue:
                    self._at_rest.set()
                    self._filled.clear()
                    await self._filled.wait()
                while self._holds and not await self._held_too_long():
                    # After the release, the new screen may not have its focus yet.
                    await self._follow(is_text=False)
                if self._queue:
                    await self._type_next()
        except Exception as error:  # noqa: BLE001 - outermost frame: Textual's own message loops do the same
            self._at_rest.set()
            is_closing = isinstance(error, ScreenStackError) and not self._app.screen_stack
            if not is_closing:
                self._app._handle_exception(error)

    async def _type_next(self) -> None:
        """Deliver the next key or run of characters, and wait for what it triggers."""
        event = self._queue.popleft()
        is_text = self._is_text(event)
        focused = self._app.focused
        if is_text and isinstance(event, events.Key) and isinstance(focused, TakesRuns):
            is_text = not self._give_run(focused, event)
            await self._follow(is_text=is_text)
            return
        # A field may take characters that arrived together in one call, so that none costs more in a long text.
        take_text_run: Callable[[Sequence[events.Key]], None] | None = getattr(focused, "take_text_run", None)
        if is_text and isinstance(event, events.Key) and take_text_run is not None:
            run = [event]
            while self._queue and len(run) < _LONGEST_LINES and self._is_text(key := self._queue[0]):
                assert isinstance(key, events.Key)
                run.append(key)
                self._queue.popleft()
            take_text_run(run)
            await self._follow(is_text=True)
            return
        await self._deliver(event)
        if is_text:
            # A field reads characters from its own message queue in order; only the key after them has to wait.
            for _ in range(_LONGEST_RUN):
                if not (self._queue and self._is_text(self._queue[0])):
                    break
                await self._deliver(self._queue.popleft())
        if not isinstance(event, (events.MouseMove, events.MouseScrollDown, events.MouseScrollUp)):
            await self._follow(is_text=is_text)

    def _give_run(self, field: TakesRuns, first: events.Key) -> bool:
        """Give a field the text at the head of the queue, up to the end of one line or of several.

        Returns:
            Whether a line has ended.
        """
        run = [first]
        ended = False
        while self._queue and len(run) < _LONGEST_LINES and isinstance(key := self._queue[0], events.Key):
            is_end = key.key in ("enter", "ctrl+j")
            if not is_end and (not self._is_text(key) or (ended and not field.runs_on)):
                break
            ended = ended or is_end
            run.append(key)
            self._queue.popleft()
        field.take_run(run)
        return ended

    async def _held_too_long(self) -> bool:
        """Wait while a hold is active. True when one timed out and the keys were dropped."""
        while self._holds:
            hold = self._holds[0]
            released = await hold.wait()
            if hold in self._holds:
                self._holds.remove(hold)
            if not released:
                self._app.post_message(KeysDropped(len(self._queue)))
                self._queue.clear()
                return True
        return False

    def _is_text(self, event: events.Event) -> bool:
        if not isinstance(event, events.Key) or not event.is_printable:
            return False
        focused = self._app.focused
        return focused is not None and focused.check_consume_key(event.key, event.character)

    async def _follow(self, *, is_text: bool) -> None:
        """Wait until a key, its binding, the messages they posted and the screens they opened are done."""
        deadline = asyncio.get_running_loop().time() + KEY_LIMIT
        await self._settle(self._front(), deadline)
        for _ in range(_MAX_ROUNDS):
            front = self._front()
            await self._settle(front, deadline)
            if is_text:
                return
            busy = self._busy()
            if busy is None and front is self._front():
                return
            if busy is not None:
                await self._settle(busy, deadline)

    def _front(self) -> Widget:
        """The widget or screen that would get the next key."""
        return self._app.focused or self._app.screen

    def _busy(self) -> MessagePump | None:
        """The app or a widget on its screen with queued messages."""
        if self._app.message_queue_size:
            return self._app
        nodes: list[Widget] = [self._app.screen]
        while nodes:
            node = nodes.pop()
            if node.message_queue_size:
                return node
            nodes.extend(node.children)
        return None

    async def _settle(self, target: MessagePump, deadline: float) -> None:
        """Wait until a widget and all its ancestors have handled the messages queued now."""
        loop = asyncio.get_running_loop()
        arrived: asyncio.Future[None] = loop.create_future()
        timer: asyncio.TimerHandle

        def look() -> None:  # gives up when the widget is gone, and its queue with it, or at the deadline
            nonlocal timer
            is_gone = target is not self._app and not (target.is_running and target.is_attached)
            if is_gone or loop.time() >= deadline:
                if not arrived.done():
                    arrived.set_result(None)
            else:
                timer = loop.call_later(_LOST_AFTER, look)

        timer = loop.call_later(_LOST_AFTER, look)
        try:
            if target.post_message(_Settled(arrived)):
                await arrived
            else:
                await asyncio.sleep(0)
        finally:
            timer.cancel()


class OrderedKeys(App[ReturnType]):
    """An app whose keys, pastes and clicks arrive in order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keyboard: Final = Keyboard(self, super().on_event)
        """The key queue."""

    async def on_event(self, event: events.Event) -> None:
        """Queue keys, pastes and mouse events; pass everything else to Textual.

        Args:
            event: Any event for the app.
        """
        if isinstance(event, _Settled):
            event.arrive()
        elif isinstance(event, (events.InputEvent, events.Paste)) and not event.is_forwarded:
            if isinstance(event, events.MouseMove) and self.keyboard.is_at_rest:  # it can overtake nothing
                await super().on_event(event)
            else:
                self.keyboard.put(event)
        else:
            await super().on_event(event)

    def on_ready(self) -> None:
        """Deliver the keys that came before the first screen was laid out."""
        self.keyboard.begin()

    def on_unmount(self) -> None:
        """Stop the delivering task."""
        self.keyboard.stop()


class _Settled(events.Event, bubble=True):
    """A marker that bubbles behind a key from the focused widget to the app; on arrival the key is handled."""

    def __init__(self, arrived: asyncio.Future[None]) -> None:
        super().__init__()
        self._arrived = arrived

    def arrive(self) -> None:
        if not self._arrived.done():
            self._arrived.set_result(None)
