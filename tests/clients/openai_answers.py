"""Good answers, as OpenAI's own client reads them."""

import json

import openai
from checks import SERVERS, check, make_checks
from openai_client import MODEL, PROMPT, USER_TURN, CountedClient, raises

server = SERVERS["good"]
client = CountedClient(server)


@check
def the_chain_and_its_profiles_are_listed():
    models = client.models.list().data
    expected = [MODEL, f"{MODEL}-fast", f"{MODEL}-balanced", f"{MODEL}-accurate"]
    assert [model.id for model in models] == expected, models
    for model in models:
        assert client.models.retrieve(model.id) == model
        assert model.object == "model" and model.created > 0 and model.owned_by


@check
def a_model_that_is_not_there_is_told_so_by_name():
    for call in [lambda: client.models.retrieve("gpt-none"), lambda: client.ask(model="gpt-none")]:
        with raises(openai.NotFoundError) as caught:
            call()
        error = caught.error
        assert (error.code, error.param) == ("model_not_found", "model"), error.body
        assert "gpt-none" in error.message and MODEL in error.message, error.message


@check
def an_answer_has_every_member():
    answer = client.ask()
    assert answer.id.startswith("chatcmpl-") and answer.object == "chat.completion"
    assert answer.model == MODEL and answer.created > 0
    [choice] = answer.choices
    assert (choice.index, choice.finish_reason) == (0, "stop")
    assert choice.message.role == "assistant" and choice.message.refusal is None
    assert PROMPT in choice.message.content
    usage = answer.usage
    assert usage.prompt_tokens > 0 and usage.completion_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.prompt_tokens_details.cached_tokens == 0
    assert usage.completion_tokens_details.reasoning_tokens is None


@check
def every_profile_answers_under_its_own_name():
    for profile in ["fast", "balanced", "accurate"]:
        assert client.ask(model=f"{MODEL}-{profile}").model == f"{MODEL}-{profile}"


@check
def a_stream_has_the_role_then_the_text_then_the_reason_and_nothing_more():
    chunks = list(client.ask(stream=True))
    first, *between, last = [chunk.choices[0] for chunk in chunks]
    assert (first.delta.role, first.delta.content) == ("assistant", "")
    assert len(between) > 1 and all(choice.delta.content for choice in between)
    assert all(choice.delta.role is None for choice in between)
    assert (last.delta.content, last.finish_reason) == (None, "stop")
    assert all(choice.finish_reason is None for choice in [first, *between])
    assert all(chunk.usage is None for chunk in chunks), "nobody asked for it"
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    streamed = "".join(choice.delta.content for choice in between)
    assert streamed == client.ask().choices[0].message.content, "streamed or not, it is the same text"


@check
def the_usage_comes_in_a_chunk_of_its_own_if_it_is_asked_for():
    *chunks, last = client.ask(stream=True, stream_options={"include_usage": True})
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)
    assert last.choices == [] and chunks[-1].choices[0].finish_reason == "stop"
    assert last.usage.total_tokens == client.ask().usage.total_tokens


@check
def the_helper_for_streams_follows_one():
    with client.chat.completions.stream(model=MODEL, messages=USER_TURN) as stream:
        events = list(stream)
        final = stream.get_final_completion()
    deltas = [event.delta for event in events if event.type == "content.delta"]
    [done] = [event.content for event in events if event.type == "content.done"]
    assert len(deltas) > 1 and "".join(deltas) == done == final.choices[0].message.content
    assert final.choices[0].finish_reason == "stop" and final.model == MODEL


@check
def a_request_has_an_id_that_the_client_finds():
    answer = client.ask()
    assert answer._request_id.startswith("req_"), answer._request_id
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=USER_TURN)
    assert raw.headers["x-request-id"] == raw.parse()._request_id != answer._request_id
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=USER_TURN, extra_headers={"X-Request-ID": "a client's own"}
    )
    assert raw.headers["x-request-id"] != "a client's own", "a space isn't visible"
    assert client.ask(extra_headers={"X-Request-ID": "mine-1"})._request_id == "mine-1"
    server.wait_for_log(message="Chat completion request completed", request_id="mine-1")


@check
def what_is_read_raw_is_a_stream_of_data_lines():
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=USER_TURN, stream=True)
    assert raw.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert raw.headers["cache-control"] == "no-cache, no-transform"
    events = raw.http_response.read().decode().split("\n\n")
    assert events.pop() == "" and events.pop() == "data: [DONE]"
    for event in events:
        assert json.loads(event.removeprefix("data: "))["object"] == "chat.completion.chunk", event


@check
def no_request_was_made_twice():
    before = client.requests
    client.ask()
    assert client.requests == before + 1


make_checks()
