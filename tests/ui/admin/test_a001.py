"""The charging authorization of A001, step by step in a real browser as its guide tells it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from appliance import audit
from appliance.access import web_window
from appliance.charging import grants, identifications, points, users
from appliance.charging.users import User
from appliance.store import settings
from tests.ui.admin.conftest import GOOD, Open, Served, Visit

PIN = "identification.pin.enabled"


@pytest.fixture
def ready(served: Served) -> Served:
    """Past the first sign-in, with a charging point."""
    served.set_password()
    opened = served.opened
    points.add(opened.store, opened.clock, name="Wallbox", relay="gpio:17", actor=audit.CLI)
    served.enable()
    return served


@pytest.fixture
def admin(ready: Served, visit: Open) -> Visit:
    it = visit()
    it.sign_in()
    expect(it.page.locator("#time-left")).to_be_visible()
    return it


def anna(served: Served, code: str = "#271828") -> User:
    opened = served.opened
    user = users.add(opened.store, opened.clock, "Anna", "Berger", actor=audit.CLI)
    identifications.add(
        opened.store, opened.key(), opened.clock, user.id, type="pin", code=code, active=True, actor=audit.CLI
    )
    return user


def result_of(served: Served, code: str, user: User | None = None) -> str:
    """What the keypad's gate says to a code now."""
    opened = served.opened
    point = points.all(opened.store)[0]
    grants.stop(opened, point.id, audit.TOUCH)
    named = user.id if user else None
    return str(grants.authorize(opened, code, point, "touch", named, actor=audit.TOUCH).result)


def save(visit: Visit) -> None:
    visit.page.locator("dialog").get_by_role("button", name="Save").click()


def test_a_household_gives_anna_a_pin_and_she_charges_with_it(ready: Served, visit: Open) -> None:  # A001-04 … -22
    it = visit()
    page = it.page
    it.sign_in()
    page.get_by_role("button", name="Menu").click()  # A001-05: the menu is top left
    box = page.get_by_role("button", name="Menu").bounding_box()
    assert box is not None
    assert (box["x"], box["y"]) < (60.0, 60.0)
    it.picture("a001-05-menu")
    page.get_by_role("link", name="Configuration").click()  # A001-06
    page.get_by_text("User", exact=True).first.click()  # A001-07: the tab's drop-down
    page.locator(".tabs").get_by_role("link", name="Charging authorization").click()
    expect(page.get_by_role("heading", name="Charging authorization")).to_be_visible()
    enabled = page.get_by_role("checkbox", name="PIN code enabled")
    expect(enabled).to_be_checked()
    it.picture("a001-07-charging-authorization")

    page.get_by_text("User", exact=True).first.click()
    page.locator(".tabs").get_by_role("link", name="Local users").click()  # A001-10
    page.get_by_role("link", name="Add new").click()  # A001-11
    expect(page.get_by_role("heading", name="My profile")).to_be_visible()
    assert users.all(ready.opened.store) == []
    it.picture("a001-11-my-profile")
    page.get_by_label("First name").fill("Anna")
    page.get_by_label("Last name").fill("Berger")
    save(it)  # A001-12
    expect(page.get_by_role("heading", name="User identifications")).to_be_visible()  # A001-13
    it.picture("a001-13-user-identifications")
    page.locator("dialog summary").click()  # A001-15
    page.get_by_role("link", name="Add it manually").click()
    page.get_by_label("Type").select_option(label="PIN code")  # A001-16
    page.get_by_label("Status").select_option(label="Active")  # A001-17
    page.get_by_label("Code").fill("#271828")  # A001-18
    it.picture("a001-18-code")
    save(it)  # A001-21
    expect(page.locator("dialog").get_by_text("PIN code")).to_be_visible()
    it.picture("a001-21-saved")
    page.get_by_role("link", name="Close").click()
    expect(page.get_by_role("link", name="Anna Berger", exact=True)).to_be_visible()
    it.picture("a001-21-local-users")
    (user,) = users.all(ready.opened.store)
    assert result_of(ready, "271828") == "accepted"  # A001-22
    assert result_of(ready, "271829") == "unknown"  # A001-23
    assert (user.first_name, user.last_name) == ("Anna", "Berger")
    assert it.foreign() == []
    assert it.complaints == []


def test_unticking_pin_counts_only_after_save(admin: Visit, ready: Served) -> None:  # A001-08, A001-09
    anna(ready)
    admin.go("/configuration/user/charging-authorization")
    admin.page.get_by_role("checkbox", name="PIN code enabled").uncheck()
    assert settings.flag(ready.opened.store, PIN)
    assert result_of(ready, "271828") == "accepted"
    admin.page.get_by_role("button", name="Save").click()
    expect(admin.page.get_by_text("Charging authorization is saved.")).to_be_visible()
    admin.picture("a001-09-saved")
    assert result_of(ready, "271828") == "type_disabled"
    assert "setting.change" in [event.event for event in audit.newest(ready.opened.store, 5)]
    expect(admin.page.get_by_role("checkbox", name="PIN code enabled")).not_to_be_checked()


def test_leaving_without_save_warns_and_discards(admin: Visit, ready: Served) -> None:  # A001-09
    admin.answer_dialogs()
    admin.go("/configuration/user/charging-authorization")
    admin.page.get_by_role("checkbox", name="PIN code enabled").uncheck()
    admin.page.locator(".side").get_by_role("link", name="Local users").click()
    expect(admin.page.get_by_role("heading", name="Local users")).to_be_visible()
    assert admin.dialogs == ["beforeunload"]
    assert settings.flag(ready.opened.store, PIN)


def test_saving_does_not_warn(admin: Visit) -> None:
    admin.answer_dialogs()
    admin.go("/configuration/user/local-users/new")
    admin.page.get_by_label("First name").fill("Ben")
    admin.page.get_by_label("Last name").fill("Maier")
    save(admin)
    expect(admin.page.get_by_role("heading", name="User identifications")).to_be_visible()
    assert admin.dialogs == []


def test_empty_names_are_refused_at_their_field(admin: Visit, ready: Served) -> None:  # A001-12
    admin.go("/configuration/user/local-users/new")
    admin.page.locator("dialog form").evaluate("form => form.noValidate = true")
    admin.page.get_by_label("Last name").fill("Berger")
    save(admin)
    expect(admin.page.locator("#first_name-wrong")).to_contain_text("1 to 80 characters")
    expect(admin.page.get_by_label("Last name")).to_have_value("Berger")
    admin.picture("a001-12-empty-name")
    assert users.all(ready.opened.store) == []


def test_a_double_click_on_save_makes_one_user(admin: Visit, ready: Served) -> None:  # A001-12
    admin.go("/configuration/user/local-users/new")
    admin.page.get_by_label("First name").fill("Anna")
    admin.page.get_by_label("Last name").fill("Berger")
    admin.page.locator("dialog").get_by_role("button", name="Save").dblclick()
    expect(admin.page.get_by_role("heading", name="User identifications")).to_be_visible()
    assert len(users.all(ready.opened.store)) == 1


def test_the_same_form_sent_twice_makes_one_user(admin: Visit, ready: Served) -> None:  # A001-12, without the script
    admin.go("/configuration/user/local-users/new")
    form: dict[str, str | float | bool] = {"first_name": "Anna", "last_name": "Berger"}
    for name in ("csrf_token", "form_token"):
        form[name] = admin.page.locator(f"dialog input[name={name}]").input_value()
    for _ in range(2):
        answer = admin.page.request.post(f"{ready.url}/configuration/user/local-users/new", form=form)
        assert answer.url.endswith("/1/identifications")
    assert len(users.all(ready.opened.store)) == 1


@pytest.mark.parametrize("code", ["1234", "", "#", "12#34", "#123", "#123456789", "#12a4"])
def test_a_code_that_breaks_the_rule_is_refused_naming_it(admin: Visit, ready: Served, code: str) -> None:  # A001-19
    user = users.add(ready.opened.store, ready.opened.clock, "Anna", "Berger", actor=audit.CLI)
    admin.go(f"/configuration/user/local-users/{user.id}/identifications/new")
    admin.page.locator("dialog form").evaluate("form => { form.noValidate = true; form.code.maxLength = 99; }")
    admin.page.get_by_label("Type").select_option("pin")
    admin.page.get_by_label("Status").select_option("active")
    admin.page.get_by_label("Code").fill(code)
    save(admin)
    expect(admin.page.locator("#code-wrong")).to_contain_text("# and 4 to 8 digits")
    assert identifications.all(ready.opened.store, user.id) == []


def test_a_code_of_somebody_else_is_refused(admin: Visit, ready: Served) -> None:  # A001-18
    anna(ready)
    ben = users.add(ready.opened.store, ready.opened.clock, "Ben", "Maier", actor=audit.CLI)
    admin.go(f"/configuration/user/local-users/{ben.id}/identifications/new")
    admin.page.get_by_label("Type").select_option("pin")
    admin.page.get_by_label("Status").select_option("active")
    admin.page.get_by_label("Code").fill("#271828")
    save(admin)
    expect(admin.page.locator("#code-wrong")).to_contain_text("in use already")
    admin.picture("a001-18-taken")


def test_the_status_of_a_new_code_is_only_what_was_chosen(admin: Visit, ready: Served) -> None:  # A001-17
    user = users.add(ready.opened.store, ready.opened.clock, "Anna", "Berger", actor=audit.CLI)
    admin.go(f"/configuration/user/local-users/{user.id}/identifications/new")
    expect(admin.page.get_by_label("Status")).to_have_value("")
    admin.page.get_by_label("Type").select_option("pin")
    admin.page.get_by_label("Status").select_option("inactive")
    admin.page.get_by_label("Code").fill("#271828")
    save(admin)
    expect(admin.page.get_by_text("Inactive")).to_be_visible()
    assert result_of(ready, "271828") == "inactive"


def test_an_expiration_date_is_kept_and_a_past_one_warned_of(admin: Visit, ready: Served) -> None:  # A001-20
    user = anna(ready)
    (known,) = identifications.all(ready.opened.store, user.id)
    admin.go(f"/configuration/user/local-users/{user.id}/identifications/{known.id}")
    admin.page.get_by_label("Expiration date").fill("2026-01-31")
    save(admin)
    expect(admin.page.get_by_text("The expiration date has passed")).to_be_attached()
    expect(admin.page.get_by_text("Expired", exact=True)).to_be_visible()
    admin.picture("a001-20-expired")
    assert result_of(ready, "271828") == "expired"
    admin.go(f"/configuration/user/local-users/{user.id}/identifications/{known.id}")
    expect(admin.page.get_by_label("Expiration date")).to_have_value("2026-01-31")
    admin.page.get_by_label("Expiration date").fill("")
    save(admin)
    expect(admin.page.get_by_role("heading", name="User identifications")).to_be_visible()
    assert identifications.get(ready.opened.store, known.id).expires_on is None


def test_closing_without_save_discards(admin: Visit, ready: Served) -> None:  # A001-21
    user = users.add(ready.opened.store, ready.opened.clock, "Anna", "Berger", actor=audit.CLI)
    admin.answer_dialogs()
    admin.go(f"/configuration/user/local-users/{user.id}/identifications/new")
    admin.page.get_by_label("Code").fill("#271828")
    admin.page.keyboard.press("Escape")
    expect(admin.page.get_by_text("No identification yet")).to_be_visible()
    assert identifications.all(ready.opened.store, user.id) == []


def test_a_blocked_user_is_refused_and_unblocking_restores_the_same_code(admin: Visit, ready: Served) -> None:
    user = anna(ready)  # A001-14, A001-24
    admin.go("/configuration/user/local-users")
    admin.page.get_by_role("link", name="Anna Berger", exact=True).click()
    admin.page.get_by_label("Blocked (prevent access)").check()
    admin.picture("a001-14-blocked")
    save(admin)
    expect(admin.page.get_by_text("Blocked", exact=True)).to_be_visible()
    assert result_of(ready, "271828") == "blocked"
    admin.page.get_by_role("link", name="Anna Berger", exact=True).click()
    admin.page.get_by_label("Blocked (prevent access)").uncheck()
    admin.page.get_by_label("Last name").fill("Berger-Maier")
    save(admin)
    expect(admin.page.get_by_role("link", name="Anna Berger-Maier", exact=True)).to_be_visible()
    assert result_of(ready, "271828") == "accepted"
    assert users.get(ready.opened.store, user.id).last_name == "Berger-Maier"


def test_an_admin_sees_a_code_only_after_typing_the_own_password_and_that_is_noted(
    admin: Visit, ready: Served
) -> None:  # A001-25, reading 5
    anna(ready)
    admin.go("/configuration/user/local-users")
    admin.page.get_by_role("link", name="Identifications of Anna Berger").click()
    admin.page.get_by_role("link", name="View and edit: PIN code 1").click()
    assert "271828" not in admin.page.content()
    admin.page.get_by_label("Your own password").fill("not mine at all")
    admin.page.get_by_role("button", name="Show code").click()
    expect(admin.page.locator("#own_password-wrong")).to_be_visible()
    assert "271828" not in admin.page.content()
    admin.page.get_by_label("Your own password").fill(GOOD)
    admin.page.get_by_role("button", name="Show code").click()
    expect(admin.page.locator(".secret")).to_have_text("#271828")
    admin.picture("a001-25-shown")
    assert [event.event for event in audit.newest(ready.opened.store, 1)] == ["identification.show"]


def test_a_new_code_works_at_once_and_the_old_one_no_more(admin: Visit, ready: Served) -> None:  # A001-25
    user = anna(ready)
    (known,) = identifications.all(ready.opened.store, user.id)
    admin.go(f"/configuration/user/local-users/{user.id}/identifications/{known.id}")
    admin.page.get_by_label("Code", exact=True).fill("#314159")
    save(admin)
    expect(admin.page.get_by_text("The identification is saved.")).to_be_attached()
    assert result_of(ready, "271828") == "unknown"
    assert result_of(ready, "314159") == "accepted"


def test_removing_an_identification_asks_first(admin: Visit, ready: Served) -> None:  # A001-23
    user = anna(ready)
    (known,) = identifications.all(ready.opened.store, user.id)
    admin.answer_dialogs(False, True)
    admin.go(f"/configuration/user/local-users/{user.id}/identifications/{known.id}")
    admin.page.get_by_role("button", name="Remove").click()
    assert len(identifications.all(ready.opened.store, user.id)) == 1
    admin.page.get_by_role("button", name="Remove").click()
    expect(admin.page.get_by_text("No identification yet")).to_be_visible()
    assert result_of(ready, "271828") == "unknown"


def test_the_first_sign_in_needs_the_code_of_the_touchscreen_and_a_new_password(
    served: Served, visit: Open
) -> None:  # A003-20, A003-24, reading 20
    served.enable()
    it = visit(width=390, height=844, locale="de-DE")
    it.go("/")
    it.picture("sign-in-first-de")
    it.sign_in("admin", "admin", "000000")
    expect(it.page.get_by_role("alert")).to_be_visible()
    it.sign_in("admin", "admin", served.code())
    expect(it.page.locator("#current")).to_be_visible()
    it.go("/sessions")
    expect(it.page.locator("#current")).to_be_visible()  # no other page until it is changed
    it.picture("password-first-de")
    it.page.fill("#current", "admin")
    it.page.fill("#password", GOOD)
    it.page.fill("#again", GOOD)
    it.page.locator("main form button[type=submit]").first.click()
    expect(it.page.locator(".welcome")).to_be_visible()
    web_window.close(served.opened.store, served.opened.clock, audit.TOUCH)


def test_hostile_names_are_shown_and_never_run(admin: Visit, ready: Served) -> None:
    opened = ready.opened
    nasty = ('<script>alert("a")</script>', '"><img src=x onerror=alert(1)>', "{{ 7*7 }}</script><svg onload=alert(2)>")
    for name in nasty:
        users.add(opened.store, opened.clock, name, "javascript:alert(3)//", actor=audit.CLI)
    settings.put(opened.store, opened.clock.now(), audit.CLI, "site.name", nasty[0])
    admin.answer_dialogs()
    for path in ("/", "/charging", "/sessions", "/events", "/configuration/user/local-users",
                 "/configuration/user/local-users/1", "/configuration/user/local-users/1/identifications",
                 "/configuration/settings"):  # fmt: skip
        admin.go(path)
        admin.page.wait_for_load_state()
        assert admin.page.locator("main script, main img[src='x'], main svg[onload]").count() == 0, path
    admin.picture("hostile-names")
    assert admin.dialogs == []
    assert admin.complaints == []
    assert "49</script>" not in admin.page.content()
