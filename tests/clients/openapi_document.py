"""The API's document: whether it is one, and whether the server keeps to it."""

import copy
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field

import jsonschema
from checks import SERVERS, check, make_checks
from openapi_spec_validator import validate

MESSAGES = [{"role": "user", "content": "Why do leaves turn red in autumn?"}]
QUESTION = {"model": "prompt-chaining", "messages": MESSAGES}
NO_TOKEN = {"Authorization": ""}


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes


def call(method, path, body=None, headers=None, server="good"):
    """Sends a request with the server's token, unless `headers` has another, and JSON."""
    server = SERVERS[server]
    headers = {"Authorization": f"Bearer {server.token}", **(headers or {})}
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {name: value for name, value in headers.items() if value}
    request = urllib.request.Request(server.url + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


DOCUMENT = json.loads(call("GET", "/openapi.json", headers=NO_TOKEN).body)


@dataclass
class Probe:
    """A request, what it is of in the document, and the status that it gets."""

    method: str
    path: str
    status: int
    body: object = None
    headers: dict = field(default_factory=dict)
    server: str = "good"
    sent_to: str = ""


CHAT = ("POST", "/v1/chat/completions")
BAD_TOKEN = {"Authorization": "Bearer no.token.atall"}
PROBES = [
    Probe("GET", "/health", 200, headers=NO_TOKEN),
    Probe("GET", "/health/ready", 200, headers=NO_TOKEN),
    Probe("GET", "/health/ready", 503, headers=NO_TOKEN, server="broken"),
    Probe("GET", "/v1/models", 200),
    Probe("GET", "/v1/models", 401, headers=NO_TOKEN),
    Probe("GET", "/v1/models", 403, headers=BAD_TOKEN),
    Probe("GET", "/v1/models", 503, server="can't count"),
    Probe("GET", "/v1/models/{model}", 503, sent_to="/v1/models/any", server="can't count"),
    Probe("GET", "/v1/models/{model}", 200, sent_to="/v1/models/prompt-chaining"),
    Probe("GET", "/v1/models/{model}", 404, sent_to="/v1/models/none/of/these"),
    Probe("GET", "/v1/models/{model}", 401, headers=NO_TOKEN, sent_to="/v1/models/prompt-chaining"),
    Probe("GET", "/v1/models/{model}", 403, headers=BAD_TOKEN, sent_to="/v1/models/prompt-chaining"),
    Probe("GET", "/v1/usage", 200),
    Probe("GET", "/v1/usage", 200, server="spent"),
    Probe("GET", "/v1/usage", 401, headers=NO_TOKEN),
    Probe("GET", "/v1/usage", 403, headers=BAD_TOKEN),
    Probe("GET", "/v1/usage", 503, server="can't count"),
    Probe(*CHAT, 200, QUESTION),
    Probe(*CHAT, 200, {**QUESTION, "stream": True}),
    Probe(*CHAT, 200, QUESTION, server="shows its steps"),
    Probe(*CHAT, 400, b"{"),
    Probe(*CHAT, 401, QUESTION, headers=NO_TOKEN),
    Probe(*CHAT, 403, QUESTION, headers=BAD_TOKEN),
    Probe(*CHAT, 404, {**QUESTION, "model": "none"}),
    Probe(*CHAT, 413, b" " * 2_000_000),
    Probe(*CHAT, 415, QUESTION, headers={"Content-Type": "text/plain"}),
    Probe(*CHAT, 422, QUESTION, server="strict"),
    Probe(*CHAT, 429, QUESTION, server="limited"),
    Probe(*CHAT, 502, QUESTION, server="broken"),
    Probe(*CHAT, 503, QUESTION, server="broken"),
    Probe(*CHAT, 504, QUESTION, server="hangs"),
]


def strict(schemas):
    """The schemas, allowing nothing that they don't name."""
    schemas = copy.deepcopy(schemas)
    for schema in schemas.values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return schemas


def expect_valid(instance, schema):
    whole = {**schema, "components": {"schemas": strict(DOCUMENT["components"]["schemas"])}}
    jsonschema.Draft202012Validator(whole).validate(instance)


@check
def it_is_a_valid_openapi_document():
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1"), DOCUMENT["openapi"]


@check
def its_tags_are_four_and_each_operation_has_one():
    tags = [tag["name"] for tag in DOCUMENT["tags"]]
    assert tags == ["Chat", "Models", "Usage", "Health"], tags
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            assert len(operation["tags"]) == 1 and operation["tags"][0] in tags, (method, path)
            assert operation["summary"] and operation["operationId"], (method, path)


def documents(body, content_type):
    """What an answer's schema is about: the whole of it, or each event of a stream."""
    if content_type == "application/json":
        return [json.loads(body)]
    *events, last = [line.removeprefix("data: ") for line in body.splitlines() if line]
    assert last == "[DONE]", last
    return [json.loads(event) for event in events]


@check
def everything_in_it_answers_as_it_says():
    # In this order the first call of the broken server finds it ready to try, and the last its circuit open.
    call(*CHAT, QUESTION, server="limited")
    ordered = sorted(PROBES, key=lambda probe: (probe.server == "broken", probe.status == 503))
    for probe in ordered:
        answer = call(
            probe.method, probe.sent_to or probe.path, probe.body, probe.headers, probe.server
        )
        assert answer.status == probe.status, (probe, answer.status, answer.body[:500])
        documented = DOCUMENT["paths"][probe.path][probe.method.lower()]["responses"][str(probe.status)]
        content_type = answer.headers["content-type"].split(";")[0]
        schema = documented["content"][content_type]["schema"]
        for body in documents(answer.body.decode(), content_type):
            expect_valid(body, schema)


@check
def every_status_in_it_was_seen_but_those_that_take_long_or_a_bug():
    documented = {
        (method.upper(), path, int(status))
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        for status in operation["responses"]
    }
    seen = {(probe.method, probe.path, probe.status) for probe in PROBES}
    unseen = {
        ("GET", "/v1/models", 429),
        ("GET", "/v1/models/{model}", 429),
        ("GET", "/v1/usage", 429),
        ("POST", "/v1/chat/completions", 408),
        ("POST", "/v1/chat/completions", 500),
    }
    assert documented - seen == unseen, documented - seen


@check
def what_needs_a_token_says_so():
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            is_open = call(method.upper(), path, headers=NO_TOKEN).status != 401
            says_open = operation.get("security", DOCUMENT["security"]) in ([], [{}])
            assert is_open == says_open, (method, path)


@check
def other_methods_and_paths_are_refused_in_the_same_form():
    for method, path in [("DELETE", "/v1/models"), ("GET", "/v1/chat/completions"), ("PUT", "/health")]:
        answer = call(method, path)
        assert answer.status == 405 and answer.headers["allow"], (method, path, answer)
        expect_valid(json.loads(answer.body), {"$ref": "#/components/schemas/ErrorBody"})
    answer = call("GET", "/v1/nothing", headers=NO_TOKEN)
    assert answer.status == 404
    expect_valid(json.loads(answer.body), {"$ref": "#/components/schemas/ErrorBody"})


@check
def its_request_is_one_that_the_server_takes():
    body = DOCUMENT["paths"]["/v1/chat/completions"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    whole = {**schema, "components": DOCUMENT["components"]}
    validator = jsonschema.Draft202012Validator(whole)
    validator.validate({**QUESTION, "stream": True, "stream_options": {"include_usage": True}})
    for wrong in [{"model": "prompt-chaining"}, {"messages": MESSAGES}, {**QUESTION, "messages": "hello"}]:
        assert not validator.is_valid(wrong), wrong


make_checks()
