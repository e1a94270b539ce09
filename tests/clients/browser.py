"""A headless Chromium of its own, thrown away afterwards."""

import base64
import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

# Nothing of it may talk to anyone but the server. Root has no sandbox, and it sees only our own pages.
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--window-size=1280,900",
]
SCREENSHOTS = Path(os.environ["SCREENSHOTS"])


class Page:
    """A browser's one page."""

    def __init__(self, driver, server):
        self.driver = driver
        self.server = server

    def open(self, path):
        self.driver.get(self.server.url + path)

    def find(self, testid):
        return self.driver.find_element(By.CSS_SELECTOR, f'[data-testid="{testid}"]')

    def shows(self, testid, name):
        """What an element shows under that name."""
        return self.find(testid).find_element(By.CSS_SELECTOR, f'[data-shows="{name}"]').text

    def wait_until(self, predicate, what):
        """Waits until that holds of this page."""
        try:
            # What the page replaces while it is looked at is looked at again.
            wait = WebDriverWait(self.driver, 30, 0.05, [StaleElementReferenceException])
            return wait.until(lambda _: predicate(self))
        except Exception as error:
            self.screenshot("failed")
            seen = self.driver.find_element(By.TAG_NAME, "body").text
            raise AssertionError(f"not seen: {what}; but:\n{seen}\n{self.complaints()}") from error

    def complaints(self):
        """What the browser has complained of since it was last asked, refused responses aside."""
        entries = self.driver.get_log("browser")
        return [entry for entry in entries if entry["source"] != "network"]

    def asked(self):
        """The addresses that the page has asked for since this was last asked."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        sent = (it["params"] for it in messages if it["method"] == "Network.requestWillBeSent")
        # The browser begins with a page of its own.
        ours = (params for params in sent if params["documentURL"].startswith(self.server.url))
        addresses = [params["request"]["url"] for params in ours]
        return [address for address in addresses if not address.startswith("data:")]

    def look_as(self, width, height, scheme="light"):
        """Has the page look as on a screen of that size, in light or dark colours."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def screenshot(self, name):
        """Keeps what is seen for a person to look at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        path = SCREENSHOTS / f"{name}.png"
        path.write_bytes(base64.b64decode(shot["data"]))
        return path


@contextlib.contextmanager
def browse(server):
    """A page in a new browser, for that server."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in [*ARGUMENTS, f"--user-data-dir={profile}"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        # Named, so that selenium looks for no other.
        service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
        driver = webdriver.Chrome(options=options, service=service)
        try:
            page = Page(driver, server)
            page.look_as(1280, 900)
            yield page
        finally:
            driver.quit()
