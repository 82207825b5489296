from pathlib import Path

from servicelift.features.catalogue.features_page import features_page, main

PAGE = Path(__file__).parents[3] / "docs" / "features.md"


def test_the_committed_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == features_page(), (
        "run python -m servicelift.features.catalogue.features_page docs/features.md"
    )


def test_the_page_is_written_or_printed(tmp_path, capsys):
    main([str(tmp_path / "page.md")])
    main([])
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == capsys.readouterr().out == features_page()


def test_the_page_shows_patterns_not_one_config():
    page = features_page()
    assert "`contacts_<W>d`" in page
    assert "`days_since_<action>_offered`" in page
    assert "a line of kind noncontractual" in page
    assert "{" not in page.split("## customer")[1]
