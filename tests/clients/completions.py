"""The openai package against a server that works: what it sends is understood, what it gets makes sense."""

import os

from openai import BadRequestError, NotFoundError, OpenAI

client = OpenAI()
MODEL = "prompt-chaining"
ASK = {"model": MODEL, "messages": [{"role": "user", "content": "What makes a good commit message?"}]}


def stream(**options):
    return list(client.chat.completions.create(**ASK, stream=True, **options))


def text_of(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def models_are_listed_and_found():
    names = [model.id for model in client.models.list()]
    assert names == [MODEL, f"{MODEL}-fast", f"{MODEL}-balanced", f"{MODEL}-accurate"], names
    assert client.models.retrieve(f"{MODEL}-fast").id == f"{MODEL}-fast"
    try:
        client.models.retrieve("gpt-4")
    except NotFoundError as error:
        assert error.code == "model_not_found", error.body
    else:
        raise AssertionError("there is no such model")


def a_whole_answer_is_complete():
    raw = client.chat.completions.with_raw_response.create(**ASK)
    answer = raw.parse()
    choice = answer.choices[0]
    assert choice.message.role == "assistant" and choice.message.content, choice
    assert (choice.finish_reason, answer.model, answer.object) == ("stop", MODEL, "chat.completion")
    usage = answer.usage
    assert usage.prompt_tokens > 0 and usage.completion_tokens > 0, usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert answer._request_id == raw.headers["x-request-id"]


def a_stream_has_its_chunks_in_order():
    chunks = stream()
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    reasons = [chunk.choices[0].finish_reason for chunk in chunks]
    assert reasons[-1] == "stop" and set(reasons[:-1]) == {None}
    assert all(chunk.usage is None for chunk in chunks)
    assert text_of(chunks) == client.chat.completions.create(**ASK).choices[0].message.content


def the_usage_comes_only_when_it_is_asked_for():
    *chunks, last = stream(stream_options={"include_usage": True})
    assert last.choices == [] and last.usage.total_tokens > 0
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


def the_streaming_helper_is_content():
    with client.chat.completions.stream(**ASK) as events:
        kinds = [event.type for event in events]
        final = events.get_final_completion()
    assert "content.delta" in kinds and final.choices[0].finish_reason == "stop", kinds


def steps_are_told_when_asked_for():
    chunks = stream(stream_options={"include_steps": True})
    steps = [chunk.promptchain for chunk in chunks if hasattr(chunk, "promptchain")]
    finished = [step["step"] for step in steps if step["state"] == "finished"]
    assert finished == ["analyze", "process", "synthesize"], steps


def an_answer_ends_before_a_stop_text():
    for answer in [
        client.chat.completions.create(**ASK, stop=["commit"]).choices[0].message.content,
        text_of(stream(stop="commit")),
    ]:
        assert answer and "commit" not in answer, answer


def a_capped_answer_says_so():
    choice = client.chat.completions.create(**ASK, max_completion_tokens=12).choices[0]
    assert choice.finish_reason == "length", choice


def conversations_and_parts_are_understood():
    answer = client.chat.completions.create(
        model=MODEL,
        temperature=1.7,
        seed=1,
        user="somebody",
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "In English."}]},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hello to you."},
            {"role": "user", "content": [{"type": "text", "text": "What is a cat?"}]},
        ],
    )
    assert answer.choices[0].message.content


def json_is_json():
    import json

    answer = client.chat.completions.create(**ASK, response_format={"type": "json_object"})
    assert isinstance(json.loads(answer.choices[0].message.content), dict)

    from pydantic import BaseModel

    class Advice(BaseModel):
        title: str
        points: list[str]

    parsed = client.chat.completions.parse(**ASK, response_format=Advice).choices[0].message.parsed
    assert isinstance(parsed, Advice) and parsed.title and parsed.points, parsed


def what_cannot_be_had_is_named():
    image = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}]
    cases = [
        ({"n": 2}, "n"),
        ({"tools": [], "tool_choice": "required"}, "tool_choice"),
        ({"messages": image}, "messages[0].content[0]"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"temperature": 3}, "temperature"),
        ({"logprobs": True}, "logprobs"),
    ]
    for options, param in cases:
        try:
            client.chat.completions.create(**{**ASK, **options})
        except BadRequestError as error:
            assert error.param == param and param in error.message, (options, error.body)
        else:
            raise AssertionError(f"{options} was taken")


for check in [
    models_are_listed_and_found,
    a_whole_answer_is_complete,
    a_stream_has_its_chunks_in_order,
    the_usage_comes_only_when_it_is_asked_for,
    the_streaming_helper_is_content,
    steps_are_told_when_asked_for,
    an_answer_ends_before_a_stop_text,
    a_capped_answer_says_so,
    conversations_and_parts_are_understood,
    json_is_json,
    what_cannot_be_had_is_named,
]:
    check()
    print("ok", check.__name__, os.environ["OPENAI_BASE_URL"])
