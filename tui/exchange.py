"""One conversation after the other with the daemon: what one from before has to say is not heard."""

from collections.abc import Callable
from functools import partial

from ttsd.protocol.errors import TtsdError
from ttsd.protocol.speech import ClientMessage, End, ServerMessage
from tui.live import Conversation, Launch, Speaks
from tui.rendition import Rendition


class Exchange:
    """Owns the conversation there is, if any: passes on what comes in it, and that it is over, and why it failed."""

    def __init__(
        self,
        client: Speaks,
        launch: Launch,
        *,
        receive: Callable[[ServerMessage | bytes], None],
        over: Callable[[TtsdError | None], None],
    ) -> None:
        self._client = client
        self._launch = launch
        self._receive = receive
        self._over = over
        self._conversation: Conversation | None = None

    @property
    def open(self) -> bool:
        """There is one that still takes text."""
        return self._conversation is not None and self._conversation.open

    def begin(self, rendition: Rendition) -> None:
        """Have another one, in the place of the one there was: what it says is for `rendition`."""
        self._conversation = Conversation(
            self._client,
            rendition.spoken_with.start(),
            heard=lambda: rendition.heard_of_stream,
            quiet=lambda: not rendition.playing,
            receive=self._hear,
        )
        self._launch(partial(self._converse, self._conversation))

    def say(self, message: ClientMessage) -> None:
        """There is one."""
        assert self._conversation is not None
        self._conversation.say(message)

    def end(self) -> None:
        """What was said is spoken; nothing more is said."""
        if self.open:
            self.say(End())

    def break_off(self) -> None:
        """There is none any more; nobody is told."""
        self._conversation = None
        self.silence()

    def silence(self) -> None:
        """Stop the one there is, and whatever else was launched."""
        self._launch(_nothing)

    async def _converse(self, conversation: Conversation) -> None:
        error: TtsdError | None = None
        try:
            await conversation.run()
        except* TtsdError as failures:
            error = _leaf(failures)
        finally:
            if self._conversation is conversation:
                self._conversation = None
                self._over(error)

    def _hear(self, conversation: Conversation, message: ServerMessage | bytes) -> None:
        if self._conversation is conversation:
            self._receive(message)


def _leaf(group: BaseExceptionGroup[TtsdError]) -> TtsdError:
    first = group.exceptions[0]
    return _leaf(first) if isinstance(first, BaseExceptionGroup) else first


async def _nothing() -> None:
    """Launched to take the place of a conversation that is to stop."""
