"""The desk's addresses."""

from django.contrib.auth import views as auth_views
from django.urls import path, reverse_lazy

from annotations.views import (
    account,
    bulk,
    comments,
    corrections,
    deeds,
    desk,
    export,
    groups,
    library,
    like,
    review,
    several,
    spot_checks,
)

urlpatterns = [
    path("", library.library, name="library"),
    path("next/", desk.next_article, name="next"),
    path("articles/<slug:slug>/", deeds.article, name="desk"),
    path("articles/<slug:slug>/changes/", desk.changes, name="changes"),
    path("articles/<slug:slug>/spans/", deeds.mark, name="mark"),
    path("articles/<slug:slug>/correct/", corrections.correct, name="correct"),
    path("articles/<slug:slug>/correction/", corrections.correction, name="correction"),
    path("spans/<uuid:uid>/", deeds.on_span, name="on_span"),
    path("spans/<uuid:uid>/like/", like.like, name="like"),
    path("articles/<slug:slug>/comments/", comments.say, name="say"),
    path("comments/<uuid:uid>/", comments.on_comment, name="on_comment"),
    path("deeds/<int:pk>/undo/", deeds.undo, name="undo"),
    path("review/", review.review, name="review"),
    path("review/groups/", groups.groups, name="groups"),
    path("review/groups/next", groups.next_group, name="next_group"),
    path("review/groups/take", groups.take, name="take_group"),
    path("review/groups/suggest", groups.suggest, name="suggest_like"),
    path("review/bulk/", bulk.bulk, name="bulk"),
    path("review/spot-checks/", spot_checks.spot_checks, name="spot_checks"),
    path("spans/<uuid:uid>/finding/", spot_checks.find, name="finding"),
    path("review/list/", several.several_at_once, name="several"),
    path("review/next", review.next_item, name="next_item"),
    path("export/", export.export, name="export"),
    path("export/download", export.download, name="download"),
    path("accounts/login/", account.SignIn.as_view(), name="login"),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path(
        "accounts/password/",
        auth_views.PasswordChangeView.as_view(success_url=reverse_lazy("password_changed")),
        name="password_change",
    ),
    path(
        "accounts/password/changed/",
        auth_views.PasswordChangeDoneView.as_view(),
        name="password_changed",
    ),
    path("healthz", library.healthz, name="healthz"),
]
