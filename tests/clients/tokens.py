"""PyJWT beside the server: it makes what the server takes, and takes what the server's own command makes."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import jwt

base, algorithm, key = os.environ["OPENAI_BASE_URL"], sys.argv[1], Path(sys.argv[2]).read_text()


def status(token):
    request = urllib.request.Request(f"{base}/models", headers={"Authorization": f"Bearer {token}"})
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        assert json.load(error)["error"]["code"], "an error has a code"
        return error.code


def minted(**claims):
    return jwt.encode({"sub": "pyjwt", **claims}, key, algorithm=algorithm)


now = int(time.time())
assert status(minted()) == 200
assert status(minted(exp=now + 60, nbf=now - 60, iat=now)) == 200
assert status(minted(exp=now - 60)) == 401
assert status(minted(nbf=now + 60)) == 403
assert status(minted(sub="")) == 403
assert status(jwt.encode({"sub": "pyjwt"}, "another secret of at least 32 characters", algorithm="HS256")) == 403

if algorithm.startswith("HS"):
    claims = jwt.decode(os.environ["OPENAI_API_KEY"], key, algorithms=[algorithm])
    assert claims["sub"] and claims["iat"] <= now + 60, claims
print("ok", algorithm)
