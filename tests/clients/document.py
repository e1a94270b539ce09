"""The API's own document: it is valid, and what the server answers is what it says."""

import json
import os
import urllib.error
import urllib.request

from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

root = os.environ["OPENAI_BASE_URL"].removesuffix("/v1")
token = os.environ["OPENAI_API_KEY"]
ASK = {"model": "prompt-chaining", "messages": [{"role": "user", "content": "What is a cat?"}]}


def call(method, path, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(root + path, data=data, method=method, headers=headers)
    try:
        answer = urllib.request.urlopen(request)
        return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


document = json.loads(call("GET", "/openapi.json")[1])
validate(document)
print("ok", "the document is valid", document["openapi"])


def matches(method, path, template, body=None, headers=None):
    status, answer = call(method, path, body, headers)
    described = document["paths"][template][method.lower()]["responses"]
    assert str(status) in described, (method, path, status)
    schema = described[str(status)]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    Draft202012Validator(whole).validate(json.loads(answer))
    print("ok", method, path, status)
    return status


chat = "/v1/chat/completions"
assert matches("POST", chat, chat, ASK) == 200
assert matches("POST", chat, chat, {**ASK, "n": 2}) == 400
assert matches("POST", chat, chat, ASK, {"Authorization": ""}) == 401
assert matches("POST", chat, chat, ASK, {"Authorization": "Bearer x"}) == 403
assert matches("POST", chat, chat, {**ASK, "model": "x"}) == 404
assert matches("POST", chat, chat, {**ASK, "user": "x" * 2_000_000}) == 413
assert matches("POST", chat, chat, ASK, {"Content-Type": "text/plain"}) == 415
assert matches("GET", "/v1/models", "/v1/models") == 200
assert matches("GET", "/v1/models/prompt-chaining", "/v1/models/{model}") == 200
assert matches("GET", "/v1/models/x/y", "/v1/models/{model}") == 404
assert matches("GET", "/health", "/health") == 200
assert matches("GET", "/health/ready", "/health/ready") == 200

request = document["components"]["schemas"]["ChatCompletionRequest"]
for body in [ASK, {**ASK, "stop": ["a"], "stream": True, "stream_options": {"include_steps": True}}]:
    Draft202012Validator({**request, "components": document["components"]}).validate(body)
print("ok", "requests match their schema")
