"""Reads a JUnit report as CI does, with junitparser, and writes what it found as JSON: for each test its
suite, its name, its file and line, the failure's type, message and text, and what it printed."""

import json
import sys

from junitparser import Failure, JUnitXml

tests = []
for suite in JUnitXml.fromfile(sys.argv[1]):
    for case in suite:
        assert case.classname == suite.name, (case.classname, suite.name)
        assert all(isinstance(result, Failure) for result in case.result), case.result
        failures = [{"type": one.type, "message": one.message, "text": one.text} for one in case.result]
        tests.append(
            {
                "suite": suite.name,
                "name": case.name,
                "file": case._elem.get("file"),
                "line": case._elem.get("line"),
                "failures": failures,
                "printed": case.system_out,
            }
        )
json.dump(tests, sys.stdout)
