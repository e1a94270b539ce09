"""What every script here is made of: servers to ask, checks to make, and a report of them.

A check is a function whose name is the sentence that it proves. All of a script's checks are made, whatever
becomes of those before.
"""

import faulthandler
import json
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

# A check that hangs says where. Far longer than all checks of a script take on a slow machine.
faulthandler.dump_traceback_later(300, exit=True)


@dataclass
class Server:
    """A server that runs."""

    url: str
    """Its origin."""
    token: str
    """A token that it accepts, made by `promptchain token`."""
    secret: str
    """What its tokens are signed with, where that is a secret."""
    log: Path
    """The file of its log, a JSON object a line."""

    def wait_for_log(self, **fields):
        """Waits until its log has a line with these fields."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for line in self.log.read_text().splitlines():
                if fields.items() <= json.loads(line).items():
                    return
            time.sleep(0.02)
        raise AssertionError(f"the log has no line with {fields}")


def _servers():
    for name, described in json.loads(sys.argv[1]).items():
        yield name, Server(**{**described, "log": Path(described["log"])})


SERVERS = dict(_servers())
"""The servers that the script was given, by their names."""

_checks = []


def check(function):
    """Marks a function as a check."""
    _checks.append(function)
    return function


def make_checks():
    """Makes all checks, tells what came of each, and ends the process."""
    failed = 0
    for function in _checks:
        sentence = function.__name__.replace("_", " ")
        try:
            function()
        except Exception:
            failed += 1
            print(f"FAILED: {sentence}\n{traceback.format_exc()}", flush=True)
        else:
            print(f"ok: {sentence}", flush=True)
    print(f"{len(_checks) - failed} checks hold, {failed} fail")
    sys.exit(failed > 0 or not _checks)
