"""The canvas: a journey is drawn, changed, taken back, kept; by hand and without one (D-1.5, D-3.1)."""

from __future__ import annotations

import itertools

from playwright.sync_api import Locator, Page, expect

from tests.browser.drawing import MOD, Drawing
from tests.browser.workspace import Json, Workspace

NODE_COUNT = 300


def test_every_edit_can_be_made_by_hand_and_taken_back(page: Page) -> None:
    drawing = Drawing.new(page, "Edits")
    drawing.add("Profile event")
    drawing.add("End")
    expect(drawing.way("Profile event", "End")).to_be_attached()

    page.get_by_role("button", name="Put a node between “Profile event” and “End”").click()
    page.get_by_role("dialog").get_by_role("button", name="Delay").click()
    expect(drawing.way("Profile event", "Delay")).to_be_attached()
    expect(drawing.way("Delay", "End")).to_be_attached()
    expect(drawing.way("Profile event", "End")).to_have_count(0)

    page.get_by_role("button", name="Undo").click()
    expect(drawing.node("Delay")).to_have_count(0)
    expect(drawing.way("Profile event", "End")).to_be_attached()
    page.keyboard.press(f"{MOD}+Shift+z")
    expect(drawing.node("Delay")).to_be_visible()

    drawing.select("Delay")
    page.keyboard.press("Delete")
    expect(drawing.node("Delay")).to_have_count(0)
    page.keyboard.press(f"{MOD}+z")
    expect(drawing.way("Delay", "End")).to_be_attached()

    drawing.select("Delay")
    page.keyboard.press(f"{MOD}+c")
    page.keyboard.press(f"{MOD}+v")
    expect(drawing.nodes).to_have_count(4)
    page.get_by_role("button", name="Undo").click()
    expect(drawing.nodes).to_have_count(3)


def test_a_node_is_moved_and_tidying_up_puts_all_in_order(page: Page) -> None:
    drawing = Drawing.new(page, "Places")
    drawing.add("Profile event")
    drawing.add("Delay")
    drawing.add("End")
    before = box(drawing.node("Delay"))
    drawing.node("Delay").hover()
    page.mouse.down()
    page.mouse.move(before["x"] + 330, before["y"] + 160, steps=6)
    page.mouse.up()
    moved = box(drawing.node("Delay"))
    assert moved["x"] - before["x"] > 100
    drawing.until_saved()

    page.get_by_role("button", name="Tidy up").click()
    expect(drawing.status).to_have_text("Not saved yet")
    drawing.until_saved()
    boxes = [box(drawing.node(title)) for title in ("Profile event", "Delay", "End")]
    for above, below in itertools.pairwise(boxes):
        assert abs(above["x"] - below["x"]) < 2
        assert above["y"] + above["height"] < below["y"]
    page.get_by_role("button", name="Undo").click()
    drawing.until_saved()


def test_an_issue_leads_to_its_node(page: Page) -> None:  # D-3.1
    drawing = Drawing.new(page, "Issues")
    drawing.add("Profile event")
    drawing.add("Send email")
    drawing.add("End")
    drawing.select("Profile event")
    expect(page.get_by_role("button", name="Activate")).to_be_disabled()
    page.get_by_role("button", name="issues").click()
    issues = page.get_by_role("dialog")
    issues.get_by_role("button").filter(has_text="Send email").first.click()
    panel = drawing.panel("Send email")
    expect(panel).to_be_visible()
    expect(panel.get_by_role("textbox", name="Subject")).to_have_attribute("aria-invalid", "true")


def test_what_was_drawn_is_kept_by_itself_and_survives_loading_again(page: Page) -> None:
    drawing = Drawing.new(page, "رسالة 💌")
    drawing.add("Profile event")
    drawing.panel("Profile event").get_by_role("textbox", name="Event").fill("order.completed")
    drawing.add("End")
    drawing.until_saved()
    page.reload()
    expect(page.get_by_role("textbox", name="Name of the journey")).to_have_value("رسالة 💌")
    expect(drawing.way("Profile event", "End")).to_be_attached()
    panel = drawing.select("Profile event")
    expect(panel.get_by_role("textbox", name="Event")).to_have_value("order.completed")


def test_track_datapoints_is_in_the_lower_left_corner_and_off_except_on_triggers_and_ends(page: Page) -> None:  # D-1.5
    drawing = Drawing.new(page, "Defaults")
    for type, on in (("Profile event", True), ("Delay", False), ("Send email", False), ("End", True)):
        drawing.add(type)
        drawing.until_saved()
        expect(drawing.switch(type)).to_be_checked(checked=on)
        panel, switch = box(drawing.panel(type)), box(drawing.switch(type))
        assert switch["x"] - panel["x"] < panel["width"] / 4
        assert panel["y"] + panel["height"] - switch["y"] < panel["height"] / 5


def test_a_journey_of_three_nodes_is_built_and_activated_without_a_mouse(page: Page, workspace: Workspace) -> None:
    go_to(page, page.get_by_role("button", name="New journey"))
    page.keyboard.press("Enter")
    drawing = Drawing(page)
    go_to(page, page.get_by_role("textbox", name="Name of the journey"))
    page.keyboard.press(f"{MOD}+a")
    page.keyboard.type("By keys")
    page.keyboard.press("Enter")

    page.keyboard.press("a")
    page.keyboard.type("profile ev")
    page.keyboard.press("Enter")
    go_to(page, drawing.panel("Profile event").get_by_role("textbox", name="Event"))
    page.keyboard.type("order.completed")
    for type in ("Update profile", "End"):
        go_to(page, page.get_by_role("complementary").get_by_role("button", name="Duplicate"))
        page.keyboard.press("a")
        expect(page.get_by_role("textbox", name="Find a node")).to_be_focused()
        page.keyboard.type(type)
        page.keyboard.press("Enter")
        expect(drawing.panel(type)).to_be_visible()
        if type == "Update profile":
            add = drawing.panel(type).get_by_role("button", name="Add to Add tags")
            go_to(page, add)
            page.keyboard.press("Enter")
            go_to(page, drawing.panel(type).get_by_role("textbox", name="Add tags 1"))
            page.keyboard.type("buyer")
    expect(page.get_by_role("button", name="No issues")).to_be_visible()
    drawing.until_saved()
    go_to(page, page.get_by_role("button", name="Activate"), back=True)
    page.keyboard.press("Enter")
    go_to(page, page.get_by_role("dialog").get_by_role("button", name="Activate"))
    page.keyboard.press("Enter")
    expect(drawing.status).to_have_text("Once activated, a drawing stays as it is.")
    workspace.send({"profile": {"email": "eve@example.com"}, "action": "order.completed"})
    page.get_by_role("button", name="Analytics", exact=True).press("Enter")
    expect(drawing.node("End")).to_contain_text("Finished1")


def test_a_journey_of_300_nodes_opens_and_can_be_worked_on(page: Page, workspace: Workspace) -> None:
    journey = workspace.journey(long(NODE_COUNT), active=False)
    page.goto(workspace.at(f"/journeys/{journey}", node="n150"))
    drawing = Drawing(page)
    expect(drawing.nodes).to_have_count(NODE_COUNT)
    expect(drawing.ways).to_have_count(NODE_COUNT - 1)
    expect(drawing.node("Node 150")).to_be_in_viewport()

    before = box(drawing.node("Node 150"))
    page.get_by_role("application", name="Journey").focus()
    page.get_by_role("button", name="Zoom in").click()
    drawing.node("Node 150").hover()
    at = box(drawing.node("Node 150"))
    assert at["width"] > before["width"]
    page.mouse.down()
    page.mouse.move(at["x"] + 300, at["y"] + 100, steps=5)
    page.mouse.up()
    expect(drawing.status).to_have_text("Not saved yet")
    drawing.until_saved()
    place = workspace.get(f"/journeys/{journey}")["definition"]["nodes"][150]["position"]
    assert place["x"] > 50


def long(count: int) -> Json:
    """A trigger, many delays, an End, one below the other."""
    nodes: list[Json] = [
        {
            "id": f"n{number}", "type": "delay", "title": f"Node {number}", "position": {"x": 0, "y": 160 * number},
            "settings": {"duration": {"value": 1, "unit": "day"}}, "outlets": {"next": f"n{number + 1}"},
        }
        for number in range(count)
    ]  # fmt: skip
    nodes[0] |= {"type": "profile_event", "settings": {"action": "order.completed"}}
    nodes[-1] |= {"type": "end", "settings": {}, "outlets": {}}
    return {"name": "Long", "nodes": nodes}


def box(of: Locator) -> dict[str, float]:
    """Where it is on the screen."""
    found = of.bounding_box()
    assert found is not None
    return {"x": found["x"], "y": found["y"], "width": found["width"], "height": found["height"]}


def go_to(page: Page, goal: Locator, *, back: bool = False) -> None:
    """By Tab, as far as it takes."""
    expect(goal).to_be_visible()
    for _ in range(120):
        if goal.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"Tab does not lead to {goal}")
