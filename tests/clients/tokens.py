"""Tokens between this server and another maker of tokens: PyJWT."""

import time

import jwt
import openai
from checks import REPOSITORY, SERVERS, check, make_checks
from openai_client import CountedClient, raises

KEYS = REPOSITORY / "src/server/auth/test_keys"

# The algorithm, and the file of the key that signs; the servers have the names of the algorithms.
SIGNED_WITH = [
    ("HS256", None),
    ("HS384", None),
    ("HS512", None),
    ("RS256", "rsa_2048_private.pem"),
    ("ES256", "ec_p256_private.pem"),
    ("EdDSA", "ed25519_private.pem"),
]


def key(algorithm, file):
    return (KEYS / file).read_text() if file else SERVERS[algorithm].secret


def claims(**further):
    now = int(time.time())
    return {"sub": "alice", "iat": now, "exp": now + 600, **further}


def models(algorithm, token):
    return CountedClient(SERVERS[algorithm], api_key=token, max_retries=0).models.list().data


@check
def tokens_of_every_algorithm_are_accepted_by_the_server_that_is_set_to_it():
    for algorithm, file in SIGNED_WITH:
        assert models(algorithm, jwt.encode(claims(), key(algorithm, file), algorithm)), algorithm


@check
def tokens_of_every_other_algorithm_are_refused():
    for algorithm, file in SIGNED_WITH:
        token = jwt.encode(claims(), key(algorithm, file), algorithm)
        for other, _ in SIGNED_WITH:
            if other == algorithm:
                continue
            with raises(openai.PermissionDeniedError) as caught:
                models(other, token)
            assert caught.error.code == "invalid_api_key", (algorithm, other)


@check
def a_token_without_a_signature_is_refused():
    unsigned = jwt.encode(claims(), None, "none")
    for algorithm, _ in SIGNED_WITH:
        with raises(openai.PermissionDeniedError):
            models(algorithm, unsigned)


@check
def times_issuer_and_audience_mean_the_same_to_both():
    now = int(time.time())
    cases = [
        (claims(iss="us", aud="this"), None),
        (claims(iss="us", aud=["that", "this"]), None),
        (claims(iss="us", aud="this", nbf=now - 10), None),
        (claims(iss="us", aud="this", exp=now - 10), openai.AuthenticationError),
        (claims(iss="us", aud="this", nbf=now + 600), openai.PermissionDeniedError),
        (claims(iss="them", aud="this"), openai.PermissionDeniedError),
        (claims(iss="us", aud="that"), openai.PermissionDeniedError),
        (claims(iss="us"), openai.PermissionDeniedError),
        (claims(aud="this"), openai.PermissionDeniedError),
    ]
    secret = SERVERS["particular"].secret
    for case, kind in cases:
        token = jwt.encode(case, secret)
        try:
            jwt.decode(token, secret, ["HS256"], audience="this", issuer="us")
            assert kind is None, case
        except jwt.InvalidTokenError:
            assert kind is not None, case
        if kind is None:
            assert models("particular", token), case
        else:
            with raises(kind):
                models("particular", token)


@check
def tokens_that_the_program_makes_verify():
    for algorithm, file in SIGNED_WITH:
        token = SERVERS[algorithm].token
        public = file.replace("_private", "_public") if file else None
        required = {"require": ["sub", "iat", "exp"]}
        found = jwt.decode(token, key(algorithm, public), [algorithm], options=required)
        assert found["sub"] == "a client", found
        assert found["exp"] - found["iat"] == 3600, found
        assert abs(found["iat"] - time.time()) < 300, found
        assert set(found) == {"sub", "iat", "exp"}, found
        assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": algorithm}
        assert models(algorithm, token), algorithm


@check
def every_claim_that_the_program_puts_into_a_token_is_found():
    server = SERVERS["particular"]
    found = jwt.decode(server.token, server.secret, ["HS256"], audience="this", issuer="us")
    assert found["exp"] - found["iat"] == 30 * 24 * 3600, found
    further = {name: found[name] for name in found.keys() - {"sub", "iat", "exp", "iss", "aud"}}
    assert further == {"nbf": 1.5, "roles": ["a", {"b": None}], "team": "Zoë"}, found
    assert models("particular", server.token)


make_checks()
