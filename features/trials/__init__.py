"""Decisions and their controls, as a trial would have drawn them."""
