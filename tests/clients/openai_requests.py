"""What OpenAI's own client can ask for, and what is refused by naming the field."""

import json

import openai
import pydantic
from checks import SERVERS, check, make_checks
from openai_client import MODEL, USER_TURN, CountedClient, raises

client = CountedClient(SERVERS["good"])


def text(answer):
    return answer.choices[0].message.content


@check
def instructions_of_the_caller_are_taken_and_the_last_turn_stays_the_question():
    # The test beside this script sees in the simulator that they reach each step.
    messages = [
        {"role": "system", "content": "Write in the style of a pineapple."},
        {"role": "developer", "content": [{"type": "text", "text": "Mention the mangrove."}]},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Good day"},
        *USER_TURN,
    ]
    assert USER_TURN[0]["content"] in text(client.ask(messages))


@check
def content_may_come_in_parts():
    parts = [{"type": "text", "text": "Why do leaves turn"}, {"type": "text", "text": " red in autumn?"}]
    answer = client.ask([{"role": "user", "content": parts}])
    assert "Why do leaves turn" in text(answer) and "red in autumn?" in text(answer), text(answer)


@check
def a_stop_text_ends_the_answer_before_it():
    whole = text(client.ask())
    middle = whole.split()[len(whole.split()) // 2]
    before, _ = whole.split(middle, 1)
    for stop in [middle, ["this stands nowhere in it", middle]]:
        answer = client.ask(stop=stop)
        assert (text(answer), answer.choices[0].finish_reason) == (before, "stop"), text(answer)
        chunks = list(client.ask(stop=stop, stream=True))
        streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert (streamed, chunks[-1].choices[0].finish_reason) == (before, "stop"), streamed
    assert text(client.ask(stop="this stands nowhere in it")) == whole


@check
def a_cap_on_tokens_cuts_the_answer_and_says_so():
    whole = text(client.ask())
    for cap in ["max_tokens", "max_completion_tokens"]:
        answer = client.ask(**{cap: 40})
        assert answer.choices[0].finish_reason == "length"
        assert whole.startswith(text(answer)) and len(text(answer)) < len(whole), text(answer)
        *chunks, last = client.ask(stream=True, **{cap: 40})
        streamed = "".join(chunk.choices[0].delta.content for chunk in chunks)
        assert (streamed, last.choices[0].finish_reason) == (text(answer), "length")


class Note(pydantic.BaseModel):
    title: str
    points: list[str]


@check
def json_is_answered_where_it_is_asked_for():
    answer = client.ask(response_format={"type": "json_object"})
    assert isinstance(json.loads(text(answer)), dict), text(answer)
    answer = client.chat.completions.parse(model=MODEL, messages=USER_TURN, response_format=Note)
    note = answer.choices[0].message.parsed
    assert isinstance(note, Note) and note.title and note.points, note


@check
def an_answer_that_is_not_the_json_that_was_asked_for_is_no_answer():
    writes_prose = CountedClient(SERVERS["writes prose"])
    with raises(openai.UnprocessableEntityError) as caught:
        writes_prose.ask(response_format={"type": "json_object"})
    assert caught.error.code == "gate_rejected", caught.error.body

    # A stream has begun by then, but nothing of the answer has left.
    chunks = []
    with raises(openai.APIError) as caught:
        chunks.extend(writes_prose.ask(response_format={"type": "json_object"}, stream=True))
    assert caught.error.code == "gate_rejected", caught.error.body
    assert "".join(chunk.choices[0].delta.content for chunk in chunks) == ""

    with raises(openai.UnprocessableEntityError) as caught:
        writes_prose.chat.completions.parse(model=MODEL, messages=USER_TURN, response_format=Note)
    assert caught.error.code == "gate_rejected", caught.error.body


@check
def what_changes_nothing_is_passed_over():
    answer = client.ask(
        n=1,
        user="somebody",
        metadata={"ticket": "7"},
        seed=7,
        top_p=0.9,
        temperature=0.2,
        presence_penalty=0.1,
        store=False,
        extra_body={"something_new": {"deep": [1]}, "max_tokens": None, "tools": None},
    )
    assert answer.choices[0].finish_reason == "stop"


ASSISTANT_LAST = [*USER_TURN, {"role": "assistant", "content": "Because"}]
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {}}}

# The field, and what makes it wrong.
REFUSED = [
    ("messages", {"messages": []}),
    ("messages", {"messages": ASSISTANT_LAST}),
    ("messages", {"messages": "Hello"}),
    ("messages[0].role", {"messages": [{"role": "narrator", "content": "Hello"}]}),
    ("messages[0].content", {"messages": [{"role": "user", "content": 7}]}),
    ("messages[1].content[0]", {"messages": [*USER_TURN, {"role": "user", "content": [IMAGE]}]}),
    ("n", {"n": 2}),
    ("stop", {"stop": ["a", "b", "c", "d", "e"]}),
    ("max_tokens", {"max_tokens": 0}),
    ("temperature", {"temperature": 2.5}),
    ("stream", {"extra_body": {"stream": "yes"}}),
    ("response_format", {"response_format": {"type": "poem"}}),
    ("tool_choice", {"tools": [TOOL], "tool_choice": "required"}),
]


@check
def what_can_not_be_honoured_is_refused_by_naming_the_field_and_asked_once():
    wrong = []
    for field, fields in REFUSED:
        before = client.requests
        try:
            with raises(openai.BadRequestError) as caught:
                client.ask(**fields)
            error = caught.error
            # A field may be named more closely, as `response_format.type`.
            assert (error.param or "").startswith(field), f"it names {error.param!r}: {error.message}"
            assert error.type == "invalid_request_error" and error.message and error.code
            assert client.requests == before + 1
        except AssertionError as failure:
            wrong.append(f"{field} of {fields}: {failure}")
    assert not wrong, "\n".join(wrong)


@check
def a_body_that_is_no_json_object_is_refused():
    for body in [b"", b"{", b"[]", b'"hello"', b'{"model": "\xff"}']:
        with raises(openai.BadRequestError) as caught:
            client.post(
                "/chat/completions",
                cast_to=object,
                content=body,
                options={"headers": {"Content-Type": "application/json"}},
            )
        assert caught.error.type == "invalid_request_error", caught.error.body


make_checks()
