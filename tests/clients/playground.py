"""The page to try the chain, used as a reader would."""

import os
import shutil

from browser import browse
from checks import REPOSITORY, SERVERS, check, make_checks
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

PROMPT = "Why do leaves turn red in autumn?"
STEPS = ["analyze", "process", "synthesize"]


def type_token(page, token):
    page.open("/")
    page.find("token").send_keys(token, Keys.TAB)


def models(page):
    return [option.text for option in Select(page.find("model")).options]


def ask(page, token=None):
    type_token(page, token or page.server.token)
    page.find("prompt").send_keys(PROMPT)
    page.find("send").click()


def state(page):
    return page.find("run").get_attribute("data-state")


def steps(page):
    return [page.find(f"step-{step}").get_attribute("data-state") for step in STEPS]


def wait_for_end(page, expected):
    page.wait_until(lambda page: state(page) not in ("idle", "running"), "an end")
    page.wait_until(lambda page: state(page) == expected, expected)


@check
def the_models_are_listed_once_there_is_a_token():
    with browse(SERVERS["good"]) as page:
        type_token(page, page.server.token)
        page.wait_until(lambda page: len(models(page)) == 4, "four models")
        assert models(page)[0] == "prompt-chaining" and models(page)[1] == "prompt-chaining-fast"
        assert page.find("token-problem").text == ""
        assert page.complaints() == []


@check
def a_run_shows_its_steps_its_answer_and_what_it_took():
    with browse(SERVERS["good"]) as page:
        ask(page)
        wait_for_end(page, "complete")
        assert steps(page) == ["done"] * 3, steps(page)
        for step in STEPS:
            shown = {name: page.shows(f"step-{step}", name) for name in ["seconds", "tokens", "cost", "note"]}
            assert shown["seconds"].endswith(" s") and shown["cost"].startswith("$0.00"), shown
            assert "in, " in shown["tokens"] and "claude" in shown["note"], shown
        assert page.find("answer").text.startswith(f"# {PROMPT}"), page.find("answer").text
        total = {name: page.shows("total", name) for name in ["tokens", "cost", "finish-reason"]}
        assert int(total["tokens"].replace(",", "")) > 0 and total["cost"].startswith("$0.00"), total
        assert total["finish-reason"] == "stop" and page.find("status").text == "Complete"
        assert not page.find("error").is_displayed()
        assert page.find("send").text == "Send", "it can be asked again"
        assert page.complaints() == []
        expect_only_its_server_was_asked(page)


def expect_only_its_server_was_asked(page):
    asked = page.asked()
    assert asked and all(address.startswith(page.server.url + "/") for address in asked), asked


@check
def a_bad_token_is_told_with_its_code():
    with browse(SERVERS["good"]) as page:
        ask(page, "sk-not-a-token")
        wait_for_end(page, "failed")
        assert "No models listed" in page.find("token-problem").text
        assert "JWT" in page.shows("error", "message")
        details = page.shows("error", "details")
        assert "status 403" in details and "code invalid_api_key" in details and "req_" in details, details
        assert steps(page) == ["waiting"] * 3, steps(page)
        assert not page.find("total").is_displayed() and page.complaints() == []


@check
def stop_cancels_the_run_and_keeps_what_was_written():
    with browse(SERVERS["slow"]) as page:
        ask(page)
        page.wait_until(lambda page: len(page.find("answer").text) > 10, "the answer's beginning")
        assert page.find("send").text == "Stop" and steps(page) == ["done", "done", "running"]
        page.find("send").click()
        wait_for_end(page, "stopped")
        page.server.wait_for_log(message="Chat completion request cancelled")
        assert steps(page) == ["done", "done", "stopped"], steps(page)
        assert "incomplete" in page.find("status").text and page.find("answer").text
        assert page.shows("total", "tokens") == "unknown"
        assert page.shows("total", "cost").startswith("unknown, at least $0.00")
        assert page.complaints() == []


@check
def a_failure_within_the_stream_is_told_and_the_answer_said_to_be_incomplete():
    with browse(SERVERS["breaks off"]) as page:
        ask(page)
        wait_for_end(page, "incomplete")
        assert steps(page) == ["done", "done", "failed"], steps(page)
        assert page.shows("step-synthesize", "seconds").endswith(" s"), "how long it took is known"
        assert page.find("answer").text and "incomplete" in page.find("status").text
        details = page.shows("error", "details")
        assert "code overloaded" in details and "step synthesize" in details, details
        assert page.shows("total", "finish-reason") == "none" and page.complaints() == []
        page.screenshot("playground-broken-off")


@check
def a_failure_before_the_stream_is_told_with_its_status():
    with browse(SERVERS["fails"]) as page:
        ask(page)
        wait_for_end(page, "failed")
        assert "status 502" in page.shows("error", "details"), page.shows("error", "details")
        assert page.find("answer").text == "" and page.complaints() == []


@check
def what_the_model_writes_is_text_and_never_html():
    with browse(SERVERS["good"]) as page:
        type_token(page, page.server.token)
        page.find("prompt").send_keys("<img src=x onerror=alert(1)> & <b>bold</b>", Keys.CONTROL, Keys.ENTER)
        wait_for_end(page, "complete")
        answer = page.find("answer")
        assert "<b>bold</b>" in answer.text and answer.find_elements(By.CSS_SELECTOR, "*") == []
        assert page.complaints() == []


@check
def it_fits_a_telephone_and_can_be_looked_at():
    with browse(SERVERS["steady"]) as page:
        page.look_as(1280, 760)
        ask(page)
        wait_for_end(page, "complete")
        shot = page.screenshot("playground-wide")
        if os.environ.get("UPDATE"):
            shutil.copyfile(shot, REPOSITORY / "docs/playground.png")
        page.look_as(1280, 900, "dark")
        page.screenshot("playground-dark")
        page.look_as(390, 844)
        page.driver.execute_script("scrollTo(0, 0)")
        page.screenshot("playground-narrow-top")
        page.driver.execute_script("document.getElementById('run').scrollIntoView()")
        page.screenshot("playground-narrow-run")
        width = page.driver.execute_script("return document.documentElement.scrollWidth")
        assert width <= 390, f"it is {width} wide"


make_checks()
