"""Addresses of the answers to "who can see this" and of the review of access."""

from django.urls import path

from cases.views import reviews, seeing

urlpatterns = [
    path("cases/<uuid:uid>/why/", seeing.why, name="case-why"),
    path("reviews/", reviews.reviews, name="access-reviews"),
    path("reviews/who-could-see/", seeing.who_could_see, name="who-could-see"),
    path("reviews/<uuid:review_uid>/", reviews.review, name="access-review"),
    path("reviews/<uuid:review_uid>/lines/<uuid:line_uid>/", reviews.line, name="access-review-line"),
]
