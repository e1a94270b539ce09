"""The pages in a real browser: the playground, as its users use it, and the documentation.

Screenshots go into the folder that is the first argument.
"""

import os
import sys
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

good, failing, token = os.environ["GOOD"], os.environ["FAILING"], os.environ["OPENAI_API_KEY"]
pictures = Path(sys.argv[1])

options = webdriver.ChromeOptions()
options.binary_location = os.environ["CHROMIUM"]
profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
for flag in [
    "headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
    "disable-component-update", "disable-sync", "disable-dev-shm-usage", "force-color-profile=srgb",
    f"user-data-dir={profile.name}",
]:
    options.add_argument(f"--{flag}")
options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
browser = webdriver.Chrome(options=options, service=Service(os.environ["CHROMEDRIVER"]))
wait = WebDriverWait(browser, 30)


def find(selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def until(condition, what):
    wait.until(lambda _: condition(), what)


def state():
    return find("#run").get_attribute("data-state")


def open_page(root):
    browser.get(root)
    find("#token").send_keys(token)
    find("#prompt").click()
    until(lambda: len(browser.find_elements(By.CSS_SELECTOR, "#model option")) == 4, "the models are listed")


def ask(text):
    find("#prompt").clear()
    find("#prompt").send_keys(text)
    find("#send").click()


def shot(name, width, height):
    browser.set_window_size(width, height)
    browser.execute_script("window.scrollTo(0, 0)")
    browser.save_screenshot(str(pictures / name))


def complaints():
    """What the browser itself has to complain of; an HTTP error that we provoked isn't that."""
    entries = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    return [entry for entry in entries if "the server responded with a status of" not in entry["message"]]


def a_prompt_is_answered():
    browser.set_window_size(1280, 900)
    open_page(good)
    ask("What makes a good commit message?")
    until(lambda: state() == "complete", "the answer is complete")
    for step in ["analyze", "process", "synthesize"]:
        card = find(f'[data-step="{step}"]')
        assert card.get_attribute("data-state") == "done", card.text
        assert "$" in card.find_element(By.CSS_SELECTOR, '[data-shows="cost"]').text, card.text
    assert "commit message" in find("#answer").text
    total = find("#total").text
    assert "$" in total and "stop" in total, total
    shot("playground.png", 1280, 900)
    shot("playground-narrow.png", 390, 844)
    browser.set_window_size(1280, 900)


def a_bad_token_is_said_to_be_bad():
    browser.get(good)
    find("#token").send_keys("not a token")
    ask("Hello")
    until(lambda: find("#error").is_displayed() or find("#token-problem").text, "the problem is shown")
    shown = find("#error").text + find("#token-problem").text
    assert "invalid_api_key" in shown or "JWT" in shown, shown


def an_answer_that_breaks_off_never_looks_complete():
    open_page(failing)
    ask("What makes a good commit message?")
    until(lambda: state() in ("failed", "incomplete"), "the failure is shown")
    assert find("#error").is_displayed() and find("#error").text
    assert find('[data-step="synthesize"]').get_attribute("data-state") == "failed"


def a_run_can_be_stopped():
    open_page(os.environ["SLOW"])
    ask("What makes a good commit message?")
    until(lambda: find('[data-step="process"]').get_attribute("data-state") == "running", "process runs")
    # A click right after the first would be the second half of a double click.
    until(lambda: (find("#send").click(), state())[1] == "stopped", "the run is stopped")


def the_documentation_needs_nothing_from_elsewhere():
    import json

    browser.get(f"{good}/docs")
    until(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".opblock")) >= 5, "the routes are shown")
    shot("docs.png", 1280, 900)
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            ours = any(url.startswith(root) for root in (good, failing, os.environ["SLOW"]))
            assert ours or url.startswith(("data:", "chrome:", "about:", "chrome-extension:")), url


try:
    for check in [
        a_prompt_is_answered,
        a_bad_token_is_said_to_be_bad,
        an_answer_that_breaks_off_never_looks_complete,
        a_run_can_be_stopped,
        the_documentation_needs_nothing_from_elsewhere,
    ]:
        check()
        assert not complaints(), complaints()
        print("ok", check.__name__)
finally:
    browser.quit()
