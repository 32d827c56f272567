"""Filters with which the diary prints its rows."""

from django import template

from plans.scheduling.presenters.visits import free_rows, visit_rows

register = template.Library()
register.filter(visit_rows)
register.filter(free_rows)
