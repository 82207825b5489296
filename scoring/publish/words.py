"""What publishing says of itself, in English and French."""

from __future__ import annotations

from ...core.messages import Catalogue, Sentence

__all__ = ["PUBLISH_WORDS"]

PUBLISH_WORDS = Catalogue(
    {
        "night": Sentence(
            "{day}: published in {place}: {scores} {scores:customer|customers}, {pairs} customer-action"
            " {pairs:value|values}, {listed} {listed:row|rows} of lists",
            "{day} : publié dans {place} : {scores} {scores:client|clients}, {pairs} {pairs:valeur|valeurs} d'action"
            " par client, {listed} {listed:ligne|lignes} de listes",
        ),
        "there": Sentence(
            "{n} {n:night is|nights are} in {place} as {n:it is|they are}",
            "{n} {n:nuit se trouve|nuits se trouvent} déjà dans {place} à l'identique",
        ),
    }
)
