from playwright.sync_api import expect


def test_the_keyboard_alone_signs_in(window):
    page = window(None).page
    page.goto("/projects")
    page.keyboard.type("maria@harbourhill.example")
    page.keyboard.press("Tab")
    page.keyboard.type("demo")
    page.keyboard.press("Enter")
    expect(page).to_have_url("/projects")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()


def test_the_first_tab_leads_past_the_navigation(window):
    page = window("maria").go("/projects")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Open a deal")).to_be_focused()


def test_a_wrong_password_is_told_beside_the_form(window):
    page = window(None).page
    page.goto("/login")
    page.get_by_label("E-mail").fill("maria@harbourhill.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("No account here has this e-mail and password.")


def test_one_click_on_a_demo_person_signs_in_and_the_menu_signs_out(window):
    page = window(None).page
    page.goto("/login")
    page.get_by_role("button", name="Maria Harbour").click()
    expect(page.get_by_role("heading", name="Maria")).to_be_visible()
    page.locator("summary", has_text="Maria Harbour").click()
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url("/login")


def test_signing_out_in_one_tab_shows_the_door_in_the_other(window):
    here = window(None)
    here.page.goto("/login")
    here.page.get_by_role("button", name="Fiona Hill").click()
    expect(here.page.get_by_role("heading", name="Fiona")).to_be_visible()
    other = here.context.new_page()
    other.goto("/inbox")
    here.page.locator("summary", has_text="Fiona Hill").click()
    here.page.get_by_role("button", name="Log out").click()
    expect(other).to_have_url("/login?next=%2Finbox")


def test_whoever_signs_in_twice_is_told_so_and_shown_on(window):
    """Two tabs lead to the door when a session ends; the first to sign in makes the other's form void."""
    first = window(None)
    second = first.context.new_page()
    for page in (first.page, second):
        page.goto("/login?next=/inbox")
    first.page.get_by_role("button", name="Fiona Hill").click()
    expect(first.page).to_have_url("/inbox")
    second.get_by_role("button", name="Fiona Hill").click()
    expect(second.get_by_role("heading", name="This page was open too long")).to_be_visible()
    second.get_by_role("link", name="Back to my day").click()
    expect(second.get_by_role("heading", name="Fiona")).to_be_visible()
