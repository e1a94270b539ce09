"""OpenAI's own client, and how many HTTP requests it makes of a call."""

import contextlib

import openai

MODEL = "prompt-chaining"
PROMPT = "Why do leaves turn red in autumn?"
USER_TURN = [{"role": "user", "content": PROMPT}]


class CountedClient(openai.OpenAI):
    """The client as anyone makes it, but that it counts the requests that it sends."""

    def __init__(self, server, **options):
        self.requests = 0
        super().__init__(
            base_url=f"{server.url}/v1",
            api_key=options.pop("api_key", server.token),
            http_client=openai.DefaultHttpxClient(event_hooks={"request": [self._count]}),
            **{"timeout": 60, **options},
        )

    def _count(self, _request):
        self.requests += 1

    def ask(self, messages=USER_TURN, **fields):
        """Asks for a completion of the default model."""
        return self.chat.completions.create(**{"model": MODEL, "messages": messages, **fields})


@contextlib.contextmanager
def raises(kind):
    """Expects an error of that class, and no subclass of it: it is what callers catch."""
    caught = Caught()
    try:
        yield caught
    except openai.OpenAIError as error:
        caught.error = error
    assert type(caught.error) is kind, f"{kind.__name__} is expected, not {caught.error!r}"


class Caught:
    """The error that was expected; known after the block."""

    error = None
