"""Errors, as OpenAI's own client raises them, and how often it sends a request that failed.

Each server stands before a simulator that goes wrong in one way, or is set to refuse something.
"""

import time

import jwt
import openai
from checks import SERVERS, check, make_checks
from openai_client import PROMPT, CountedClient, raises


def expect(server, kind, status, code, requests, *, retries=openai.DEFAULT_MAX_RETRIES, says="", **fields):
    """Asks, and expects an error of that class after so many requests."""
    client = CountedClient(SERVERS[server], max_retries=retries)
    with raises(kind) as caught:
        client.ask(**fields)
    error = caught.error
    assert (error.status_code, error.code) == (status, code), (error.status_code, error.body)
    # What the body says for people stands in the error's message; the client adds the status.
    assert error.body["message"] and error.body["message"] in error.message, error
    assert says in error.message, error.message
    assert error.request_id == error.response.headers["x-request-id"]
    assert error.response.json()["detail"], "the other form of the message"
    assert client.requests == requests, f"{client.requests} requests, not {requests}"
    return error


@check
def a_request_over_budget_is_a_bad_request():
    expect("costs nothing", openai.BadRequestError, 400, "max_cost_exceeded", 1)


@check
def a_token_that_has_expired_asks_for_another():
    server = SERVERS["good"]
    expired = jwt.encode({"sub": "me", "exp": time.time() - 60}, server.secret)
    client = CountedClient(server, api_key=expired)
    with raises(openai.AuthenticationError) as caught:
        client.ask()
    error = caught.error
    assert (error.code, error.type) == ("invalid_api_key", "authentication_error"), error.body
    assert "expired" in error.message and client.requests == 1
    assert error.response.headers["www-authenticate"].startswith("Bearer ")


@check
def a_key_that_is_no_token_is_not_permitted():
    client = CountedClient(SERVERS["good"], api_key="sk-not-a-token")
    with raises(openai.PermissionDeniedError) as caught:
        client.ask()
    assert (caught.error.code, client.requests) == ("invalid_api_key", 1), caught.error.body


@check
def a_path_that_is_not_there_is_not_found():
    client = CountedClient(SERVERS["good"])
    with raises(openai.NotFoundError) as caught:
        client.embeddings.create(model="any", input="Hello")
    assert (caught.error.code, client.requests) == ("not_found", 1), caught.error.body


@check
def a_body_that_is_too_large_is_said_to_be():
    error = expect(
        "takes little",
        openai.APIStatusError,
        413,
        "request_too_large",
        1,
        messages=[{"role": "user", "content": "long " * 1000}],
    )
    assert "Request body too large. Maximum size: 1024 bytes, received: " in error.message, error.message


@check
def a_body_of_another_type_is_not_read():
    headers = {"Content-Type": "text/plain"}
    expect("good", openai.APIStatusError, 415, "unsupported_media_type", 1, extra_headers=headers)


@check
def an_answer_that_a_gate_rejects_is_unprocessable_and_paid_for_once():
    error = expect("strict", openai.UnprocessableEntityError, 422, "gate_rejected", 1, says="confidence")
    assert error.response.headers["x-should-retry"] == "false"


@check
def a_refusal_is_unprocessable():
    expect("refuses", openai.UnprocessableEntityError, 422, "refusal", 1, says="analyze")


@check
def our_rate_limit_is_waited_for_by_the_client_itself():
    server = SERVERS["one at a time"]
    assert CountedClient(server).models.list().data
    with raises(openai.RateLimitError) as caught:
        CountedClient(server, max_retries=0).models.list()
    error = caught.error
    assert (error.code, error.type) == ("rate_limit_exceeded", "rate_limit_error"), error.body
    assert error.response.json()["detail"] == "1 per 3 seconds"
    assert error.response.headers["x-ratelimit-remaining"] == "0"
    assert 1 <= int(error.response.headers["retry-after"]) <= 3
    client = CountedClient(server)
    assert client.models.list().data and client.requests == 2, "it waits as long as it was told to"


@check
def a_rate_limit_of_the_provider_is_passed_on_with_its_wait():
    error = expect("rate-limited", openai.RateLimitError, 429, "rate_limited", 1, retries=0)
    assert error.response.headers["retry-after"] == "60"


@check
def a_provider_that_refuses_us_is_not_asked_again():
    for server, code in [
        ("refuses requests", "upstream_error"),
        ("refuses credentials", "upstream_credentials"),
        ("knows no model", "model_not_found"),
    ]:
        error = expect(server, openai.InternalServerError, 502, code, 1)
        assert error.response.headers["x-should-retry"] == "false"


@check
def a_provider_that_fails_before_anything_was_paid_is_asked_again_by_the_client():
    expect("fails", openai.InternalServerError, 502, "upstream_error", 3)


@check
def a_failure_after_a_step_was_paid_for_is_not_repeated():
    for server, status, code in [
        ("fails late", 502, "upstream_error"),
        ("overloaded late", 503, "overloaded"),
        ("hangs late", 504, "timeout"),
    ]:
        error = expect(server, openai.InternalServerError, status, code, 1)
        assert error.response.headers["x-should-retry"] == "false"


@check
def an_overloaded_provider_is_waited_for_and_the_repeat_answered():
    client = CountedClient(SERVERS["overloaded once"])
    assert PROMPT in client.ask().choices[0].message.content
    assert client.requests == 2


@check
def an_overloaded_provider_is_unavailable_with_a_wait():
    error = expect("overloaded", openai.InternalServerError, 503, "overloaded", 2, retries=1)
    assert error.response.headers["retry-after"] == "1"


@check
def a_circuit_that_is_open_is_unavailable_with_a_wait():
    expect("opens", openai.InternalServerError, 502, "upstream_error", 1, retries=0)
    error = expect("opens", openai.InternalServerError, 503, "circuit_open", 1, retries=0)
    assert 1 <= int(error.response.headers["retry-after"]) <= 30


@check
def a_provider_that_says_nothing_is_a_time_out():
    error = expect("hangs", openai.InternalServerError, 504, "timeout", 2, retries=1)
    assert "x-should-retry" not in error.response.headers, "nothing was paid for"


@check
def a_stream_that_fails_early_has_a_status_of_its_own():
    expect("refuses requests", openai.InternalServerError, 502, "upstream_error", 1, stream=True)
    expect("fails", openai.InternalServerError, 502, "upstream_error", 3, stream=True)


def expect_in_stream(server, kind, code, says):
    """Expects a stream to begin and to end in an error; what was streamed before it."""
    client = CountedClient(SERVERS[server])
    chunks = []
    with raises(openai.APIError) as caught:
        for chunk in client.ask(stream=True):
            chunks.append(chunk)
    error = caught.error
    assert (error.type, error.code) == (kind, code), error.body
    assert says in error.message, error.message
    assert all(chunk.choices[0].finish_reason is None for chunk in chunks), "it never looks finished"
    assert client.requests == 1, "what has begun isn't repeated"
    return error, "".join(chunk.choices[0].delta.content for chunk in chunks)


@check
def a_stream_that_fails_late_raises_with_the_message():
    error, text = expect_in_stream("breaks off", "server_error", "overloaded", "overloaded")
    assert text and PROMPT.startswith(text.removeprefix("# ")[: len(PROMPT)]), text
    assert error.body["step"] == "synthesize" and error.body["phase"] is None
    error, text = expect_in_stream("fails late", "server_error", "upstream_error", "process")
    assert error.body["step"] == "process" and text == ""


@check
def a_stream_that_falls_silent_is_a_streaming_time_out():
    error, text = expect_in_stream("falls silent", "streaming_timeout_error", "timeout", "synthesize")
    assert text and error.body["phase"] == "synthesis" and error.body["timeout_seconds"] == 1


make_checks()
