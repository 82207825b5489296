"""The writer of pages: every value escaped, figures by the locale, the head once, nothing fetched."""

from __future__ import annotations

import jinja2
import pytest
from servicelift.core.locale import Locale
from servicelift.core.messages import Catalogue, Sentence
from servicelift.scoring.pages import writer
from servicelift.scoring.pages.cells import Cell, Table, number_cell
from servicelift.scoring.pages.writer import page_template, sayer

ROOM = "servicelift.scoring.statement.page"


def written(source: str, language: str = "en", **figures: object) -> str:
    template = writer._environment(ROOM).from_string('{% extends "base.html.j2" %}' + source)
    return template.render(locale=Locale(language, timezone="Europe/Paris"), **figures)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_page_says_its_language_and_fetches_nothing(language):
    html = written("{% block title %}a{% endblock %}", language)
    assert f'<html lang="{language}">' in html
    assert not [part for part in ("<script", "src=", "http:", "https:", "@import", "url(") if part in html]
    assert 'name="viewport" content="width=device-width' in html


def test_values_are_escaped_and_a_name_without_a_value_is_an_error():
    assert "a&lt;b" in written("{% block body %}{{ name }}{% endblock %}", name="a<b")
    with pytest.raises(jinja2.UndefinedError, match=r"name"):
        written("{% block body %}{{ name }}{% endblock %}")


def test_filters_write_figures_as_the_reader_does():
    source = "{% block body %}{{ x|number(1) }}|{{ x|money }}|{{ x|signed }}|{{ y|percent }}{% endblock %}"
    french = Locale("fr")
    expected = "|".join((french.number(1234.5, 1), french.money(1234.5), french.signed(1234.5), french.percent(0.25)))
    assert expected in written(source, "fr", x=1234.5, y=0.25)


def test_a_template_is_looked_for_in_its_own_room_first():
    assert page_template(ROOM, "page.html.j2").name == "page.html.j2"
    with pytest.raises(jinja2.TemplateNotFound):
        page_template(ROOM, "monitor.html.j2")


def test_a_sayer_says_a_catalogue_in_the_reader_s_language():
    words = Catalogue({"kept": Sentence("{n} kept", "{n} gardés")})
    assert sayer(words, Locale("fr"))("kept", n=2) == "2 gardés"


def test_the_first_cell_of_a_row_names_it():
    drawn = Table("figures", (Cell("what"), number_cell("value")), ((Cell("cost"), number_cell("3", "1 to 5")),))
    source = '{% from "tables.html.j2" import table %}{% block body %}{{ table(drawn) }}{% endblock %}'
    html = written(source, drawn=drawn)
    assert '<th scope="row">cost</th>' in html
    assert '<th scope="col" class="n">value</th>' in html
    assert "<caption><span>figures</span></caption>" in html
