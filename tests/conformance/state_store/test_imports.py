"""Files that the server imports (D-2.10)."""

from __future__ import annotations

from milepost.ports.state_store import StateStore
from tests.conformance.state_store import rows


def test_an_import_comes_back_whole_and_changes_in_place(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_import(rows.file("a", error='{"message": "\0 Łódź"}'))
        tx.put_import(rows.file("b"))
        tx.put_import(rows.file("b", state="finished", stored=4))
    with store.reading() as tx:
        assert tx.import_of(1, "a") == rows.file("a", error='{"message": "\0 Łódź"}')
        assert tx.import_of(1, "b") == rows.file("b", state="finished", stored=4)
        assert tx.import_of(2, "a") is None
        assert tx.import_of(1, "c") is None


def test_the_newest_imports_of_a_workspace_come_first(store: StateStore) -> None:
    with store.writing() as tx:
        for id, workspace, created in (("a", 1, 5), ("b", 2, 6), ("d", 1, 4), ("c", 1, 5)):
            tx.put_import(rows.file(id, workspace=workspace, created=created))
        assert [row.id for row in tx.imports(1, limit=9)] == ["c", "a", "d"]
        assert [row.id for row in tx.imports(1, limit=2)] == ["c", "a"]


def test_the_running_imports_of_all_workspaces_come_in_order(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_import(rows.file("a", created=9))
        tx.put_import(rows.file("b", created=8, workspace=2))
        tx.put_import(rows.file("c", created=7, state="uploading"))
        tx.put_import(rows.file("d", created=6, state="finished"))
        assert [row.id for row in tx.running_imports()] == ["b", "a"]


def test_an_import_goes_with_its_workspace_or_by_itself(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_workspace(rows.workspace(1))
        for id, workspace in (("a", 1), ("b", 2), ("c", 2)):
            tx.put_import(rows.file(id, workspace=workspace))
        tx.delete_import("b")
        tx.delete_import("nothing")
        tx.delete_workspace(1)
        assert [row.id for row in tx.running_imports()] == ["c"]
