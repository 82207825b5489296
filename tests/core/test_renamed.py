"""Objects pickled under older names of their attributes."""

from __future__ import annotations

import pickle

import pytest
from servicelift.core.renamed import RenamedAttributes


class Base:
    """A base with a way of its own to take up a state."""

    def __setstate__(self, state):
        self.__dict__.update({name: (value, "by the base") for name, value in state.items()})


class Plain(RenamedAttributes):
    _old_names = {"point": "final"}


class Derived(RenamedAttributes, Base):
    _old_names = {"point": "final"}


@pytest.mark.parametrize("state", [{"point": 1, "seed": 7}, {"final": 1, "seed": 7}], ids=["old", "new"])
def test_old_and_new_states_become_the_same_object(state):
    model = Plain.__new__(Plain)
    model.__setstate__(state)
    assert vars(model) == {"final": 1, "seed": 7}


def test_a_base_sees_todays_names_only():
    model = Derived.__new__(Derived)
    model.__setstate__({"point": 1})
    assert vars(model) == {"final": (1, "by the base")}


def test_a_class_without_old_names_takes_its_state_as_it_stands():
    class Same(RenamedAttributes):
        pass

    model = Same()
    model.__setstate__({"point": 1})
    assert vars(model) == {"point": 1}


def test_names_of_one_class_are_not_those_of_another():
    model = RenamedAttributes()
    model.__setstate__({"point": 1})
    assert vars(model) == {"point": 1}
    assert pickle.loads(pickle.dumps(model)).point == 1
