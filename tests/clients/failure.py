"""The openai package against a server whose upstream fails: prints how it fares, for the test to judge.

The arguments are `stream` or `whole`, and how often the client may try again.
"""

import json
import sys

import openai

mode, retries = sys.argv[1], int(sys.argv[2])
client = openai.OpenAI(max_retries=retries)
said, error = "", None
try:
    answer = client.chat.completions.create(
        model="prompt-chaining",
        messages=[{"role": "user", "content": "What makes a good commit message?"}],
        stream=mode == "stream",
    )
    if mode == "stream":
        finish_reason = None
        for chunk in answer:
            said += chunk.choices[0].delta.content or ""
            finish_reason = chunk.choices[0].finish_reason or finish_reason
    else:
        said, finish_reason = answer.choices[0].message.content, answer.choices[0].finish_reason
    result = {"class": None, "finish_reason": finish_reason}
except openai.APIError as caught:
    result = {
        "class": type(caught).__name__,
        "status": getattr(caught, "status_code", None),
        "code": caught.code,
        "message": caught.message,
    }
print(json.dumps({**result, "said": said}))
