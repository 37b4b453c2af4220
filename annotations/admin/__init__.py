"""Django's admin: what a newsroom is set up with, and everything else to look at.

Outlets, stories, labels and people are kept here. Articles, spans and events are shown, and
change only through the deeds that the screens use, too; those say who may do what.
"""

from django.contrib import admin

from annotations.admin import articles, comments, deeds, exports, labels, people, spans, spot_checks

admin.site.site_header = "Newsroom"
admin.site.site_title = "Newsroom"
admin.site.index_title = "What the newsroom is made of"

__all__ = ["articles", "comments", "deeds", "exports", "labels", "people", "spans", "spot_checks"]
