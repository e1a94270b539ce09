"""Callers that don't wait for their answer: what they asked for is cancelled."""

import asyncio

import openai
from checks import SERVERS, check, make_checks
from openai_client import MODEL, USER_TURN, CountedClient, raises


def wait_until_cancelled(server, request_id):
    server.wait_for_log(message="Chat completion request cancelled", request_id=request_id)


def read_some_text(stream):
    """Reads up to the first piece of the answer: then it is being written."""
    assert any(chunk.choices[0].delta.content for chunk in stream)


@check
def a_time_out_of_the_client_cancels_the_run():
    server = SERVERS["hangs"]
    client = CountedClient(server, timeout=0.5, max_retries=0)
    with raises(openai.APITimeoutError):
        client.ask(extra_headers={"X-Request-ID": "late-whole"})
    wait_until_cancelled(server, "late-whole")
    with raises(openai.APITimeoutError):
        list(client.ask(stream=True, extra_headers={"X-Request-ID": "late-stream"}))
    wait_until_cancelled(server, "late-stream")
    assert client.requests == 2


@check
def a_stream_that_is_closed_cancels_the_run():
    server = SERVERS["slow"]
    stream = CountedClient(server).ask(stream=True, extra_headers={"X-Request-ID": "closed"})
    read_some_text(stream)
    stream.close()
    wait_until_cancelled(server, "closed")


@check
def a_task_that_is_cancelled_cancels_the_run():
    server = SERVERS["hangs"]

    async def ask():
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key=server.token) as client:
            headers = {"X-Request-ID": "dropped"}
            answer = client.chat.completions.create(model=MODEL, messages=USER_TURN, extra_headers=headers)
            try:
                await asyncio.wait_for(answer, 0.5)
            except asyncio.TimeoutError:
                return
            raise AssertionError("it was answered")

    asyncio.run(ask())
    wait_until_cancelled(server, "dropped")


@check
def a_full_server_has_room_again_when_a_client_has_left():
    server = SERVERS["full"]
    client = CountedClient(server, max_retries=0)
    stream = client.ask(stream=True, extra_headers={"X-Request-ID": "only"})
    read_some_text(stream)
    with raises(openai.InternalServerError) as caught:
        client.ask()
    error = caught.error
    assert (error.status_code, error.code) == (503, "overloaded"), error.body
    assert error.response.headers["retry-after"] == "1"
    stream.close()
    assert CountedClient(server, max_retries=5).ask().choices[0].finish_reason == "stop"


make_checks()
