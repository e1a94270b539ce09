"""The documentation of the API, as Swagger UI shows it."""

from browser import browse
from checks import SERVERS, check, make_checks
from selenium.webdriver.common.by import By


def texts(page, selector):
    return [element.text for element in page.driver.find_elements(By.CSS_SELECTOR, selector)]


@check
def it_shows_the_four_groups_and_asks_nobody_else():
    with browse(SERVERS["good"]) as page:
        page.open("/docs")
        page.wait_until(lambda page: len(texts(page, ".opblock-tag")) == 4, "four groups")
        assert [text.split("\n")[0] for text in texts(page, ".opblock-tag")] == [
            "Chat",
            "Models",
            "Usage",
            "Health",
        ]
        paths = [text.replace("\u200b", "") for text in texts(page, ".opblock-summary-path")]
        assert "/v1/chat/completions" in paths and "/v1/models/{model}" in paths, paths
        asked = page.asked()
        assert f"{page.server.url}/openapi.json" in asked, asked
        assert all(address.startswith(page.server.url + "/") for address in asked), asked
        assert page.complaints() == []
        page.screenshot("docs")


@check
def an_operation_can_be_tried_with_a_token():
    with browse(SERVERS["good"]) as page:
        page.open("/docs")
        press(page, ".btn.authorize")
        field = page.wait_until(lambda page: found(page, ".auth-container input"), "a field for the token")
        field.send_keys(page.server.token)
        press(page, ".auth-btn-wrapper .authorize")
        press(page, ".auth-btn-wrapper .btn-done")
        press(page, "#operations-Models-list .opblock-summary-control")
        press(page, "#operations-Models-list .try-out__btn")
        press(page, "#operations-Models-list .execute")
        answered = "#operations-Models-list .live-responses-table .response-col_status"
        page.wait_until(lambda page: texts(page, answered)[-1:] == ["200"], "status 200")
        page.screenshot("docs-tried")
        assert page.complaints() == []


def found(page, selector):
    elements = page.driver.find_elements(By.CSS_SELECTOR, selector)
    return elements[0] if elements and elements[0].is_displayed() else None


def press(page, selector):
    element = page.wait_until(lambda page: found(page, selector), selector)
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


make_checks()
